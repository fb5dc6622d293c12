/**
 * How a new version replaces the previous one. By default, replicas are replaced one by one, as
 * soon as the new ones are ready. Only one of the other strategies can be set.
 */
export interface Rollout {
  /**
   * How many replicas of a Deployment are replaced at a time.
   *
   * @default - 25% more replicas at a time, and never fewer
   */
  readonly rollingUpdate?: RollingUpdate;

  /**
   * A second version of the app that gets part of the traffic.
   *
   * @default - a single version
   */
  readonly canary?: Canary;

  /**
   * Two versions side by side, one of which gets all traffic: the other sleeps, and answers at a preview URL. For apps that are scaled by
   * HTTP.
   *
   * @default - a single version
   */
  readonly blueGreen?: BlueGreen;

  /**
   * Argo Rollouts instead of a Deployment.
   *
   * @default - a Deployment
   */
  readonly argo?: ArgoRollout;
}

/**
 * How many replicas are replaced at a time: a number of replicas, as a string, or a percentage of them.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export interface RollingUpdate {
  /**
   * Number of additional replicas during the update: `'1'`, or `'100%'` for all at once. Percentages are rounded up.
   *
   * @default '25%'
   * @format replicasOrPercent
   */
  readonly maxSurge?: string;

  /**
   * Number of unavailable replicas during the update, which needs no spare capacity but reduces that of the app. Percentages are rounded
   * down.
   *
   * @default '0'
   * @format replicasOrPercent
   */
  readonly maxUnavailable?: string;
}

/**
 * A second version of an app, its canary, that runs and scales beside the first, also from zero, and gets part of the traffic that comes
 * through the ingress controller or gateway. Its objects are named `<app>-canary`. It has all settings of the app except the image.
 *
 * Raise `weight` step by step. After 100, set `image` to the image of the canary and remove `canary`.
 */
export interface Canary {
  /**
   * Image of this version: `ghcr.io/acme/web:1.5.0`.
   *
   * @format image
   */
  readonly image: string;

  /**
   * Traffic weight of the canary in percent, from 0 to 100. Above 0 it requires traffic splitting support: a gateway, or ingress-nginx.
   *
   * @default 0
   * @range 0..100
   */
  readonly weight?: number;

  /**
   * Headers, with exact values, of requests that are always routed to the canary, whatever its weight.
   *
   * @default - none
   * @format headerValue
   * @keyFormat headerName
   */
  readonly headers?: { [name: string]: string };
}

/**
 * A canary that moves by itself: `rollout.canary` with `steps`, in webapp.yaml and in WebApp resources. A new `image` of the app becomes
 * its canary, gets the traffic step by step, and then takes over. `webapp deploy` and the operator do that. The construct itself takes a
 * canary with an image, as YAML alone moves no traffic.
 */
export interface GradualCanary {
  /**
   * What is done one after the other: `[{ setWeight: 10 }, { pause: { duration: 10m } }]`. After the last step the new version gets all
   * traffic. A weight above 0 requires traffic splitting support.
   */
  readonly steps: CanaryStep[];

  /**
   * When the new version is unhealthy, so that all traffic goes back to the version before. Its pods are watched, too.
   *
   * @default - at most 5 percent of its responses may have a status of 500 or above
   */
  readonly analysis?: CanaryAnalysis;

  /**
   * Headers, with exact values, of requests that are always routed to the new version, from the first step to the last.
   *
   * @default - none
   * @format headerValue
   * @keyFormat headerName
   */
  readonly headers?: { [name: string]: string };
}

/**
 * A step of a canary that moves by itself: either `setWeight` or `pause`, as those of Argo Rollouts.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/canary/
 */
export interface CanaryStep {
  /**
   * Traffic weight of the new version in percent, from 0 to 100. The next step follows when the new version is ready.
   *
   * @default - unchanged
   * @range 0..100
   */
  readonly setWeight?: number;

  /**
   * A pause, in which the new version is watched.
   *
   * @default - the next step follows immediately
   */
  readonly pause?: CanaryPause;
}

/**
 * A pause of a canary that moves by itself.
 */
export interface CanaryPause {
  /**
   * Length of the pause, such as `10m`.
   *
   * @format duration 1s
   */
  readonly duration: string;
}

/**
 * Conditions of the new version of a canary that moves by itself.
 */
export interface CanaryAnalysis {
  /**
   * Percent of the responses of the new version, at least, that have a status below 500: `99.5`. It counts from the 20th response of a
   * step on.
   *
   * @default 95
   * @format percentage
   */
  readonly successRate?: number;
}

/**
 * One of two versions.
 */
export enum Color {
  /** The version whose objects have the name of the app. */
  BLUE = 'blue',
  /** The version whose objects are named `<app>-green`. */
  GREEN = 'green',
}

/**
 * Two versions of an app. The active one gets all traffic and scales according to `scaling`. The idle one sleeps until a request to its
 * preview URL wakes it.
 *
 * Set the image of the idle color to the new one, test it at the preview URL, and set `active` to that color. To roll back, set it to the
 * other color.
 */
export interface BlueGreen {
  /** The color that gets the traffic. Workers and cron jobs run its image. */
  readonly active: Color;

  /**
   * The blue version.
   *
   * @default - the app's `image`
   */
  readonly blue?: BlueGreenVersion;

  /**
   * The green version.
   *
   * @default - the app's `image`
   */
  readonly green?: BlueGreenVersion;

  /**
   * Host names of the idle color. Inside the cluster it also answers at `<app>-preview-proxy`.
   *
   * @default - `<app>-preview.<domain>`, with the platform's domain; none for an internal app
   * @format host
   */
  readonly previewHosts?: string[];
}

