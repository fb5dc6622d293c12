import type { Access } from './features/access/props';
import type { Build } from './features/build/props';
import type { Connection } from './features/connections/props';
import type { AppContainer, Sidecar } from './features/containers/props';
import type { AppHttp } from './features/http/props';
import type { Metrics } from './features/monitoring/props';
import type { AppCronJob, Process, ReleaseCommand, WorkerHealth } from './features/processes/props';
import type { Rollout } from './features/rollout/props';
import type { ColdStart, Maintenance, StaticRoute, AppProtocol, Timeouts, Tls } from './features/routing/props';
import type { Scaling, WorkerScaling } from './features/scaling/props';
import type { AppPort, Health, AppServiceAccount, Security, AppVolume } from './features/workload/props';
import type { Resources, ConfigMapKey, NodeScheduling, SecretKey, SecretVariable, AppSize } from './model/props';

/**
 * Settings that a platform can set for all its apps, and each app can override field by field.
 */
export interface AppDefaults {
  /**
   * CPU and memory of one replica, by name.
   *
   * @default AppSize.S
   */
  readonly size?: AppSize;

  /**
   * CPU and memory amounts that override those of `size`.
   *
   * @default - the amount of `size`
   */
  readonly resources?: Resources;

  /**
   * Health checks, and how replicas start and stop.
   *
   * @default - a TCP check on the app's port
   */
  readonly health?: Health;

  /**
   * When and how far the app scales.
   *
   * @default - 0 to 10 replicas, each for 100 concurrent requests
   */
  readonly scaling?: Scaling;

  /**
   * Timeouts of requests.
   *
   * @default - a request waits as long as a sleeping app may take to start, and 300s for the response
   */
  readonly timeouts?: Timeouts;

  /**
   * What clients get while a sleeping app starts.
   *
   * @default - requests are held until the app is ready
   */
  readonly coldStart?: ColdStart;

  /**
   * Security settings of the app's pods.
   *
   * @default - the Pod Security Standard `restricted`, user 1000 and a read-only root file system
   */
  readonly security?: Security;
}

/**
 * A background process that runs continuously, for example to process a queue. It gets no requests.
 */
export interface Worker extends Process {
  /**
   * When and how far the worker scales. There is no default metric, as a worker gets no requests.
   *
   * @default - one replica
   */
  readonly scaling?: WorkerScaling;

  /**
   * How to find out whether the worker is alive.
   *
   * @default - it is alive until its program ends, and a new version counts as started after 10 seconds
   */
  readonly health?: WorkerHealth;

  /**
   * Whether two replicas must never run at the same time, as for a scheduler such as Celery's beat. The worker then has at most one
   * replica, and another one starts only when the previous one has ended: after a deploy, a deleted pod, or a node that is drained.
   *
   * If its node fails, the worker starts on another one only after the pod of the failed node has been removed from the cluster.
   *
   * @see docs/workers.md
   * @default false
   */
  readonly singleton?: boolean;
}

/**
 * A change to an object of the app, for fields that have no prop.
 */
export interface Patch {
  /**
   * Kind of the object, such as `Deployment`.
   *
   * @format notEmpty
   */
  readonly kind: string;

  /**
   * Name of the object.
   *
   * @default - all objects of that kind that the app has
   */
  readonly name?: string;

  /**
   * What to merge into it. Maps are merged field by field, and a `null` removes a field. Lists whose items the API tells apart are
   * merged item by item: containers, volumes and variables by `name`, ports by number, mounts by `mountPath`. Any other list is replaced.
   */
  readonly merge: { [key: string]: any };
}

/**
 * Properties of a web app. Only `image` or `buildFrom` is required, and not even those if every process has an image of its own.
 */
export interface WebAppProps extends AppDefaults {
  /**
   * Container image with a tag or, better, a digest: `ghcr.io/acme/web:1.4.2`. Either `image` or `buildFrom` is required; only the `webapp`
   * command takes neither, and builds the folder of the file.
   *
   * @default - the image that `buildFrom` builds
   * @format image
   */
  readonly image?: string;

  /**
   * Source code that the cluster builds the image from. Cannot be combined with `image`.
   *
   * @default - no build
   */
  readonly buildFrom?: Build;

  /**
   * Whether the app has a web process, which gets requests. An app with `false` consists of `workers` and `cronJobs`: it has no Deployment
   * of its own name, no Service and no URL, and cannot be called. What it says of requests is then an error.
   *
   * @see docs/workers.md
   * @default true
   */
  readonly web?: boolean;

  /**
   * The program to run. Overrides the ENTRYPOINT of the image.
   *
   * @default - that of the image
   * @format notEmpty
   */
  readonly command?: string[];

  /**
   * Arguments of the program. Overrides the CMD of the image.
   *
   * @default - that of the image
   */
  readonly args?: string[];

  /**
   * Port that the app listens on. The app also gets it as `$PORT`.
   *
   * @default 8080
   * @range 1..65535
   */
  readonly port?: number;

