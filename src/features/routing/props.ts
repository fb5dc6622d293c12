/**
 * An ingress controller whose annotations are known.
 */
export enum IngressController {
  /** The community's ingress-nginx. */
  NGINX = 'nginx',
  /** Traefik 2 and 3. */
  TRAEFIK = 'traefik',
  /** The one of HAProxy Technologies, whose annotations begin with `haproxy.org/`. It is never derived from the name of a class. */
  HAPROXY = 'haproxy',
  /** The AWS Load Balancer Controller, which creates Application Load Balancers. */
  ALB = 'alb',
  /** Any other controller: no annotations are added. */
  OTHER = 'other',
}

/**
 * How an Ingress, which can only refer to Services of its own namespace, routes to the interceptor in another namespace.
 */
export enum InterceptorBackend {
  /** The Ingress is in the app's namespace, and routes to a Service of type ExternalName. */
  EXTERNAL_NAME = 'external-name',
  /** The Ingress is in the interceptor's namespace, for controllers that do not support Services of type ExternalName. */
  INTERCEPTOR_NAMESPACE = 'interceptor-namespace',
}

/**
 * Exposure through Ingress objects.
 */
export interface IngressEntry {
  /**
   * Name of the IngressClass.
   *
   * @default - the cluster's default class
   * @format objectName
   */
  readonly className?: string;

  /**
   * The ingress controller, which determines the annotations for timeouts, redirects and HTTP/2.
   *
   * @default - derived from the name of the class if it contains `nginx`, `traefik` or `alb`; otherwise IngressController.OTHER
   */
  readonly controller?: IngressController;

  /**
   * Annotations of every Ingress. They override the generated ones.
   *
   * @default - none
   * @keyFormat qualifiedName
   */
  readonly annotations?: { [key: string]: string };

  /**
   * How the Ingress routes to the interceptor.
   *
   * @default - InterceptorBackend.INTERCEPTOR_NAMESPACE for AWS's load balancer, which needs it, otherwise InterceptorBackend.EXTERNAL_NAME
   */
  readonly interceptorBackend?: InterceptorBackend;

  /**
   * Namespace of the controller's pods. Apps that are not scaled by HTTP accept traffic only from it and from their own namespace.
   *
   * @default - such apps accept traffic from all namespaces
   * @format namespace
   */
  readonly controllerNamespace?: string;

  /**
   * Name of a header in which ingress-nginx tells the interceptor which upstream it chose, such as `X-Upstream`, so that it recognizes the
   * requests of a canary. The controller sets it if its `proxy-set-headers` names a ConfigMap with
   * `X-Upstream: $proxy_alternative_upstream_name`.
   *
   * Without it, a traffic weight of a canary of an app that is scaled by HTTP is an error with ingress-nginx: the controller takes the
   * annotation `upstream-vhost` from the first Ingress alone, so that all requests would go to the previous version.
   *
   * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#proxy-set-headers
   * @default - canaries cannot have a traffic weight
   * @format headerName
   */
  readonly upstreamHeader?: string;
}

/**
 * An implementation of the Gateway API whose own policies are known.
 */
export enum GatewayController {
  /** Envoy Gateway: SecurityPolicy and BackendTrafficPolicy. */
  ENVOY_GATEWAY = 'envoy-gateway',
  /** Traefik: Middlewares. */
  TRAEFIK = 'traefik',
  /** Any other: only what the Gateway API itself has. */
  OTHER = 'other',
}

/**
 * Exposure through a Gateway of the Gateway API.
 */
export interface GatewayEntry {
  /**
   * Name of the Gateway.
   *
   * @format objectName
   */
  readonly name: string;

  /**
   * Namespace of the Gateway. Its listeners must allow routes from the namespaces of the apps.
   *
   * @default - the app's namespace
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * Name of the Gateway's listener for the apps.
   *
   * @default - all listeners of the Gateway that match the host
   * @format objectName
   */
  readonly sectionName?: string;

  /**
   * The implementation, whose own policies can do more than the Gateway API.
   *
   * @default GatewayController.OTHER
   */
  readonly controller?: GatewayController;

  /**
   * Name of the plain HTTP listener whose requests are redirected to HTTPS. Requires `sectionName` and the platform's `tls`.
   *
   * @default - no redirect
   * @format objectName
   */
  readonly httpSectionName?: string;

  /**
   * Namespace of the Gateway's pods. Apps that are not scaled by HTTP accept traffic only from it and from their own namespace.
   *
   * @default - such apps accept traffic from all namespaces
   * @format namespace
   */
  readonly controllerNamespace?: string;
}

/**
 * Version of the add-on's API.
 */
export enum HttpAddonApi {
  /** InterceptorRoute, since add-on 0.14. */
  V1BETA1 = 'v1beta1',
  /** HTTPScaledObject, for older ones. */
  V1ALPHA1 = 'v1alpha1',
}

