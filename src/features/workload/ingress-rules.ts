import { PORT_NAME } from '../../kube/ports';
import type { WebComponent } from '../../model/component';
import type { Caller } from '../../model/connections';

/**
 * Who may reach a web process: the interceptor if the app is scaled by HTTP, as a request that bypasses it finds a sleeping app; otherwise
 * the entry, the app's own namespace, and apps of other namespaces that are connected to it. And the monitoring reaches the port of the
 * metrics.
 */
export function ingressRules(component: WebComponent, callers: readonly Caller[]): object[] {
  return [{ from: peers(component, callers), ports: [{ protocol: 'TCP', port: PORT_NAME }] }, ...monitoringRules(component)];
}

function peers({ scaling, isPublic, namespace: home, platform: { httpAddon, entry } }: WebComponent, callers: readonly Caller[]): object[] {
  if (scaling.http) return [namespace(httpAddon.namespace)];
  const sameNamespace = { podSelector: {} };
  if (isPublic && !entry.controllerNamespace) return [{ namespaceSelector: {} }];
  const others = callers.filter(caller => caller.namespace !== undefined && caller.namespace !== home)
    .map(caller => ({ ...namespace(caller.namespace!), podSelector: { matchLabels: { 'app.kubernetes.io/name': caller.name } } }));
  return [...isPublic ? [namespace(entry.controllerNamespace!)] : [], sameNamespace, ...others];
}

function monitoringRules({ metrics, platform: { monitoring } }: WebComponent): object[] {
  if (!metrics || !monitoring) return [];
  const from = [monitoring.namespace === undefined ? { namespaceSelector: {} } : namespace(monitoring.namespace)];
  return [{ from, ports: [{ protocol: 'TCP', port: metrics.portName }] }];
}

function namespace(name: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}
