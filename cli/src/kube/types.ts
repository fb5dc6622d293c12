/**
 * The objects that the command reads from a cluster. Built-in kinds have the types of the Kubernetes client, as they are in JSON; of custom
 * resources there is what the command looks at.
 */
import type {
  CoreV1Event, V1ConfigMap, V1CronJob, V1Deployment, V1Ingress, V1IngressClass, V1Job, V1ManagedFieldsEntry, V1NetworkPolicy, V1Node,
  V1ObjectMeta, V1PersistentVolumeClaim, V1Pod, V1PodTemplateSpec, V1ReplicaSet, V1Secret, V1Service, V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type { Manifest } from '../render/synthesis';

/** An app, and where it is. */
export interface AppName {
  readonly name: string;
  readonly namespace: string;
}

/** A value in JSON: the client's types have dates, which are strings there. */
export type Json<T> = T extends Date ? string : T extends (infer U)[] ? Json<U>[] : T extends object ? { [K in keyof T]: Json<T[K]> } : T;

/** What a client manages of an object: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
export type ManagedFields = Json<V1ManagedFieldsEntry>;

/** The metadata of an object in a cluster. */
export type Metadata = Json<V1ObjectMeta> & { name: string; uid: string; resourceVersion: string; creationTimestamp: string };

/** An object of any kind in a cluster. The items of a list do not have their kind. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
}

type Live<T extends { spec?: unknown }> = Omit<Json<T>, 'metadata' | 'spec'> & KubernetesObject & { spec: Json<NonNullable<T['spec']>> };

export type CronJob = Live<V1CronJob>;
export type Deployment = Live<V1Deployment>;
export type HorizontalPodAutoscaler = Live<V2HorizontalPodAutoscaler>;
export type Ingress = Live<V1Ingress>;
export type IngressClass = Live<V1IngressClass>;
export type Job = Live<V1Job>;
export type NetworkPolicy = Live<V1NetworkPolicy>;
export type Node = Live<V1Node>;
export type Pod = Live<V1Pod>;
export type PodTemplate = Json<V1PodTemplateSpec>;
export type VolumeClaim = Live<V1PersistentVolumeClaim>;
export type ReplicaSet = Live<V1ReplicaSet>;
export type Service = Live<V1Service>;
export type ConfigMap = Omit<Json<V1ConfigMap>, 'metadata'> & KubernetesObject;
export type Secret = Omit<Json<V1Secret>, 'metadata'> & KubernetesObject;
export type Event = Omit<Json<CoreV1Event>, 'metadata'> & KubernetesObject;
export type Namespace = KubernetesObject;

/** As most kinds report their state. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;

  /** When the status became what it is. */
  readonly lastTransitionTime?: string;
}

/** An object whose conditions are what matters of its status. */
export interface Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** The condition of a type. */
export function conditionOf({ status }: Conditioned, type: string): Condition | undefined {
  return status?.conditions?.find(condition => condition.type === type);
}

/** Whether the condition of a type is `True`. */
export function holds(object: Conditioned, type: string): boolean {
  return conditionOf(object, type)?.status === 'True';
}

/**
 * A Rollout of Argo Rollouts, which is written like a Deployment. https://argo-rollouts.readthedocs.io/en/stable/features/specification/
 */
export interface Rollout extends KubernetesObject {
  readonly spec: Deployment['spec'];
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly abort?: boolean;
    readonly currentPodHash?: string;
    readonly restartedAt?: string;
    readonly observedGeneration?: string;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

/** https://shipwright.io/docs/build/buildrun/ */
export interface BuildRun extends KubernetesObject, Conditioned {
  readonly spec: {
    readonly build: {
      readonly spec?: {
        readonly source?: {
          readonly type?: string;
          readonly git?: { readonly url: string; readonly revision?: string; readonly cloneSecret?: string };
        };
        readonly strategy?: { readonly name: string };
        readonly paramValues?: readonly {
          readonly values?: readonly { readonly secretValue?: { readonly name: string; readonly key: string } }[];
        }[];
        readonly output: { readonly image: string; readonly pushSecret?: string };
        readonly timeout?: string;
      };
    };
  };
  readonly status?: {
    readonly completionTime?: string;
    readonly conditions?: readonly Condition[];

    /** The image that was pushed; strategies need not report its digest. */
    readonly output?: { readonly digest?: string };
    readonly failureDetails?: { readonly message?: string; readonly location?: { readonly pod?: string; readonly container?: string } };
  };
}

/** https://shipwright.io/docs/build/buildstrategies/ */
export interface ClusterBuildStrategy extends KubernetesObject {
  readonly spec: {
    readonly parameters?: readonly { readonly name: string }[];
    readonly steps?: readonly { readonly args?: readonly string[] }[];
  };
}

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ */
export interface ScaledObject extends KubernetesObject, Conditioned {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicaCount?: number;
    readonly maxReplicaCount?: number;
    readonly triggers?: readonly {
      readonly type: string;
      readonly name?: string;
      readonly metadata?: { readonly [field: string]: string };
    }[];
    readonly advanced?: { readonly scalingModifiers?: { readonly formula?: string } };
  };
  readonly status?: { readonly hpaName?: string; readonly lastActiveTime?: string; readonly conditions?: readonly Condition[] };
}

