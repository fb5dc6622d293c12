import { basename } from 'node:path';
import { generatedSecret } from '../../../../src/internal';
import { Failure } from '../../ui/failure';
import type { AppDraft } from '../draft';
import { folderName, volumeName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import type { Component, Placed } from '../shared/components';
import { placeComponents } from '../shared/components';
import { setContext, setDockerfile } from '../shared/folders';
import type { Builder } from '../shared/processes';
import { commandFor, isScheduler } from '../shared/processes';
import { setReplicas } from '../shared/replicas';
import type { ServiceType } from '../shared/services';
import { connect, connectApp, partOf, prefixOf, serviceOfEngine } from '../shared/services';
import { setSize } from '../shared/sizes';
import { duration } from '../shared/units';
import { setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import { readYaml } from '../source/yaml';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

export const render: Format = {
  name: 'render',
  title: 'render.yaml',
  documentation: 'https://render.com/docs/blueprint-spec',
  get tables() {
    return [TOP, SERVICE];
  },
  recognizes: ({ name, text }) => /^render\b.*\.ya?ml$/.test(basename(name))
    || (/^services:/m.test(text) && /^\s*-?\s*type:\s*(web|pserv|worker|cron|keyvalue|redis)\b/m.test(text)),
  convert: (files, conversion) => files.forEach(file => convertRender(file, conversion)),
};

/** What is known of the whole file. */
interface Project {
  readonly placed: readonly Placed[];

  /** Databases and Key Value instances, by name. */
  readonly services: ReadonlyMap<string, { readonly type: ServiceType; readonly at: Reader; readonly users: number }>;

  /** Environment groups, by name. */
  readonly groups: ReadonlyMap<string, Reader>;
}

interface Target {
  readonly placed: Placed;
  readonly app: AppDraft;
  readonly project: Project;
}

const GIT = 'webapp deploy builds the folder, whatever its branch';
const REGION = 'a cluster is in one region';
const PREVIEWS = none('your pipeline deploys previews', 'run webapp preview up; write what differs in environments: { preview: { … } }');

/** https://render.com/docs/blueprint-spec#service-fields */
const SERVICE: Table<Target> = {
  type: at => at.taken('the kind of the process'),
  name: (at, { app, placed }) => at.taken(placed.process.length === 0 ? app.shown(['name']) : app.shown(placed.process)),
  runtime: setRuntime,
  env: setRuntime,
  image: {
    url: (at, { app, placed }) => placed.process.length > 0 && app.get(['image']) === at.text
      ? at.taken(app.shown(['image']))
      : app.take(at, app.props.web === false ? ['image'] : [...placed.process, 'image'], at.text),
    creds: none('the credentials of a registry are in a Secret', 'run webapp registry login'),
  },
  registryCredential: none('the credentials of a registry are in a Secret', 'run webapp registry login'),
  rootDir: setBuild('context'),
  dockerContext: setBuild('context'),
  dockerfilePath: setBuild('dockerfile'),
  buildCommand: (at, { placed }) => isStatic(placed.at)
    ? at.none('static files are not built', 'run it before webapp deploy, or write a Dockerfile')
    : at.changed('build', 'buildpacks detect how the code is built'),
  staticPublishPath: (at, { app }) => app.take(at, ['static'], at.text?.replace(/^\.?\//, '')),
  startCommand: setCommand,
  dockerCommand: setCommand,
  preDeployCommand: (at, { app, placed }) => {
    if (placed.process.length > 0) {
      return at.none('a process beside the web process has no release command', 'write releaseCommand of the app');
    }
    return app.take(at, ['releaseCommand', 'command'], commandFor(at.text ?? '', builderOf(placed.at)));
  },
  initialDeployHook: none('nothing runs after the first deploy', 'run it: webapp run -- and the command'),
  schedule: (at, { app, placed }) => app.take(at, [...placed.process, 'schedule'], at.text),
  envVars: setEnv,
  plan: setPlan,
  numInstances: (at, { app, placed }) => setReplicas(at, app, placed.process),
  scaling: (at, { app, placed }) => {
    const [min, max, cpu, memory] = ['minInstances', 'maxInstances', 'targetCPUPercent', 'targetMemoryPercent'].map(name => at.field(name));
    for (const [one, prop] of [[min, 'min'], [max, 'max'], [cpu, 'cpu'], [memory, 'memory']] as const) {
      if (one?.number !== undefined) app.take(one, [...placed.process, 'scaling', prop], one.number);
    }
  },
  healthCheckPath: (at, { app }) => app.take(at, ['health', 'path'], at.text),
  maxShutdownDelaySeconds: (at, { app, placed }) => {
    const seconds = at.number ?? 30;
    if (seconds === 30) at.taken('programs have 30 seconds to stop');
    else if (placed.process.length > 0) app.take(at, [...placed.process, 'terminationGracePeriod'], duration(seconds));
    else app.take(at, ['health', 'terminationGracePeriod'], duration(seconds + 5));
  },
  domain: (at, { app }) => app.take(at, ['hosts'], at.texts),
  domains: (at, { app }) => app.take(at, ['hosts'], at.texts),
  disk: setDisk,
  ipAllowList: (at, { app }) => at.items.forEach((one, i) => {
    const source = one.field('source');
    if (source?.text === undefined) return;
    const before = i === 0 ? [] : (app.get(['access', 'allow']) as string[] | undefined) ?? [];
    if (source.text === '0.0.0.0/0') source.taken('everyone may send requests');
    else app.take(source, ['access', 'allow'], [...before, source.text]);
    one.field('description')?.taken('it is a comment');
  }),
  headers: (at, { app }) => at.items.forEach(one => {
    const [path, name, value] = ['path', 'name', 'value'].map(field => one.field(field));
    if (path?.text !== '/*') return one.none('headers are those of every response', 'write http: { responseHeaders: … }');
    if (name?.text && value?.text !== undefined) app.take(one, ['http', 'responseHeaders', name.text], value.text);
    return undefined;
  }),
  routes: (at, { app }) => {
    const redirects: object[] = [];
    for (const one of at.items) {
      const [type, source, destination] = ['type', 'source', 'destination'].map(name => one.field(name)?.text ?? '');
      if (type === 'rewrite' && source === '/*' && destination === '/index.html' && app.has(['static'])) {
        one.taken('index.html is the answer where there is no page, unless the site has a 404.html');
        continue;
      }
      if (type !== 'redirect' || /[*:]/.test(source)) {
        one.none(type === 'redirect' ? 'redirects are of one path each' : 'paths are not rewritten',
          'do it in the app, or write a Dockerfile');
        continue;
      }
      redirects.push({ from: source, to: destination });
      app.take(one, ['http', 'redirects'], [...redirects]);
    }
  },
  maintenanceMode: (at, { app }) => at.field('enabled')?.boolean
    ? app.change(at, ['maintenance'], { body: 'Back soon.' }, 'the page is in webapp.yaml')
    : at.taken('the app answers requests'),
  repo: holds(GIT),
  branch: holds(GIT),
  autoDeploy: holds('your pipeline runs webapp deploy'),
  autoDeployTrigger: holds('your pipeline runs webapp deploy'),
  buildFilter: none('your pipeline decides what it deploys', 'filter there'),
  region: none(REGION, 'deploy to a cluster there'),
  previews: PREVIEWS,
  pullRequestPreviewsEnabled: PREVIEWS,
  renderSubdomainPolicy: holds('an app answers at its hosts alone'),
  edgeCaching: none('responses are not cached', 'ask your platform team for a CDN'),
};

/** https://render.com/docs/blueprint-spec#root-level-fields */
const TOP: Table<undefined> = {
  version: holds('it is that of the format'),
  previews: PREVIEWS,
  previewsEnabled: PREVIEWS,
  previewsExpireAfterDays: PREVIEWS,
};

function convertRender(file: SourceFile, conversion: Conversion): void {
  const [node] = readYaml(file);
  if (!node?.fields) throw new Failure(`${file.name} is not a render.yaml: it is not a map`);
  const root = conversion.read(file, node, render);
  convert(root, undefined, TOP);
  // Services, databases and groups may be in the environments of projects.
  const environments = (root.field('projects')?.items ?? []).flatMap(project => {
    project.field('name')?.taken('it is a group on Render');
    return project.field('environments')?.items ?? [];
  });
  for (const environment of environments) {
    environment.field('name')?.taken('it is a group on Render');
    for (const name of ['networkIsolation', 'networking', 'protectedStatus', 'permissions', 'ipAllowList']) {
      environment.field(name)?.none('it is a setting of Render', 'use a namespace for each environment');
    }
  }
  const places = [root, root.field('ungrouped'), ...environments].filter(one => one !== undefined);
  const listed = (name: string) => places.flatMap(place => place.field(name)?.items ?? []);
  const all = listed('services');
  const isStore = (at: Reader) => /^(redis|keyvalue)$/.test(at.field('type')?.text ?? '');
  const placed = placeComponents(all.filter(at => !isStore(at)).map(componentOf), conversion.draft);
  conversion.draft.namespace ??= placed.length > 1 ? folderName(file) : undefined;
  const groups = new Map(listed('envVarGroups').map(at => [at.field('name')?.text ?? '', at]));
  const services = new Map([
    ...listed('databases').map(at => [at, serviceOfEngine('postgres')!] as const),
    ...all.filter(isStore).map(at => [at, serviceOfEngine('redis')!] as const),
  ].map(([at, type]) => {
    const name = at.field('name')?.text ?? type.type;
    const users = new Set(placed.filter(one => usesOf(one.at, groups).includes(name)).map(({ app }) => app)).size;
    at.taken(`connections of the apps that use it, to ${type.title}`);
    return [name, { type, at, users }] as const;
  }));
  const project: Project = { placed, services, groups };
  for (const one of placed) {
    const { app, kind, process } = one;
    convert(one.at, { placed: one, app, project }, SERVICE);
    if (kind === 'internal') app.set(['internal'], true);
    const words = (app.get([...process, 'command']) as string[] | undefined)?.join(' ') ?? '';
    if (kind === 'worker' && isScheduler(one.name, words)) app.set([...process, 'singleton'], true, 'A scheduler must never run twice.');
  }
  for (const [name, at] of groups) at.field('name')?.taken(`the variables of ${name} are those of the services that use it`);
}

function componentOf(at: Reader): Component {
  const text = (name: string) => at.field(name)?.text;
  const kinds: { readonly [type: string]: Component['kind'] | undefined } = {
    web: 'web',
    pserv: 'internal',
    worker: 'worker',
    cron: 'cron',
  };
  const key = JSON.stringify([
    (text('rootDir') ?? text('dockerContext') ?? '.').replace(/^\.\/|\/$/g, ''), text('dockerfilePath'),
    at.at('image', 'url')?.text,
    text('repo'),
    isStatic(at),
  ]);
  return { name: text('name') ?? 'web', at, kind: kinds[text('type') ?? ''] ?? 'web', key };
}

function isStatic(at: Reader): boolean {
  return [at.field('runtime')?.text, at.field('env')?.text, at.field('type')?.text].includes('static');
}

function builderOf(at: Reader): Builder {
  const runtime = at.field('runtime')?.text ?? at.field('env')?.text;
  return runtime === 'docker' || runtime === 'image' || at.field('dockerfilePath') ? 'dockerfile' : 'buildpacks';
}

function setRuntime(at: Reader, { app, placed }: Target): void {
  if (placed.process.length > 0 && app.props.web !== false) return at.taken('it runs the image of the app');
  if (at.text === 'docker' || at.text === 'image' || at.text === 'static') return at.taken('the folder is built, unless image names one');
  return app.change(at, ['build', 'strategy'], 'buildpacks', 'buildpacks detect the language');
}

function setBuild(field: 'context' | 'dockerfile'): Rule<Target> {
  return (at, { app, placed }) => {
    if (placed.process.length > 0 && app.props.web !== false) at.taken(app.shown(['build']));
    else if (field === 'context') setContext(at, app);
    else setDockerfile(at, app, placed.at.field('rootDir')?.text ?? placed.at.field('dockerContext')?.text);
  };
}

function setCommand(at: Reader, { app, placed }: Target): void {
  app.take(at, [...placed.process, 'command'], commandFor(at.text ?? '', builderOf(placed.at)));
}

/** Memory of instance types in MB: https://render.com/pricing */
const PLANS: { readonly [plan: string]: number | undefined } = {
  'free': 512, 'starter': 512, 'standard': 2048, 'pro': 4096, 'pro plus': 8192, 'pro max': 16384, 'pro ultra': 32768,
};

function setPlan(at: Reader, { app, placed }: Target): void {
  const memory = PLANS[at.text?.toLowerCase() ?? ''];
  if (isStatic(placed.at)) return at.taken('a static site has the smallest need');
  if (memory === undefined) return at.none('its memory is not known', 'write size');
  return setSize(app, placed.process, { memory: memory * 1024 ** 2 }, `the plan ${at.text} with ${memory} MB`, at);
}

function setDisk(at: Reader, { app, placed }: Target): void {
  const [name, path, size] = ['name', 'mountPath', 'sizeGB'].map(field => at.field(field));
  if (!path?.text) return;
  const steps = [...placed.process, 'volumes', volumeName(name?.text ?? 'data')];
  app.change(path, steps, { path: path.text, size: `${size?.number ?? 10}Gi` },
    'one node at a time can mount it, so the app has at most one replica; data is not copied',
    'One replica at most can mount it, unless its accessMode is read-write-many.');
  name?.taken(app.shown(steps));
  size?.taken(app.shown([...steps, 'size']));
}

/** The databases and stores that variables of a service come from. */
function usesOf(at: Reader, groups: ReadonlyMap<string, Reader>): string[] {
  return (at.field('envVars')?.items ?? []).flatMap(one => {
    const group = groups.get(one.field('fromGroup')?.text ?? '');
    const own = [one.at('fromDatabase', 'name')?.text, one.at('fromService', 'name')?.text].filter(name => name !== undefined);
    return group ? usesOf(group, new Map()) : own;
  });
}

/** https://render.com/docs/blueprint-spec#setting-environment-variables */
function setEnv(at: Reader, target: Target, owner = target.app): void {
  const { app, placed, project } = target;
  for (const one of at.items) {
    const group = one.field('fromGroup');
    const name = one.field('key')?.text;
    if (group) {
      const found = project.groups.get(group.text ?? '');
      if (!found) {
        group.none('the group is not in this file', 'create a Secret with its variables, and write envFromSecrets');
        continue;
      }
      group.taken(app.shown([...placed.process, 'env']));
      const list = found.field('envVars');
      // All services that use the group have the values that Render generates for it.
      const first = project.placed.find(other => (
        other.at.field('envVars')?.items.some(variable => variable.field('fromGroup')?.text === group.text)));
      if (list) setEnv(list, target, first?.app);
    } else if (name !== undefined) {
      setOne(name, one, target, owner);
    }
  }
}

/** @param owner the app that generates a value which has to be generated */
function setOne(name: string, at: Reader, target: Target, owner: AppDraft): void {
  const { app, placed, project } = target;
  const process = placed.process[0] === 'workers' || placed.process[0] === 'cronJobs' ? placed.process : [];
  const wire = (connection: string, value: string | undefined) => {
    if (value === undefined) return at.none('the connection has no such part', 'write it in env');
    if (value === `$(${name})`) return at.changed(app.shown(['connections', connection]), `the connection gives the app ${name}`);
    return app.change(at, [...process, 'env', name], value, `it is taken from the connection ${connection}`);
  };
  const source = at.field('fromDatabase') ?? at.field('fromService');
  if (source) {
    const service = project.services.get(source.field('name')?.text ?? '');
    if (service) {
      const wanted = source.field('property')?.text ?? 'connectionString';
      const connection = connect(app, { name: source.field('name')!.text!, type: service.type, shared: service.users > 1 }, at);
      const part = PARTS[wanted];
      if (name === 'DATABASE_URL' && part === 'url' && service.type.type === 'postgres') return wire(connection, '$(DATABASE_URL)');
      return wire(connection, part && partOf(app, connection, part));
    }
    const other = project.placed.find(one => one.process.length === 0 && one.name === source.field('name')?.text);
    const wanted = source.field('property')?.text;
    if (!other || wanted === undefined) {
      const key = source.field('envVarKey')?.text;
      const from = project.placed.find(one => one.name === source.field('name')?.text);
      const found = from?.at.field('envVars')?.items.find(one => one.field('key')?.text === key);
      if (from && key !== undefined && found?.field('generateValue')?.boolean) return useGenerated(app, from.app, { name, key }, at);
      const next = key === undefined ? `write its value: env: { ${name}: … }` : `write secretEnv: { ${name}: { secret: …, key: ${key} } }`;
      return at.none('it is a value of another service', next);
    }
    const connection = connectApp(app, other.app);
    const url = `$(${prefixOf(connection)}_URL)`;
    if (url === `$(${name})`) return wire(connection, url);
    return app.change(at, [...process, 'env', name], url, `it is the URL of ${connection}, which a request wakes`,
      'A URL, not a host and port.');
  }
  const isGenerated = at.field('generateValue')?.boolean;
  if (isGenerated && owner !== app) return useGenerated(app, owner, { name, key: name }, at);
  const isAsked = at.field('sync')?.boolean === false;
  const kind = isGenerated ? { secret: true, generate: GENERATED_LENGTH } : isAsked ? { secret: true } : {};
  setVariables(app, process, [{ name, at, value: at.field('value')?.text, ...kind }]);
  return undefined;
}

/** Lets an app use a value that another one generates. */
function useGenerated(app: AppDraft, other: AppDraft, { name, key }: { readonly name: string; readonly key: string }, at: Reader): void {
  const value = other === app && name === key ? { generate: GENERATED_LENGTH } : { secret: generatedSecret(other.name), key };
  app.change(at, ['secretEnv', name], value, `it is a value that webapp deploy generates for ${other.name}`);
}

/** The length of what Render generates, 256 bits in Base64: https://render.com/docs/blueprint-spec#environment-variables */
const GENERATED_LENGTH = 44;

const PARTS: { readonly [property: string]: Parameters<typeof partOf>[2] | undefined } = {
  connectionString: 'url', host: 'host', port: 'port', user: 'user', password: 'password', database: 'database', hostport: 'url',
};
