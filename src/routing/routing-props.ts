/**
 * How long things may take on the way to an app. They bound what waits, not what runs: a started answer may stream on.
 */
export interface Timeouts {
  /**
   * The whole request, from its arrival to the end of its answer, the app's start included, as a duration.
   *
   * @default - no limit
   */
  readonly request?: string;

  /**
   * From the moment the app has the whole request to the first byte of its answer, as a duration.
   *
   * @default - 300s, the add-on's own default
   */
  readonly responseHeader?: string;

  /**
   * How long a request waits for a sleeping app to be ready, as a duration; after that it is answered with 504, or by the
   * fallback.
   *
   * @default - the app's `health.startupTimeout`
   */
  readonly readiness?: string;
}

/**
 * What callers get while a sleeping app starts. Without any of it their requests are held until the app is ready.
 */
export interface ColdStart {
  /**
   * An answer to give at once, such as a page that reloads itself, while the app starts.
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
}

/**
 * An answer that is given in place of a starting app's.
 */
export interface Placeholder {
  /** Its text, at most 32768 bytes. */
  readonly body: string;

  /**
   * Its media type.
   *
   * @default text/html; charset=utf-8
   */
  readonly contentType?: string;

  /**
   * Its status code. The default tells clients and crawlers that this is not the page that they asked for.
   *
   * @default 503
   */
  readonly status?: number;
}

/**
 * A Service in the app's namespace that answers in place of an app that does not start.
 */
export interface Fallback {
  /** Name of the Service. */
  readonly service: string;

  /**
   * Port of the Service.
   *
   * @default 80
   */
  readonly port?: number;
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
   */
  readonly clusterIssuer?: string;

  /**
   * Name of an existing Secret of type `kubernetes.io/tls` in the Ingress's namespace.
   *
   * @default - `<app>-tls` with a `clusterIssuer`; otherwise what the entry has
   */
  readonly secretName?: string;

  /**
   * Whether plain HTTP is redirected to HTTPS.
   *
   * @default - true where the entry can do it by itself (ingress-nginx, AWS's load balancer, a Gateway with a `redirectSection`)
   */
  readonly redirect?: boolean;

  /**
   * `false` leaves TLS away for an app whose platform has it.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
