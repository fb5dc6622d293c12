import { isAnsweredWithPage } from './maintenance';
import type { Cluster } from '../kube/connect';
import { parseStatus, UnreachableError } from '../kube/errors';
import { HTTP_SCALED_OBJECT, INTERCEPTOR_ROUTE, ofKind, SERVICE } from '../kube/types';
import { workloadIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** The port of a Service. */
export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;

  /** Whether it speaks HTTPS. */
  readonly https?: boolean;
}

/**
 * A request that an app answers. It goes through the API server's proxy, so it can be sent from every machine that reaches the API
 * server.
 */
export interface Probe {
  readonly service: ServicePort;
  readonly path: string;

  /** The Host by which the interceptor finds the app; undefined where the request goes to the app's own Service. */
  readonly host?: string;
}

/** The response to a probe. */
export type ProbeResult =
  /** The app answered. */
  | { readonly kind: 'response'; readonly status: number }
  /** Nothing answered for the app. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The user is not allowed to send it. */
  | { readonly kind: 'forbidden'; readonly reason: string };

/**
 * The probe of a workload: through the add-on's interceptor, so that it wakes, or to its own Service; undefined where it has neither.
 *
 * @param name the name of the workload and of its Service
 */
export function probeOf(objects: readonly Manifest[], name: string): Probe | undefined {
  const healthPath = workloadIn(objects, name)?.spec.template.spec?.containers[0].readinessProbe?.httpGet?.path ?? '/';
  const route = routeTo(objects, name);
  if (route) {
    const service = interceptorOf(objects);
    const path = route.path === undefined || healthPath.startsWith(route.path) ? healthPath : route.path;
    return service && { service, host: route.host.replace('*', 'webapp'), path };
  }
  const own = ofKind(objects, SERVICE).find(({ spec, metadata }) => spec.type !== 'ExternalName' && metadata.name === name);
  return own && {
    service: { namespace: own.metadata.namespace!, name, port: own.spec.ports![0].port, https: own.spec.ports![0].appProtocol === 'https' },
    path: healthPath,
  };
}

/** The Service of the add-on's interceptor, by the app's proxy Service; undefined where the app has none. */
export function interceptorOf(objects: readonly Manifest[]): ServicePort | undefined {
  const proxy = ofKind(objects, SERVICE).find(({ spec }) => spec.type === 'ExternalName');
  if (!proxy) return undefined;
  const [name, namespace] = proxy.spec.externalName!.split('.');
  return { namespace, name, port: proxy.spec.ports![0].port };
}

/** A host and path by which the interceptor finds a workload. Rules with headers are skipped: their values may be secret. */
function routeTo(objects: readonly Manifest[], name: string): { host: string; path?: string } | undefined {
  const route = ofKind(objects, INTERCEPTOR_ROUTE).find(({ spec }) => spec.target.service === name);
  // Where a page answers, no request reaches the app, nor wakes it.
  if (route && isAnsweredWithPage(route as unknown as Manifest)) return undefined;
  if (route) {
    const rule = route.spec.rules.find(({ hosts = [], headers = [] }) => hosts.length > 0 && headers.length === 0);
    return rule && { host: rule.hosts![0], path: rule.paths?.[0].value };
  }
  const older = ofKind(objects, HTTP_SCALED_OBJECT).find(({ spec }) => spec.scaleTargetRef.name === name);
  return older && !older.spec.headers?.length ? { host: older.spec.hosts[0], path: older.spec.pathPrefixes?.[0] } : undefined;
}

/** Sends a probe. It takes as long as the interceptor holds the request. */
export async function sendProbe({ api }: Cluster, { service, path, host }: Probe, signal: AbortSignal): Promise<ProbeResult> {
  const { namespace, name, port, https } = service;
  try {
    const proxy = `/api/v1/namespaces/${namespace}/services/${https ? 'https:' : ''}${name}:${port}/proxy`;
    const { status, headers, text } = await api.send('GET', `${proxy}${path}`, { host, signal });
    const error = parseStatus(text); // the API server's own, and not an answer of what is behind its proxy
    if (error) return { kind: error.code === 403 ? 'forbidden' : 'unreachable', reason: error.message ?? `status ${status}` };
    if ([502, 503, 504].includes(status)) return { kind: 'unreachable', reason: `status ${status}: ${text.trim().slice(0, 200)}` };
    // The interceptor sets this header on the answers of apps, and not on its own 404.
    if (status === 404 && host !== undefined && headers['x-keda-http-cold-start'] === undefined) {
      return { kind: 'unreachable', reason: `the interceptor has no route for ${host}` };
    }
    return { kind: 'response', status };
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return { kind: 'unreachable', reason: error.message };
  }
}
