/** Procfile, app.json and heroku.yml, of Heroku and the platforms that read them too, such as Dokku. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AppDraft } from '../draft';
import { appName, folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import type { Builder } from '../shared/processes';
import { commandFor, isInteractive, setWorker } from '../shared/processes';
import { setReplicas } from '../shared/replicas';
import { fiveFields } from '../shared/schedules';
import { connect, prefixOf, serviceOfEngine } from '../shared/services';
import { setSize } from '../shared/sizes';
import { setBuildVariable, setVariables } from '../shared/variables';
import type { SourceFile, SourceNode } from '../source/node';
import { mapNode } from '../source/node';
import { readYaml } from '../source/yaml';
import type { Table } from '../table';
import { convert, holds, none } from '../table';

export const heroku: Format = {
  name: 'heroku',
  title: 'Heroku',
  documentation: 'https://devcenter.heroku.com/articles/app-json-schema',
  get tables() {
    return [APP_JSON, HEROKU_YML];
  },
  recognizes: ({ name, text }) => /^Procfile(\.|$)/.test(basename(name)) || OTHERS.has(basename(name))
    || (/^app\.json$/.test(basename(name)) && !/"expo"\s*:/.test(text)),
  convert: convertHeroku,
};

/** Files that the build reads. */
const OTHERS = new Set(['heroku.yml', '.buildpacks', 'runtime.txt', 'system.properties', '.slugignore']);

interface Target {
  readonly app: AppDraft;
  readonly builder: Builder;

  /** The Dockerfiles of heroku.yml, by process. */
  readonly images: ReadonlyMap<string, string>;
}

/** Memory of dynos of Cedar in MB: https://devcenter.heroku.com/articles/dyno-types */
const DYNOS: { readonly [size: string]: number | undefined } = {
  'free': 512,
  'eco': 512,
  'hobby': 512,
  'basic': 512,
  'standard-1x': 512,
  '1x': 512,
  'standard-2x': 1024,
  '2x': 1024,
};

/** The tiers performance, private and shield have the same sizes. */
const LARGE_DYNOS: { readonly [size: string]: number | undefined } = {
  's': 1024,
  'm': 2560,
  'l': 14 * 1024,
  'l-ram': 30 * 1024,
  'memory-l': 30 * 1024,
  'xl': 62 * 1024,
  'memory-xl': 62 * 1024,
  '2xl': 126 * 1024,
  'memory-2xl': 126 * 1024,
};

/** Memory of a dyno in MB. Those of Fir have it in their names: `dyno-1c-0.5gb`. */
function memoryOf(size: string): number | undefined {
  const [, gigabytes] = /^dyno-\d+c-([\d.]+)gb$/.exec(size) ?? [];
  if (gigabytes !== undefined) return Number(gigabytes) * 1024;
  return DYNOS[size] ?? LARGE_DYNOS[/^(?:performance|private|shield)-(.*)$/.exec(size)?.[1] ?? ''];
}

const BUTTON = 'it is shown on Heroku only';

/**
 * `cron` and `healthchecks` are those of Dokku.
 *
 * @see https://devcenter.heroku.com/articles/app-json-schema
 * @see https://dokku.com/docs/appendices/file-formats/app-json/
 */
const APP_JSON: Table<Target> = {
  name: at => at.taken('name'),
  description: holds(BUTTON),
  keywords: holds(BUTTON),
  website: holds(BUTTON),
  repository: holds(BUTTON),
  logo: holds(BUTTON),
  success_url: holds(BUTTON),
  addons: setAddons,
  env: setEnv,
  formation: (at, target) => at.fields.forEach(([name, one]) => setFormation(name, one, target)),
  scripts: {
    'postdeploy': (at, { app }) => {
      at.none('it runs once, after the first deploy', 'run it: webapp run -- and the command');
      app.draft.tell(`after the first deploy: webapp run -- ${at.text ?? ''}`);
    },
    'pr-predestroy': none('nothing runs before a preview is removed', 'run it first: webapp run -- and the command'),
    'test': none('tests run in your CI', 'keep it there'),
    'test-setup': none('tests run in your CI', 'keep it there'),
    'dokku': {
      predeploy: (at, { app, builder }) => setRelease(at, app, builder),
      postdeploy: none('it runs after each deploy', 'run it: webapp run -- and the command'),
    },
  },
  cron: (at, { app, builder }) => at.items.forEach((one, i) => {
    const [command, schedule] = [one.field('command'), one.field('schedule')];
    if (!command?.text || !schedule?.text) return;
    const steps = ['cronJobs', `cron-${i + 1}`];
    app.take(schedule, [...steps, 'schedule'], fiveFields(schedule.text));
    app.take(command, [...steps, 'command'], commandFor(command.text, builder));
  }),
  healthchecks: (at, { app }) => {
    const check = at.field('web')?.items.find(one => one.field('path'));
    const path = check?.field('path');
    for (const name of ['type', 'name']) check?.field(name)?.taken(app.shown(['health']));
    if (path?.text) app.take(path, ['health', 'path'], path.text);
  },
  buildpacks: (at, { builder }) => builder === 'buildpacks'
    ? at.changed('build', 'buildpacks are detected; Cloud Native Buildpacks are others than those of Heroku')
    : at.none('the Dockerfile is built', 'write what they do in it'),
  stack: holds('the image has a base of its own'),
  image: holds('the image has a base of its own'),
  environments: none('it is for review apps and tests, which are those of your pipeline',
    'deploy previews with webapp preview up; write what differs in environments: { preview: { … } }'),
};

