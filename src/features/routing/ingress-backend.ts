import { SERVICE_PORT } from '../../kube/ports';
import { proxyName } from '../../model/names';
import type { Backend, Route } from '../../model/route';
import type { IngressModel } from '../../platform/resolve';

/** A Service as an Ingress refers to it. */
interface ServiceBackend {
  readonly name: string;
  readonly port: { readonly number: number };
}

/** Whether an Ingress is in the namespace of the interceptor. */
export function isBesideInterceptor({ interceptor }: Route, entry: IngressModel): boolean {
  return interceptor !== undefined && entry.besideInterceptor;
}

/** The Service that the Ingress of an app routes to. */
export function backendOf(route: Route, entry: IngressModel): ServiceBackend {
  const { platform: { httpAddon }, backends: [app] } = route;
  if (!isBesideInterceptor(route, entry)) return serviceOf(route, app);
  return { name: httpAddon.interceptorService, port: { number: httpAddon.interceptorPort } };
}

/** The Service of the app's namespace that stands for a backend of its route. */
export function serviceOf({ interceptor, platform: { httpAddon } }: Route, backend: Backend): ServiceBackend {
  if (!interceptor) return { name: backend.service, port: { number: SERVICE_PORT } };
  return { name: proxyName(backend), port: { number: httpAddon.interceptorPort } };
}
