/** Acornfiles, and what `acorn render` makes of them: containers that get requests are apps, databases and caches are connections. */
import { basename, extname } from 'node:path';
import { CONTAINER } from './container';
import { noteVolumes, startScripts } from './mounts';
import { portsIn } from './ports';
import type { Program, Project, Provided, Target } from './program';
import { known, variablesOf } from './program';
import { routedNames, setRouters } from './routers';
import { noteSecrets, SECRET } from './secrets';
import { noteServices, PROVIDED, typeOf } from './services';
import type { AppDraft } from '../../draft';
import { appName, folderName } from '../../draft';
import type { Conversion, Format } from '../../format';
import type { Reader } from '../../reader';
import { splitWords } from '../../shared/commands';
import { isScheduler, setCommandOfImage } from '../../shared/processes';
import { serviceOfImage } from '../../shared/services';
import { mentions } from '../../shared/wiring';
import { readAml } from '../../source/aml/aml';
import type { SourceFile } from '../../source/node';
import { readYaml } from '../../source/yaml';
import type { Table } from '../../table';
import { convert, holds, none } from '../../table';

export const acorn: Format = {
  name: 'acorn',
  title: 'Acorn',
  documentation: 'https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/03-acornfile.md',
  get tables() {
    return [TOP, CONTAINER, SECRET, PROVIDED];
  },
  recognizes: ({ name, text }) => /^Acornfile$|\.acorn$/.test(basename(name)) || isRenderedJson(text),
  convert: (files, conversion) => files.forEach(file => convertFile(file, conversion)),
};

/** The keys at the top: https://github.com/acorn-io/runtime/blob/main/pkg/appdefinition/acornfile-schema.acorn */
const TOP: Table<Conversion> = {
  args: (at, { draft }) => {
    at.changed('the values that refer to it', 'it has its default in webapp.yaml');
    draft.tell('to import the file with other args: acorn render -o json . --NAME VALUE | webapp import -');
  },
  profiles: none('profiles are other defaults of args',
    'write what differs: environments: { NAME: … }; or import what acorn render --profile makes'),
  localData: holds('the values that refer to it'),
  localdata: holds('the values that refer to it'),
  data: holds('the values that refer to it'),
  name: holds('namespace'),
  description: holds('it is a description'),
  readme: holds('it is a description'),
  info: holds('it is a description'),
  icon: holds('it is a description'),
  images: none('an image that no container runs is not part of an app', 'build and push it in your pipeline'),
  functions: none('a function is called with events, and not by requests', 'write a program that answers requests, or a worker'),
  assistants: none('there are no assistants', 'write a program that calls the model'),
};

