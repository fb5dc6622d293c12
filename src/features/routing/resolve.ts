import { isForIngress } from './ingress-annotations';
import { PORT_NAME, servicePort } from '../../kube/ports';
import type { HealthModel } from '../../model/component';
import type { Named } from '../../model/named';
import { namedOf } from '../../model/named';
import { publicHosts } from '../../model/names';
import type { AccessModel, HttpModel, Route } from '../../model/route';
import type { ScalingModel } from '../../model/scaling';
import { pick } from '../../model/strings';
import { secondsOf } from '../../validation/units';
import type { AppDefaults, WebAppProps } from '../../web-app-props';

/** How long the add-on's interceptor waits for the first byte of a response by default, in seconds. */
const ADDON_RESPONSE_HEADER_TIMEOUT = 300;

/** A response in place of an app is a page, and not what was asked for. */
const PAGE = { contentType: 'text/html; charset=utf-8', status: 503 };

/** A response to programs. */
const TEXT = { body: '', contentType: 'text/plain; charset=utf-8', status: 200 };

/** What the route of an app depends on. */
export interface RouteContext {
  readonly named: Named;
  /** The props with the defaults of the platform below them. */
  readonly settings: AppDefaults;
  readonly http2: boolean;
  readonly https: boolean;
  readonly health: HealthModel;
  readonly scaling: ScalingModel;
  readonly http: HttpModel;
  readonly access: AccessModel;
}

/** The route of an app that has one version. */
export function resolveRoute(props: WebAppProps, { named, settings, http2, https, health, scaling, http, access }: RouteContext): Route {
  const { name, platform } = named;
  const internal = props.internal ?? false;
  const timeouts = resolveTimeouts(props, { settings, health, scaling });
  const tls = { ...platform.tls, ...props.tls };
  const { placeholder, fallback, maxPending } = settings.coldStart ?? {};
  return {
    hosts: internal ? [] : publicHosts(props.hosts, named),
    paths: props.paths ?? (props.exactPaths ? [] : ['/']),
    exactPaths: props.exactPaths ?? [],
    replacePrefixMatch: props.replacePrefixMatch,
    headers: props.headers ?? {},
    internal,
    http2,
    https,
    healthPath: health.path,
    ingressAnnotations: {
      ...pick(platform.annotations, isForIngress),
      ...platform.entry.kind === 'ingress' ? platform.entry.annotations : {},
      ...pick(props.annotations, isForIngress),
    },
    tls: (platform.tls || props.tls) && (tls.enabled ?? true) ? oneCertificate(tls, props) : undefined,
    http,
    access,
    timeouts,
    entryTimeout: scaling.http
      ? timeouts.request ?? timeouts.readiness! + (timeouts.responseHeader ?? ADDON_RESPONSE_HEADER_TIMEOUT)
      : timeouts.responseHeader,
    placeholder: placeholder && { ...PAGE, ...placeholder },
    maintenance: props.maintenance && (props.maintenance.enabled ?? true) ? { ...PAGE, ...props.maintenance } : undefined,
    staticRoutes: (props.staticRoutes ?? []).map(one => ({ headers: {}, responseMode: 'when-unavailable', ...TEXT, ...one })),
    fallback: fallback && { port: 80, ...fallback },
    maxPending: maxPending && { overflow: placeholder ? 'placeholder' : 'reject', ...maxPending },
    interceptor: scaling.http,
    backends: [{ service: name, port: { name: PORT_NAME, number: servicePort(https) }, weight: 100, headers: {}, ...named }],
    ...named,
  };
}

/** The routes to further ports of an app. Of its versions they have the one that gets the requests of its own route. */
export function resolvePortRoutes(route: Route, { ports }: WebAppProps): Route[] {
  if (ports === undefined) return [];
  const [{ service }] = route.backends;
  return Object.entries(ports).filter(([, { hosts, paths }]) => (hosts ?? paths) !== undefined).map(([name, { port, hosts, paths }]) => {
    const named: Named = { ...namedOf(route), name: `${route.name}-${name}` };
    return {
      ...route,
      ...named,
      hosts: route.internal ? [] : hosts ?? route.hosts,
      paths: paths ?? ['/'],
      exactPaths: [],
      replacePrefixMatch: undefined,
      staticRoutes: [],
      http: { ...route.http, redirectFrom: [], redirects: [] },
      healthPath: undefined,
      http2: false,
      https: false,
      backends: [{ ...named, service, port: { name, number: port }, weight: 100, headers: {} }],
    };
  });
}

/** What the app does not say itself gives way to what it says: a `request` alone keeps `readiness` within it. */
function resolveTimeouts(
  { timeouts: own = {} }: WebAppProps,
  { settings: { timeouts = {} }, health, scaling }: Pick<RouteContext, 'settings' | 'health' | 'scaling'>,
): Route['timeouts'] {
  const responseHeader = secondsOf(timeouts.responseHeader);
  let request = secondsOf(timeouts.request);
  if (!scaling.http) return { request, responseHeader };
  let readiness = secondsOf(timeouts.readiness) ?? health.startupTimeout;
  if (own.readiness === undefined) readiness = Math.min(readiness, request ?? readiness);
  else if (own.request === undefined && request !== undefined) request = Math.max(request, readiness);
  return { request, responseHeader, readiness };
}

/** An app that names its own certificate does not inherit the platform's. */
function oneCertificate(tls: NonNullable<WebAppProps['tls']>, { tls: own }: WebAppProps) {
  return {
    clusterIssuer: own?.secretName !== undefined && own.clusterIssuer === undefined ? undefined : tls.clusterIssuer,
    secretName: own?.clusterIssuer !== undefined && own.secretName === undefined ? undefined : tls.secretName,
    redirect: tls.redirect,
  };
}
