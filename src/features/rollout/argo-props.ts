/**
 * How Argo Rollouts replaces one version with the next.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/concepts/#deployment-strategies
 */
export enum ArgoStrategy {
  /**
   * Replica by replica, in steps: the new version gets as much of new connections as it has of the replicas, and of requests where the
   * interceptor
   * goes to pods directly (`KEDA_HTTP_DIRECT_POD_ROUTING`).
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
 * there are
 * no requests, all is well.
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
