/**
 * What clients get while a sleeping app starts. By default requests are held until the app is ready.
 */
export interface ColdStart {
  /**
   * A response that is returned immediately while the app starts, such as a page that reloads itself. An app that sets neither
   * `scaling.concurrency` nor
   * `scaling.requestRate` is then scaled by both: a request that is over at once would not wake it otherwise.
   *
   * @default - requests are held
   */
  readonly placeholder?: Placeholder;

  /**
   * Another Service that gets a request if the app is not ready in time.
   *
   * @default - the response is 504
   */
  readonly fallback?: Fallback;

  /**
   * How many requests may wait for the app at the same time. Requires add-on 0.16.
   *
   * @see https://keda.sh/http-add-on/1.0/user-guide/configure-cold-start/
   * @default - the interceptor's own limit, if it has one
   */
  readonly maxPending?: MaxPending;
}

/**
 * A response that is returned while an app starts.
 */
export interface Placeholder {
  /**
   * Body of the response, at most 1048576 bytes. A body of more than 32768 bytes is stored in a ConfigMap.
   *
   * @format responseBody
   */
  readonly body: string;

  /**
   * Media type of the response.
   *
   * @default text/html; charset=utf-8
   * @format headerValue
   */
  readonly contentType?: string;

  /**
   * Status code of the response. The default tells clients and crawlers that this is not the page they requested.
   *
   * @default 503
   * @range 200..599
   */
  readonly status?: number;
}

/**
 * A Service in the app's namespace that answers if the app does not start in time.
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
 * A limit on the requests that wait for a starting app, so that a burst does not fill the interceptor, which all apps share.
 */
export interface MaxPending {
  /**
   * Requests that each replica of the interceptor holds for the app.
   *
   * @range 1..2147483647
   */
  readonly requests: number;

  /**
   * What requests above the limit get.
   *
   * @default - Overflow.PLACEHOLDER with a placeholder, which only these requests then get; otherwise Overflow.REJECT
   */
  readonly overflow?: Overflow;
}

/**
 * What happens to a request above the limit.
 */
export enum Overflow {
  /** The response is 503. */
  REJECT = 'reject',
  /** It gets the placeholder, while requests below the limit wait. */
  PLACEHOLDER = 'placeholder',
}
