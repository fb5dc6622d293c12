import { addonVersionRules } from './addon-version';
import { isForIngress, policyAnnotations } from './ingress-annotations';
import { lostAnnotations, needsIngressRoute } from './ingress-route';
import { middlewareReferences } from './middlewares';
import { HTTP_ROUTE_BOUNDS } from '../../kube/http-route-bounds';
import type { Route } from '../../model/route';
import { isBelow, pathMatches, withoutTrailingSlash } from '../../model/route';
import { CATCH_ALL, catchAllProblems, clusterHostProblems, repeated } from '../../validation/hosts';
import { LONGEST_NAME } from '../../validation/names';
import { entry, quoted } from '../../validation/problem';
import type { Problem } from '../../validation/problem';
import { about, problem, when } from '../../validation/rule';
import type { Rule } from '../../validation/rule';

/** Where an app answers if its own props do not say. */
const placeRules: Rule = ({ namespace, route }, { hosts }) => [
  ...hosts === undefined ? domainProblems(route) : [],
  ...namespace === undefined ? namespaceProblems(route) : [],
];

/** The host below the domain of the platform. */
function domainProblems({ internal, hosts: [host = ''] }: Route): Problem[] {
  return when(
    [!internal && host === '', 'hosts',
      'is missing, and the platform has no domain',
      'set hosts: [\'shop.example.com\'], or internal: true, or the domain of the Platform', 'missing'],
    [host.length > 253, 'name', `creates the host ${quoted(host)}, which is too long`, 'use a shorter name'],
  );
}

function namespaceProblems(route: Route): Problem[] {
  const { interceptor, internal, platform: { entry: way } } = route;
  const byTraefik = !internal && way.kind === 'ingress' && way.controller === 'traefik';
  const hint = 'set it on the chart: new Chart(app, \'shop\', { namespace: \'shop\' })';
  return when(
    [interceptor, 'namespace', 'is missing, but the host names of the app contain it', hint, 'missing'],
    [!interceptor && byTraefik && middlewareReferences(route).length > 0, 'namespace',
      'is missing, but Traefik finds Middlewares by it', hint, 'missing'],
  );
}

const hostRules = about(['hosts'], ({ route: { internal, tls }, platform }, { hosts = [] }) => [
  ...when(
    [!internal && hosts.length === 0, 'hosts', 'is empty', 'add at least one host, or set internal: true', 'range'],
    [internal, 'hosts', 'cannot be combined with internal', 'remove one of them'],
    [!internal && platform.entry.kind === 'ingress' && tls?.clusterIssuer !== undefined && hosts.includes(CATCH_ALL), 'hosts',
      `have ${quoted(CATCH_ALL)}, for which the clusterIssuer ${quoted(tls?.clusterIssuer)} cannot issue a certificate`,
      'set tls: {} to use the certificate of the ingress controller, or tls.secretName'],
  ),
  ...repeated(hosts, 'hosts'),
  ...clusterHostProblems(platform, hosts, 'hosts'),
  ...catchAllProblems(platform.allowCatchAll, hosts, 'hosts'),
]);

const NOT_SHARED = 'cannot be combined with internal: the app does not share its host';

