/** What `webapp operator manifest` prints and `webapp operator install` applies: the operator and all it needs, in the order of apply. */
import { LABELS, OPERATOR_NAME, WEBHOOK_PATH } from './names';
import { operatorRights, userRights } from './rights';
import type { WorkloadOptions } from './workload';
import { operatorWorkload } from './workload';
import platform from '../../../schema/platform.crd.json';
import webapp from '../../../schema/webapp.crd.json';
import { API_VERSION } from '../../config/api-version';
import type { Manifest } from '../../render/synthesis';

export type ManifestOptions = WorkloadOptions;

/** The CustomResourceDefinitions, and the rest, which may need them. */
export function operatorManifest(options: ManifestOptions): { readonly crds: readonly Manifest[]; readonly objects: readonly Manifest[] } {
  const { namespace } = options;
  // What is the same in several places would become anchors and aliases of YAML.
  const copied = (objects: readonly Manifest[]): readonly Manifest[] => JSON.parse(JSON.stringify(objects));
  return {
    crds: [webapp, platform],
    objects: copied([
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { ...LABELS, 'pod-security.kubernetes.io/enforce': 'restricted' } },
      },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: OPERATOR_NAME, namespace, labels: LABELS } },
      ...operatorRights(namespace),
      ...userRights(),
      ...operatorWorkload(options),
      ...options.webhook ? [webhookConfiguration(namespace)] : [],
    ]),
  };
}

/**
 * Without an answer in time, the API server accepts a resource, and the operator reports what is wrong with it in its status: apps
 * deploy while the webhook is down. The operator adds `caBundle`, which no one else sets.
 *
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
function webhookConfiguration(namespace: string): Manifest {
  const [group, version] = API_VERSION.split('/');
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: OPERATOR_NAME, labels: LABELS },
    webhooks: [{
      name: `validate.${group}`,
      admissionReviewVersions: ['v1'],
      clientConfig: { service: { name: OPERATOR_NAME, namespace, path: WEBHOOK_PATH, port: 443 } },
      failurePolicy: 'Ignore',
      matchPolicy: 'Equivalent',
      rules: [{
        apiGroups: [group],
        apiVersions: [version],
        operations: ['CREATE', 'UPDATE'],
        resources: ['webapps', 'platforms'],
        scope: '*',
      }],
      sideEffects: 'None',
      timeoutSeconds: 5,
    }],
  };
}