/**
 * One of two versions of an app.
 */
export interface BlueGreenVersion {
  /**
   * Image of this version: `ghcr.io/acme/web:1.5.0`.
   *
   * @format image
   */
  readonly image: string;
}

/**
 * How Argo Rollouts replaces one version with the next.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/concepts/#deployment-strategies
 */
export enum ArgoStrategy {
  /**
   * Replica by replica, in steps: the new version gets as much of new connections as it has of the replicas, and of requests where the
   * interceptor goes to pods directly (`KEDA_HTTP_DIRECT_POD_ROUTING`).
   */
  CANARY = 'canary',
  /** All at once, when as many of the new version are ready: before that it answers at hosts of its own. */
  BLUE_GREEN = 'blue-green',
}

/**
 * Which metrics an analysis uses.
 */
export enum AnalysisSource {
  /** Requests that the add-on's interceptor forwarded, or answered in the app's place. */
  INTERCEPTOR = 'interceptor',
  /** Requests through the ingress controller, which must be ingress-nginx. */
  ENTRY = 'entry',
}

/**
 * An Argo Rollouts `Rollout` instead of the app's Deployment, for teams that run Argo Rollouts. KEDA scales it like a Deployment. Workers
 * stay Deployments.
 *
 * Steps go by the clock, and not by requests: a version that comes while the app sleeps takes them asleep, and is simply there at the next
 * request after the last. A request in between wakes both versions.
 *
 * @see https://argo-rollouts.readthedocs.io/
 */
export interface ArgoRollout {
  /**
   * How one version replaces the previous one.
   *
   * @default ArgoStrategy.CANARY
   */
  readonly strategy?: ArgoStrategy;

  /**
   * Steps of a canary: `[{ setWeight: 20 }, { pause: { duration: '10m' } }]`. After the last step the new version gets all traffic.
   *
   * @default - 20 percent for five minutes, then 50 percent for five more
   */
  readonly steps?: ArgoStep[];

  /**
   * Time after which the new version of a blue-green rollout is promoted automatically, such as `10m`. `0s` means immediately.
   *
   * @see https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/#autopromotionseconds
   * @default - promoted manually: `kubectl argo rollouts promote <app>`
   * @format duration 0s
   */
  readonly autoPromotion?: string;

  /**
   * Host names of the new version of a blue-green rollout before it is promoted, and of the active version after that. Inside the
   * cluster it also answers at `<app>-preview-proxy`.
   *
   * @default - `<app>-preview.<domain>`, with the platform's domain; none without one, and for an internal app
   * @format host
   */
  readonly previewHosts?: string[];

  /**
   * How long the previous version keeps running after a blue-green rollout is promoted, for a quick rollback.
   *
   * @see https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/#scaledowndelayseconds
   * @default - 30s, or until the analysis is complete
   * @format duration 0s
   */
  readonly scaleDownDelay?: string;

  /**
   * Conditions that must hold during the steps of a canary, and after a blue-green rollout is promoted. Otherwise it is rolled back.
   *
   * Requires the platform's `monitoring.prometheus`.
   *
   * @default - no analysis
   */
  readonly analysis?: ArgoAnalysis;
}

/**
 * A step of a canary: either `setWeight` or `pause`.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/canary/
 */
export interface ArgoStep {
  /**
   * Percentage of the replicas that run the new version, from 0 to 100. It is rounded for few replicas: with one replica, one of each
   * version runs.
   *
   * @default - unchanged
   * @range 0..100
   */
  readonly setWeight?: number;

  /**
   * A pause: `{ duration: '10m' }`, or, with `{}`, until you run `kubectl argo rollouts promote <app>`.
   *
   * @default - the next step follows immediately
   */
  readonly pause?: ArgoPause;
}

/**
 * A pause of a canary.
 */
export interface ArgoPause {
  /**
   * Length of the pause, such as `10m`.
   *
   * @default - until it is promoted manually
   * @format duration 1s
   */
  readonly duration?: string;
}

/**
 * Conditions of a new version. At least one of `successRate` and `latency` is required.
 *
 * The metrics know the app and not the version that answered: they are of all its requests, of which the new version has its share. While
 * there are no requests, the conditions hold.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/analysis/
 */
export interface ArgoAnalysis {
  /**
   * Percent of the requests, at least, that are answered with a status below 500: `99.5`.
   *
   * @default - not checked
   * @format percentage
   */
  readonly successRate?: number;

  /**
   * How long requests take at most, such as `500ms` or `2s`, below 10s, the longest that the metrics tell apart. It includes the wait for
   * a cold start.
   *
   * @default - not checked
   * @format latency
   */
  readonly latency?: string;

  /**
   * Percent of the requests that `latency` is for, from 1 to 99; the slowest others may take longer.
   *
   * @default 95
   * @range 1..99
   */
  readonly percentile?: number;

  /**
   * Interval of the measurements. Each covers the last two minutes, or the interval if that is longer.
   *
   * @default 1m
   * @format duration 1s
   */
  readonly interval?: string;

  /**
   * Number of failed measurements that are tolerated. The next one aborts the rollout.
   *
   * @default 2
   * @range 0..1000
   */
  readonly failureLimit?: number;

  /**
   * Number of measurements after a blue-green rollout is promoted. A canary is measured until its last step is complete.
   *
   * @default 5
   * @range 1..1000
   */
  readonly count?: number;

  /**
   * Which metrics are used.
   *
   * @default - those of the interceptor for an app that is scaled by HTTP, otherwise those of the ingress controller
   */
  readonly source?: AnalysisSource;
}
