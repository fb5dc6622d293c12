/**
 * A page that the interceptor returns for every request to an app, which may sleep meanwhile.
 */
export interface Maintenance {
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
   * Status code of the response. The default tells clients and crawlers that the app will be back.
   *
   * @default 503
   * @range 200..599
   */
  readonly status?: number;

  /**
   * `false` disables the page but keeps it for the next time.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
