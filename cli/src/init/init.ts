import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Program } from './program';
import { programIn } from './program';
import { shellScript } from './shell';
import { version } from '../../package.json';
import { detect } from '../build/detect';
import { ConfigDocument } from '../config/document';
import { platformAbove } from '../config/files';
import { SourceFile } from '../config/source';
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

  writeFileSync(path, fileOf(program, { name, image, build, host, domain, namespace: options.namespace ?? name }));
  world.err(`Wrote ${join(folder, 'webapp.yaml')}\n`);
  for (const other of program.others) world.err(`note: ${other} in Procfile was not added; add it to workers\n`);
  world.err('Next: webapp deploy\n');
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
}

function fileOf({ port, command }: Program, { name, image, build, namespace, host, domain }: Answers): string {
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
    '\n# env: { LOG_LEVEL: info }\n# secretEnv: { DATABASE_URL: { secret: my-database, key: url } }',
  ];
  return `${parts.filter(part => part).join('\n')}\n`;
}

/** A string in YAML; most need no quotes. */
function scalar(text: string): string {
  return /^[A-Za-z][\w./@:-]*[\w]$/.test(text) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : JSON.stringify(text);
}
