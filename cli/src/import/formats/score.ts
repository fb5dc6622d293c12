/** Workloads of Score, which say what a container needs, and not where it comes from. */
import { posix, relative, resolve } from 'node:path';
import { literally } from '../../config/expand';
import { Failure } from '../../ui/failure';
import type { AppDraft, Steps } from '../draft';
import { appName, volumeName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { readDocuments } from '../shared/documents';
import type { ContainerTarget, PodTarget } from '../shared/pod';
import { CONTAINER } from '../shared/pod';
import { commandOfFolder } from '../shared/processes';
import type { ServiceType } from '../shared/services';
import { connect, connectApp, partOf, prefixOf, serviceOfEngine, setScheme } from '../shared/services';
import { isSecret, setContainerVariable, setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

export const score: Format = {
  name: 'score',
  title: 'Score',
  documentation: 'https://docs.score.dev/docs/score-specification/score-spec-reference/',
  get tables() {
    return [WORKLOAD, SCORE_CONTAINER, RESOURCE];
  },
  recognizes: ({ text }) => /^[\s{]*"?apiVersion"?:\s*['"]?score\.dev\//m.test(text),
  convert: convertScore,
};

interface Workload {
  readonly app: AppDraft;

  /** Where its program is: one without ports gets no requests, and is a worker. */
  readonly process: Steps;
  readonly at: Reader;
  readonly file: SourceFile;

  /** The workloads of all files, by name. */
  readonly others: ReadonlyMap<string, AppDraft>;
}

interface Target extends ContainerTarget {
  readonly workload: Workload;
}

/** https://github.com/score-spec/spec/blob/main/score-v1b1.json */
const WORKLOAD: Table<Workload> = {
  apiVersion: holds('it is the version of the format'),
  metadata: {
    'name': (at, { app }) => at.taken(app.shown(['name'])),
    'annotations': (at, { app }) => at.fields.forEach(([name, one]) => {
      if (/(^|\.)score\.dev\//.test(name)) one.none('it is for another tool of Score', 'remove it');
      else app.take(one, ['annotations', name], one.text);
    }),
    '*': holds('variables that refer to it have its value'),
  },
  service: { ports: setPorts },
  resources: (at, workload) => at.fields.forEach(([name, one]) => setResource(name, one, workload)),
  containers: (at, workload) => at.fields.forEach(([name, one], i) => {
    const { app, process } = workload;
    if (i > 0 && process.length > 0) app.set(['sidecars', appName(name), 'processes'], ['main']);
    const pod: PodTarget = {
      app,
      process,
      spec: at,
      main: '',
      patch: { kind: 'Deployment', name: app.name, way: ['spec', 'template', 'spec'] },
      keys: { configMaps: new Map(), secrets: new Map() },
      accessModes: new Map(),
    };
    convert(one, { pod, app, workload, steps: i === 0 ? process : ['sidecars', appName(name)], isMain: i === 0 }, SCORE_CONTAINER);
  }),
};

/** https://docs.score.dev/docs/score-specification/score-spec-reference/#containers-definition */
const SCORE_CONTAINER: Table<Target> = {
  image: (at, { app, steps, isMain }) => at.text === '.'
    ? at.taken('the folder is built')
    : app.take(at, isMain ? ['image'] : [...steps, 'image'], at.text),
  command: CONTAINER.command as Rule<ContainerTarget>,
  args: CONTAINER.args as Rule<ContainerTarget>,
  variables: (at, target) => at.fields.forEach(([name, one]) => setVariable(name, one, target)),
  files: setFiles,
  volumes: setVolumes,
  resources: CONTAINER.resources as Rule<ContainerTarget>,
  readinessProbe: CONTAINER.readinessProbe as Rule<ContainerTarget>,
  livenessProbe: CONTAINER.livenessProbe as Rule<ContainerTarget>,
};

/** https://docs.score.dev/docs/score-specification/score-spec-reference/#resources-definition */
const RESOURCE: Table<{ readonly to: string }> = {
  type: (at, { to }) => at.taken(to),
  class: none('the platform chooses what there is of a kind', 'ask your platform team'),
  id: holds('resources with the same id are one'),
  metadata: none('it is for the tool that creates the resource', 'remove it'),
  params: none('it is for the tool that creates the resource', 'set it where the resource runs'),
};

function convertScore(files: readonly SourceFile[], conversion: Conversion): void {
  const { draft } = conversion;
  const roots = files.flatMap(file => readDocuments(file, conversion, score).map(at => ({ file, at })));
  draft.hasSeveral ||= roots.length > 1;
  const others = new Map<string, AppDraft>();
  const workloads = roots.map(({ file, at }): Workload => {
    const name = at.at('metadata', 'name')?.text;
    if (name === undefined || !at.field('containers')?.isMap) {
      const problem = 'it has no metadata.name or no containers; add them, then import it again';
      throw new Failure(`${file.name} is not a workload of Score: ${problem}`);
    }
    const app = draft.app(name);
    others.set(name, app);
    const isWorker = !at.at('service', 'ports')?.isMap && hasProgram(at, file);
    return { app, at, file, others, process: isWorker ? ['workers', 'main'] : [] };
  });
  for (const workload of workloads) {
    const { app, at, process } = workload;
    if (process.length > 0) app.set(['web'], false);
    convert(at, workload, WORKLOAD);
    const isPublic = at.field('resources')?.fields.some(([, one]) => /^(route|dns|ingress)$/.test(one.field('type')?.text ?? ''));
    if (!isPublic && app.props.web !== false) app.set(['internal'], true, 'It has no route, so only other apps reach it.');
    completeWorker(workload);
  }
}

/** A worker needs something of its own to run, which the image alone may know. */
function hasProgram(at: Reader, file: SourceFile): boolean {
  const [, container] = at.field('containers')!.fields[0] ?? [];
  const isNamed = ['command', 'args'].some(name => container?.field(name)) || (container?.field('image')?.text ?? '.') !== '.';
  return isNamed || commandOfFolder(file.folder) !== undefined;
}

function completeWorker({ app, process, file }: Workload): void {
  if (app.props.web !== false || ['command', 'args'].some(field => app.has([...process, field]))) return;
  if (app.has(['image'])) {
    app.set([...process, 'image'], app.get(['image']));
    app.set(['image'], undefined);
  } else {
    app.set([...process, 'command'], commandOfFolder(file.folder), 'From the Dockerfile.');
  }
}

function setPorts(at: Reader, { app }: Workload): void {
  const ports = at.fields.filter(([, one]) => one.field('protocol')?.text !== 'UDP');
  const main = ports.find(([name]) => /^(http|web|www)/.test(name)) ?? ports[0];
  for (const [name, one] of at.fields) {
    const port = one.field('port');
    const target = one.field('targetPort') ?? port;
    one.field('protocol')?.taken('TCP');
    if (target?.number === undefined) continue;
    if (one.field('protocol')?.text === 'UDP') {
      one.none('ports of UDP are not supported', 'write a Service next to the app');
    } else if (name === main?.[0]) {
      app.take(target, ['port'], target.number);
      if (port !== target) port?.taken('callers use the URL of the app');
    } else {
      const own = ['ports', appName(name).slice(0, 15).replace(/-+$/, '')];
      app.change(target, own, { port: target.number }, 'its connections do not wake the app, so a replica always runs');
      app.set(['scaling', 'min'], 1);
      if (port !== target) port?.taken(app.shown(own));
    }
  }
}

/** Resources that are neither a connection nor a route: their values come from outside. */
const FROM_OUTSIDE = /^(environment|config|secret)$/;

function setResource(name: string, at: Reader, { app, at: workload }: Workload): void {
  const type = at.field('type')?.text ?? '';
  const [host, path, size] = ['host', 'path', 'size'].map(param => at.at('params', param));
  const literal = (one: Reader | undefined) => (one?.text !== undefined && !one.text.includes('${') ? one.text : undefined);
  let to = 'it gives variables their values';
  if (type === 'dns' || type === 'route' || type === 'ingress') {
    const hosts = new Set((app.props.hosts as string[] | undefined) ?? []);
    if (literal(host) !== undefined) app.take(host!, ['hosts'], [...hosts.add(host!.text!)]);
    else host?.taken(app.shown(['hosts']));
    if (path?.text && path.text !== '/') app.take(path, ['paths'], [path.text]);
    else path?.taken('all paths reach the app');
    at.at('params', 'port')?.taken(app.shown(['port']));
    to = app.shown(['hosts']);
  } else if (type === 'volume') {
    const isMounted = workload.field('containers')?.fields.some(([, one]) => (
      mountsIn(one.field('volumes')).some(volume => resourceIn(volume.one.field('source')?.text ?? '') === name)));
    to = app.shown(['volumes', volumeName(name)]);
    if (size && isMounted) size.taken(to);
  } else if (serviceOf(at)) {
    to = app.shown(['connections', connectionOf(name, at)]);
    connect(app, { name: connectionOf(name, at), type: serviceOf(at)!, shared: at.field('id') !== undefined }, at.field('type')!);
  } else if (type === 'horizontal-pod-autoscaler') {
    to = app.shown(['scaling']);
  } else if (type !== 'service' && type !== 'service-port' && !FROM_OUTSIDE.test(type)) {
    return at.none(`resources of type ${type} are created by the tools of your platform`,
      'write its address in env, or a connection of type secret');
  }
  convert(at, { to }, RESOURCE);
  return undefined;
}

function serviceOf(at: Reader): ServiceType | undefined {
  const type = at.field('type')?.text ?? '';
  const isService = /^(postgres|mysql|redis|mongodb|amqp|rabbitmq|kafka|elasticsearch|opensearch|memcached)/.test(type);
  return isService ? serviceOfEngine(type) : undefined;
}

/** Workloads share what has the same id. */
function connectionOf(name: string, at: Reader): string {
  return appName(at.field('id')?.text ?? name);
}

/** `db` of `${resources.db}` and of `resources.db`. */
function resourceIn(text: string): string {
  return /^(?:\$\{)?(?:resources\.)?([\w-]+)\}?$/.exec(text.trim())?.[1] ?? text;
}

/**
 * A placeholder, or `$$`, which is a dollar.
 *
 * @see https://docs.score.dev/docs/score-specification/score-spec-reference/#placeholder-references
 */
const PLACEHOLDER = /\$\$|\$\{([^}]*)\}/g;

/** What a value with placeholders becomes. */
interface Resolved {
  /** With references to variables, as Kubernetes replaces them; undefined where something is not known. */
  readonly value?: string;

  /** The connection that it comes from. */
  readonly connection?: string;

  /** The first placeholder that is not known. */
  readonly unknown?: string;
}

/** Outputs of resources, as the tools of Score name them. */
const PARTS: { readonly [output: string]: Parameters<typeof partOf>[2] | undefined } = {
  host: 'host',
  hostname: 'host',
  port: 'port',
  name: 'database',
  database: 'database',
  username: 'user',
  user: 'user',
  password: 'password',
  url: 'url',
  uri: 'url',
  connection: 'url',
};

function resolved(text: string, workload: Workload): Resolved {
  const whole = wholeUrl(text, workload);
  if (whole) return whole;
  let unknown: string | undefined;
  let connection: string | undefined;
  const parts = text.split(/(\$\$|\$\{[^}]*\})/).map(part => {
    const [, name] = /^\$\{([^}]*)\}$/.exec(part) ?? [];
    if (name === undefined) return literally(part === '$$' ? '$' : part);
    const own = /^metadata\./.test(name) ? workload.at.at(...name.split('.'))?.text : undefined;
    if (own !== undefined) return literally(own);
    const [, resource, output] = /^resources\.([\w-]+)\.([\w-]+)$/.exec(name) ?? [];
    const known = PARTS[output];
    const at = resource === undefined ? undefined : workload.at.at('resources', resource);
    const reference = at && known && serviceOf(at) ? partOf(workload.app, connectionOf(resource, at), known) : undefined;
    if (reference === undefined) unknown ??= name;
    else connection = connectionOf(resource, at!);
    return reference ?? '';
  });
  return unknown === undefined ? { value: parts.join(''), connection } : { unknown };
}

/** A URL of nothing but the outputs of one resource. */
function wholeUrl(text: string, { app, at, others }: Workload): Resolved | undefined {
  const [, resource] = /\$\{resources\.([\w-]+)[.}]/.exec(text) ?? [];
  const found = resource === undefined ? undefined : at.at('resources', resource);
  if (!found) return undefined;
  const type = serviceOf(found);
  if (type) {
    const scheme = schemeOf(text, resource);
    if (scheme === undefined) return undefined;
    const isUsual = /^(postgres(ql)?|mysql|redis|amqp|mongodb)$/.test(scheme);
    const connection = connectionOf(resource, found);
    if (!isUsual && /^(postgres|mysql)$/.test(type.type)) setScheme(app, connection, scheme);
    return { value: partOf(app, connection, 'url'), connection };
  }
  const name = found.at('params', 'workload')?.text ?? found.field('id')?.text ?? resource;
  const other = /^service/.test(found.field('type')?.text ?? '') ? others.get(name) : undefined;
  const output = String.raw`\$\{resources\.${resource}\.`;
  const address = String.raw`${output}(?:name|host|hostname)\}(?::(?:${output}port\}|\d+))?`;
  const [isUrl, path = ''] = new RegExp(`^(?:${output}url\\}|https?://${address})(/[^$]*)?$`).exec(text) ?? [];
  if (!other || other === app || isUrl === undefined) return undefined;
  const connection = connectApp(app, other);
  return { value: `$(${prefixOf(connection)}_URL)${literally(path)}`, connection };
}

/** The scheme of a URL that is put together of the parts of a service: `redis://${resources.cache.host}:${resources.cache.port}`. */
function schemeOf(text: string, resource: string): string | undefined {
  const bare = text.replaceAll(`\${resources.${resource}.`, '${');
  const [login, address, path] = [
    String.raw`(?:(?:\$\{username\})?(?::\$\{password\})?@)?`,
    String.raw`\$\{host\}(?::(?:\$\{port\}|\d+))?`,
    String.raw`(?:/(?:\$\{(?:name|database|vhost)\})?)?`,
  ];
  return new RegExp(`^([a-z][a-z0-9+]*)://${login}${address}${path}$`).exec(bare)?.[1];
}

function setVariable(name: string, at: Reader, { app, steps, isMain, pod, workload }: Target): void {
  const process = isMain ? pod.process : steps;
  const { value, connection, unknown } = resolved(at.text ?? '', workload);
  if (value === undefined) {
    const isSecretThere = isSecret({ name }) || isSecret({ name: unknown!.split('.').at(-1)!.toUpperCase() });
    if (isMain && isSecretThere) return setVariables(app, process, [{ name, at, secret: true }]);
    return at.none(`\${${unknown}} comes from outside of the file`, `write its value: env: { ${name}: … }`);
  }
  if (connection === undefined) {
    if (isMain) return setVariables(app, process, [{ name, at, value: textOf(at.text ?? '', workload) }]);
    return setContainerVariable(app, steps, { name, at, value: textOf(at.text ?? '', workload) });
  }
  const isSql = /^(postgres|mysql)$/.test(String(app.get(['connections', connection, 'type'])));
  const gives = [`$(${name})`, ...name === 'DATABASE_URL' && isSql ? [`$(${prefixOf(connection)}_URL)`] : []];
  if (gives.includes(value)) return at.changed(app.shown(['connections', connection]), `the connection gives the app ${name}`);
  return app.change(at, [...process, 'env', name], value, `it is taken from the connection ${connection}`);
}

/** A string of which all placeholders are known, as the program gets it. */
function textOf(text: string, { at }: Workload): string {
  return text.replace(PLACEHOLDER, (_, name?: string) => (name === undefined ? '$' : at.at(...name.split('.'))?.text ?? ''));
}

/** https://docs.score.dev/docs/score-specification/score-spec-reference/#container-definition */
function setFiles(at: Reader, target: Target): void {
  const { app, steps, isMain, workload } = target;
  for (const { path, one } of mountsIn(at)) {
    if (path === undefined) continue;
    const where = [...isMain ? [] : steps, 'files', path];
    const [source, content, mode, noExpand] = ['source', 'content', 'mode', 'noExpand'].map(name => one.field(name));
    const written = content?.isList ? content.texts.join('\n') : content?.text ?? '';
    const { value, connection } = noExpand?.boolean ? { value: written } as Resolved : resolved(written, workload);
    if (source?.text) {
      app.take(source, where, { fromFile: relative(app.draft.folder, resolve(workload.file.folder, source.text)) });
    } else if (content && (value === undefined || connection !== undefined)) {
      content.none('it has values of resources, which variables alone can have',
        `read them from env; or create a Secret with ${posix.basename(path)}, and write secretFiles`);
    } else if (content) {
      app.take(content, where, noExpand?.boolean ? written : textOf(written, workload));
    }
    one.field('binaryContent')?.none('files are text', 'copy it into the image');
    one.field('target')?.taken(app.shown(where));
    noExpand?.taken('nothing is replaced in files');
    if (/^0?[0-7]*[4-7]$/.test(mode?.text ?? '') && !/[1357]/.test(mode!.text!)) mode!.taken('the app can read its files');
    else mode?.none('files cannot be executed, and the app can read them all', 'copy it into the image');
  }
}

/** Files or volumes: newer files have maps by target, older ones lists. */
function mountsIn(at: Reader | undefined): { readonly path?: string; readonly one: Reader }[] {
  if (at?.isMap) return at.fields.map(([path, one]) => ({ path, one }));
  return (at?.items ?? []).map(one => ({ path: one.field('target')?.text, one }));
}

function setVolumes(at: Reader, target: Target): void {
  const { app, steps, isMain, workload } = target;
  for (const { path, one } of mountsIn(at)) {
    const source = one.field('source');
    if (path === undefined || source?.text === undefined) continue;
    const name = resourceIn(source.text);
    const readOnly = one.field('readOnly')?.boolean ? { readOnly: true } : {};
    const where: Steps = [...steps, 'volumes', volumeName(name)];
    const size = workload.at.at('resources', name, 'params', 'size')?.text;
    one.field('path')?.none('a volume is mounted as a whole', 'mount it, and use the folder in it');
    if (isMain) {
      app.change(source, where, { path, size: size ?? '5Gi', ...readOnly },
        `${size === undefined ? 'a claim has a size; ' : ''}one node at a time can mount it, so the app has at most one replica`,
        'One replica at most can mount it, unless its accessMode is read-write-many.');
    } else {
      if (!app.has(['volumes', volumeName(name)])) app.set(['volumes', volumeName(name)], { path, size: size ?? '5Gi' });
      app.take(source, where, { ...app.get(['volumes', volumeName(name), 'path']) === path ? {} : { path }, ...readOnly });
    }
    for (const field of ['target', 'readOnly']) one.field(field)?.taken(app.shown(where));
  }
}