const pathRules = about(['paths', 'exactPaths', 'replacePrefixMatch'], ({ route, platform: { entry: way, httpAddon } }, props) => {
  const { internal, interceptor, paths, exactPaths } = route;
  const rewrites = props.replacePrefixMatch !== undefined;
  return [
    ...when(
      [props.paths?.length === 0, 'paths', 'is empty', 'add at least one path, or remove it', 'range'],
      [props.exactPaths?.length === 0, 'exactPaths', 'is empty', 'add at least one path, or remove it', 'range'],
      [props.exactPaths !== undefined && internal, 'exactPaths', NOT_SHARED, 'remove one of them'],
      [rewrites && internal, 'replacePrefixMatch',
        'cannot be combined with internal: callers inside the cluster use the app\'s own paths',
        'remove one of them'],
      [rewrites && props.exactPaths !== undefined, 'replacePrefixMatch',
        'cannot be combined with exactPaths, which have no prefix',
        'remove one of them'],
      [props.replacePrefixMatch === '/' && paths.every(path => path === '/'), 'replacePrefixMatch',
        'has no effect, because it is the path of the app',
        'set paths, or remove it'],
      [props.paths !== undefined && internal, 'paths', NOT_SHARED, 'remove one of them'],
      [rewrites && interceptor && httpAddon.api === 'v1alpha1' && way.kind === 'gateway', 'replacePrefixMatch', ...NEEDS_V1BETA1],
      [rewrites && !internal && way.kind === 'ingress', 'replacePrefixMatch',
        'is not supported by Ingresses, which cannot change a path and tell the interceptor',
        'serve the path in the app, or use a platform with a gateway', 'unsupported'],
    ),
    ...repeated(paths.map(withoutTrailingSlash), 'paths'),
    ...repeated(exactPaths, 'exactPaths'),
  ];
});

/** Headers of an app, and those of its canary. */
const headerRules = about(['headers', 'rollout'], ({ route, platform: { entry: way } }) => {
  const { internal, interceptor, headers, backends: [, canary] } = route;
  const names = Object.keys(headers);
  // Unlike hosts and paths they cannot be divided among several HTTPRoutes.
  const count = Object.keys({ ...headers, ...interceptor ? {} : canary?.headers }).length;
  const most = HTTP_ROUTE_BOUNDS.headers;
  return [
    ...when(
      [names.length > 0 && internal, 'headers', NOT_SHARED, 'remove one of them'],
      [!internal && way.kind === 'gateway' && count > most, 'headers',
        `have ${count} entries, but an HTTPRoute has at most ${most}`, 'use fewer', 'range'],
      [!internal && way.kind === 'ingress' && !interceptor && names.length > 0, 'headers',
        'is not supported by Ingresses, which do not match headers',
        'set scaling.concurrency, because the interceptor can match them, or use a platform with a gateway'],
    ),
    ...repeated(names.map(name => name.toLowerCase()), 'headers'),
  ];
});

/** Whether something bounds the requests of an app as it asks for. */
const timeoutRules = about(['timeouts'], ({ route, platform: { entry: way, httpAddon } }, { timeouts: own = {} }) => {
  const { internal, interceptor, timeouts } = route;
  if (interceptor) {
    return when(
      [httpAddon.api === 'v1alpha1' && timeouts.request !== undefined, 'timeouts.request', ...NEEDS_V1BETA1],
      [
        timeouts.request !== undefined && own.readiness !== undefined && timeouts.readiness! > timeouts.request,
        'timeouts.readiness',
        'is longer than timeouts.request, which includes it',
        'use a shorter time',
      ],
    );
  }
  const controller = way.kind === 'ingress' ? way.controller : undefined;
  return when(
    [own.readiness !== undefined, 'timeouts.readiness', NOBODY_WAITS, 'remove it, or set scaling.concurrency'],
    [internal && (own.request ?? own.responseHeader) !== undefined, 'timeouts',
      'has no effect, because callers reach the app directly',
      'remove it, or set scaling.concurrency, which routes requests through the interceptor'],
    [!internal && way.kind === 'gateway' && own.responseHeader !== undefined, 'timeouts.responseHeader',
      'is not supported by HTTPRoutes',
      'remove it, or set timeouts.request'],
    [!internal && controller && own.request !== undefined, 'timeouts.request',
      'is not supported by Ingresses, which do not limit whole requests',
      'remove it, or set scaling.concurrency: the interceptor does'],
    [!internal && (controller === 'traefik' || controller === 'other') && own.responseHeader !== undefined, 'timeouts.responseHeader',
      `is not supported by ${controller === 'other' ? 'this controller' : controller}`,
      'remove it; timeouts are configured in the controller itself'],
  );
});

const NOBODY_WAITS = 'has no effect, because the app is not scaled by HTTP and requests do not wait for it to start';

