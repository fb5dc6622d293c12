import type { Named } from './named';
import type { HttpScalingModel } from './scaling';
import type { Strings } from './strings';
import type { Overflow, ResponseMode } from '../features/routing/props';

/** Which requests are an app's, and where they go. All times are in seconds. */
export interface Route extends Named {
  /** Public hosts; none for an internal app. */
  readonly hosts: readonly string[];
  /** Paths that stand for all below them as well. */
  readonly paths: readonly string[];
  /** Paths that stand for themselves alone. */
  readonly exactPaths: readonly string[];
  /** What the app gets in place of the path of `paths` that a request has; undefined if it gets paths unchanged. */
  readonly replacePrefixMatch?: string;
  readonly headers: Strings;
  readonly internal: boolean;
  readonly http2: boolean;
  readonly https: boolean;
  /** Path that an entry may ask for the health of the app. */
  readonly healthPath?: string;
  /** What the platform and the app add to the Ingress. */
  readonly ingressAnnotations: Strings;
  readonly tls?: { readonly clusterIssuer?: string; readonly secretName?: string; readonly redirect?: boolean };
  readonly http: HttpModel;
  readonly access: AccessModel;
  readonly timeouts: { readonly request?: number; readonly responseHeader?: number; readonly readiness?: number };
  /** How long an entry must wait for the first byte; undefined if its own default is long enough. */
  readonly entryTimeout?: number;
  readonly placeholder?: StaticResponse;
  /** Undefined while the app answers. */
  readonly maintenance?: StaticResponse;
  /** The first that a request matches answers it. */
  readonly staticRoutes: readonly StaticRouteModel[];
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

/** A path of an app: with `exact`, it does not stand for those below it. */
export interface PathMatch {
  readonly path: string;
  readonly exact: boolean;
}

export function pathMatches({ paths, exactPaths }: Pick<Route, 'paths' | 'exactPaths'>): PathMatch[] {
  return [...paths.map(path => ({ path, exact: false })), ...exactPaths.map(path => ({ path, exact: true }))];
}

/** Requests by host, path and headers. */
export interface RoutingRule {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly headers: Strings;
}

/** What the entry does with requests and responses, besides routing them. */
export interface HttpModel {
  /** In bytes. */
  readonly maxBodySize?: number;
  /** Hosts that are redirected to the first of the route's. */
  readonly redirectFrom: readonly string[];
  readonly redirects: readonly RedirectModel[];
  readonly cors?: CorsModel;
  readonly responseHeaders: Strings;
}

/** A redirect of exactly one path. */
export interface RedirectModel {
  readonly from: string;
  /** What follows, in one piece and in its parts. */
  readonly to: string;
  /** Undefined for the same server. */
  readonly server?: { readonly scheme: string; readonly host: string; readonly port?: number };
  readonly path: string;
  readonly permanent: boolean;
}

export interface CorsModel {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  /** In seconds. */
  readonly maxAge: number;
}

/** Whom the entry lets in: those who meet all conditions. */
export interface AccessModel {
  /** Ranges of IP addresses; all if there are none. */
  readonly allow: readonly string[];
  /** The Secret with user names and passwords. */
  readonly passwordSecret?: string;
  readonly signIn?: SignInModel;
}

/** A service that is asked about each request. */
export interface SignInModel {
  readonly url: string;
  /** The Service that the URL names; undefined for another server. */
  readonly service?: { readonly name: string; readonly namespace: string; readonly port: number; readonly path?: string };
  readonly signInUrl?: string;
  readonly responseHeaders: readonly string[];
}

/** Whether anyone is let in. */
export function isOpen({ allow, passwordSecret, signIn }: AccessModel): boolean {
  return allow.length === 0 && passwordSecret === undefined && signIn === undefined;
}

/** The host that others are redirected to. */
export function mainHost({ hosts }: Pick<Route, 'hosts'>): string | undefined {
  return hosts.find(host => !host.startsWith('*'));
}

/** A response that the interceptor gives by itself. */
export interface StaticResponse {
  readonly body: string;
  readonly contentType: string;
  readonly status: number;
}

/** Requests that do not wake an app. */
export interface StaticRouteModel extends StaticResponse {
  /** Undefined for all paths of the app. */
  readonly paths?: readonly string[];
  readonly headers: Strings;
  readonly responseMode: `${ResponseMode}`;
}

/** A path as routers compare it: `/api/` is `/api`. */
export function withoutTrailingSlash(path: string): string {
  return path.replace(/(.)\/$/, '$1');
}

/** A path without a slash at its end, which the root then is without too. */
export function keyOf(path: string): string {
  return path.replace(/\/$/, '');
}

/** Whether a path is another one or below it. */
export function isBelow(path: string, other: string): boolean {
  return `${keyOf(path)}/`.startsWith(`${keyOf(other)}/`);
}
