import type { ArgoModel } from './argo';
import type { Named } from './named';
import type { ScalingModel } from './scaling';
import type { SchedulingModel } from './scheduling';
import type { Strings } from './strings';

/** A set of pods, which are selected by labels that never change. */
export interface PodSet extends Named {
  readonly selector: Strings;
  readonly pod: PodModel;
}

/** Pods that run until they are replaced: a web process, another version of it, a worker. */
export interface Component extends PodSet {
  readonly scaling: ScalingModel;
  readonly strategy: UpdateStrategy;
  /** Whether a NetworkPolicy decides who reaches it. */
  readonly networkPolicy: boolean;
  /** Annotations of the Deployment itself besides those of all objects. */
  readonly workloadAnnotations: Strings;
}

/** A component that answers requests. */
export interface WebComponent extends Component {
  readonly server: ServerModel;
  /** Undefined if there are none to scrape. */
  readonly metrics?: MetricsModel;
  /** Whether requests from outside of the cluster reach it. */
  readonly isPublic: boolean;
}

/** A component that gets no requests. */
export interface WorkerComponent extends Component {
  /** Undefined if nothing finds out whether it is alive. */
  readonly liveness?: LivenessModel;
  /** Whether two of its pods must never run at the same time. */
  readonly singleton: boolean;
}

export function isWeb(component: Component): component is WebComponent {
  return 'server' in component;
}

export function isWorker(component: Component): component is WorkerComponent {
  return 'singleton' in component;
}

/** Pods that run to their end. */
export interface JobModel extends PodSet {
  readonly retries: number;
  /** Seconds for all attempts together; undefined if there is no limit. */
  readonly deadline?: number;
}

/** How the pods of a component are replaced by those of a new version. */
export type UpdateStrategy =
  /** The old ones end before the new ones start: only one pod can mount a volume, or none may run beside another. */
  | { readonly type: 'recreate' }
  | { readonly type: 'rolling-update'; readonly maxSurge: number | string; readonly maxUnavailable: number | string }
  /** By Argo Rollouts, whose Rollout then takes the place of the Deployment. */
  | { readonly type: 'argo'; readonly argo: ArgoModel };

/** Where and how a web process answers. */
export interface ServerModel {
  readonly port: number;
  readonly http2: boolean;
  /** Whether it has a certificate of its own. */
  readonly https: boolean;
  readonly health: HealthModel;
  /** Ports besides the one that gets requests. */
  readonly ports: readonly PortModel[];
}

/** A port besides the one that gets the app's requests. */
export interface PortModel {
  readonly name: string;
  readonly port: number;
  /** Whether it gets HTTP requests of a route of its own, and not connections as they are. */
  readonly http: boolean;
  /** Undefined for one that is reachable only from inside of the cluster, and for one that gets HTTP requests. */
  readonly loadBalancer?: { readonly port: number; readonly sourceRanges: readonly string[]; readonly annotations: Strings };
}

/** All times are in seconds. */
export interface HealthModel {
  readonly path?: string;
  /** The `Host` header; undefined for the IP address of the pod. */
  readonly host?: string;
  /** Headers besides `Host`. */
  readonly headers: Strings;
  readonly grpc: boolean;
  readonly port?: number;
  readonly startupTimeout: number;
  readonly interval: number;
}

/** A program that says whether a worker is alive. All times are in seconds. */
export interface LivenessModel {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startupTimeout: number;
}

/** Where the metrics of a web process are. */
export interface MetricsModel {
  readonly path: string;
  readonly port: number;
  /** Name of that port in the container. */
  readonly portName: string;
}

/** Takes the place of an image that is missing, so that the rest of the app can be checked. */
export const UNKNOWN_IMAGE = 'unnamed';