/** https://keda.sh/http-add-on/latest/reference/ */
export interface InterceptorRoute extends KubernetesObject {
  readonly spec: {
    readonly target: { readonly service: string };
    readonly rules: readonly {
      readonly hosts?: readonly string[];
      readonly paths?: readonly { readonly value: string }[];
      readonly headers?: readonly object[];
    }[];
  };
}

/** What the HTTP add-on has in its older API in place of an InterceptorRoute. */
export interface HttpScaledObject extends KubernetesObject {
  readonly spec: {
    readonly hosts: readonly string[];
    readonly pathPrefixes?: readonly string[];
    readonly headers?: readonly object[];
    readonly scaleTargetRef: { readonly name: string };
  };
}

/** https://gateway-api.sigs.k8s.io/reference/spec/ */
export interface HttpRoute extends KubernetesObject {
  readonly spec: {
    readonly hostnames?: readonly string[];
    readonly parentRefs?: readonly { readonly name: string; readonly namespace?: string }[];
    readonly rules: readonly { readonly backendRefs?: readonly { readonly name: string; readonly namespace?: string }[] }[];
  };
  readonly status?: { readonly parents?: readonly { readonly conditions: readonly Condition[] }[] };
}

export interface Gateway extends KubernetesObject, Conditioned {
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly {
      readonly name: string;
      readonly protocol?: string;
      readonly allowedRoutes?: { readonly namespaces?: { readonly from?: string } };
    }[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly type?: string; readonly value: string }[];
    readonly conditions?: readonly Condition[];
  };
}

export interface GatewayClass extends KubernetesObject, Conditioned {
  readonly spec: { readonly controllerName: string };
}

/** https://cert-manager.io/docs/reference/api-docs/ */
export interface Certificate extends KubernetesObject {
  readonly status?: { readonly notAfter?: string; readonly conditions?: readonly Condition[] };
}

export type ClusterIssuer = KubernetesObject & Conditioned;

/** What the containers of a pod use right now: https://github.com/kubernetes/metrics/blob/master/pkg/apis/metrics/v1beta1/types.go */
export interface PodMetrics extends KubernetesObject {
  readonly containers: readonly { readonly name: string; readonly usage: { readonly cpu: string; readonly memory: string } }[];
}

/** A PostgreSQL of CloudNativePG: https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/ */
export interface PostgresCluster extends KubernetesObject, Conditioned {
  readonly spec: {
    readonly instances: number;
    readonly imageName?: string;
    readonly storage?: object;
    readonly resources?: object;
    readonly plugins?: readonly PostgresPlugin[];
    readonly backup?: { readonly barmanObjectStore?: object; readonly volumeSnapshot?: object };
  };
  readonly status?: {
    readonly currentPrimary?: string;
    readonly readyInstances?: number;
    readonly phase?: string;
    readonly phaseReason?: string;
    readonly conditions?: readonly Condition[];
  };
}

/** A database in a Cluster. */
export interface PostgresDatabase extends KubernetesObject {
  readonly status?: { readonly applied?: boolean; readonly message?: string };
}

/** A plugin as a Cluster uses it. */
export interface PostgresPlugin {
  readonly name: string;
  readonly enabled?: boolean;
  readonly isWALArchiver?: boolean;
  readonly parameters?: { readonly [name: string]: string };
}

export interface PostgresBackup extends KubernetesObject {
  readonly spec: { readonly cluster: { readonly name: string }; readonly method?: string };
  readonly status?: {
    readonly phase?: string;
    readonly error?: string;
    readonly startedAt?: string;
    readonly stoppedAt?: string;
    readonly backupId?: string;
  };
}

export interface ScheduledPostgresBackup extends KubernetesObject {
  readonly spec: { readonly cluster: { readonly name: string }; readonly schedule: string; readonly suspend?: boolean };
  readonly status?: { readonly nextScheduleTime?: string };
}

/** What External Secrets pushes to a store: https://external-secrets.io/latest/api/pushsecret/ */
export interface PushSecret extends KubernetesObject, Conditioned {
  readonly spec: {
    readonly secretStoreRefs: readonly { readonly name: string; readonly kind: 'ClusterSecretStore' | 'SecretStore' }[];
    readonly selector: { readonly secret: { readonly name: string } };
    readonly data: readonly { readonly match: { readonly remoteRef: { readonly remoteKey: string } } }[];
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];

    /** The generation that was pushed, and a hash of labels and annotations. */
    readonly syncedResourceVersion?: string;
  };
}

/** What External Secrets fetches from a store: https://external-secrets.io/latest/api/externalsecret/ */
export type ExternalSecret = KubernetesObject & Conditioned;

/** https://external-secrets.io/latest/api/clustersecretstore/ */
export interface SecretStore extends KubernetesObject, Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[]; readonly capabilities?: 'ReadOnly' | 'WriteOnly' | 'ReadWrite' };
}

/** A kind, with the type of its objects. */
export interface Kind<T extends KubernetesObject = KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;

  /** Never set: it ties the type to the kind. */
  readonly object?: T;
}

