/**
 * Whether an app speaks HTTP/1.1 or HTTP/2 in clear text.
 */
export enum AppProtocol {
  /** HTTP/1.1, which every framework speaks. */
  HTTP1 = 'http1',
  /** HTTP/2 without TLS (h2c), which gRPC needs. */
  HTTP2 = 'http2',
}

/**
 * Timeouts of requests. They limit waiting only: a response that has started may continue to stream.
 */
export interface Timeouts {
  /**
   * Timeout of the whole request, from its arrival to the end of its response, including the start of the app, as a duration.
   *
   * @default - no limit
   * @format duration 1s
   */
  readonly request?: string;

  /**
   * Timeout between the end of the request and the first byte of the response, as a duration.
   *
   * @default - 300s, the add-on's own default
   * @format duration 1s
   */
  readonly responseHeader?: string;

  /**
   * How long a request waits for a sleeping app to be ready, as a duration. After that the response is 504, or that of the
   * fallback.
   *
   * @default - the app's `health.startupTimeout`
   * @format duration 1s
   */
  readonly readiness?: string;
}

/**
 * TLS termination, and which certificate is used.
 *
 * `{}` enables TLS with a certificate that is configured elsewhere: the ingress controller's default
 * certificate, a cloud's certificate store, the Gateway's listener.
 */
export interface Tls {
  /**
   * Name of the cert-manager ClusterIssuer of the apps' certificates. Cannot be combined with `secretName`.
   *
   * @see https://cert-manager.io/docs/usage/ingress/
   * @default - no certificates are created
   * @format objectName
   */
  readonly clusterIssuer?: string;

  /**
   * Name of an existing Secret of type `kubernetes.io/tls` in the Ingress's namespace.
   *
   * @default - `<app>-tls` with a `clusterIssuer`; otherwise the certificate of the ingress controller or gateway
   * @format objectName
   */
  readonly secretName?: string;

  /**
   * Whether plain HTTP is redirected to HTTPS.
   *
   * @default - true if supported (ingress-nginx, AWS load balancers, a Gateway with a `httpSectionName`)
   */
  readonly redirect?: boolean;

  /**
   * `false` disables TLS for an app whose platform has it.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
