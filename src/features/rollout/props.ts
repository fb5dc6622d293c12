import type { ArgoRollout } from './argo-props';

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
 * through
 * the ingress controller or gateway. Its objects are named `<app>-canary`. It has all settings of the app except the image.
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
