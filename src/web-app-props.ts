import type { Build } from './features/build/props';
import type { Connection } from './features/connections/props';
import type { Metrics } from './features/monitoring/props';
import type { AppCronJob, Worker } from './features/processes/props';
import type { ReleaseCommand } from './features/processes/release-props';
import type { Rollout } from './features/rollout/props';
import type { ColdStart } from './features/routing/cold-start-props';
import type { Maintenance } from './features/routing/maintenance-props';
import type { AppProtocol, Timeouts, Tls } from './features/routing/routing-props';
import type { Scaling } from './features/scaling/props';
import type { Health, AppServiceAccount, Resources, Security, SecretKey, AppSize, AppVolume } from './features/workload/props';

/**
 * What a platform may decide for all its apps, and each app for itself, field by field.
 */
export interface AppDefaults {
  /**
   * CPU and memory of one replica, by name.
   *
   * @default AppSize.S
   */
  readonly size?: AppSize;

  /**
   * Single figures in place of the ones of the size.
   *
   * @default - what the size says
   */
  readonly resources?: Resources;

  /**
   * How health is checked, and how replicas start and stop.
   *
   * @default - a TCP check of the app's port
   */
  readonly health?: Health;

  /**
   * When and how far the app scales.
   *
   * @default - from 0 to 10 replicas, for 100 requests at a time each
   */
  readonly scaling?: Scaling;

  /**
   * How long requests may take.
   *
   * @default - a request waits for a sleeping app as long as that may take to start, and 300s for its answer
   */
  readonly timeouts?: Timeouts;

  /**
   * What callers get while a sleeping app starts.
   *
   * @default - their requests are held until the app is ready
   */
  readonly coldStart?: ColdStart;

  /**
   * What the app may do on its node.
   *
   * @default - what the Pod Security Standard `restricted` allows, as user 1000, with a read-only root
   */
  readonly security?: Security;
}

/**
 * A change to what is written, as data: for any field that has no prop.
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
   * @default - every object of that kind that the app has
   */
  readonly name?: string;

  /**
   * What to merge into it. Maps are merged field by field, and a `null` removes a field. Lists whose items all have a `name`
   * (containers, ports, environment variables, volumes) are merged item by item; any other list is replaced.
   */
  readonly merge: { [key: string]: any };
}

/**
 * What a developer says of a web app. Only `image` or `buildFrom` is needed.
 */
export interface WebAppProps extends AppDefaults {
  /**
   * Container image, with a tag or, better, a digest: `ghcr.io/acme/web:1.4.2`. Either `image` or `buildFrom` is needed.
   *
   * @default - the one that is built
   * @format image
   */
  readonly image?: string;

  /**
   * Source code that the cluster builds the image from, instead of `image`.
   *
   * @default - nothing is built
   */
  readonly buildFrom?: Build;

  /**
   * The program to run, in place of the image's ENTRYPOINT.
   *
   * @default - the image's
   * @format notEmpty
   */
  readonly command?: string[];

  /**
   * Its arguments, in place of the image's CMD.
   *
   * @default - the image's
   */
  readonly args?: string[];

  /**
   * Port that the app listens on. It is also given to it as `$PORT`.
   *
   * @default 8080
   * @range 1..65535
   */
  readonly port?: number;

  /**
   * What the app speaks on that port.
   *
   * @default AppProtocol.HTTP1
   */
  readonly protocol?: AppProtocol;

  /**
   * Host names that the app answers at, such as `shop.example.com` or `*.shop.example.com`: no scheme, port or path.
   *
   * @default - `<name>.<domain>`, with the platform's domain
   * @format host
   */
  readonly hosts?: string[];

  /**
   * Paths that the app answers at, each with all that is below it. They reach the app as they are.
   *
   * @default ['/']
   * @format urlPath
   */
  readonly paths?: string[];

  /**
   * Headers that a request must have, with these very values, to be the app's: another app can have the rest of the same host.
   *
   * @default - none
   * @format headerValue
   * @keyFormat headerName
   */
  readonly headers?: { [name: string]: string };

  /**
   * Whether only callers inside of the cluster can reach the app.
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
   * A page that every request gets in place of the app's answer. Needs add-on 0.16.
   *
   * @see https://keda.sh/http-add-on/latest/reference/interceptorroute/
   * @default - the app answers
   */
  readonly maintenance?: Maintenance;

  /**
   * Environment variables. Values are strings, and `$(OTHER)` in one stands for an earlier variable, as everywhere in Kubernetes.
   *
   * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
   * @default - only `PORT`
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * Environment variables from single keys of Secrets: `{ DATABASE_URL: { secret: 'db', key: 'url' } }`.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly secretEnv?: { [name: string]: SecretKey };

  /**
   * Names of Secrets of which every key becomes an environment variable.
   *
   * @default - none
   * @format objectName
   */
  readonly envFromSecrets?: string[];

  /**
   * Text files, by absolute path. They are read-only, and a change of one is a new version of the app.
   *
   * @default - none
   * @keyFormat filePath
   */
  readonly files?: { [path: string]: string };

  /**
   * Directories that the app can write to, or shares with others, by name.
   *
   * @default - only an empty `/tmp`
   * @keyFormat label 63
   */
  readonly volumes?: { [name: string]: AppVolume };

  /**
   * Databases, queues, services and other apps that the app needs, by name: `{ db: { type: 'postgres' } }` runs a PostgreSQL, and gives the app
   * `DB_URL`, `DB_HOST` and so on, and `DATABASE_URL`.
   *
   * @default - none
   * @keyFormat label 40
   */
  readonly connections?: { [name: string]: Connection };

  /**
   * Where the app's metrics are, for the platform's monitoring. `{}` is `/metrics` on the app's port.
   *
   * @default - the monitoring does not ask the app
   */
  readonly metrics?: Metrics;

  /**
   * Processes of the same image that nobody sends requests to, by name, such as one that works a queue off: `{ emails: { command: ['node', 'emails.js'] } }`.
   * One called `emails` has a Deployment `<app>-emails`.
   *
   * @default - none
   * @keyFormat appName
   */
  readonly workers?: { [name: string]: Worker };

  /**
   * Processes of the same image that run at certain times, by name: `{ nightly: { schedule: '0 3 * * *', command: ['node', 'nightly.js'] } }`. One called
   * `nightly` is a CronJob `<app>-nightly`.
   *
   * @default - none
   * @keyFormat cronJobName
   */
  readonly cronJobs?: { [name: string]: AppCronJob };

  /**
   * Who the app is to the cluster and to the cloud.
   *
   * @default - a ServiceAccount of its own, without a token
   */
  readonly serviceAccount?: AppServiceAccount;

  /**
   * A command that runs once for each version, before it takes traffic: `{ command: ['npm', 'run', 'migrate'] }`.
   *
   * @see docs/release.md
   * @default - none
   */
  readonly releaseCommand?: ReleaseCommand;

  /**
   * How a new version takes the place of the one before.
   *
   * @see docs/rollouts.md
   * @default - replicas are replaced one after the other, as soon as the new ones are ready
   */
  readonly rollout?: Rollout;

  /**
   * Labels of every object of the app, its pods included.
   *
   * @default - the platform's
   * @format labelValue
   * @keyFormat labelKey
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of every object of the app, its pods included.
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
   * Changes to what is written, for any field that has no prop.
   *
   * @default - none
   */
  readonly patches?: Patch[];
}