/** What runs in a pod, and with which rights. */
export interface PodModel {
  readonly containerName: string;
  readonly image: string;
  readonly command?: string[];
  readonly args?: string[];
  /** In the order in which they are written: a value may refer to an earlier variable. */
  readonly env: readonly EnvVariable[];
  readonly envFromSecrets: readonly string[];
  readonly envFromConfigMaps: readonly string[];
  readonly files: FilesModel;
  /** Files that are keys of Secrets, readable by the app's group alone. */
  readonly secretFiles: readonly KeyFile[];
  /** Files that are keys of ConfigMaps. */
  readonly configMapFiles: readonly KeyFile[];
  readonly volumes: readonly VolumeModel[];
  readonly resources: ResourcesModel;
  readonly security: SecurityModel;
  /** What starts before the process, in this order: containers that end, and sidecars. */
  readonly initContainers: readonly (ContainerModel | SidecarModel)[];
  /** Sidecars where Kubernetes has none: containers that start with the process. */
  readonly sidecars: readonly SidecarModel[];
  /** Names of the Secrets that the image is pulled with. */
  readonly imagePullSecrets: readonly string[];
  readonly scheduling: SchedulingModel;
  readonly serviceAccount: { readonly name: string; readonly automountToken: boolean };
  /** Annotations of the pods besides those of all objects. */
  readonly annotations: Strings;
  /** Whether the process listens on a port below 1024, for which root needs a capability too. */
  readonly bindsLowPorts: boolean;
  /** Seconds that a pod still gets requests before it is told to stop. */
  readonly preStopDelay: number;
  /** Seconds that a pod may take to stop, `preStopDelay` included. */
  readonly terminationGracePeriod: number;
}

/** Another container of a pod. */
export interface ContainerModel extends Pick<PodModel,
  'containerName' | 'image' | 'command' | 'args' | 'env' | 'envFromSecrets' | 'envFromConfigMaps' | 'secretFiles' | 'configMapFiles'
  | 'volumes' | 'resources' | 'security'> {
  /** Text files of its own, by path. */
  readonly files: Strings;
  /** Whether it has the files of the pod's process too. */
  readonly sharesFiles: boolean;
}

/** One that runs as long as the process does. */
export interface SidecarModel extends ContainerModel {
  readonly isSidecar: true;
  /** Where it accepts connections once it has started; undefined if nobody waits for that. */
  readonly port?: number;
}

export type EnvVariable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: string; readonly key: string }
  | { readonly name: string; readonly configMap: string; readonly key: string };

/** A file whose content is a key of an object that exists: a Secret or a ConfigMap. */
export interface KeyFile {
  readonly path: string;
  readonly object: string;
  readonly key: string;
}

/** Files, which one ConfigMap has. */
export interface FilesModel {
  /** What the ConfigMap is named after. */
  readonly owner: string;
  /** Text of the app, by path. */
  readonly contents: Strings;
  /** Anything else of the app in Base64, by path. */
  readonly binary: Strings;
  /** Text of its other containers, by container and path. */
  readonly containers: { readonly [container: string]: Strings };
}

export interface VolumeModel {
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;
  readonly source:
  | { readonly kind: 'empty' | 'memory'; readonly size: string }
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'claim'; readonly claim: string; readonly accessMode: string; readonly create?: NewClaim };
}

/** Whether one pod at a time can use the files of a volume: one node can mount them, and other pods may be on others. */
export function isExclusive({ source }: VolumeModel): boolean {
  return source.kind === 'claim' && source.accessMode === 'read-write-once';
}

/** A claim that does not exist yet. */
export interface NewClaim {
  readonly size: string;
  readonly storageClass?: string;
}

export interface ResourcesModel {
  readonly cpu: string;
  readonly cpuLimit?: string;
  readonly memory: string;
  readonly memoryLimit: string;
  readonly ephemeralStorage: string;
}

export interface SecurityModel {
  /** Undefined for the user of the image. */
  readonly runAsUser?: number;
  /** Undefined for the group of the image's user. */
  readonly runAsGroup?: number;
  /** Whether the kubelet refuses to start it as root. */
  readonly runAsNonRoot: boolean;
  /** The group of the files of claims and Secrets. */
  readonly fsGroup: number;
  readonly readOnlyRoot: boolean;
  readonly capabilities: readonly string[];
  readonly privileged: boolean;
}
