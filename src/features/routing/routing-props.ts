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
 * How long things may take on the way to an app. They bound what waits, not what runs: a started answer may stream on.
 */
export interface Timeouts {
  /**
   * The whole request, from its arrival to the end of its answer, the app's start included, as a duration.
   *
   * @default - no limit
   * @format duration 1s
   */
  readonly request?: string;

  /**
   * From the moment the app has the whole request to the first byte of its answer, as a duration.
   *
   * @default - 300s, the add-on's own default
   * @format duration 1s
   */
  readonly responseHeader?: string;

  /**
   * How long a request waits for a sleeping app to be ready, as a duration; after that it is answered with 504, or by the
   * fallback.
   *
   * @default - the app's `health.startupTimeout`
   * @format duration 1s
   */
  readonly readiness?: string;
}

/**
 * Who ends TLS, and with which certificate.
 *
 * `{}` says that there is TLS and that the certificate is the entry's own business: the ingress controller's default
 * certificate, a cloud's certificate store, the Gateway's listener.
 */
export interface Tls {
  /**
   * Name of the cert-manager ClusterIssuer that makes each app's certificate. Not together with `secretName`.
   *
   * @see https://cert-manager.io/docs/usage/ingress/
   * @default - certificates are not made
   * @format objectName
   */
  readonly clusterIssuer?: string;

  /**
   * Name of an existing Secret of type `kubernetes.io/tls` in the Ingress's namespace.
   *
   * @default - `<app>-tls` with a `clusterIssuer`; otherwise what the entry has
   * @format objectName
   */
  readonly secretName?: string;

  /**
   * Whether plain HTTP is redirected to HTTPS.
   *
   * @default - true where the entry can do it by itself (ingress-nginx, AWS's load balancer, a Gateway with a `httpSectionName`)
   */
  readonly redirect?: boolean;

  /**
   * `false` leaves TLS away for an app whose platform has it.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