function kindOf<T extends KubernetesObject>(apiVersion: string, kind: string): Kind<T> {
  return { apiVersion, kind };
}

export const CONFIG_MAP = kindOf<ConfigMap>('v1', 'ConfigMap');
export const CRON_JOB = kindOf<CronJob>('batch/v1', 'CronJob');
export const DEPLOYMENT = kindOf<Deployment>('apps/v1', 'Deployment');
export const EVENT = kindOf<Event>('v1', 'Event');
export const HORIZONTAL_POD_AUTOSCALER = kindOf<HorizontalPodAutoscaler>('autoscaling/v2', 'HorizontalPodAutoscaler');
export const INGRESS = kindOf<Ingress>('networking.k8s.io/v1', 'Ingress');
export const INGRESS_CLASS = kindOf<IngressClass>('networking.k8s.io/v1', 'IngressClass');
export const JOB = kindOf<Job>('batch/v1', 'Job');
export const NAMESPACE = kindOf<Namespace>('v1', 'Namespace');
export const NETWORK_POLICY = kindOf<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy');
export const NODE = kindOf<Node>('v1', 'Node');
export const POD = kindOf<Pod>('v1', 'Pod');
export const REPLICA_SET = kindOf<ReplicaSet>('apps/v1', 'ReplicaSet');
export const VOLUME_CLAIM = kindOf<VolumeClaim>('v1', 'PersistentVolumeClaim');
export const SECRET = kindOf<Secret>('v1', 'Secret');
export const SERVICE = kindOf<Service>('v1', 'Service');
export const BUILD_RUN = kindOf<BuildRun>('shipwright.io/v1beta1', 'BuildRun');
export const CLUSTER_BUILD_STRATEGY = kindOf<ClusterBuildStrategy>('shipwright.io/v1beta1', 'ClusterBuildStrategy');
export const POSTGRES_CLUSTER = kindOf<PostgresCluster>('postgresql.cnpg.io/v1', 'Cluster');
export const POSTGRES_DATABASE = kindOf<PostgresDatabase>('postgresql.cnpg.io/v1', 'Database');
export const POSTGRES_BACKUP = kindOf<PostgresBackup>('postgresql.cnpg.io/v1', 'Backup');
export const SCHEDULED_POSTGRES_BACKUP = kindOf<ScheduledPostgresBackup>('postgresql.cnpg.io/v1', 'ScheduledBackup');
export const PUSH_SECRET = kindOf<PushSecret>('external-secrets.io/v1alpha1', 'PushSecret');
export const EXTERNAL_SECRET = kindOf<ExternalSecret>('external-secrets.io/v1', 'ExternalSecret');
export const SECRET_STORE = kindOf<SecretStore>('external-secrets.io/v1', 'SecretStore');
export const CLUSTER_SECRET_STORE = kindOf<SecretStore>('external-secrets.io/v1', 'ClusterSecretStore');
export const CERTIFICATE = kindOf<Certificate>('cert-manager.io/v1', 'Certificate');
export const CLUSTER_ISSUER = kindOf<ClusterIssuer>('cert-manager.io/v1', 'ClusterIssuer');
export const GATEWAY = kindOf<Gateway>('gateway.networking.k8s.io/v1', 'Gateway');
export const GATEWAY_CLASS = kindOf<GatewayClass>('gateway.networking.k8s.io/v1', 'GatewayClass');
export const HTTP_ROUTE = kindOf<HttpRoute>('gateway.networking.k8s.io/v1', 'HTTPRoute');
export const HTTP_SCALED_OBJECT = kindOf<HttpScaledObject>('http.keda.sh/v1alpha1', 'HTTPScaledObject');
export const INTERCEPTOR_ROUTE = kindOf<InterceptorRoute>('http.keda.sh/v1beta1', 'InterceptorRoute');
export const POD_METRICS = kindOf<PodMetrics>('metrics.k8s.io/v1beta1', 'PodMetrics');
export const ROLLOUT = kindOf<Rollout>('argoproj.io/v1alpha1', 'Rollout');
export const SCALED_OBJECT = kindOf<ScaledObject>('keda.sh/v1alpha1', 'ScaledObject');

/** The API group of a version; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
}

/** Whether an object is of a kind, in any version of its API group. */
export function isKind({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>, known: Kind): boolean {
  return kind === known.kind && groupOf(apiVersion) === groupOf(known.apiVersion);
}

/** The addresses that its controller has reported for an Ingress. */
export function addressesOf({ status }: Ingress): string[] {
  return status?.loadBalancer?.ingress?.flatMap(({ ip, hostname }) => ip ?? hostname ?? []) ?? [];
}

/** Whether an object runs to its end, once: a Job or a build. All others stay as they are applied. */
export function runsOnce(object: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return isKind(object, JOB) || isKind(object, BUILD_RUN);
}

/** Those of an app's objects that are of a kind. */
export function ofKind<T extends KubernetesObject>(objects: readonly Manifest[], kind: Kind<T>): T[] {
  return objects.filter(object => isKind(object, kind)) as unknown as T[];
}