  /**
   * Protocol that the app speaks on that port.
   *
   * @default AppProtocol.HTTP1
   */
  readonly protocol?: AppProtocol;

  /**
   * Further ports of the app, by name, such as `{ ssh: { port: 2222, loadBalancer: { port: 22 } } }`.
   *
   * @see docs/ports.md
   * @default - none
   * @keyFormat portName
   */
  readonly ports?: { [name: string]: AppPort };

  /**
   * Host names of the app, such as `shop.example.com` or `*.shop.example.com`, without scheme, port or path. `*` stands for all hosts that
   * no other app has, if the platform sets `allowCatchAll`.
   *
   * @default - `<name>.<domain>`, with the platform's domain
   * @format host
   */
  readonly hosts?: string[];

  /**
   * Path prefixes that are routed to the app. Paths reach the app unchanged, unless `replacePrefixMatch` says otherwise.
   *
   * @default - `['/']`, or none with `exactPaths`
   * @format urlPath
   */
  readonly paths?: string[];

  /**
   * Paths that are routed to the app without those below them, such as `/robots.txt`. They take precedence over the `paths` of other apps.
   *
   * Behind an Ingress, an app that is scaled by HTTP cannot have one below a path of another such app: the interceptor matches prefixes.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
   * @default - none
   * @format urlPath
   */
  readonly exactPaths?: string[];

  /**
   * What the app gets in place of the prefix that a request matched: with `/` and the path `/api`, `/api/users` reaches the app as
   * `/users`.
   *
   * Needs a platform with a Gateway that supports URLRewrite. Callers inside the cluster use the app's own paths.
   *
   * @see https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier
   * @default - paths reach the app unchanged
   * @format urlPath
   */
  readonly replacePrefixMatch?: string;

  /**
   * Headers, with exact values, that a request must have to be routed to the app. Another app can take the other requests of the same host.
   *
   * @default - none
   * @format headerValue
   * @keyFormat headerName
   */
  readonly headers?: { [name: string]: string };

  /**
   * Whether the app can be reached only from inside the cluster.
   *
   * @default false
   */
  readonly internal?: boolean;

  /**
   * TLS of the app's hosts.
   *
   * @default - the platform's
   */
  readonly tls?: Tls;

  /**
   * What the ingress controller or gateway does with requests and responses: body size, redirects, CORS, response headers.
   *
   * @see docs/http.md
   * @default - requests and responses pass unchanged
   */
  readonly http?: AppHttp;

  /**
   * Who may send requests from outside of the cluster: IP ranges, a password, single sign-on.
   *
   * @see docs/access.md
   * @default - everyone
   */
  readonly access?: Access;

  /**
   * Requests that do not wake the app, such as those of health checks. Requires add-on 0.16.
   *
   * @default - every request wakes the app
   */
  readonly staticRoutes?: StaticRoute[];

  /**
   * A maintenance page that is returned for every request. Requires add-on 0.16.
   *
   * @see https://keda.sh/http-add-on/latest/reference/interceptorroute/
   * @default - the app answers requests
   */
  readonly maintenance?: Maintenance;

  /**
   * Environment variables. Values are strings, and `$(OTHER)` refers to an earlier variable, as usual in Kubernetes.
   *
   * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
   * @default - only `PORT`
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * Environment variables from single keys of Secrets: `{ DATABASE_URL: { secret: 'db', key: 'url' } }`. A value that only the app has to
   * know can be generated, once and outside of all YAML: `{ SESSION_KEY: { generate: 32 } }`.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly secretEnv?: { [name: string]: SecretVariable };

  /**
   * Names of Secrets of which every key becomes an environment variable.
   *
   * @default - none
   * @format objectName
   */
  readonly envFromSecrets?: string[];

  /**
   * Environment variables from single keys of ConfigMaps: `{ REGION: { configMap: 'cluster', key: 'region' } }`.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly configMapEnv?: { [name: string]: ConfigMapKey };

  /**
   * Names of ConfigMaps of which every key becomes an environment variable. A Secret of `envFromSecrets` with the same key takes
   * precedence.
   *
   * @default - none
   * @format objectName
   */
  readonly envFromConfigMaps?: string[];

  /**
   * Text files, by absolute path. They are read-only, and changing one rolls out a new version of the app.
   *
   * @default - none
   * @keyFormat filePath
   */
  readonly files?: { [path: string]: string };

  /**
   * Binary files, by absolute path, with their contents in Base64. In all else they are like `files`; both together have at most 1 MiB.
   *
   * @see https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object
   * @default - none
   * @format base64
   * @keyFormat filePath
   */
  readonly binaryFiles?: { [path: string]: string };

