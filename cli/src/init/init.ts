import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Hint } from './dependencies';
import type { Program } from './program';
import { programIn } from './program';
import { shellScript } from './shell';
import { version } from '../../package.json';
import { detect } from '../build/detect';
import { ConfigDocument } from '../config/document';
import { platformAbove } from '../config/files';
import { SourceFile } from '../config/source';
import { appName } from '../import/draft';
import { convertFiles, importFiles, isRecognized } from '../import/import';
import { commandFor, isInteractive, isScheduler } from '../import/shared/processes';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** What the flags say, and the user is not asked for. */
export interface InitOptions {
  readonly yes?: boolean;
  readonly name?: string;
  readonly image?: string;
  readonly host?: string;
  readonly namespace?: string;
  readonly force?: boolean;
}

/** Writes webapp.yaml for the program in a folder. */
export async function init(folder: string, options: InitOptions, world: World): Promise<void> {
  const absolute = resolve(world.cwd, folder);
  if (!existsSync(absolute)) throw new Failure(`the folder ${folder} does not exist`);
  const path = join(absolute, 'webapp.yaml');
  if (existsSync(path) && !options.force) throw new Failure('webapp.yaml already exists; overwrite it with --force');

  const isAnswered = [options.name, options.image, options.host].some(answer => answer !== undefined);
  const sources = isAnswered ? [] : filesToImport(absolute);
  const asks = sources.length > 0 && !options.yes && world.interactive;
  if (sources.length > 0 && !(asks && /^n/i.test(await world.ask(`Import ${sources.join(' and ')}? [Y/n] `)))) {
    return importFiles(sources.map(file => join(folder, file)), { output: join(folder, 'webapp.yaml'), ...options }, world);
  }

  const program = programIn(absolute);
  if (program.language) world.err(`Found a ${program.language.value} program (${program.language.from})\n`);
  const ask = async (given: string | undefined, question: string, fallback: string) => {
    if (given !== undefined || options.yes || !world.interactive) return given ?? fallback;
    return (await world.ask(`${question} [${fallback}] `)).trim() || fallback;
  };
  const name = await ask(options.name, 'App name?', program.name);
  const build = options.image === undefined ? buildOf(absolute) : undefined;
  const fallback = `${program.image ?? `registry.example.com/${name}`}:1.0.0`;
  const image = build === undefined ? await ask(options.image, 'Image to deploy?', fallback) : undefined;
  const domain = await platformDomain(absolute);
  const host = options.host ?? (domain === undefined ? await ask(undefined, 'Host name?', `${name}.example.com`) : undefined);

  // Three questions are enough: where the image is asked for, there is no program to have dependencies.
  const isConnected = image === undefined && !asks && program.hints.length > 0 && !options.yes && world.interactive
    && /^y/i.test(await world.ask(`Connect ${named(program.hints)}? [y/N] `));
  const namespace = options.namespace ?? name;
  writeFileSync(path, fileOf(program, { name, image, build, host, domain, namespace, isConnected }));
  world.err(`Wrote ${join(folder, 'webapp.yaml')}\n`);
  const secrets = isConnected ? program.hints.filter(({ type }) => type !== 'postgres') : [];
  for (const { type, title } of secrets) {
    const key = type === 'kafka' ? 'brokers=HOST:9092' : 'uri=URL';
    world.err(`To connect ${title}: kubectl create secret generic ${name}-${type} --namespace ${namespace} --from-literal=${key}\n`);
  }
  world.err('Next: webapp deploy\n');
}

/** `PostgreSQL (pg in package.json) and Redis (redis in package.json)`. */
function named(hints: readonly Hint[]): string {
  return hints.map(({ title, from }) => `${title} (${from})`).join(' and ');
}

/** Files that say of the app what a Dockerfile does not, in the order in which one of them is chosen. */
const SOURCES = [
  'fly.toml', 'render.yaml', '.do/app.yaml', 'heroku.yml', 'app.json', 'app.yaml', 'apprunner.yaml', 'Dockerrun.aws.json', 'service.yaml',
  'score.yaml', 'Acornfile', 'vercel.json', 'netlify.toml', 'compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml',
];

/** What goes with a file. */
const TOGETHER: { readonly [file: string]: readonly string[] | undefined } = {
  'app.json': ['Procfile'],
  'heroku.yml': ['app.json', 'Procfile'],
  'app.yaml': ['cron.yaml', 'dispatch.yaml'],
  'Dockerrun.aws.json': ['env.yaml', 'cron.yaml'],
  'netlify.toml': ['_redirects', '_headers', 'public/_redirects', 'public/_headers', 'static/_redirects', 'static/_headers'],
};

/** The files of another platform, if the folder has some. */
function filesToImport(folder: string): string[] {
  const found = SOURCES.find(file => existsSync(join(folder, file)) && hasApps(folder, file));
  if (found === undefined) return [];
  const others = (TOGETHER[found] ?? []).filter(file => existsSync(join(folder, file)));
  return [found, ...others.filter(file => isRecognized(sourceIn(folder, file)))];
}

