import type { Finding } from './finding';
import { absent, checkProgram, failed, ok, unknown } from './finding';
import { nearest } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { Gateway } from '../kube/types';
import { CLUSTER_ISSUER, conditionOf, GATEWAY, GATEWAY_CLASS, holds, HTTP_ROUTE, INGRESS_CLASS } from '../kube/types';

/** What a platform uses to route traffic to its apps. */
export interface EntryRequirements {
  /** The namespace of the apps. */
  readonly namespace: string;

  readonly ingressClass?: string;
  readonly gateway?: GatewayReference;
  readonly clusterIssuer?: string;
}

/** The Gateway of a platform. */
export interface GatewayReference {
  readonly name: string;
  readonly namespace?: string;
  readonly sectionName?: string;
  readonly httpSectionName?: string;
}

/** Checks the Gateway, or the IngressClass, that routes traffic to apps. */
export async function checkEntry(cluster: Cluster, { gateway, ingressClass, namespace }: EntryRequirements): Promise<Finding[]> {
  if (!gateway) return [await checkIngressClass(cluster, ingressClass)];
  for (const kind of [GATEWAY, HTTP_ROUTE]) if (!await cluster.objects.knows(kind)) return [absent('entry', kind)];
  return [await checkGateway(cluster, gateway, namespace)];
}

async function checkIngressClass({ objects }: Cluster, wanted: string | undefined): Promise<Finding> {
  const classes = await unlessForbidden(async () => objects.list(INGRESS_CLASS, {}));
  if (classes === FORBIDDEN) return unknown('entry', 'you are not allowed to list IngressClasses');
  const names = classes.map(({ metadata }) => metadata.name);
  const byDefault = classes.find(({ metadata }) => metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true');
  const chosen = wanted ?? byDefault?.metadata.name;
  if (chosen !== undefined && names.includes(chosen)) return ok('entry', `IngressClass ${chosen}`);
  const existing = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none, so no ingress controller is installed';
  const missing = wanted === undefined ? 'default IngressClass' : `IngressClass ${wanted}`;
  const install = 'run webapp setup, or install an ingress controller or a gateway yourself';
  const fix = names.length > 0 ? `set ingress.className to ${names[0]} in platform.yaml` : install;
  return failed('entry', `the cluster has no ${missing}; ${existing}`, fix);
}

/** @see https://gateway-api.sigs.k8s.io/reference/spec/ */
async function checkGateway({ objects }: Cluster, reference: GatewayReference, appNamespace: string): Promise<Finding> {
  const { name, namespace = appNamespace } = reference;
  const gateway = await unlessForbidden(async () => objects.get({ ...GATEWAY, namespace, name }));
  if (gateway === FORBIDDEN) return unknown('entry', `you are not allowed to get Gateway ${name} in namespace ${namespace}`);
  if (!gateway) {
    const fix = 'set gateway in platform.yaml to another one, or create it: https://gateway-api.sigs.k8s.io/guides/simple-gateway/';
    return failed('entry', `Gateway ${name} does not exist in namespace ${namespace}`, fix);
  }
  const { gatewayClassName } = gateway.spec;
  const gatewayClass = await unlessForbidden(async () => objects.get({ ...GATEWAY_CLASS, name: gatewayClassName }));
  if (gatewayClass === undefined) {
    const fix = 'install an implementation: https://gateway-api.sigs.k8s.io/implementations/';
    return failed('entry', `GatewayClass ${gatewayClassName} of Gateway ${name} does not exist`, fix);
  }
  if (gatewayClass !== FORBIDDEN && !holds(gatewayClass, 'Accepted')) {
    const reason = conditionOf(gatewayClass, 'Accepted')?.message ?? 'no controller has reported anything';
    const fix = `check that ${gatewayClass.spec.controllerName} is installed and running`;
    return failed('entry', `GatewayClass ${gatewayClassName} of Gateway ${name} is not accepted: ${reason}`, fix);
  }
  if (!holds(gateway, 'Programmed')) {
    const reason = conditionOf(gateway, 'Programmed')?.message ?? 'no controller has reported anything';
    return failed('entry', `Gateway ${name} is not ready: ${reason}`, `kubectl describe gateway ${name} --namespace ${namespace}`);
  }
  const addresses = gateway.status?.addresses?.map(({ value }) => value) ?? [];
  const where = addresses.length > 0 ? `, at ${addresses.join(', ')}` : '';
  return checkListeners(gateway, reference, appNamespace) ?? ok('entry', `Gateway ${name} of GatewayClass ${gatewayClassName}${where}`);
}

/** What is wrong with the listeners that apps use; undefined if nothing is. */
function checkListeners(
  { metadata, spec: { listeners } }: Gateway, reference: GatewayReference, appNamespace: string,
): Finding | undefined {
  const { name, namespace } = metadata;
  const names = listeners.map(listener => listener.name);
  for (const prop of ['sectionName', 'httpSectionName'] as const) {
    const section = reference[prop];
    if (section === undefined || names.includes(section)) continue;
    const fix = `set gateway.${prop} to ${nearest(section, names) ?? names[0]} in platform.yaml`;
    return failed('entry', `Gateway ${name} has no listener ${section}; it has ${names.join(', ')}`, fix);
  }
  if (namespace === appNamespace) return undefined;
  const used = listeners.filter(listener => reference.sectionName === undefined || listener.name === reference.sectionName);
  const isOpen = used.some(({ allowedRoutes }) => (allowedRoutes?.namespaces?.from ?? 'Same') !== 'Same');
  if (isOpen) return undefined;
  const closed = used.map(listener => listener.name).join(', ');
  return failed('entry', `Gateway ${name} does not allow routes of namespace ${appNamespace} at listener ${closed}`,
    'set allowedRoutes.namespaces of the listener: https://gateway-api.sigs.k8s.io/guides/multiple-ns/');
}

/** Checks what issues certificates, if the platform uses it. */
export async function checkIssuer(cluster: Cluster, { clusterIssuer: name }: EntryRequirements): Promise<Finding[]> {
  if (name === undefined) return [];
  if (!await cluster.objects.knows(CLUSTER_ISSUER)) return [absent('TLS', CLUSTER_ISSUER)];
  const fix = 'run webapp setup, or see https://cert-manager.io/docs/installation/';
  const program = await checkProgram(cluster, { name: 'cert-manager', deployment: 'cert-manager', label: 'cert-manager', fix });
  return [program, await checkClusterIssuer(cluster, name)];
}

async function checkClusterIssuer({ objects }: Cluster, name: string): Promise<Finding> {
  const issuer = await unlessForbidden(async () => objects.get({ ...CLUSTER_ISSUER, name }));
  if (issuer === FORBIDDEN) return unknown('TLS', `you are not allowed to get ClusterIssuer ${name}`);
  if (!issuer) {
    const fix = 'set tls.clusterIssuer in platform.yaml to another one, or create it: https://cert-manager.io/docs/configuration/';
    return failed('TLS', `ClusterIssuer ${name} does not exist`, fix);
  }
  if (holds(issuer, 'Ready')) return ok('TLS', `ClusterIssuer ${name}`);
  const reason = conditionOf(issuer, 'Ready')?.message ?? 'cert-manager has not reported anything';
  return failed('TLS', `ClusterIssuer ${name} is not ready: ${reason}`, `kubectl describe clusterissuer ${name}`);
}