  /**
   * Files from single keys of Secrets, by absolute path: `{ '/etc/app/tls.key': { secret: 'app-tls', key: 'tls.key' } }`. The app can read
   * them, and no other user. A running pod keeps the content that it started with.
   *
   * @see https://kubernetes.io/docs/concepts/storage/projected-volumes/
   * @default - none
   * @keyFormat filePath
   */
  readonly secretFiles?: { [path: string]: SecretKey };

  /**
   * Files from single keys of existing ConfigMaps, by absolute path: `{ '/etc/app/ca.crt': { configMap: 'ca', key: 'ca.crt' } }`. A running
   * pod keeps the content that it started with.
   *
   * @default - none
   * @keyFormat filePath
   */
  readonly configMapFiles?: { [path: string]: ConfigMapKey };

  /**
   * Whether pods are replaced when a Secret or ConfigMap that they use has changed. `webapp deploy` replaces them with the next deploy;
   * Reloader, if it runs in the cluster, at once.
   *
   * @see https://github.com/stakater/Reloader
   * @default false - running pods keep the values that they have started with
   */
  readonly restartOnConfigChange?: boolean;

  /**
   * Writable or shared directories, by name.
   *
   * @default - only an empty `/tmp`
   * @keyFormat label 63
   */
  readonly volumes?: { [name: string]: AppVolume };

  /**
   * Databases, queues, services and other apps that the app needs, by name: `{ db: { type: 'postgres' } }` runs PostgreSQL and gives the
   * app `DB_URL`, `DB_HOST` and so on, and `DATABASE_URL`.
   *
   * @default - none
   * @keyFormat label 40
   */
  readonly connections?: { [name: string]: Connection };

  /**
   * Prometheus metrics of the app. `{}` means `/metrics` on the app's port.
   *
   * @default - metrics are not scraped
   */
  readonly metrics?: Metrics;

  /**
   * Containers that run as long as the app, in the same pods, by name: `{ proxy: { image: 'ghcr.io/acme/db-proxy:2.1.0', port: 5432 } }`.
   * They start before the app, in this order. Before Kubernetes 1.29 they start together with it.
   *
   * @see docs/containers.md
   * @default - none
   * @keyFormat label 40
   */
  readonly sidecars?: { [name: string]: Sidecar };

  /**
   * Containers that run to their end before the app starts, one after the other in this order, in each pod, by name:
   * `{ assets: { command: ['npm', 'run', 'assets'], volumes: { assets: {} } } }`. For what is needed once for each version,
   * use `releaseCommand`.
   *
   * @see docs/containers.md
   * @default - none
   * @keyFormat label 40
   */
  readonly initContainers?: { [name: string]: AppContainer };

  /**
   * Background processes, by name, such as one that processes a queue: `{ emails: { command: ['node', 'emails.js'] } }`.
   * A worker named `emails` is a Deployment named `<app>-emails`.
   *
   * @default - none
   * @keyFormat appName
   */
  readonly workers?: { [name: string]: Worker };

  /**
   * Scheduled processes, by name: `{ nightly: { schedule: '0 3 * * *', command: ['node', 'nightly.js'] } }`. A job named
   * `nightly` is a CronJob named `<app>-nightly`.
   *
   * @default - none
   * @keyFormat cronJobName
   */
  readonly cronJobs?: { [name: string]: AppCronJob };

  /**
   * Names of Secrets in the app's namespace that images are pulled with, besides those of the platform.
   *
   * @see https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
   * @default - the platform's
   * @format objectName
   */
  readonly imagePullSecrets?: string[];

  /**
   * Where the pods of the app run: labels of nodes and tolerations besides those of the platform, and `spread` and `priorityClass` in place
   * of the platform's.
   *
   * @default - the platform's
   */
  readonly scheduling?: NodeScheduling;

  /**
   * Identity of the app in the cluster and in the cloud.
   *
   * @default - a ServiceAccount of its own, without a token
   */
  readonly serviceAccount?: AppServiceAccount;

  /**
   * A command that runs once for each version, before it gets traffic: `{ command: ['npm', 'run', 'migrate'] }`.
   *
   * @see docs/release.md
   * @default - none
   */
  readonly releaseCommand?: ReleaseCommand;

  /**
   * How a new version replaces the previous one.
   *
   * @see docs/rollouts.md
   * @default - a rolling update
   */
  readonly rollout?: Rollout;

  /**
   * Labels of every object of the app, including its pods.
   *
   * @default - the platform's
   * @format labelValue
   * @keyFormat labelKey
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of every object of the app, including its pods. Those for an ingress controller, such as
   * `nginx.ingress.kubernetes.io/proxy-body-size`, are on its Ingress alone, where they override the platform's.
   *
   * @default - the platform's
   * @keyFormat qualifiedName
   */
  readonly annotations?: { [key: string]: string };

  /**
   * Name of the app and of its objects.
   *
   * @default - the construct's id
   * @format appName
   */
  readonly name?: string;

  /**
   * Changes to the objects of the app, for fields that have no prop.
   *
   * @default - none
   */
  readonly patches?: Patch[];
}
