/**
 * An ingress controller whose annotations are known.
 */
export enum IngressController {
  /** The community's ingress-nginx. */
  NGINX = 'nginx',
  /** Traefik 2 and 3. */
  TRAEFIK = 'traefik',
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
   * requests of a
   * canary. The controller sets it if its `proxy-set-headers` names a ConfigMap with `X-Upstream: $proxy_alternative_upstream_name`.
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
