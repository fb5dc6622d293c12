/**
 * How a new version takes the place of the one before. Where nothing is said, replicas are replaced one after the other, as
 * soon as the new ones are ready.
 */
export interface Rollout {
  /**
   * How fast the replicas of a Deployment are replaced.
   *
   * @default - a quarter more at a time, and never fewer than there were
   */
  readonly rolling?: Rolling;

  /**
   * A new version beside the one that `image` names, for a share of the requests.
   *
   * @default - one version
   */
  readonly canary?: Canary;
}

/**
 * How many replicas are replaced at a time. A number, as a text, is of replicas; one with a percent sign is a part of those that there are.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export interface Rolling {
  /**
   * How many more there may be for a while: `'1'`, or `'100%'` for all at once. Rounded up.
   *
   * @default '25%'
   */
  readonly maxSurge?: string;

  /**
   * How many fewer there may be for a while, which needs no room on the nodes but takes from what answers. Rounded down.
   *
   * @default '0'
   */
  readonly maxUnavailable?: string;
}

/**
 * A second version of an app, its canary, that runs and scales beside the first, from zero too, and gets a share of the requests that come through
 * the entry. Its objects are named `<app>-canary`. It has all that the app has, but for the image.
 *
 * Raise `weight` step by step. After 100, write its image into `image` and leave `canary` away.
 */
export interface Canary {
  /** Its image: `ghcr.io/acme/web:1.5.0`. */
  readonly image: string;

  /**
   * Percent of the requests that it gets, from 0 to 100. Above 0 it needs an entry that can split: a gateway, or ingress-nginx.
   *
   * @default 0
   */
  readonly weight?: number;

  /**
   * Headers of requests that it gets whatever the weight: those that have all of these very values.
   *
   * @default - none
   */
  readonly headers?: { [name: string]: string };
}
