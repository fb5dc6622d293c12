/**
 * Every kind that the library writes, or a release has besides, which is what the operator watches and may write: a test compares this
 * table with the library.
 */
import type { Kind } from '../../kube/types';
import { groupOf } from '../../kube/types';

export interface WrittenKind extends Kind {
  /** The API group; empty for the core group. */
  readonly group: string;

  /** The name in its URL. */
  readonly resource: string;

  /** Its objects hold data: the operator never deletes them. */
  readonly holdsData?: true;
}

function kind(apiVersion: string, name: string, resource: string): WrittenKind {
  return { apiVersion, kind: name, group: groupOf(apiVersion), resource };
}

export const WRITTEN_KINDS: readonly WrittenKind[] = [
  kind('v1', 'ConfigMap', 'configmaps'),
  { ...kind('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'), holdsData: true },
  kind('v1', 'Service', 'services'),
  kind('v1', 'ServiceAccount', 'serviceaccounts'),
  kind('apps/v1', 'Deployment', 'deployments'),
  kind('batch/v1', 'CronJob', 'cronjobs'),
  kind('batch/v1', 'Job', 'jobs'),
  kind('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  kind('argoproj.io/v1alpha1', 'AnalysisTemplate', 'analysistemplates'),
  kind('argoproj.io/v1alpha1', 'Rollout', 'rollouts'),
  kind('external-secrets.io/v1', 'ExternalSecret', 'externalsecrets'),
  kind('external-secrets.io/v1alpha1', 'PushSecret', 'pushsecrets'),
  kind('gateway.envoyproxy.io/v1alpha1', 'BackendTrafficPolicy', 'backendtrafficpolicies'),
  kind('gateway.envoyproxy.io/v1alpha1', 'SecurityPolicy', 'securitypolicies'),
  kind('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes'),
  kind('gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', 'referencegrants'),
  kind('http.keda.sh/v1alpha1', 'HTTPScaledObject', 'httpscaledobjects'),
  kind('http.keda.sh/v1beta1', 'InterceptorRoute', 'interceptorroutes'),
  kind('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects'),
  kind('keda.sh/v1alpha1', 'TriggerAuthentication', 'triggerauthentications'),
  kind('monitoring.coreos.com/v1', 'PodMonitor', 'podmonitors'),
  { ...kind('postgresql.cnpg.io/v1', 'Cluster', 'clusters'), holdsData: true },
  kind('postgresql.cnpg.io/v1', 'Database', 'databases'),
  kind('postgresql.cnpg.io/v1', 'ScheduledBackup', 'scheduledbackups'),
  kind('shipwright.io/v1beta1', 'Build', 'builds'),
  kind('shipwright.io/v1beta1', 'BuildRun', 'buildruns'),
  kind('traefik.io/v1alpha1', 'IngressRoute', 'ingressroutes'),
  kind('traefik.io/v1alpha1', 'Middleware', 'middlewares'),
  kind('traefik.io/v1alpha1', 'ServersTransport', 'serverstransports'),
];
