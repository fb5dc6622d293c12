import type { Named } from './named';
import type { HttpScalingModel } from './scaling';
import type { Strings } from './strings';
import type { Overflow } from '../features/routing/props';

/** Which requests are an app's, and where they go. All times are in seconds. */
export interface Route extends Named {
  /** Public hosts; none for an internal app. */
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly headers: Strings;
  readonly internal: boolean;
  readonly http2: boolean;
  readonly https: boolean;
  /** Path that an entry may ask for the health of the app. */
  readonly healthPath?: string;
  /** What the platform and the app add to the Ingress. */
  readonly ingressAnnotations: Strings;
  readonly tls?: { readonly clusterIssuer?: string; readonly secretName?: string; readonly redirect?: boolean };
  readonly timeouts: { readonly request?: number; readonly responseHeader?: number; readonly readiness?: number };
  /** How long an entry must wait for the first byte; undefined if its own default is long enough. */
  readonly entryTimeout?: number;
  readonly placeholder?: StaticResponse;
  /** Undefined while the app answers. */
  readonly maintenance?: StaticResponse;
  readonly fallback?: { readonly service: string; readonly port: number };
  readonly maxPending?: { readonly requests: number; readonly overflow: `${Overflow}` };
  /** What one replica is for; undefined if requests do not pass the interceptor. */
  readonly interceptor?: HttpScalingModel;
  /** What the requests go to: nearly always one backend; a canary is a second one. */
  readonly backends: readonly [Backend, Backend?];
}

/** A version of an app that gets requests of a route. */
export interface Backend extends Named {
  /** Name of its Service. */
  readonly service: string;
  /** The port of the Service, and its name there and in the pods. */
  readonly port: { readonly name: string; readonly number: number };
  /** Percent of the requests. */
  readonly weight: number;
  /** Requests with these headers go to it whatever the weights are. */
  readonly headers: Strings;
}

/** A response that the interceptor gives by itself. */
export interface StaticResponse {
  readonly body: string;
  readonly contentType: string;
  readonly status: number;
}

/** A path as routers compare it: `/api/` is `/api`. */
export function withoutTrailingSlash(path: string): string {
  return path.replace(/(.)\/$/, '$1');
}
