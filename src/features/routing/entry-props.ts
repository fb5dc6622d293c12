/**
 * An ingress controller whose annotations are known.
 */
export enum IngressController {
  /** The community's ingress-nginx. */
  NGINX = 'nginx',
  /** Traefik 2 and 3. */
  TRAEFIK = 'traefik',
  /** The AWS Load Balancer Controller, which makes Application Load Balancers. */
  ALB = 'alb',
  /** Any other: no annotations are written. */
  OTHER = 'other',
}

/**
 * How an Ingress, which can only name Services of its own namespace, leads to the interceptor in another one.
 */
export enum InterceptorBackend {
  /** The Ingress lies beside the app, and leads to a Service of type ExternalName there. */
  EXTERNAL_NAME = 'external-name',
  /** The Ingress lies beside the interceptor, for controllers that refuse a Service of type ExternalName. */
  INTERCEPTOR_NAMESPACE = 'interceptor-namespace',
}

/**
 * Entry through Ingress objects.
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
   * The controller, whose annotations for timeouts, redirects and HTTP/2 are written.
   *
   * @default - guessed from the name of the class: one with `nginx`, `traefik` or `alb` in it; otherwise IngressController.OTHER
   */
  readonly controller?: IngressController;

  /**
   * Annotations of every Ingress. They win over those that the controller asks for.
   *
   * @default - none
   * @keyFormat qualifiedName
   */
  readonly annotations?: { [key: string]: string };

  /**
   * How the Ingress leads to the interceptor.
   *
   * @default - InterceptorBackend.INTERCEPTOR_NAMESPACE for AWS's load balancer, which needs it, otherwise InterceptorBackend.EXTERNAL_NAME
   */
  readonly interceptorBackend?: InterceptorBackend;

  /**
   * Namespace of the controller's pods: apps that are not scaled by HTTP let only them, and their own namespace, in.
   *
   * @default - such apps let every namespace in
   * @format namespace
   */
  readonly controllerNamespace?: string;

  /**
   * Name of a header in which ingress-nginx tells the interceptor which upstream it chose, such as `X-Upstream`: so that it knows the requests of a
   * canary. The controller writes it when its `proxy-set-headers` names a ConfigMap with `X-Upstream: $proxy_alternative_upstream_name`.
   *
   * Without it a canary of an app that is scaled by HTTP can have no share through ingress-nginx, which is an error: the controller takes the
   * annotation `upstream-vhost` from the first Ingress alone, so that all requests would go to the version before.
   *
   * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#proxy-set-headers
   * @default - canaries can have no share of the requests
   * @format headerName
   */
  readonly upstreamHeader?: string;
}

/**
 * Entry through a Gateway of the Gateway API.
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
   * Name of the listener that the apps answer at.
   *
   * @default - all listeners of the Gateway that fit the host
   * @format objectName
   */
  readonly sectionName?: string;

  /**
   * Name of the plain HTTP listener whose requests are redirected to HTTPS. Needs `section` and the platform's `tls`.
   *
   * @default - nothing is redirected
   * @format objectName
   */
  readonly httpSectionName?: string;

  /**
   * Namespace of the pods that the Gateway runs as: apps that are not scaled by HTTP let only them, and their own namespace, in.
   *
   * @default - such apps let every namespace in
   * @format namespace
   */
  readonly controllerNamespace?: string;
}
