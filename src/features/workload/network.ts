import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import { PORT_NAME } from '../../kube/ports';
import { ResolvedApp } from '../../model/app';

/** An app that calls another one. */
export interface Caller {
  readonly name: string;
  readonly namespace?: string;
}

/**
 * Opens the app's port to those who must reach it, and to nobody else: the interceptor where the app is scaled by HTTP, as who goes
 * past it finds a sleeping app; otherwise the entry, the app's own namespace, and apps of other ones that are connected to it. To a
 * process without a port nobody gets. What the app itself may reach is left open.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function createNetworkPolicy(scope: Construct, app: ResolvedApp, callers: () => readonly Caller[] = () => []): ApiObject {
  return new ApiObject(scope, 'network', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: objectMetadata(app),
    spec: {
      podSelector: { matchLabels: app.selector },
      policyTypes: ['Ingress'],
      ingress: app.process.port === undefined ? undefined : Lazy.any({
        produce: () => [{ from: peers(app, callers()), ports: [{ protocol: 'TCP', port: PORT_NAME }] }, ...monitoringRule(app)],
      }),
    },
  });
}

function peers({ scaling, routing, namespace: home, platform: { httpAddon, entry } }: ResolvedApp, callers: readonly Caller[]): object[] {
  if (scaling.http) return [namespace(httpAddon.namespace)];
  const neighbours = { podSelector: {} };
  if (!routing.internal && !entry.controllerNamespace) return [{ namespaceSelector: {} }];
  const strangers = callers.filter(caller => caller.namespace !== undefined && caller.namespace !== home)
    .map(caller => ({ ...namespace(caller.namespace!), podSelector: { matchLabels: { 'app.kubernetes.io/name': caller.name } } }));
  return [...routing.internal ? [] : [namespace(entry.controllerNamespace!)], neighbours, ...strangers];
}

/** The monitoring reaches the port of the metrics, and no other. */
function monitoringRule({ metrics, platform: { monitoring } }: ResolvedApp): object[] {
  if (!metrics || !monitoring) return [];
  return [{ from: [monitoring.namespace === undefined ? { namespaceSelector: {} } : namespace(monitoring.namespace)], ports: [{ protocol: 'TCP', port: metrics.portName }] }];
}

function namespace(name: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}
