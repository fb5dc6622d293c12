/** Every kind that the library writes, which is what the operator may write: a test compares this table with the library. */

interface WrittenKind {
  readonly kind: string;

  /** The API group; empty for the core group. */
  readonly group: string;

  /** The name in its URL. */
  readonly resource: string;

  /** Its objects hold data: the operator never deletes them. */
  readonly holdsData?: true;
}

function kind(name: string, group: string, resource: string): WrittenKind {
  return { kind: name, group, resource };
}

export const WRITTEN_KINDS: readonly WrittenKind[] = [
  kind('ConfigMap', '', 'configmaps'),
  { ...kind('PersistentVolumeClaim', '', 'persistentvolumeclaims'), holdsData: true },
  kind('Service', '', 'services'),
  kind('ServiceAccount', '', 'serviceaccounts'),
  kind('Deployment', 'apps', 'deployments'),
  kind('CronJob', 'batch', 'cronjobs'),
  kind('Job', 'batch', 'jobs'),
  kind('Ingress', 'networking.k8s.io', 'ingresses'),
  kind('NetworkPolicy', 'networking.k8s.io', 'networkpolicies'),
  kind('PodDisruptionBudget', 'policy', 'poddisruptionbudgets'),
  kind('AnalysisTemplate', 'argoproj.io', 'analysistemplates'),
  kind('Rollout', 'argoproj.io', 'rollouts'),
  kind('ExternalSecret', 'external-secrets.io', 'externalsecrets'),
  kind('BackendTrafficPolicy', 'gateway.envoyproxy.io', 'backendtrafficpolicies'),
  kind('SecurityPolicy', 'gateway.envoyproxy.io', 'securitypolicies'),
  kind('HTTPRoute', 'gateway.networking.k8s.io', 'httproutes'),
  kind('ReferenceGrant', 'gateway.networking.k8s.io', 'referencegrants'),
  kind('HTTPScaledObject', 'http.keda.sh', 'httpscaledobjects'),
  kind('InterceptorRoute', 'http.keda.sh', 'interceptorroutes'),
  kind('ScaledObject', 'keda.sh', 'scaledobjects'),
  kind('TriggerAuthentication', 'keda.sh', 'triggerauthentications'),
  kind('PodMonitor', 'monitoring.coreos.com', 'podmonitors'),
  { ...kind('Cluster', 'postgresql.cnpg.io', 'clusters'), holdsData: true },
  kind('Database', 'postgresql.cnpg.io', 'databases'),
  kind('ScheduledBackup', 'postgresql.cnpg.io', 'scheduledbackups'),
  kind('Build', 'shipwright.io', 'builds'),
  kind('BuildRun', 'shipwright.io', 'buildruns'),
  kind('IngressRoute', 'traefik.io', 'ingressroutes'),
  kind('Middleware', 'traefik.io', 'middlewares'),
  kind('ServersTransport', 'traefik.io', 'serverstransports'),
];
