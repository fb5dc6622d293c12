import { ingressPlace } from './certificate';
import { proxyName } from '../../model/names';
import type { Backend, Route } from '../../model/route';

/** A Service as an Ingress refers to it. */
interface ServiceBackend {
  readonly name: string;
  readonly port: { readonly number: number };
}

/** The Service that the Ingress of an app routes to. */
export function backendOf(route: Route): ServiceBackend {
  const { platform: { httpAddon }, backends: [app] } = route;
  if (!ingressPlace(route).besideInterceptor) return serviceOf(route, app);
  return { name: httpAddon.interceptorService, port: { number: httpAddon.interceptorPort } };
}

/** The Service of the app's namespace that stands for a backend of its route. */
export function serviceOf({ interceptor, platform: { httpAddon } }: Route, backend: Backend): ServiceBackend {
  if (!interceptor) return { name: backend.service, port: { number: backend.port.number } };
  return { name: proxyName(backend), port: { number: httpAddon.interceptorPort } };
}