/** The certificate of an app, and redirects to it. */
const tlsRules = about(['tls'], ({ route: { internal, tls }, platform }, { tls: own = {} }) => {
  if (internal) return [problem('tls', 'cannot be combined with internal: the app has no public host', 'remove one of them')];
  const hasCertificate = (own.clusterIssuer ?? own.secretName) !== undefined;
  const problems = when(
    [own.clusterIssuer !== undefined && own.secretName !== undefined, 'tls',
      'has both a clusterIssuer and a secretName',
      'remove one of them'],
    [own.enabled === false && Object.keys(own).length > 1, 'tls.enabled',
      'is false, so the rest of tls has no effect',
      'remove one of them'],
  );
  if (platform.entry.kind === 'gateway') {
    return [...problems, ...when(
      [hasCertificate, 'tls', 'has a certificate, but TLS terminates at the Gateway', 'remove it'],
      [own.redirect === true && platform.entry.httpSectionName === undefined, 'tls.redirect',
        'is true, but the platform has no listener for plain HTTP',
        'ask your platform team to set gateway.httpSectionName', 'unsupported'],
    )];
  }
  const { controller } = platform.entry;
  return [...problems, ...when(
    [own.redirect !== undefined && controller === 'other', 'tls.redirect',
      'is not supported by this controller', 'remove it; redirects are configured in the controller itself'],
    [controller === 'traefik' && own.redirect === false && platform.tls?.redirect !== true, 'tls.redirect',
      'is false, but the platform has no tls.redirect: any other redirect is that of Traefik\'s entryPoint, which no app can change',
      'remove it'],
    [controller === 'alb' && hasCertificate, 'tls',
      'has a certificate, but AWS load balancers use certificates of ACM',
      'set tls: {}', 'unsupported'],
    [tls === undefined && own.redirect === true, 'tls.redirect', 'is true, but there is no TLS', 'remove it'],
  )];
});

/** Whether all that is between a client and an app can speak HTTPS to it. */
const tlsBackendRules = about(['protocol'], ({ route, platform: { entry: way } }) => {
  const { https, interceptor, internal, backends: [, canary] } = route;
  if (!https) return [];
  const hint = 'let the app speak HTTP, or use internal: true';
  return when(
    [interceptor, 'protocol', 'is https, but the app is scaled by HTTP, and the add-on\'s interceptor speaks no TLS to apps',
      'set scaling: { replicas: 1 }, or scaling.cpu, or let the app speak HTTP', 'unsupported'],
    [!internal && way.kind === 'gateway', 'protocol', 'is https, which is not supported with a Gateway', hint, 'unsupported'],
    [!internal && way.kind === 'ingress' && ['other', 'haproxy'].includes(way.controller), 'protocol',
      'is https, but how this ingress controller is told to speak HTTPS to an app is not known',
      `${hint}, or ask your platform team for ingress.controller`, 'unsupported'],
    [canary && !internal && way.kind === 'ingress', 'protocol',
      'is https, which is not supported with a canary', 'remove one of them', 'unsupported'],
  );
});

