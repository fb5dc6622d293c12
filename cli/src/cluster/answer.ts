import type { Cluster } from './connect';
import { Unreachable } from './kubernetes-api';
import type { Manifest } from '../synthesis/synthesis';

/** A request that an app answers, as it can be sent through the API server's proxy from wherever that is reached. */
export interface Question {
  /** The proxied Service. */
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };

  readonly path: string;

  /** The Host by which the interceptor knows the app; none where the app's own Service is asked. */
  readonly host?: string;
}

/** What came back. */
export type Answer =
  /** The app's answer. */
  | { readonly status: number }
  /** Nobody answered for it. */
  | { readonly silence: string }
  /** It is not to be asked from here. */
  | { readonly barred: string };

/** How to ask an app: through the add-on's interceptor, so that it wakes, or its own Service; none where it has no place that can be asked. */
export function questionTo(objects: readonly Manifest[]): Question | undefined {
  const deployment: any = objects.find(({ kind }) => kind === 'Deployment');
  const probe = deployment?.spec.template.spec.containers[0].readinessProbe?.httpGet?.path ?? '/';
  const services: any[] = objects.filter(({ kind }) => kind === 'Service');
  const route = routeOf(objects);
  if (route) {
    const proxy = services.find(({ spec }) => spec.type === 'ExternalName');
    const [name, namespace] = proxy?.spec.externalName.split('.') ?? [];
    const path = route.path === undefined || probe.startsWith(route.path) ? probe : route.path;
    return proxy && { service: { namespace, name, port: proxy.spec.ports[0].port }, host: route.host.replace('*', 'webapp'), path };
  }
  const own = services.find(({ spec, metadata }) => spec.type !== 'ExternalName' && metadata.name === deployment?.metadata.name);
  return own && { service: { namespace: own.metadata.namespace, name: own.metadata.name, port: own.spec.ports[0].port }, path: probe };
}

/** A host and path that the interceptor knows the app by. A rule that asks for headers is left to those who know their values. */
function routeOf(objects: readonly Manifest[]): { host: string; path?: string } | undefined {
  const route: any = objects.find(({ kind }) => kind === 'InterceptorRoute');
  if (route) {
    const rule = route.spec.rules.find(({ hosts, headers }: any) => hosts?.length > 0 && !headers?.length);
    return rule && { host: rule.hosts[0], path: rule.paths?.[0].value };
  }
  const older: any = objects.find(({ kind }) => kind === 'HTTPScaledObject');
  return older && !older.spec.headers?.length ? { host: older.spec.hosts[0], path: older.spec.pathPrefixes?.[0] } : undefined;
}

/** Asks, and waits as long as the interceptor holds the request. */
export async function ask({ api }: Cluster, { service: { namespace, name, port }, path, host }: Question, signal: AbortSignal): Promise<Answer> {
  try {
    const { status, headers, text } = await api.ask('GET', `/api/v1/namespaces/${namespace}/services/${name}:${port}/proxy${path}`, { host, signal });
    if (text.includes('"kind":"Status"') && text.includes('"apiVersion":"v1"')) return status === 403 ? { barred: JSON.parse(text).message } : { silence: JSON.parse(text).message };
    if ([502, 503, 504].includes(status)) return { silence: `status ${status}: ${text.trim().slice(0, 200)}` };
    // The interceptor's own 404 comes without the header that it sets on an app's answers.
    if (status === 404 && host !== undefined && headers['x-keda-http-cold-start'] === undefined) return { silence: `the interceptor does not know ${host}` };
    return { status };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { silence: error.message };
  }
}
