import { PORT_NAME } from '../../kube/ports';
import type { WebComponent } from '../../model/component';
import type { Caller } from '../../model/connections';

/**
 * Who may reach a web process: the interceptor if the app is scaled by HTTP, as a request that bypasses it finds a sleeping app; otherwise
 * the entry, the app's own namespace, and apps of other namespaces that are connected to it. And the monitoring reaches the port of the
 * metrics.
 */
export function ingressRules(component: WebComponent, callers: readonly Caller[]): object[] {
  return [
    { from: peers(component, callers), ports: [{ protocol: 'TCP', port: PORT_NAME }] },
    ...portRules(component, callers),
    ...monitoringRules(component),
  ];
}

function peers({ scaling, isPublic, namespace: home, platform: { httpAddon, entry } }: WebComponent, callers: readonly Caller[]): object[] {
  if (scaling.http) return [namespace(httpAddon.namespace)];
  if (isPublic && !entry.controllerNamespace) return [{ namespaceSelector: {} }];
  return [...isPublic ? [namespace(entry.controllerNamespace!)] : [], ...neighbors(home, callers)];
}

/** The pods of the app's own namespace, and apps of other namespaces that are connected to it. */
function neighbors(home: string | undefined, callers: readonly Caller[]): object[] {
  const others = callers.filter(caller => caller.namespace !== undefined && caller.namespace !== home)
    .map(caller => ({ ...namespace(caller.namespace!), podSelector: { matchLabels: { 'app.kubernetes.io/name': caller.name } } }));
  return [{ podSelector: {} }, ...others];
}

/** Clients of a load balancer come from anywhere: it knows their addresses, and pods may see those of nodes. */
function portRules(component: WebComponent, callers: readonly Caller[]): object[] {
  const { server: { ports }, namespace: home } = component;
  return ports.map(({ name, http, loadBalancer }) => ({
    from: loadBalancer ? undefined : http ? peers(component, callers) : neighbors(home, callers),
    ports: [{ protocol: 'TCP', port: name }],
  }));
}

function monitoringRules({ metrics, platform: { monitoring } }: WebComponent): object[] {
  if (!metrics || !monitoring) return [];
  const from = [monitoring.namespace === undefined ? { namespaceSelector: {} } : namespace(monitoring.namespace)];
  return [{ from, ports: [{ protocol: 'TCP', port: metrics.portName }] }];
}

function namespace(name: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}