/** Further ports that get HTTP requests. */
const portRouteRules = about(['ports'], ({ route, portRoutes, platform }, props) => {
  const { internal, hosts: own, interceptor, name: app } = route;
  const claims = new Map(placesOf(route).map(place => [place, 'the app itself']));
  return portRoutes.flatMap(portRoute => {
    const { name: whole } = portRoute;
    const name = whole.slice(app.length + 1);
    const given = props.ports![name];
    const path = entry('ports', name);
    const taken = placesOf(portRoute).find(place => claims.has(place));
    const owner = claims.get(taken ?? '');
    for (const place of placesOf(portRoute)) claims.set(place, path);
    return [
      ...when(
        [taken !== undefined, path, `has requests for ${quoted(taken)}, which ${owner} has too`, 'use another host or path', 'duplicate'],
        [internal && given.hosts !== undefined, `${path}.hosts`, 'cannot be combined with internal', 'remove one of them'],
        [internal && given.paths !== undefined, `${path}.paths`,
          'cannot be combined with internal: each port has a host of its own inside of the cluster', 'remove one of them'],
        [given.hosts?.length === 0, `${path}.hosts`, 'is empty', 'add at least one host, or remove it', 'range'],
        [given.paths?.length === 0, `${path}.paths`, 'is empty', 'add at least one path, or remove it', 'range'],
        [!internal && given.hosts === undefined && own.length === 0, `${path}.hosts`,
          'is missing, and the app has none', 'set hosts', 'missing'],
        [whole.length > LONGEST_NAME, path, `creates objects named ${quoted(whole)}, which have more than ${LONGEST_NAME} characters`,
          'use a shorter name', 'range'],
        [interceptor && platform.httpAddon.api === 'v1alpha1', path,
          'has HTTP requests, but the add-on\'s API v1alpha1 has one port for each app',
          'use another app, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
      ),
      ...repeated(given.hosts ?? [], `${path}.hosts`),
      ...repeated((given.paths ?? []).map(withoutTrailingSlash), `${path}.paths`),
      ...clusterHostProblems(platform, given.hosts ?? [], `${path}.hosts`),
    ];
  });
});

/** The hosts and paths of a route, as routers compare them. */
function placesOf({ hosts, paths }: Route): string[] {
  return hosts.flatMap(host => paths.map(path => `${host}${withoutTrailingSlash(path)}`));
}

/** Annotations of the app that its Ingress cannot have. */
const ingressAnnotationRules = about(['annotations'], ({ route, platform }, { annotations = {} }) => {
  const why = route.internal ? 'the app is internal' : platform.entry.kind === 'gateway' ? 'the platform has a Gateway' : undefined;
  const className = platform.entry.kind === 'ingress' ? platform.entry.className : undefined;
  const policies = platform.entry.kind === 'ingress' ? policyAnnotations(route, platform.entry) : {};
  return Object.entries(annotations).flatMap(([name, value]) => {
    const path = entry('annotations', name);
    if (why !== undefined && isForIngress(name)) {
      return problem(path, `has no effect: it is for an Ingress, and ${why}`, 'remove it', 'unsupported');
    }
    if (Object.hasOwn(policies, name)) {
      return problem(path, 'contradicts http or access of the app, which write it', 'remove one of them');
    }
    // The API server refuses an Ingress that names two classes.
    if (name === 'kubernetes.io/ingress.class' && className !== undefined && value !== className) {
      return problem(path, `is ${quoted(value)}, but the platform's ingress.className is ${quoted(className)}`, 'remove it');
    }
    const harm = route.interceptor && INTERCEPTOR_HARMS.find(({ annotation }) => annotation.test(name));
    if (!harm || harm.isHarmless?.(route)) return [];
    return problem(path, `${harm.harm}, through which requests reach an app that is scaled by HTTP`,
      'remove it, or scale by scaling.replicas or scaling.cpu alone');
  });
});

/** Annotations of the Ingress, of the app or the platform, that the IngressRoute of a canary cannot have. */
const canaryAnnotationRules = about(['rollout'], ({ route, platform: { entry: way } }) => {
  if (route.internal || way.kind !== 'ingress' || way.controller !== 'traefik' || !needsIngressRoute(route)) return [];
  return lostAnnotations(route).map(name => problem('rollout.canary',
    `needs an IngressRoute, which cannot have what the annotation ${name} says`,
    'remove the annotation, or use a platform with a gateway'));
});

/** An annotation that breaks the way through the interceptor. */
interface InterceptorHarm {
  readonly annotation: RegExp;
  readonly harm: string;
  readonly isHarmless?: (route: Route) => boolean;
}

const BINDS_CLIENTS = 'binds clients to a replica of the interceptor';

/** The interceptor finds the app by host and path, and calls its Service. */
const INTERCEPTOR_HARMS: readonly InterceptorHarm[] = [
  { annotation: /^nginx\.ingress\.kubernetes\.io\/upstream-vhost$/, harm: 'hides the host from the interceptor' },
  {
    annotation: /^nginx\.ingress\.kubernetes\.io\/rewrite-target$/,
    harm: 'hides the path from the interceptor',
    isHarmless: ({ paths, exactPaths }) => [...paths, ...exactPaths].every(path => path === '/'),
  },
  { annotation: /^nginx\.ingress\.kubernetes\.io\/(?:affinity|session-cookie-|upstream-hash-by)/, harm: BINDS_CLIENTS },
  { annotation: /^traefik\.ingress\.kubernetes\.io\/service\.sticky\./, harm: BINDS_CLIENTS },
];

/** What only the add-on's newer API has. */
const NEEDS_V1BETA1 = [
  'is not supported by the add-on\'s API v1alpha1', 'remove it, or set the platform\'s httpAddon.api to v1beta1', 'unsupported',
] as const;

/** What of `coldStart` fits together, and which add-on has it. */
const coldStartRules = about(['coldStart'], ({ route, platform: { httpAddon } }, { coldStart: own }) => {
  const { interceptor, placeholder, maxPending } = route;
  if (!interceptor) return when([own !== undefined, 'coldStart', NOBODY_WAITS, 'remove it, or set scaling.concurrency']);
  const old = httpAddon.api === 'v1alpha1';
  return when(
    [old && placeholder !== undefined, 'coldStart.placeholder', ...NEEDS_V1BETA1],
    [old && own?.maxPending !== undefined, 'coldStart.maxPending', ...NEEDS_V1BETA1],
    [own?.maxPending?.overflow === 'placeholder' && !placeholder, 'coldStart.maxPending.overflow',
      'is placeholder, but coldStart.placeholder is missing',
      'set coldStart.placeholder, or overflow: reject'],
    [own !== undefined && maxPending?.overflow === 'reject' && placeholder, 'coldStart.maxPending.overflow',
      'is reject, but with a placeholder no request waits',
      'set overflow: placeholder, or remove one of them'],
  );
});

/** Whether something is there that can answer in an app's place. One that is switched off is checked as well, so that the switch works. */
const maintenanceRules = about(['maintenance'], app => {
  if (!app.route.interceptor) {
    return when(
      [true, 'maintenance', 'is not supported, because the app is not scaled by HTTP, so nothing can answer in its place',
        'remove it, or set scaling.concurrency'],
    );
  }
  const [message, hint] = NEEDS_V1BETA1;
  return when([app.platform.httpAddon.api === 'v1alpha1', 'maintenance', message, hint]);
});

/** Whether something can answer in an app's place, and ever gets the requests. */
const staticRouteRules = about(['staticRoutes'], (app, { staticRoutes = [], internal }) => {
  if (staticRoutes.length === 0) return [];
  const { route, platform } = app;
  if (!route.interceptor) {
    return when(
      [true, 'staticRoutes', 'are not supported, because the app is not scaled by HTTP, so every request is answered by the app',
        'remove them, or set scaling.concurrency'],
    );
  }
  const seen = route.replacePrefixMatch === undefined ? pathMatches(route) : [{ path: route.replacePrefixMatch }];
  const meets = (path: string) => internal || seen.some(own => isBelow(path, own.path) || isBelow(own.path, path));
  return [
    ...when([platform.httpAddon.api === 'v1alpha1', 'staticRoutes', ...NEEDS_V1BETA1]),
    ...staticRoutes.flatMap(({ paths = [], headers = {} }, i) => [
      ...when([paths.length + Object.keys(headers).length === 0, `staticRoutes[${i}].paths`,
        'is missing, so the app would get no requests at all', 'set paths or headers, or use maintenance', 'missing']),
      ...paths.flatMap((path, k) => when([!meets(path), `staticRoutes[${i}].paths[${k}]`,
        `is ${quoted(path)}, which is not among the paths of the app`, 'add it to paths'])),
    ]),
  ];
});

/** Where an app answers, what answers in its place, and whether its entry can do what it asks for. */
export const ROUTING_RULES: readonly Rule[] = [
  ingressAnnotationRules,
  placeRules,
  hostRules,
  pathRules,
  headerRules,
  timeoutRules,
  tlsRules,
  canaryAnnotationRules,
  portRouteRules,
  tlsBackendRules,
  coldStartRules,
  maintenanceRules,
  staticRouteRules,
  addonVersionRules,
];
