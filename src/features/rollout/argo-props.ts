/**
 * How Argo Rollouts replaces one version by the next.
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
 * What an analysis looks at.
 */
export enum AnalysisSource {
  /** The requests that the add-on's interceptor passed on, or answered in the app's place. */
  INTERCEPTOR = 'interceptor',
  /** The requests that came through the entry, which must be ingress-nginx. */
  ENTRY = 'entry',
}

/**
 * An Argo Rollouts `Rollout` in place of the app's Deployment, for teams that run Argo Rollouts. KEDA scales it as it would the Deployment.
 * Workers stay Deployments.
 *
 * Steps go by the clock, and not by requests: a version that comes while the app sleeps takes them asleep, and is simply there at the next
 * request after the last. A request in between wakes both versions.
 *
 * @see https://argo-rollouts.readthedocs.io/
 */
export interface ArgoRollout {
  /**
   * How one version is replaced by the next.
   *
   * @default ArgoStrategy.CANARY
   */
  readonly strategy?: ArgoStrategy;

  /**
   * What a canary does, one after the other: `[{ setWeight: 20 }, { pause: { duration: '10m' } }]`. After the last step the new version has
   * everything.
   *
   * @default - 20 percent for five minutes, then 50 percent for five more
   */
  readonly steps?: ArgoStep[];

  /**
   * How long the new version of a blue-green rollout is ready before it is promoted by itself, such as `10m`. `0s` is at once.
   *
   * @see https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/#autopromotionseconds
   * @default - somebody promotes it: `kubectl argo rollouts promote <app>`
   * @format duration 0s
   */
  readonly autoPromotion?: string;

  /**
   * Host names at which the new version of a blue-green rollout answers before it is promoted, and the one that is active after that.
   * Inside of the cluster it answers at `<app>-preview-proxy` as well.
   *
   * @default - `<app>-preview.<domain>`, with the platform's domain; none without one, and for an internal app
   * @format host
   */
  readonly previewHosts?: string[];

  /**
   * How long the version before stays up after a blue-green rollout is promoted, for a quick way back.
   *
   * @see https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/#scaledowndelayseconds
   * @default - 30s, or until the analysis is over where there is one
   * @format duration 0s
   */
  readonly scaleDownDelay?: string;

  /**
   * What must hold while a canary takes its steps, and after a blue-green rollout is promoted. Otherwise the version before takes over
   * again.
   *
   * Needs the platform's `monitoring.prometheus`.
   *
   * @default - nobody looks
   */
  readonly analysis?: ArgoAnalysis;
}

/**
 * A step of a canary: either of the two.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/canary/
 */
export interface ArgoStep {
  /**
   * Percent of the replicas that are of the new version, from 0 to 100. Of few replicas it is what comes nearest: with one, there is one of
   * each.
   *
   * @default - as many as before
   * @range 0..100
   */
  readonly setWeight?: number;

  /**
   * Waits: `{ duration: '10m' }`, or, with `{}`, until somebody writes `kubectl argo rollouts promote <app>`.
   *
   * @default - the next step follows at once
   */
  readonly pause?: ArgoPause;
}

/**
 * How long a canary waits.
 */
export interface ArgoPause {
  /**
   * How long, such as `10m`.
   *
   * @default - until somebody promotes it
   * @format duration 1s
   */
  readonly duration?: string;
}

/**
 * What must hold of a new version. At least one of `successRate` and `latency` is needed.
 *
 * The metrics know the app and not the version that answered: they are of all its requests, of which the new version has its share. While
 * there are no requests, all is well.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/analysis/
 */
export interface ArgoAnalysis {
  /**
   * Percent of the requests, at least, that are answered with a status below 500: `99.5`.
   *
   * @default - not looked at
   * @format percentage
   */
  readonly successRate?: number;

  /**
   * How long requests take at most, such as `500ms` or `2s`, below 10s, the longest that the metrics tell apart. It includes the wait for a
   * cold start.
   *
   * @default - not looked at
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
   * How often it is looked. Each time it is of the two minutes before, or of the interval where that is longer.
   *
   * @default 1m
   * @format duration 1s
   */
  readonly interval?: string;

  /**
   * How often it may be looked at in vain: the next time the rollout is aborted.
   *
   * @default 2
   * @range 0..1000
   */
  readonly failureLimit?: number;

  /**
   * How often it is looked after a blue-green rollout is promoted. A canary is looked at until its last step is over.
   *
   * @default 5
   * @range 1..1000
   */
  readonly count?: number;

  /**
   * Whose metrics tell.
   *
   * @default - the interceptor's for an app that is scaled by HTTP, otherwise the entry's
   */
  readonly source?: AnalysisSource;
}
