/**
 * What callers get while a sleeping app starts. Without any of it their requests are held until the app is ready.
 */
export interface ColdStart {
  /**
   * An answer to give at once, such as a page that reloads itself, while the app starts. An app that names neither `scaling.concurrency` nor
   * `scaling.requestRate` is then scaled by both: a request that is over at once would not wake it otherwise.
   *
   * @default - requests wait
   */
  readonly placeholder?: Placeholder;

  /**
   * Another Service to send a request to when the app was not ready in time.
   *
   * @default - the request is answered with 504
   */
  readonly fallback?: Fallback;

  /**
   * How many requests may wait for the app at the same time. Needs add-on 0.16.
   *
   * @see https://keda.sh/http-add-on/1.0/user-guide/configure-cold-start/
   * @default - as many as the interceptor's own setting allows, without limit where it has none
   */
  readonly maxPending?: MaxPending;
}

/**
 * An answer that is given in place of a starting app's.
 */
export interface Placeholder {
  /**
   * Its text, at most 1048576 bytes. One of more than 32768 is kept in a ConfigMap.
   *
   * @format responseBody
   */
  readonly body: string;

  /**
   * Its media type.
   *
   * @default text/html; charset=utf-8
   * @format headerValue
   */
  readonly contentType?: string;

  /**
   * Its status code. The default tells clients and crawlers that this is not the page that they asked for.
   *
   * @default 503
   * @range 200..599
   */
  readonly status?: number;
}

/**
 * A Service in the app's namespace that answers in place of an app that does not start.
 */
export interface Fallback {
  /**
   * Name of the Service.
   *
   * @format label 63
   */
  readonly service: string;

  /**
   * Port of the Service.
   *
   * @default 80
   * @range 1..65535
   */
  readonly port?: number;
}

/**
 * A limit to the requests that wait for a starting app, so that a rush on a sleeping app does not fill the interceptor, which all apps share.
 */
export interface MaxPending {
  /**
   * Requests that each replica of the interceptor holds for the app.
   *
   * @range 1..2147483647
   */
  readonly requests: number;

  /**
   * What the requests above it get.
   *
   * @default - Overflow.PLACEHOLDER with a placeholder, which only they get then; otherwise Overflow.REJECT
   */
  readonly overflow?: Overflow;
}

/**
 * What becomes of a request that may not wait.
 */
export enum Overflow {
  /** It is answered with 503. */
  REJECT = 'reject',
  /** It gets the placeholder, while those below the limit wait. */
  PLACEHOLDER = 'placeholder',
}
