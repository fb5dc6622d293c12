import { Finding, lacking, unknown, well } from './finding';
import { absent, running } from './program';
import { nearest } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import { allowed, FORBIDDEN } from '../kube/permissions';

/** What of a platform leads requests to its apps. */
export interface WantedEntry {
  /** The namespace of the apps. */
  readonly namespace: string;

  readonly ingressClass?: string;
  readonly gateway?: { readonly name: string; readonly namespace?: string; readonly section?: string; readonly httpSectionName?: string };
  readonly clusterIssuer?: string;
}

/** Whether what leads requests from outside to apps is there. */
export async function examineEntry(cluster: Cluster, wanted: WantedEntry): Promise<Finding[]> {
  return [wanted.gateway ? await gatewayOf(cluster, wanted.gateway, wanted.namespace) : await ingressClass(cluster, wanted.ingressClass)];
}

async function ingressClass({ objects }: Cluster, wanted: string | undefined): Promise<Finding> {
  const classes = await allowed(async () => objects.list('networking.k8s.io/v1', 'IngressClass', undefined));
  if (classes === FORBIDDEN) return unknown('entry', 'you may not see the IngressClasses');
  const names: string[] = classes.map(({ metadata }: any) => metadata.name);
  const standard = classes.find(({ metadata }: any) => metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true');
  const chosen = wanted ?? standard?.metadata.name;
  if (chosen !== undefined && names.includes(chosen)) return well('entry', `IngressClass ${chosen}`);
  const there = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none: no ingress controller is installed';
  return lacking('entry', wanted === undefined ? `no IngressClass is the default; ${there}` : `the cluster has no IngressClass ${wanted}; ${there}`,
    names.length > 0 ? `write ingress: { className: ${names[0]} } into platform.yaml` : 'install an ingress controller, or a gateway; see docs/routing.md');
}

const GATEWAY_API = 'gateway.networking.k8s.io/v1';

/** @see https://gateway-api.sigs.k8s.io/reference/spec/ */
async function gatewayOf({ objects }: Cluster, wanted: NonNullable<WantedEntry['gateway']>, apps: string): Promise<Finding> {
  const { name, namespace = apps } = wanted;
  for (const kind of ['Gateway', 'HTTPRoute']) if (!await objects.knows(GATEWAY_API, kind)) return absent('entry', GATEWAY_API, kind);
  const gateway = await allowed(async () => objects.get({ apiVersion: GATEWAY_API, kind: 'Gateway', namespace, name }));
  if (gateway === FORBIDDEN) return unknown('entry', `you may not see Gateway ${name} in namespace ${namespace}`);
  if (!gateway) return lacking('entry', `there is no Gateway ${name} in namespace ${namespace}`, 'name another as gateway in platform.yaml, or make it: https://gateway-api.sigs.k8s.io/guides/simple-gateway/');

  const { gatewayClassName, listeners } = gateway.spec;
  const cls = await allowed(async () => objects.get({ apiVersion: GATEWAY_API, kind: 'GatewayClass', name: gatewayClassName }));
  if (cls === undefined) return lacking('entry', `Gateway ${name} is of GatewayClass ${gatewayClassName}, which is not there`, 'install what implements it: https://gateway-api.sigs.k8s.io/implementations/');
  const accepted = cls === FORBIDDEN ? undefined : conditionOf(cls, 'Accepted');
  if (cls !== FORBIDDEN && accepted?.status !== 'True') {
    return lacking('entry', `no controller has taken GatewayClass ${gatewayClassName} of Gateway ${name}: ${accepted?.message ?? 'does it run?'}`, `is ${cls.spec.controllerName} installed, and does it run?`);
  }
  const programmed = conditionOf(gateway, 'Programmed');
  if (programmed?.status !== 'True') return lacking('entry', `Gateway ${name} is not ready: ${programmed?.message ?? 'no controller has said anything of it'}`, `kubectl describe gateway ${name} --namespace ${namespace}`);

  const names: string[] = listeners.map((listener: any) => listener.name);
  for (const field of ['section', 'httpSectionName'] as const) {
    const section = wanted[field];
    if (section === undefined || names.includes(section)) continue;
    return lacking('entry', `Gateway ${name} has no listener ${section}; it has ${names.join(', ')}`, `write ${nearest(section, names) ?? names[0]} as gateway.${field} in platform.yaml`);
  }
  const used = listeners.filter((listener: any) => wanted.section === undefined || listener.name === wanted.section);
  const closed = used.every(({ allowedRoutes }: any) => (allowedRoutes?.namespaces?.from ?? 'Same') === 'Same');
  if (closed && namespace !== apps) {
    return lacking('entry', `${used.map((listener: any) => `listener ${listener.name}`).join(', ')} of Gateway ${name} takes no routes of other namespaces, and so none of namespace ${apps}`, 'set allowedRoutes.namespaces of the listener: https://gateway-api.sigs.k8s.io/guides/multiple-ns/');
  }
  const addresses = gateway.status.addresses?.map(({ value }: any) => value) ?? [];
  return well('entry', `Gateway ${name} of GatewayClass ${gatewayClassName}${addresses.length > 0 ? `, at ${addresses.join(', ')}` : ''}`);
}

const CERT_MANAGER = 'cert-manager.io/v1';

/** Whether certificates are made. */
export async function examineIssuer(cluster: Cluster, { clusterIssuer: name }: WantedEntry): Promise<Finding[]> {
  if (name === undefined) return [];
  if (!await cluster.objects.knows(CERT_MANAGER, 'ClusterIssuer')) return [absent('TLS', CERT_MANAGER, 'ClusterIssuer')];
  const program = await running(cluster, { what: 'cert-manager', name: 'cert-manager', label: 'cert-manager', fix: 'see https://cert-manager.io/docs/installation/' });
  return [program, await issuer(cluster, name)];
}

async function issuer({ objects }: Cluster, name: string): Promise<Finding> {
  const found = await allowed(async () => objects.get({ apiVersion: CERT_MANAGER, kind: 'ClusterIssuer', name }));
  if (found === FORBIDDEN) return unknown('TLS', `you may not see ClusterIssuer ${name}`);
  if (!found) return lacking('TLS', `there is no ClusterIssuer ${name}`, 'name another as tls.clusterIssuer in platform.yaml, or make it: https://cert-manager.io/docs/configuration/');
  const ready = conditionOf(found, 'Ready');
  if (ready?.status === 'True') return well('TLS', `ClusterIssuer ${name}`);
  return lacking('TLS', `ClusterIssuer ${name} is not ready: ${ready?.message ?? 'cert-manager has not looked at it'}`, `kubectl describe clusterissuer ${name}`);
}

function conditionOf({ status }: any, type: string): any {
  return status?.conditions?.find((condition: any) => condition.type === type);
}