function sourceIn(folder: string, file: string) {
  return { name: file, folder: join(folder, dirname(file)), text: readFileSync(join(folder, file), 'utf8') };
}

/** Whether something comes of a file: a Compose file may have databases alone. */
function hasApps(folder: string, file: string): boolean {
  try {
    return convertFiles([sourceIn(folder, file)], folder, {}).draft.apps.length > 0;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** How `webapp deploy` builds a folder; undefined if it cannot. */
function buildOf(folder: string): string | undefined {
  try {
    const project = detect(folder, {}, folder);
    if (project.kind === 'dockerfile') return `the ${project.dockerfile}`;
    return project.kind === 'static' ? 'a web server for its static files' : 'buildpacks';
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The domain of an existing platform.yaml: apps in it need no host of their own. */
async function platformDomain(folder: string): Promise<string | undefined> {
  const path = platformAbove(folder);
  if (path === undefined) return undefined;
  const { sources: [source] } = await new SourceFile(path, readFileSync(path, 'utf8')).read();
  const domain = source && ConfigDocument.read(source, 'Platform').props.domain;
  return typeof domain === 'string' ? domain : undefined;
}

interface Answers {
  readonly name: string;

  /** Undefined if the folder is built. */
  readonly image?: string;

  /** How. */
  readonly build?: string;
  readonly namespace: string;
  readonly host?: string;
  readonly domain?: string;

  /** Whether the services that the dependencies hint at become connections. */
  readonly isConnected: boolean;
}

function fileOf(program: Program, answers: Answers): string {
  const { port, command } = program;
  const { name, image, build, namespace, host, domain } = answers;
  const buildLine = `# webapp deploy builds the image from this folder, with ${build}. An image that exists can be named here.`;
  const parts = [
    `# yaml-language-server: $schema=https://unpkg.com/cdk8s-webapp-cli@${version}/schema/webapp.schema.json`,
    `name: ${scalar(name)}`,
    `namespace: ${scalar(namespace)}`,
    image === undefined
      ? `\n${buildLine}\n# image: ghcr.io/acme/${name}:1.0.0`
      : `\n# The image to deploy; --image overrides it.\nimage: ${scalar(image)}`,
    port && `\n# The port that the program listens on (${port.from}), also in $PORT.\nport: ${port.value}`,
    !port && '\n# The program should listen on $PORT, which is 8080, unless you set its port here.\n# port: 8080',
    // An image that buildpacks have built runs what the Procfile says.
    image !== undefined && command && `\n# From ${command.from}.\ncommand: [sh, -c, ${JSON.stringify(shellScript(command.value))}]`,
    host !== undefined
      ? `\n# The host names.\nhosts: [${scalar(host)}]`
      : `\n# The host name is ${name}.${domain}, unless you set others.\n# hosts: [${name}.example.com]`,
    '\n# Without traffic, the app scales to zero. With min: 1, one pod always runs.\n# scaling: { min: 0, max: 10 }',
    '\n# A path that returns 200 as soon as the program is ready.\n# health: { path: /healthz }',
    ...processLines(program, answers),
    ...connectionLines(program, answers),
    '\n# env: { LOG_LEVEL: info }\n# secretEnv: { DATABASE_URL: { secret: my-database, key: url } }',
  ];
  return `${parts.filter(part => part).join('\n')}\n`;
}

/** The other processes of a Procfile. */
function processLines({ others }: Program, { image, build }: Answers): string[] {
  if (others.size === 0) return [];
  const builder = image === undefined && build === 'buildpacks' ? 'buildpacks' : 'dockerfile';
  const command = (line: string) => `command: [${commandFor(line, builder).map(word => JSON.stringify(word)).join(', ')}]`;
  const release = others.get('release');
  const workers = [...others].filter(([name]) => name !== 'release' && !isInteractive(name));
  const lines = workers.map(([name, line]) => {
    const singleton = isScheduler(name, line) ? ', singleton: true' : '';
    return `\n  ${appName(name)}: { ${command(line)}${singleton} }`;
  });
  return [
    ...release === undefined ? [] : [`\n# From release in Procfile.\nreleaseCommand: { ${command(release)} }`],
    ...lines.length === 0 ? [] : [`\n# From Procfile.\nworkers:${lines.join('')}`],
  ];
}

/** The services that the dependencies hint at: as connections, or as what they would be. */
function connectionLines({ hints }: Program, { name, isConnected }: Answers): string[] {
  if (hints.length === 0) return [];
  const entries = hints.map(({ type }) => type === 'postgres' ? 'db: { type: postgres }'
    : `${type}: { type: ${type}, secret: ${name}-${type} }`);
  const intro = `\n# For ${named(hints)}.`;
  if (!isConnected) return [`${intro}\n# connections: { ${entries.join(', ')} }`];
  return [`${intro}\nconnections:${entries.map(entry => `\n  ${entry}`).join('')}`];
}

/** A string in YAML; most need no quotes. */
function scalar(text: string): string {
  return /^[A-Za-z][\w./@:-]*[\w]$/.test(text) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : JSON.stringify(text);
}
