import { Failure } from '../../ui/failure';
import type { AppDraft } from '../draft';
import { appName, folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import type { Component, Placed } from '../shared/components';
import { placeComponents } from '../shared/components';
import type { Builder } from '../shared/processes';
import { commandFor, isScheduler } from '../shared/processes';
import { setReplicas } from '../shared/replicas';
import type { ServiceType } from '../shared/services';
import { connect, connectApp, partOf, prefixOf, serviceOfEngine } from '../shared/services';
import { setSize } from '../shared/sizes';
import { duration } from '../shared/units';
import { isSecret, setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import { readYaml } from '../source/yaml';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

export const digitalocean: Format = {
  name: 'digitalocean',
  title: 'App Platform',
  documentation: 'https://docs.digitalocean.com/products/app-platform/reference/app-spec/',
  get tables() {
    return [TOP, COMPONENT];
  },
  recognizes: ({ name, text }) => /(^|\/)\.do\/[^/]*\.ya?ml$/.test(name)
    || (/^\s*(services|workers|jobs|static_sites):/m.test(text)
      && /\b(instance_size_slug|http_port|environment_slug|run_command|source_dir):/.test(text)),
  convert: (files, conversion) => files.forEach(file => convertSpec(file, conversion)),
};

interface Project {
  readonly placed: readonly Placed[];
  readonly databases: ReadonlyMap<string, { readonly type: ServiceType; readonly at: Reader; readonly shared: boolean }>;
}

interface Target {
  readonly placed: Placed;
  readonly app: AppDraft;
  readonly project: Project;
}

const GIT = 'webapp deploy builds the folder, whatever its branch';

/** https://docs.digitalocean.com/products/app-platform/reference/app-spec/ */
const COMPONENT: Table<Target> = {
  name: (at, { app, placed }) => at.taken(placed.process.length === 0 ? app.shown(['name']) : app.shown(placed.process)),
  git: holds(GIT),
  github: holds(GIT),
  gitlab: holds(GIT),
  bitbucket: holds(GIT),
  image: setImage,
  source_dir: setBuild('context'),
  dockerfile_path: setBuild('dockerfile'),
  environment_slug: (at, { app, placed }) => placed.process.length > 0 && app.props.web !== false
    ? at.taken('it runs the image of the app')
    : at.changed(app.shown(['build']), 'buildpacks detect the language'),
  build_command: (at, { app, placed }) => isStatic(placed.at)
    ? at.none('static files are not built', 'run it before webapp deploy, or write a Dockerfile')
    : at.changed(app.shown(['build']), 'buildpacks detect how the code is built'),
  output_dir: (at, { app }) => app.take(at, ['static'], at.text?.replace(/^\.?\//, '')),
  index_document: holds('index.html is the page of a folder'),
  error_document: (at, _) => at.text === '404.html'
    ? at.taken('404.html is the page of errors')
    : at.none('the page of errors is 404.html', 'name it so'),
  catchall_document: (at, _) => at.text === 'index.html'
    ? at.taken('index.html is the answer where there is no page, unless the site has a 404.html')
    : at.none('index.html is the answer where there is no page', 'name the page so'),
  run_command: (at, { app, placed }) => app.take(at, [...placed.process, 'command'], commandFor(at.text ?? '', builderOf(placed.at))),
  http_port: (at, { app }) => app.take(at, ['port'], at.number),
  protocol: (at, { app }) => at.text === 'HTTP2' ? app.take(at, ['protocol'], 'http2') : at.taken('http1'),
  internal_ports: (at, { app, placed }) => at.items.forEach(one => {
    if (one.number === undefined) return;
    if (placed.kind === 'internal' && !app.has(['port'])) return app.take(one, ['port'], one.number);
    app.change(one, ['ports', `p${one.number}`], { port: one.number }, 'its connections do not wake the app, so a replica always runs');
    app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
  }),
  envs: setEnv,
  instance_size_slug: (at, { app, placed }) => {
    const memory = memoryOf(at.text ?? '');
    if (memory === undefined) at.none('its memory is not known', 'write size');
    else setSize(app, placed.process, { memory }, at.text!, at);
  },
  instance_count: (at, { app, placed }) => setReplicas(at, app, placed.process),
  autoscaling: (at, { app, placed }) => {
    const parts = { min: at.field('min_instance_count'), max: at.field('max_instance_count'), cpu: at.at('metrics', 'cpu', 'percent') };
    for (const [prop, one] of Object.entries(parts)) if (one?.number) app.take(one, [...placed.process, 'scaling', prop], one.number);
  },
  health_check: setHealth,
  liveness_health_check: none('an app that is slow is not restarted', 'write health: { path: … }, which decides about requests'),
  routes: (at, { app }) => app.take(at, ['paths'], at.items.flatMap(one => one.field('path')?.text ?? [])),
  cors: setCors,
  termination: {
    grace_period_seconds: (at, { app, placed }) => placed.process.length > 0
      ? app.take(at, [...placed.process, 'terminationGracePeriod'], duration(at.number ?? 120))
      : app.take(at, ['health', 'terminationGracePeriod'], duration((at.number ?? 120) + 5)),
    drain_seconds: (at, { app }) => app.take(at, ['health', 'preStopDelay'], duration(at.number ?? 15)),
  },
  kind: (at, { placed }) => {
    if (placed.kind === 'cron') at.taken('it runs at its times');
    else if (at.text === 'PRE_DEPLOY') at.taken('the command runs before each deploy');
    else at.none('nothing runs after a deploy', 'run it: webapp run -- and the command');
  },
  schedule: {
    cron: (at, { app, placed }) => app.take(at, [...placed.process, 'schedule'], at.text),
    time_zone: (at, { app, placed }) => app.take(at, [...placed.process, 'timezone'], at.text),
  },
  alerts: none('there are no alerts', 'write metrics, and alerts in your monitoring'),
  log_destinations: none('logs are collected by the cluster', 'ask your platform team'),
  inactivity_sleep: (at, { app }) => app.take(at, ['scaling', 'cooldownPeriod'], duration(at.field('after_seconds')?.number ?? 300)),
};

const TOP: Table<{ readonly file: SourceFile }> = {
  name: holds('namespace'),
  region: none('a cluster is in one region', 'deploy to a cluster there'),
  features: none('they are settings of App Platform', 'write a Dockerfile, if the build needs one'),
  alerts: none('there are no alerts', 'write metrics, and alerts in your monitoring'),
  functions: none('functions are not apps', 'write them as an app that answers requests'),
  vpc: none('it is the network of the cluster', 'ask your platform team'),
  egress: none('addresses are those of the nodes', 'ask your platform team'),
  maintenance: (at, _) => at.field('enabled')?.boolean
    ? at.none('no app has a page of another host', 'write maintenance: { body: … }')
    : at.taken('the apps answer requests'),
  disable_edge_cache: holds('responses are not cached'),
  disable_email_obfuscation: holds('responses pass unchanged'),
  enhanced_threat_control_enabled: none('the ingress decides it', 'ask your platform team'),
  secure_header: none('the ingress decides it', 'ask your platform team'),
};

function convertSpec(file: SourceFile, conversion: Conversion): void {
  const [node] = readYaml(file);
  if (!node?.fields) throw new Failure(`${file.name} is not an app spec: it is not a map`);
  const whole = conversion.read(file, node, digitalocean);
  // A template of the Deploy button has the spec below a key.
  const root = whole.field('spec') ?? whole;
  convert(root, { file }, TOP);
  conversion.draft.namespace ??= appName(root.field('name')?.text ?? folderName(file));
  const listed = (name: string) => root.field(name)?.items ?? [];
  const components = [
    ...listed('services').map(at => componentOf(at, isPublic(at, root) ? 'web' : 'internal')),
    ...listed('static_sites').map(at => componentOf(at, 'web')),
    ...listed('workers').map(at => componentOf(at, 'worker')),
    ...listed('jobs').map(at => componentOf(at, at.field('schedule') ? 'cron' : 'release')),
  ];
  // Jobs that run after a deploy have no counterpart.
  for (const { at, kind } of components) {
    if (kind === 'release' && !/^PRE_DEPLOY$/.test(at.field('kind')?.text ?? 'POST_DEPLOY')) {
      at.none('nothing runs after a deploy', 'run it: webapp run -- and its command, or make it PRE_DEPLOY');
    }
  }
  const placed = placeComponents(components.filter(({ at }) => at.outcome?.group !== 'none'), conversion.draft);
  const texts = (at: Reader) => (at.field('envs')?.items ?? []).map(one => one.field('value')?.text ?? '');
  const databases = new Map(listed('databases').flatMap(at => {
    const type = serviceOfEngine(at.field('engine')?.text ?? 'PG');
    const name = at.field('name')?.text;
    if (!type || name === undefined) return [];
    const uses = placed.filter(one => [...texts(one.at), ...texts(root)].some(text => text.includes(`\${${name}.`)));
    at.taken(`connections of the apps that use it, to ${type.title}`);
    return [[name, { type, at, shared: new Set(uses.map(({ app }) => app)).size > 1 }] as const];
  }));
  const project: Project = { placed, databases };
  const releases = new Set<AppDraft>();
  for (const one of placed) {
    const { app, kind, process } = one;
    const target: Target = { placed: one, app, project };
    if (kind === 'release' && releases.has(app)) {
      one.at.none('an app has one release command', 'run both in it: [sh, -c, "first && second"]');
      continue;
    }
    if (kind === 'release') releases.add(app);
    convert(one.at, target, COMPONENT);
    const shared = root.field('envs');
    if (process.length === 0 && shared) setEnv(shared, target);
    const words = (app.get([...process, 'command']) as string[] | undefined)?.join(' ') ?? '';
    if (kind === 'worker' && isScheduler(one.name, words)) app.set([...process, 'singleton'], true, 'A scheduler must never run twice.');
    if (kind === 'internal') app.set(['internal'], true);
  }
  setDomains(root, placed);
  setRules(root, placed);
}

function isStatic(at: Reader): boolean {
  return /(^|\.)static_sites\[/.test(at.path);
}

/** Where routes are written, a service without one is for the other components alone. */
function isPublic(at: Reader, root: Reader): boolean {
  const [rules, name] = [root.at('ingress', 'rules')?.items ?? [], at.field('name')?.text];
  const isRouted = at.field('routes') !== undefined || rules.some(rule => rule.at('component', 'name')?.text === name);
  const all = ['services', 'static_sites'].flatMap(key => root.field(key)?.items ?? []);
  const hasRoutes = rules.length > 0 || all.some(one => one.field('routes'));
  return isRouted || (!hasRoutes && (at.field('http_port') !== undefined || !at.field('internal_ports')));
}

function componentOf(at: Reader, kind: Component['kind']): Component {
  const text = (name: string) => at.field(name)?.text;
  const image = ['registry', 'repository', 'tag', 'digest'].map(name => at.at('image', name)?.text);
  const key = JSON.stringify([(text('source_dir') ?? '').replace(/^\/|\/$/g, ''), text('dockerfile_path'), image, text('output_dir')]);
  return { name: text('name') ?? 'web', at, kind, key };
}

function builderOf(at: Reader): Builder {
  return at.field('image') || at.field('dockerfile_path') ? 'dockerfile' : 'buildpacks';
}

function setImage(at: Reader, { app, placed }: Target): void {
  const text = (name: string) => at.field(name)?.text;
  const registry = { DOCKER_HUB: 'docker.io', GHCR: 'ghcr.io' }[text('registry_type') ?? ''] ?? 'registry.digitalocean.com';
  const suffix = text('digest') === undefined ? `:${text('tag') ?? 'latest'}` : `@${text('digest')}`;
  const image = [registry, text('registry'), text('repository')].filter(part => part).join('/') + suffix;
  const isOfApp = app.props.web === false || placed.process.length === 0;
  for (const name of ['registry_type', 'registry', 'repository', 'tag', 'digest']) {
    const one = at.field(name);
    if (one) app.take(one, isOfApp ? ['image'] : [...placed.process, 'image'], image);
  }
  if (placed.process.length > 0 && app.get(['image']) === image) app.set([...placed.process, 'image'], undefined);
  at.field('registry_credentials')?.none('the credentials of a registry are in a Secret', 'run webapp registry login');
  at.field('deploy_on_push')?.taken('your pipeline runs webapp deploy');
}

function setBuild(field: 'context' | 'dockerfile'): Rule<Target> {
  return (at, { app, placed }) => {
    const path = at.text?.replace(/^\.?\//, '').replace(/\/$/, '');
    const context = (placed.at.field('source_dir')?.text ?? '').replace(/^\.?\//, '').replace(/\/$/, '');
    if (placed.process.length > 0 && app.props.web !== false) at.taken(app.shown(['build']));
    else if (!path || path === '.' || path === 'Dockerfile') at.taken('the folder is built');
    else if (field === 'context') app.take(at, ['build', 'context'], path);
    // It starts at the root of the repository there, and at the context here.
    else app.take(at, ['build', 'dockerfile'], context !== '' && path.startsWith(`${context}/`) ? path.slice(context.length + 1) : path);
  };
}

/** `apps-s-1vcpu-0.5gb`, and the older names: https://docs.digitalocean.com/products/app-platform/details/pricing/ */
function memoryOf(slug: string): number | undefined {
  const [, size] = /-([\d.]+)gb(?:-fixed)?$/.exec(slug) ?? [];
  const older: { readonly [slug: string]: number | undefined } = {
    'basic-xxs': 0.5,
    'basic-xs': 1,
    'basic-s': 2,
    'basic-m': 4,
    'professional-xs': 1,
    'professional-s': 2,
    'professional-m': 4,
    'professional-1l': 4,
    'professional-l': 8,
    'professional-xl': 16,
  };
  const gigabytes = size === undefined ? older[slug] : Number(size);
  return gigabytes === undefined ? undefined : gigabytes * 1024 ** 3;
}

function setHealth(at: Reader, { app }: Target): void {
  const path = at.field('http_path') ?? at.field('path');
  if (path?.text) app.take(path, ['health', 'path'], path.text);
  const port = at.field('port');
  if (port?.number !== undefined && port.number !== app.props.port) app.take(port, ['health', 'port'], port.number);
  const period = at.field('period_seconds');
  if (period?.number !== undefined) app.take(period, ['health', 'interval'], duration(period.number));
  const delay = at.field('initial_delay_seconds');
  if (delay?.number !== undefined && delay.number > 120) app.take(delay, ['health', 'startupTimeout'], duration(delay.number));
  else delay?.taken('an app may take 2 minutes to start');
  for (const name of ['timeout_seconds', 'success_threshold', 'failure_threshold']) {
    at.field(name)?.taken('three checks in a row have to fail');
  }
}

function setCors(at: Reader, { app }: Target): void {
  const origins = (at.field('allow_origins')?.items ?? []);
  const exact = origins.flatMap(one => one.field('exact')?.text ?? one.field('prefix')?.text ?? one.text ?? []);
  const regex = origins.find(one => one.field('regex'));
  regex?.none('origins are exact', 'write each of them');
  if (exact.length === 0) return;
  app.take(at.field('allow_origins')!, ['http', 'cors', 'allowOrigins'], exact);
  const lists = { allow_methods: 'allowMethods', allow_headers: 'allowHeaders', expose_headers: 'exposeHeaders' };
  for (const [name, prop] of Object.entries(lists)) {
    const list = at.field(name);
    if (list) app.take(list, ['http', 'cors', prop], list.texts);
  }
  const [age, credentials] = [at.field('max_age'), at.field('allow_credentials')];
  if (age?.text) app.take(age, ['http', 'cors', 'maxAge'], age.text);
  if (credentials) app.take(credentials, ['http', 'cors', 'allowCredentials'], credentials.boolean);
}

/** Domains are those of the whole app: https://docs.digitalocean.com/products/app-platform/how-to/manage-domains/ */
function setDomains(root: Reader, placed: readonly Placed[]): void {
  const webs = placed.filter(({ kind }) => kind === 'web');
  for (const one of root.field('domains')?.items ?? []) {
    const domain = one.isMap ? one.field('domain') : one;
    if (domain?.text === undefined || webs.length === 0) continue;
    const hosts = one.field('wildcard')?.boolean ? [domain.text, `*.${domain.text}`] : [domain.text];
    for (const { app } of webs) app.take(domain, ['hosts'], [...(app.props.hosts as string[] | undefined) ?? [], ...hosts]);
    for (const name of ['type', 'wildcard']) one.field(name)?.taken('hosts');
    one.field('zone')?.none('DNS is yours', 'point its record to the ingress of the cluster');
    for (const name of ['certificate', 'minimum_tls_version']) one.field(name)?.none('the platform configures TLS', 'see tls');
  }
  if (webs.length > 1 && !root.field('domains')) {
    for (const { app } of webs) app.set(['hosts'], [`${app.draft.namespace ?? app.name}.example.com`], 'Write your host name.');
  }
}

/** https://docs.digitalocean.com/products/app-platform/how-to/manage-ingress-rules/ */
function setRules(root: Reader, placed: readonly Placed[]): void {
  const apps = new Map(placed.filter(({ process }) => process.length === 0).map(({ name, app }) => [name, app]));
  for (const rule of root.at('ingress', 'rules')?.items ?? []) {
    const component = rule.at('component', 'name');
    const app = apps.get(component?.text ?? '');
    const path = rule.at('match', 'path', 'prefix') ?? rule.at('match', 'path', 'exact');
    if (!app || !component) {
      rule.none('redirects are of one path each, of an app', 'write http: { redirects: [{ from: …, to: … }] } of an app');
      continue;
    }
    component.taken(app.shown(['paths']));
    const prop = rule.at('match', 'path', 'exact') ? 'exactPaths' : 'paths';
    if (path?.text) app.take(path, [prop], [...(app.props[prop] as string[] | undefined) ?? [], path.text]);
    rule.at('match', 'authority')?.none('hosts are those of the app', 'write hosts');
    const [preserve, rewrite] = [rule.at('component', 'preserve_path_prefix'), rule.at('component', 'rewrite')];
    if (preserve?.boolean) {
      preserve.taken('paths reach the app unchanged');
    } else if (rewrite?.text) {
      app.take(rewrite, ['replacePrefixMatch'], rewrite.text);
    } else if (path?.text && path.text !== '/') {
      const hint = 'answer at them, or write replacePrefixMatch: / on a platform with a Gateway';
      app.draft.tell(`${app.name} now gets paths with ${path.text}: ${hint}`);
    }
    const cors = rule.field('cors');
    const own = placed.find(one => one.app === app && one.process.length === 0);
    if (cors && own) setCors(cors, { placed: own, app, project: { placed, databases: new Map() } });
  }
  for (const name of ['load_balancer', 'load_balancer_size']) {
    root.at('ingress', name)?.none('the cluster has one', 'ask your platform team');
  }
}

/** https://docs.digitalocean.com/products/app-platform/how-to/use-environment-variables/ */
function setEnv(at: Reader, { app, placed, project }: Target): void {
  const process = placed.process[0] === 'workers' || placed.process[0] === 'cronJobs' ? placed.process : [];
  for (const one of at.items) {
    const name = one.field('key')?.text;
    if (name === undefined) continue;
    const value = one.field('value')?.text;
    const secret = one.field('type')?.text === 'SECRET' ? true : undefined;
    if (isStatic(placed.at)) {
      if (!one.outcome) one.none('a static site is built before it is deployed', 'set the variable there');
      continue;
    }
    if (one.field('scope')?.text === 'BUILD_TIME') {
      if (isSecret({ name, value, secret })) {
        one.none('build arguments are not secret',
          `write build: { secrets: { ${name}: { secret: …, key: … } } }`);
      } else {
        app.take(one, ['build', 'env', name], value ?? '');
      }
      continue;
    }
    const [, component, property] = /^\$\{([\w-]+)\.(\w+)\}$/.exec(value ?? '') ?? [];
    const database = project.databases.get(component);
    const other = project.placed.find(({ name: known, process: own }) => known === component && own.length === 0);
    if (database) {
      const connection = connect(app, { name: component, type: database.type, shared: database.shared }, one);
      const part = PARTS[property];
      const reference = part && (part === 'url' && name === 'DATABASE_URL' && /postgres|mysql/.test(database.type.type)
        ? '$(DATABASE_URL)'
        : partOf(app, connection, part));
      if (reference === `$(${name})`) one.changed(app.shown(['connections', connection]), `the connection gives the app ${name}`);
      else if (reference) app.change(one, [...process, 'env', name], reference, `it is taken from the connection ${connection}`);
      else one.none(`the connection has no ${property}`, `write its value: env: { ${name}: … }, or secretEnv`);
    } else if (other && /^(PRIVATE_URL|PUBLIC_URL|PRIVATE_DOMAIN)$/.test(property) && other.app !== app) {
      const connection = connectApp(app, other.app);
      const url = `$(${prefixOf(connection)}_URL)`;
      if (url === `$(${name})`) one.changed(app.shown(['connections', connection]), `the connection gives the app ${name}`);
      else app.change(one, [...process, 'env', name], url, `it is the URL of ${connection}, which a request wakes`);
    } else if (/\$\{[\w.-]+\}/.test(value ?? '')) {
      one.none('it is a variable of App Platform', `write its value: env: { ${name}: … }`);
    } else {
      setVariables(app, process, [{ name, at: one, value, secret }]);
    }
  }
}

const PARTS: { readonly [property: string]: Parameters<typeof partOf>[2] | undefined } = {
  DATABASE_URL: 'url',
  DATABASE_PRIVATE_URL: 'url',
  REDIS_URL: 'url',
  PRIVATE_REDIS_URL: 'url',
  HOSTNAME: 'host',
  PORT: 'port',
  USERNAME: 'user',
  PASSWORD: 'password',
  DATABASE: 'database',
};
