import type { Cluster } from '../kube/connect';
import { Unreachable } from '../kube/kubernetes-api';
import { isWorkload } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

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

/**
 * How to ask a workload of an app: through the add-on's interceptor, so that it wakes, or at its own Service; none where it has no place that can be
 * asked.
 *
 * @param name the workload's, which its Service has too
 */
export function questionTo(objects: readonly Manifest[], name: string): Question | undefined {
  const workload: any = objects.find(object => isWorkload(object) && object.metadata.name === name);
  const probe = workload?.spec.template.spec.containers[0].readinessProbe?.httpGet?.path ?? '/';
  const services: any[] = objects.filter(({ kind }) => kind === 'Service');
  const route = routeTo(objects, name);
  if (route) {
    const service = interceptorOf(objects);
    const path = route.path === undefined || probe.startsWith(route.path) ? probe : route.path;
    return service && { service, host: route.host.replace('*', 'webapp'), path };
  }
  const own = services.find(({ spec, metadata }) => spec.type !== 'ExternalName' && metadata.name === name);
  return own && { service: { namespace: own.metadata.namespace, name, port: own.spec.ports[0].port }, path: probe };
}

/** The Service of the add-on's interceptor, as an app's proxy Service says; none where the app has none. */
export function interceptorOf(objects: readonly Manifest[]): Question['service'] | undefined {
  const proxy: any = objects.find(({ kind, spec }: any) => kind === 'Service' && spec.type === 'ExternalName');
  if (!proxy) return undefined;
  const [name, namespace] = proxy.spec.externalName.split('.');
  return { namespace, name, port: proxy.spec.ports[0].port };
}

/** A host and path that the interceptor knows a workload by. A rule that asks for headers is left to those who know their values. */
function routeTo(objects: readonly Manifest[], name: string): { host: string; path?: string } | undefined {
  const route: any = objects.find(({ kind, spec }: any) => kind === 'InterceptorRoute' && spec.target.service === name);
  if (route) {
    const rule = route.spec.rules.find(({ hosts, headers }: any) => hosts?.length > 0 && !headers?.length);
    return rule && { host: rule.hosts[0], path: rule.paths?.[0].value };
  }
  const older: any = objects.find(({ kind, spec }: any) => kind === 'HTTPScaledObject' && spec.scaleTargetRef.name === name);
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
