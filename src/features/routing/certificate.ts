import type { Route } from '../../model/route';

/** The certificate of the hosts of an Ingress. */
export interface Certificate {
  /** Name of its Secret; undefined if the controller has the certificate. */
  readonly secretName?: string;
  /** Whom cert-manager asks for it; undefined if it exists, or another Ingress asks for it. */
  readonly clusterIssuer?: string;
}

/** Where the Ingress of an app is. */
export interface IngressPlace {
  readonly name: string;
  readonly namespace?: string;
  /** Whether it is in the namespace of the interceptor, where those of apps of all namespaces meet. */
  readonly besideInterceptor: boolean;
}

export function ingressPlace({ name, namespace, interceptor, platform: { entry, httpAddon } }: Route): IngressPlace {
  const besideInterceptor = interceptor !== undefined && entry.kind === 'ingress' && entry.besideInterceptor;
  return besideInterceptor
    ? { name: `${name}.${namespace}`, namespace: httpAddon.namespace, besideInterceptor }
    : { name, namespace, besideInterceptor };
}

/** The Secret of the certificate that an app asks for. */
export function secretFor(route: Route): string {
  return `${ingressPlace(route).name}-tls`;
}
