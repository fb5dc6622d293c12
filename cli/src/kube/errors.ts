import { ApiError, Unreachable } from './kubernetes-api';
import { Deed, resourceOf } from './permissions';
import type { Manifest } from '../render/synthesis';

/** What must be installed for the kinds of an API group, and the way to it. */
const PRODUCTS: { readonly [group: string]: readonly [product: string, way: string] } = {
  'keda.sh': ['KEDA', 'helm install keda kedacore/keda --namespace keda --create-namespace; see https://keda.sh/docs/latest/deploy/'],
  'http.keda.sh': [
    "KEDA's HTTP add-on",
    'helm install http-add-on kedacore/keda-add-ons-http --namespace keda; InterceptorRoute came with 0.14, for an older one set httpAddon.api: v1alpha1 in platform.yaml',
  ],
  'gateway.networking.k8s.io': ['Gateway API', 'see https://gateway-api.sigs.k8s.io/guides/#installing-gateway-api, or use an ingress in platform.yaml'],
  'monitoring.coreos.com': ['the Prometheus operator', 'see https://prometheus-operator.dev/docs/getting-started/installation/, or leave monitoring away in platform.yaml'],
  'external-secrets.io': ['the External Secrets operator', 'see https://external-secrets.io/latest/introduction/getting-started/'],
  'postgresql.cnpg.io': ['CloudNativePG', 'see https://cloudnative-pg.io/documentation/current/installation_upgrade/'],
  'cert-manager.io': ['cert-manager', 'see https://cert-manager.io/docs/installation/'],
  'argoproj.io': ['Argo Rollouts', 'see https://argo-rollouts.readthedocs.io/en/stable/installation/'],
};

/** That a kind is unknown to the cluster, and what would change that. */
export function notInstalled(apiVersion: string, kind: string): string {
  const [product, way] = PRODUCTS[apiVersion.split('/')[0]] ?? [undefined, 'install what has it, or ask whoever runs the cluster'];
  return product
    ? `${product} is not installed in this cluster, or too old: there is no ${kind} of ${apiVersion}\n  ${way}`
    : `the cluster knows no ${kind} of ${apiVersion}\n  ${way}`;
}

/** Why an object was not taken. */
export function refused(object: Manifest, error: unknown): string {
  const what = `${object.kind} ${object.metadata.name}`;
  if (!(error instanceof ApiError)) return `${what}: ${troubleOf(error)}`;
  const conflicts = error.causes.filter(({ reason }) => reason === 'FieldManagerConflict');
  if (conflicts.length > 0) {
    const lines = conflicts.map(({ field, message }) => `  ${field?.replace(/^\./, '')} was set by ${/"([^"]*)"/.exec(message ?? '')?.[1] ?? 'somebody else'}`);
    return `${what} was changed by others:\n${lines.join('\n')}\nleave those fields to them with a patch in the file, or take them over with --force`;
  }
  return `${what}: ${troubleOf(error, object.metadata.namespace)}`;
}

/** What went wrong between here and the API server. */
export function troubleOf(error: unknown, namespace?: string): string {
  if (error instanceof Unreachable) return `the cluster cannot be reached: ${error.message}`;
  if (!(error instanceof ApiError)) return (error as Error).message;
  const { status, message } = error;
  const missing = missingNamespace(error);
  if (missing) return `there is no namespace ${missing}; make it with --create-namespace, or kubectl create namespace ${missing}`;
  if (isUnknownUser(error)) return 'the cluster does not know you: the credentials of the kubeconfig are wrong or have run out';
  const denied = deniedDeed(error);
  if (denied) {
    const where = denied.namespace ?? namespace;
    return `you may not ${denied.deed[0]} ${resourceOf(denied.deed)}${where ? ` in namespace ${where}` : ''}; ask whoever runs the cluster for a role that allows it`;
  }
  const quota = /exceeded quota: (.*)$/.exec(message)?.[1];
  if (status === 403 && quota) return `the quota of namespace ${namespace} has no room for it: ${quota}`;
  return message.replace(/^admission webhook "([^"]*)" denied the request: /, 'refused by $1: ');
}

/** The namespace that is not there, if that is what is wrong. */
export function missingNamespace({ message }: ApiError): string | undefined {
  return /^namespaces "([^"]*)" not found/.exec(message)?.[1];
}

/** What who asks may not do, if that is what is wrong. */
export function deniedDeed(error: ApiError): { readonly deed: Deed; readonly namespace?: string } | undefined {
  const { status, message } = error;
  const [, verb, resource, group, namespace] = /cannot (\w+) resource "([^"]*)" in API group "([^"]*)"(?: in the namespace "([^"]*)")?/.exec(message) ?? [];
  return status === 403 && verb !== undefined && !isUnknownUser(error) ? { deed: [verb, group, resource], namespace } : undefined;
}

function isUnknownUser({ status, message }: ApiError): boolean {
  return status === 401 || (status === 403 && message.includes('User "system:anonymous"'));
}
