/**
 * HTTP APIs of the platform, such as Prometheus, by their URL. The one of a Service is reached through the API server's proxy, so from
 * every machine that reaches the API server; every other one directly.
 */
import type { Cluster } from './connect';
import { parseStatus } from './errors';
import { ASK_FOR_ROLE } from './explain';
import { Failure } from '../ui/failure';

/** What an API answers. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Values of a query; what is undefined is omitted. */
export interface Query {
  readonly [name: string]: string | number | undefined;
}

/** Sends a GET request to a path of an API. */
export type Read = (path: string, query: Query) => Promise<Answer>;

/** An API, and how to reach it. */
export interface HttpApi {
  /** Its name in messages: `Prometheus`. */
  readonly title: string;
  readonly url: string;

  /** Headers of each request, such as the tenant. */
  readonly headers?: { readonly [name: string]: string };

  /** What to do where the API server does not let the user through: `pass --prometheus URL`. */
  readonly otherwise: string;
}

interface Service {
  readonly namespace: string;
  readonly name: string;

  /** `name:port`, with the scheme before it if it is HTTPS. */
  readonly target: string;
}

/** How long an API may take to answer, in milliseconds. */
const DEADLINE = 60_000;

/**
 * A reader of an API.
 *
 * @throws Failure from each request that is not answered
 */
export function httpReader(cluster: Cluster, api: HttpApi): Read {
  const url = new URL(api.url);
  const service = serviceOf(url);
  const prefix = url.pathname.replace(/\/$/, '');
  return service
    ? async (path, query) => throughApiServer(cluster, { api, service, path: `${prefix}${path}` }, query)
    : async (path, query) => directly(api, new URL(`${prefix}${path}`, url), query);
}

/**
 * The Service that a URL names: `http://name.namespace:port`, also with `.svc` and the domain of the cluster.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#a-aaaa-records
 */
function serviceOf({ hostname, protocol, port }: URL): Service | undefined {
  const [, name, namespace, svc] = /^([a-z][a-z0-9-]*)\.([a-z0-9-]*[a-z][a-z0-9-]*)(\.svc(?:\..+)?)?$/.exec(hostname) ?? [];
  // A name of two parts with a certificate is one of the Internet.
  if (name === undefined || (svc === undefined && protocol === 'https:')) return undefined;
  const isTls = protocol === 'https:';
  return { namespace, name, target: `${isTls ? 'https:' : ''}${name}:${port || (isTls ? 443 : 80)}` };
}

interface ThroughApiServer {
  readonly api: HttpApi;
  readonly service: Service;
  readonly path: string;
}

async function throughApiServer(
  { api }: Cluster, { api: { title, url, otherwise, headers }, service: { namespace, name, target }, path }: ThroughApiServer, query: Query,
): Promise<Answer> {
  const { status, text } = await api.send('GET', `/api/v1/namespaces/${namespace}/services/${target}/proxy${path}`, { query, headers });
  const error = parseStatus(text); // the API server's own
  if (!error) return { status, text };
  if (error.code === 403) {
    throw new Failure(`you are not allowed to get services/proxy in namespace ${namespace}, through which ${title} is reached; `
      + `${ASK_FOR_ROLE}, or forward its port and ${otherwise}`);
  }
  if (error.code === 404) throw new Failure(`there is no Service ${name} in namespace ${namespace}, where ${title} should be (${url})`);
  throw new Failure(`${title} at ${url} does not respond: ${error.message}`);
}

async function directly({ title, url: given, headers }: HttpApi, url: URL, query: Query): Promise<Answer> {
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  const credentials: Record<string, string> = user === ''
    ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  [url.username, url.password] = ['', ''];
  try {
    const response = await fetch(url, { headers: { ...headers, ...credentials }, signal: AbortSignal.timeout(DEADLINE) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: Error };
    const why = cause?.message || (cause as NodeJS.ErrnoException | undefined)?.code || message;
    throw new Failure(`cannot reach ${title} at ${given.replace(/\/\/[^/@]*@/, '//')}: ${why}`);
  }
}
