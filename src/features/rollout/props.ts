import type { ArgoRollout } from './argo-props';

/**
 * How a new version takes the place of the one before. Where nothing is said, replicas are replaced one after the other, as
 * soon as the new ones are ready. Of the other forms there can be one at a time.
 */
export interface Rollout {
  /**
   * How fast the replicas of a Deployment are replaced.
   *
   * @default - a quarter more at a time, and never fewer than there were
   */
  readonly rollingUpdate?: RollingUpdate;

  /**
   * A new version beside the one that `image` names, for a share of the requests.
   *
   * @default - one version
   */
  readonly canary?: Canary;

  /**
   * Two versions side by side, of which one has all requests: the other sleeps, and answers at a preview host. For apps that are scaled by HTTP.
   *
   * @default - one version
   */
  readonly blueGreen?: BlueGreen;

  /**
   * Argo Rollouts in place of Kubernetes' Deployments.
   *
   * @default - a Deployment
   */
  readonly argo?: ArgoRollout;
}

/**
 * How many replicas are replaced at a time. A number, as a text, is of replicas; one with a percent sign is a part of those that there are.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export interface RollingUpdate {
  /**
   * How many more there may be for a while: `'1'`, or `'100%'` for all at once. Rounded up.
   *
   * @default '25%'
   * @format replicasOrPercent
   */
  readonly maxSurge?: string;

  /**
   * How many fewer there may be for a while, which needs no room on the nodes but takes from what answers. Rounded down.
   *
   * @default '0'
   * @format replicasOrPercent
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
  /**
   * Its image: `ghcr.io/acme/web:1.5.0`.
   *
   * @format image
   */
  readonly image: string;

  /**
   * Percent of the requests that it gets, from 0 to 100. Above 0 it needs an entry that can split: a gateway, or ingress-nginx.
   *
   * @default 0
   * @range 0..100
   */
  readonly weight?: number;

  /**
   * Headers of requests that it gets whatever the weight: those that have all of these very values.
   *
   * @default - none
   * @format headerValue
   * @keyFormat headerName
   */
  readonly headers?: { [name: string]: string };
}

/**
 * Which of two versions is meant.
 */
export enum Color {
  /** The one whose objects are named as the app. */
  BLUE = 'blue',
  /** The one whose objects are named `<app>-green`. */
  GREEN = 'green',
}

/**
 * Two versions of an app. The active one gets all requests and scales as `scaling` says. The idle one sleeps; whoever calls the preview host wakes it.
 *
 * Put the new image into the idle color, look at it at the preview host, and write its name into `active`; or the other one's again, to go back.
 */
export interface BlueGreen {
  /** The color that gets the requests. Workers and cron jobs run its image. */
  readonly active: Color;

  /**
   * What blue is.
   *
   * @default - the app's `image`
   */
  readonly blue?: BlueGreenVersion;

  /**
   * What green is.
   *
   * @default - the app's `image`
   */
  readonly green?: BlueGreenVersion;

  /**
   * Host names at which the idle color answers. Inside of the cluster it answers at `<app>-preview-proxy` as well.
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
   * Its image: `ghcr.io/acme/web:1.5.0`.
   *
   * @format image
   */
  readonly image: string;
}
