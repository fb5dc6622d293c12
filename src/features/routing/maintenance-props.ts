/**
 * A page that the interceptor answers every request of an app with, in place of the app, which may sleep meanwhile.
 */
export interface Maintenance {
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
   * Its status code. The default tells clients and crawlers that the app will be back.
   *
   * @default 503
   * @range 200..599
   */
  readonly status?: number;

  /**
   * `false` lets the app answer, and keeps the page for the next time.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