/** https://devcenter.heroku.com/articles/build-docker-images-heroku-yml */
const HEROKU_YML: Table<Target> = {
  setup: {
    addons: setAddons,
    config: (at, { app }) => setVariables(app, [], at.fields.map(([name, one]) => ({ name, at: one, value: one.text }))),
  },
  build: {
    // Heroku builds the folder that the Dockerfile is in.
    docker: (at, { app }) => at.fields.forEach(([name, one]) => {
      const [folder, dockerfile] = [dirname(one.text ?? 'Dockerfile'), basename(one.text ?? 'Dockerfile')];
      if (name !== 'web' && one.text === at.field('web')?.text) {
        one.taken('it runs the image of the app');
      } else if (name !== 'web') {
        one.none('it is another image than that of the app', `write an app of its own with web: false and build: { context: ${folder} }`);
      } else {
        if (folder !== '.') app.take(one, ['build', 'context'], folder.replace(/^\.\//, ''));
        if (dockerfile !== 'Dockerfile') app.take(one, ['build', 'dockerfile'], dockerfile);
        if (!one.outcome) one.taken('the Dockerfile is built');
      }
    }),
    config: (at, { app }) => at.fields.forEach(([name, one]) => setBuildVariable(app, name, one)),
    languages: holds('buildpacks detect the language'),
    packages: none('packages are installed by a Dockerfile', 'write one, with apt-get install'),
    pipeline: none('there is no pipeline of buildpacks', 'write a Dockerfile'),
  },
  release: {
    command: (at, { app, builder }) => setRelease(at, app, builder),
    image: holds('it runs the image of the app'),
  },
  run: (at, { app, builder, images }) => at.fields.forEach(([name, one]) => {
    const command = one.isMap ? one.field('command') : one;
    const image = one.field('image')?.text ?? (images.has(name) ? name : 'web');
    if (images.has(image) && images.get(image) !== images.get('web')) {
      const next = 'write it in an app of its own: web: false, build: { context: … }, workers: { main: { command: … } }';
      one.none(`it runs the image of ${images.get(image)}, and the app has another one`, next);
      return;
    }
    one.field('image')?.taken('it runs the image of the app');
    const line = command && lineOf(command);
    if (command && line !== undefined) setProcess(name, line, command, app, builder);
  }),
};

function convertHeroku(files: readonly SourceFile[], conversion: Conversion): void {
  const [first] = files;
  const named = (name: string) => files.find(file => basename(file.name) === name);
  const json = named('app.json');
  const [jsonNode] = json ? readYaml(json) : [];
  const ymlFile = named('heroku.yml');
  const [ymlNode] = ymlFile ? readYaml(ymlFile) : [];
  const hasDockerfile = ymlNode?.fields?.get('build')?.fields?.has('docker')
    || ['Dockerfile', 'Containerfile'].some(name => first.name !== '-' && existsSync(join(first.folder, name)));
  const builder: Builder = hasDockerfile ? 'dockerfile' : 'buildpacks';
  const app = conversion.draft.app(jsonNode?.fields?.get('name')?.text ?? folderName(first));
  const docker = ymlNode?.fields?.get('build')?.fields?.get('docker')?.fields ?? new Map<string, SourceNode>();
  const target: Target = { app, builder, images: new Map([...docker].map(([name, { text = '' }]) => [name, text])) };

  for (const file of files) {
    if (!/^Procfile(\.|$)/.test(basename(file.name))) continue;
    const root = conversion.read(file, procfileNode(file), heroku);
    for (const [name, at] of root.fields) setProcess(name, at.text ?? '', at, app, builder);
  }
  if (ymlFile && ymlNode) convert(conversion.read(ymlFile, ymlNode, heroku), target, HEROKU_YML);
  if (json && jsonNode) convert(conversion.read(json, jsonNode, heroku), target, APP_JSON);
  for (const file of files) {
    const name = basename(file.name);
    if (!OTHERS.has(name) || name === 'heroku.yml') continue;
    const root = conversion.read(file, { line: 1, value: file.text.trim(), text: file.text.trim() }, heroku);
    if (name === '.buildpacks') root.changed('build', 'buildpacks are detected; Cloud Native Buildpacks are others than those of Heroku');
    else if (name === '.slugignore') root.none('.dockerignore and .gitignore say what is not built', 'rename it to .dockerignore');
    else root.taken('buildpacks read it');
  }
  // A Procfile without a web process has workers alone.
  const isWorker = app.has(['workers']) && files.some(file => /^Procfile/.test(basename(file.name)))
    && !files.some(file => /^web\s*:/m.test(file.text)) && !ymlNode?.fields?.get('run')?.fields?.has('web');
  if (isWorker) app.set(['web'], false);
}

/** @see https://devcenter.heroku.com/articles/procfile */
function procfileNode({ text }: SourceFile): SourceNode {
  const fields = new Map<string, SourceNode>();
  text.split(/\r?\n/).forEach((content, i) => {
    if (/^\s*(#|$)/.test(content)) return;
    const [, name, line] = /^([A-Za-z0-9_-]+):\s*(.+?)\s*$/.exec(content) ?? [];
    fields.set(name ?? `line ${i + 1}`, { line: i + 1, value: line ?? content, text: line ?? content });
  });
  return mapNode(fields, 1);
}

function setProcess(name: string, line: string, at: Reader, app: AppDraft, builder: Builder): void {
  if (/^line \d+$/.test(name)) return;
  if (name === 'release') return setRelease(at, app, builder, line);
  if (isInteractive(name)) return at.none('it runs only when you start it', `run it: webapp run -- ${line}`);
  if (name !== 'web') {
    setWorker(app, name, at, commandFor(line, builder));
    return;
  }
  // Buildpacks make it the program of the image; with a Dockerfile, the CMD is not what Heroku would run.
  if (builder === 'buildpacks') return at.taken('the image that buildpacks build starts it');
  return app.take(at, ['command'], commandFor(line, builder));
}

/** A list has the words of a command, or several commands. */
function lineOf(at: Reader): string | undefined {
  if (!at.isList) return at.text;
  return at.texts.join(at.texts.some(text => /\s/.test(text)) ? ' && ' : ' ');
}

function setRelease(at: Reader, app: AppDraft, builder: Builder, line = lineOf(at) ?? ''): void {
  app.take(at, ['releaseCommand', 'command'], commandFor(line, builder));
}

function setAddons(at: Reader, { app }: Target): void {
  for (const one of at.items) {
    const plan = one.isMap ? one.field('plan') : one;
    const text = plan?.text ?? '';
    const type = serviceOfEngine(text.split(':')[0]);
    const as = one.field('as')?.text;
    if (/^(scheduler|crontogo|advanced-scheduler)(:|$)/.test(text)) {
      one.none('its jobs are not in a file', 'write each of them: cronJobs: { NAME: { schedule: …, command: … } }');
      continue;
    }
    if (!type) {
      one.none('it is a service of Heroku', `write a connection to ${text.split(':')[0]}, or a Secret with its variables`);
      continue;
    }
    // The names of variables are those that the add-on gives: DATABASE_URL, REDIS_URL.
    const name = appName(as ?? (type.type === 'secret' ? text.split(':')[0] : type.type === 'postgres' ? 'db' : type.type));
    const connection = connect(app, { name, type }, one);
    const variable = type.type === 'secret' || type.type === 'mysql' ? `${prefixOf(connection)}_URL` : undefined;
    if (variable === undefined) one.taken(app.shown(['connections', connection]));
    else one.changed(app.shown(['connections', connection]), `its URL is in ${variable}`);
    one.field('options')?.none('they are options of the add-on', 'set them where the service runs');
  }
}

/** How many characters Heroku generates: https://devcenter.heroku.com/articles/app-json-schema#env */
const GENERATED_LENGTH = 64;

function setEnv(at: Reader, { app }: Target): void {
  const variables = at.fields.map(([name, one]) => {
    const generated = one.field('generator')?.text === 'secret';
    const value = one.isMap ? one.field('value')?.text : one.text;
    return { name, at: one, value, ...generated ? { secret: true, generate: GENERATED_LENGTH } : {} };
  });
  for (const variable of variables) {
    const { at: one, value, name } = variable;
    const isOptional = one.field('required')?.boolean === false;
    if (value === undefined && isOptional && variable.secret === undefined) one.taken('it is not required, and has no value');
    else if (value !== undefined && gives(app, name)) one.changed(app.shown(['connections']), `the connection gives the app ${name}`);
    else setVariables(app, [], [variable]);
  }
}

function gives(app: AppDraft, name: string): boolean {
  return name === 'DATABASE_URL' && app.has(['connections', 'db']);
}

function setFormation(name: string, at: Reader, { app }: Target): void {
  const steps = name === 'web' ? [] : ['workers', appName(name)];
  if (name !== 'web' && !app.has(steps)) {
    return at.none('the Procfile has no such process', `name the Procfile too, or write workers: { ${appName(name)}: … }`);
  }
  const [quantity, size] = [at.field('quantity'), at.field('size')];
  if (quantity) setReplicas(quantity, app, steps);
  const memory = memoryOf(size?.text?.toLowerCase() ?? '');
  if (size && memory !== undefined) setSize(app, steps, { memory: memory * 1024 ** 2 }, `a ${size.text} dyno with ${memory} MB`, size);
  else size?.none('its memory is not known', 'write size');
  return undefined;
}