/**
 * The cluster's KEDA HTTP add-on. The defaults are those of its Helm chart.
 *
 * @see https://github.com/kedacore/http-add-on
 */
export interface HttpAddon {
  /**
   * Namespace of the add-on.
   *
   * @default keda
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * Version of the add-on's API to use.
   *
   * @default - HttpAddonApi.V1BETA1, or HttpAddonApi.V1ALPHA1 if `version` is older than 0.14
   */
  readonly api?: HttpAddonApi;

  /**
   * Minor version of the add-on, such as `0.14`. What needs a newer one is an error. At least 0.11, whose HTTPScaledObjects have timeouts.
   *
   * @see https://github.com/kedacore/http-add-on/blob/main/CHANGELOG.md
   * @default 0.16
   * @format httpAddonVersion
   */
  readonly version?: string;

  /**
   * Name of the interceptor's Service.
   *
   * @default keda-add-ons-http-interceptor-proxy
   * @format label 63
   */
  readonly interceptorService?: string;

  /**
   * Port of the interceptor's Service.
   *
   * @default 8080
   * @range 1..65535
   */
  readonly interceptorPort?: number;

  /**
   * Address of the add-on's scaler for the KEDA operator.
   *
   * @default - `keda-add-ons-http-external-scaler.<namespace>:9090`
   * @format hostAndPort
   */
  readonly scalerAddress?: string;
}

/**
 * What an app speaks on its port.
 */
export enum AppProtocol {
  /** HTTP/1.1, which every framework speaks. */
  HTTP1 = 'http1',
  /** HTTP/2 without TLS (h2c), which gRPC needs. Requires add-on 0.15 if the app is scaled by HTTP. */
  HTTP2 = 'http2',
  /**
   * HTTP/1.1 with TLS, for an app that has a certificate of its own. Nothing between the entry and the app verifies it.
   *
   * The add-on's interceptor speaks no TLS to apps, so it requires `scaling.replicas`, or scaling by something other than requests. An
   * Ingress of ingress-nginx, Traefik or AWS is required, or `internal: true`.
   */
  HTTPS = 'https',
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
   * Apps of one namespace with the same hosts share a certificate, and one with more than 100 hosts has several. Apps of one host must have
   * the same TLS.
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
   * Whether plain HTTP is redirected to HTTPS. With Traefik, `true` creates a Middleware for each app, which needs Traefik's CRDs.
   *
   * @default - true with ingress-nginx, AWS load balancers, and a Gateway with a `httpSectionName`; with other ingress controllers, what
   * their own configuration says
   */
  readonly redirect?: boolean;

  /**
   * `false` disables TLS for an app whose platform has it.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * What clients get while a sleeping app starts. By default requests are held until the app is ready.
 */
export interface ColdStart {
  /**
   * A response that is returned immediately while the app starts, such as a page that reloads itself. An app that sets neither
   * `scaling.concurrency` nor `scaling.requestRate` is then scaled by both: a request that is over at once would not wake it otherwise.
   * Requires add-on 0.15.
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

/**
 * When a static route answers in place of an app.
 */
export enum ResponseMode {
  /** While the app has no ready replica. Otherwise the app answers, and the request does not keep it awake. */
  WHEN_UNAVAILABLE = 'when-unavailable',
  /** Always: the app never gets these requests. */
  ALWAYS = 'always',
}

/**
 * Requests that wake nobody, such as health checks and `robots.txt`: the interceptor answers them itself, and they do not count as use of
 * the app. A request belongs to the first static route that it matches. Requires add-on 0.16.
 *
 * @see https://keda.sh/http-add-on/1.0/reference/interceptorroute/
 */
export interface StaticRoute {
  /**
   * Path prefixes of these requests.
   *
   * @default - all paths of the app; then `headers` is required
   * @format urlPath
   */
  readonly paths?: string[];

  /**
   * Headers, with exact values, that these requests have.
   *
   * @default - any
   * @format headerValue
   * @keyFormat headerName
   */
  readonly headers?: { [name: string]: string };

  /**
   * When the static response is returned.
   *
   * @default ResponseMode.WHEN_UNAVAILABLE
   */
  readonly responseMode?: ResponseMode;

  /**
   * Body of the response, at most 1048576 bytes. A body of more than 32768 bytes is stored in a ConfigMap.
   *
   * @default - empty
   * @format responseBody
   */
  readonly body?: string;

  /**
   * Media type of the response.
   *
   * @default text/plain; charset=utf-8
   * @format headerValue
   */
  readonly contentType?: string;

  /**
   * Status code of the response.
   *
   * @default 200
   * @range 200..599
   */
  readonly status?: number;
}