/** https://github.com/acorn-io/runtime, pkg/cli/render.go */
function isRenderedJson(text: string): boolean {
  return /^\s*\{/.test(text) && /"(containers|acorns|jobs)"\s*:\s*\{/.test(text) && !/"(apiVersion|containerDefinitions)"\s*:/.test(text);
}

function convertFile(file: SourceFile, conversion: Conversion): void {
  const { draft } = conversion;
  const node = /^\.ya?ml$/.test(extname(file.name)) ? readYaml(file)[0] : readAml(file);
  const root = conversion.read(file, node, acorn);
  convert(root, conversion, TOP);
  const project = projectOf(root, file);
  const programs = [...project.programs.values()];
  chooseRoles(project);
  draft.hasSeveral ||= programs.filter(({ role }) => role === 'web').length > 1;
  placePrograms(programs, conversion);
  countUsers(project);
  draft.namespace ??= root.field('name')?.text ? appName(root.field('name')!.text!) : draft.apps.length > 1 ? folderName(file) : undefined;
  // The apps come before their further processes, whose variables are compared with theirs.
  for (const program of [...programs].sort((a, b) => a.process.length - b.process.length)) convertProgram(program, project);
  setRouters(project);
  completeApps(project, draft.apps);
  noteVolumes(root);
  noteSecrets(project, draft.apps);
  noteServices(project, name => draft.apps.find(app => app.has(['connections', appName(name)]))?.shown(['connections', appName(name)]));
}

function projectOf(root: Reader, file: SourceFile): Project {
  const read = (group: string) => known(root.field(group)).map(([name, at]): [string, Program] => {
    const ports = at.field('ports');
    const image = at.field('image')?.text ?? '';
    const isBuilt = at.field('build') !== undefined && Object.keys(at.field('build')!.node.fields ?? { build: 1 }).length > 0;
    const type = group === 'containers' && !isBuilt ? serviceOfImage(image) : undefined;
    return [name, { name, at, type, ports: ports ? portsIn(ports) : [], role: group === 'jobs' ? 'release' : 'web', process: [] }];
  });
  const services = ['services', 'acorns'].flatMap(group => known(root.field(group)).map(([name, at]): [string, Provided] => (
    [name, { name, at, type: at.field('container') ? undefined : typeOf(name, at, file.text) }])));
  return {
    root,
    folder: file.folder,
    programs: new Map([...read('containers'), ...read('jobs')]),
    services: new Map(services),
    volumes: new Map(),
    generated: new Set(),
    // Rendered files have all fields that Acorn has no default for.
    isRendered: known(root.field('containers')).some(([, at]) => at.field('probes') !== undefined && /^\s*\{/.test(file.text)),
  };
}

function chooseRoles({ programs, root }: Project): void {
  const routed = routedNames(root);
  const all = [...programs.values()];
  // A job that makes a secret or a service has nothing to do where Acorn does not ask it.
  const generators = new Set(['secrets', 'services'].flatMap(group => known(root.field(group)).flatMap(([, one]) => (
    [one.at('params', 'job')?.text, one.at('generated', 'job')?.text]))));
  for (const program of all) {
    const { at, name, type, ports } = program;
    if (type) {
      program.role = 'connection';
      at.taken(`connections of the apps that use it, to ${type.title}`);
    } else if (!at.field('image')?.text && !at.field('build')) {
      program.role = 'none';
      at.none('it has neither an image nor a build', 'write one of them');
    } else if (program.role === 'release') {
      chooseJob(program, generators);
    } else {
      const isCalled = all.some(other => other !== program
        && variablesOf(other.at).some(({ text }) => text !== undefined && mentions(text, name)));
      program.role = ports.some(({ protocol }) => protocol !== 'udp') || routed.has(name) || isCalled ? 'web' : 'worker';
    }
  }
}

function chooseJob(program: Program, generators: ReadonlySet<string | undefined>): void {
  const { at, name } = program;
  const events = at.field('events')?.texts ?? [];
  if (at.field('schedule')?.text) {
    program.role = 'cron';
  } else if (generators.has(name)) {
    program.role = 'none';
    at.none('it creates a secret or a service for Acorn', 'run what it runs, and write the result in a Secret');
  } else if (events.length > 0 && !events.includes('update')) {
    program.role = 'none';
    const isFirst = events.includes('create');
    at.none(isFirst ? 'nothing runs after the first deploy alone' : 'nothing runs when an app is stopped or deleted',
      isFirst ? 'run it once, after the first deploy: webapp run -- and its command' : 'run it first: webapp run -- and its command');
  }
}

/** What image a program runs. */
function imageKey({ at }: Program): string {
  const build = at.field('build');
  if (!build) return at.field('image')?.text ?? '';
  const part = (name: string) => build.field(name)?.text || undefined;
  const context = (build.text ?? part('context') ?? '.').replace(/^\.\/|\/$/g, '') || '.';
  return JSON.stringify([context, part('dockerfile'), part('target')]);
}

/** Which app each program is, or is a process of. */
function placePrograms(programs: readonly Program[], { draft }: Conversion): void {
  const webs = programs.filter(({ role }) => role === 'web');
  for (const web of webs) web.app = draft.app(web.name);
  for (const program of programs.filter(({ role }) => role === 'worker' || role === 'cron' || role === 'release')) {
    const same = webs.filter(web => imageKey(web) === imageKey(program));
    const waiting = webs.filter(web => dependenciesOf(web).includes(program.name));
    const hasImage = !program.at.field('build');
    const others = program.role === 'worker' || !hasImage ? [] : waiting.length > 0 ? waiting : webs;
    const home = same[0] ?? (others.length === 1 || waiting.length > 0 ? others[0] : undefined);
    const group = program.role === 'cron' ? 'cronJobs' : 'workers';
    if (program.role === 'release' && (!home || home.app!.has(['releaseCommand']))) {
      program.role = 'none';
      program.at.none(home ? 'an app has one release command' : 'a release command is that of an app',
        home ? 'run both in it: [sh, -c, "first && second"]' : 'write releaseCommand of the app that needs it');
    } else if (home) {
      program.app = home.app;
      program.process = program.role === 'release' ? ['releaseCommand'] : [group, appName(program.name)];
      // So that a second one does not replace it.
      home.app!.set(program.process, {});
    } else {
      program.app = draft.app(program.name);
      program.app.set(['web'], false);
      program.process = [group, 'main'];
    }
  }
}

function dependenciesOf({ at }: Program): string[] {
  const keys = ['dependsOn', 'dependson', 'depends_on', 'dependencies', 'consumes'];
  return keys.flatMap(key => at.field(key)?.items ?? []).flatMap(one => one.text ?? one.field('targetName')?.text ?? []);
}

/** PostgreSQL of one app is created for it; what several apps use has one Secret. */
function countUsers(project: Project): void {
  const all = [...project.programs.values()].filter(({ app }) => app !== undefined);
  for (const service of [...project.programs.values(), ...project.services.values()].filter(({ type }) => type)) {
    const users = all.filter(one => dependenciesOf(one).includes(service.name) || variablesOf(one.at).some(({ text }) => text !== undefined
      && (mentions(text, service.name) || new RegExp(`@\\{\\s*services?\\.${service.name}\\.`).test(text))));
    service.shared = new Set(users.map(({ app }) => app)).size > 1;
  }
}

function convertProgram(program: Program, project: Project): void {
  const { app, at, process, role, name } = program;
  if (!app) return;
  const target: Target = { project, program, app, steps: process, isMain: true };
  convert(at, target, CONTAINER);
  startScripts(target);
  if (process.length === 0) return;
  if (app.props.web === false && app.has(['image']) && !app.has([...process, 'command']) && !app.has([...process, 'args'])) {
    // A process needs something of its own to run.
    app.set([...process, 'image'], app.get(['image']));
    app.set(['image'], undefined);
  }
  if (!['command', 'args', 'image'].some(field => app.has([...process, field]))) {
    const build = at.field('build');
    const part = (field: string) => build?.field(field)?.text || undefined;
    setCommandOfImage(app, process, project.folder, { context: build?.text ?? part('context'), target: part('target') });
  }
  const words = ['entrypoint', 'command', 'cmd'].flatMap(key => at.field(key)?.texts ?? []).flatMap(splitWords);
  if (role === 'worker' && app.has(process) && isScheduler(name, words.join(' '))) {
    app.set([...process, 'singleton'], true, 'A scheduler must never run twice.');
  }
}

/** What no container says of itself. */
function completeApps(project: Project, apps: readonly AppDraft[]): void {
  const { root } = project;
  for (const { app, process, ports } of project.programs.values()) {
    if (!app || process.length > 0 || app.has(['hosts']) || app.has(['exactPaths'])) continue;
    if (!ports.some(({ isPublic }) => isPublic)) app.set(['internal'], true);
  }
  for (const prop of ['labels', 'annotations'] as const) {
    for (const [name, one] of known(root.field(prop))) {
      for (const app of apps) if (one.text !== undefined && !app.has([prop, name])) app.take(one, [prop, name], one.text);
    }
  }
}

