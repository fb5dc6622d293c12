import {
  ApiError, deniedRequest, exceededQuota, fieldConflicts, isUnauthenticated, missingNamespace, UnreachableError, webhookDenial,
} from './errors';
import { resourceOf } from './permissions';
import type { Manifest } from '../render/synthesis';

/** What has to be installed for the kinds of an API group, and how. */
const PRODUCTS: { readonly [group: string]: { readonly name: string; readonly install: string } } = {
  'keda.sh': {
    name: 'KEDA',
    install: 'run webapp setup, or see https://keda.sh/docs/latest/deploy/',
  },
  'http.keda.sh': {
    name: 'The KEDA HTTP add-on',
    install: 'run webapp setup, or see https://keda.sh/http-add-on/latest/operations/installation/; '
      + 'InterceptorRoute needs version 0.14 or later, for an older one set httpAddon.api: v1alpha1 in platform.yaml',
  },
  'gateway.networking.k8s.io': {
    name: 'Gateway API',
    install: 'run webapp setup --entry envoy-gateway, or see https://gateway-api.sigs.k8s.io/guides/#installing-gateway-api, '
      + 'or use an ingress in platform.yaml',
  },
  'metrics.k8s.io': {
    name: 'metrics-server',
    install: 'run kubectl apply --filename https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml, '
      + 'or see https://kubernetes-sigs.github.io/metrics-server/',
  },
  'monitoring.coreos.com': {
    name: 'The Prometheus operator',
    install: 'run webapp setup --with monitoring, or see https://prometheus-operator.dev/docs/getting-started/installation/, '
      + 'or remove monitoring from platform.yaml',
  },
  'external-secrets.io': {
    name: 'The External Secrets operator',
    install: 'see https://external-secrets.io/latest/introduction/getting-started/, '
      + 'or remove secretStore from platform.yaml if that names a store',
  },
  'postgresql.cnpg.io': {
    name: 'CloudNativePG',
    install: 'run webapp setup --with postgres, or see https://cloudnative-pg.io/documentation/current/installation_upgrade/',
  },
  'cert-manager.io': { name: 'cert-manager', install: 'run webapp setup, or see https://cert-manager.io/docs/installation/' },
  'shipwright.io': {
    name: 'Shipwright',
    install: 'run webapp setup --with builds, or see https://shipwright.io/docs/getting-started/installation/, '
      + 'or build the image elsewhere and set image',
  },
  'traefik.io': {
    name: 'Traefik with its CRDs',
    install: 'see https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-crd/, '
      + 'or remove http, access, tls.redirect and the weight of a canary',
  },
  'gateway.envoyproxy.io': {
    name: 'Envoy Gateway',
    install: 'run webapp setup --entry envoy-gateway, or see https://gateway.envoyproxy.io/docs/install/, '
      + 'or remove gateway.controller from platform.yaml',
  },
  'argoproj.io': { name: 'Argo Rollouts', install: 'see https://argo-rollouts.readthedocs.io/en/stable/installation/' },
};

/** Whom to ask for a role. */
export const ASK_FOR_ROLE = 'ask your cluster administrator for a role that allows it';

/** That the cluster does not have a kind, and what to install. */
export function notInstalled(apiVersion: string, kind: string): { readonly message: string; readonly hint: string } {
  const product = PRODUCTS[apiVersion.split('/')[0]];
  const message = `the cluster does not have the kind ${kind} of ${apiVersion}`;
  return product
    ? { message: `${product.name} is not installed, or too old: ${message}`, hint: product.install }
    : { message, hint: 'install what provides it, or ask your cluster administrator' };
}

/** Why the cluster rejected an object. */
export function explainRejection(object: Manifest, error: unknown): string {
  const name = `${object.kind} ${object.metadata.name}`;
  const conflicts = fieldConflicts(error);
  if (conflicts.length === 0) return `${name}: ${explainError(error, object.metadata.namespace)}`;
  return [
    `${name} has fields that other managers set:`,
    ...conflicts.map(({ field, manager }) => `  ${field} was set by ${manager ?? 'another manager'}`),
    'leave the fields to them with a patch in the file, or take ownership with --force',
  ].join('\n');
}

/**
 * What went wrong with a request.
 *
 * @param namespace the one of the request, where the error may not have it
 */
export function explainError(error: unknown, namespace?: string): string {
  if (error instanceof UnreachableError) return `cannot reach the cluster: ${error.message}`;
  if (!(error instanceof ApiError)) return (error as Error).message;
  const missing = missingNamespace(error);
  if (missing) return `namespace ${missing} does not exist; create it with --create-namespace, or with kubectl create namespace ${missing}`;
  if (isUnauthenticated(error)) return 'the cluster does not accept your credentials: those of the kubeconfig are wrong or have expired';
  const denied = deniedRequest(error);
  if (denied) {
    const where = denied.namespace ?? namespace;
    return `you are not allowed to ${denied.verb} ${resourceOf(denied)}${where ? ` in namespace ${where}` : ''}; ${ASK_FOR_ROLE}`;
  }
  const quota = error.status === 403 ? exceededQuota(error.message) : undefined;
  if (quota !== undefined) return `the quota of namespace ${namespace} would be exceeded: ${quota}`;
  const denial = webhookDenial(error.message);
  return denial ? `rejected by ${denial.webhook}: ${denial.message}` : error.message;
}
