import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { objectMetadata } from '../objects/metadata';
import { PORT_NAME } from '../objects/ports';
import { ResolvedApp } from '../resolve/resolved-app';

/**
 * Opens the app's port to those who must reach it, and to nobody else: the interceptor where the app is scaled by HTTP, as who goes
 * past it finds a sleeping app; otherwise the entry and the app's own namespace. What the app itself may reach is left open.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function createNetworkPolicy(scope: Construct, app: ResolvedApp): ApiObject {
  return new ApiObject(scope, 'network', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: objectMetadata(app),
    spec: {
      podSelector: { matchLabels: app.selector },
      policyTypes: ['Ingress'],
      ingress: [{ from: callers(app), ports: [{ protocol: 'TCP', port: PORT_NAME }] }],
    },
  });
}

function callers({ scaling, routing, platform: { httpAddon, entry } }: ResolvedApp): object[] {
  if (scaling.http) return [namespace(httpAddon.namespace)];
  const neighbours = { podSelector: {} };
  if (routing.internal) return [neighbours];
  return entry.controllerNamespace ? [namespace(entry.controllerNamespace), neighbours] : [{ namespaceSelector: {} }];
}

function namespace(name: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}
