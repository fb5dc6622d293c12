import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Program, programIn } from './program';
import { version } from '../../package.json';
import { platformAbove } from '../config/load';
import { isFields } from '../config/merge';
import { SourceFile } from '../config/source';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** What somebody may say rather than be asked. */
export interface Answers {
  readonly yes?: boolean;
  readonly name?: string;
  readonly image?: string;
  readonly host?: string;
  readonly namespace?: string;
  readonly force?: boolean;
}

/** Writes webapp.yaml for the program in a folder. */
export async function init(folder: string, said: Answers, world: World): Promise<void> {
  const at = resolve(world.cwd, folder);
  if (!existsSync(at)) throw new Failure(`there is no folder ${folder}`);
  const path = join(at, 'webapp.yaml');
  if (existsSync(path) && !said.force) throw new Failure('there is a webapp.yaml already; write over it with --force');

  const program = programIn(at);
  if (program.language) world.err(`found a program in ${program.language.value} (${program.language.from})\n`);
  const ask = async (given: string | undefined, question: string, otherwise: string) => {
    if (given !== undefined || said.yes || !world.interactive) return given ?? otherwise;
    return (await world.ask(`${question} [${otherwise}] `)).trim() || otherwise;
  };
  const name = await ask(said.name, 'Name of the app?', program.name);
  const image = await ask(said.image, 'Image that is deployed?', `${program.image ?? `registry.example.com/${name}`}:1.0.0`);
  const domain = await platformDomain(at);
  const host = said.host ?? (domain === undefined ? await ask(undefined, 'Host that it answers at?', `${name}.example.com`) : undefined);

  writeFileSync(path, fileOf(program, { name, image, host, domain, namespace: said.namespace ?? name }));
  world.err(`wrote ${join(folder, 'webapp.yaml')}\n`);
  for (const other of program.others) world.err(`note: ${other} in Procfile is not taken over\n`);
  world.err('next: webapp deploy\n');
}

/** The domain of a platform that is there already: apps below it need no host. */
async function platformDomain(folder: string): Promise<string | undefined> {
  const path = platformAbove(folder);
  if (path === undefined) return undefined;
  const { sources: [source] } = await new SourceFile(path, readFileSync(path, 'utf8')).read();
  const fields = source && isFields(source.value) ? source.value : {};
  const props = isFields(fields.spec) ? fields.spec : fields;
  return typeof props.domain === 'string' ? props.domain : undefined;
}

interface Chosen { readonly name: string; readonly image: string; readonly namespace: string; readonly host?: string; readonly domain?: string }

function fileOf({ port, command }: Program, { name, image, namespace, host, domain }: Chosen): string {
  const parts = [
    `# yaml-language-server: $schema=https://unpkg.com/cdk8s-webapp-cli@${version}/schema/webapp.schema.json`,
    `name: ${scalar(name)}`,
    `namespace: ${scalar(namespace)}`,
    `\n# What is deployed. --image names another one without a change here.\nimage: ${scalar(image)}`,
    port && `\n# What the program listens on: ${port.from}. It is given as $PORT, too.\nport: ${port.value}`,
    !port && '\n# The program is to listen on $PORT, which is 8080; or name its own port.\n# port: 8080',
    command && `\n# From ${command.from}.\ncommand: [sh, -c, ${JSON.stringify(`exec ${command.value}`)}]`,
    host !== undefined ? `\n# Where it answers.\nhosts: [${scalar(host)}]` : `\n# It answers at ${name}.${domain}, unless hosts are named.\n# hosts: [${name}.example.com]`,
    '\n# It sleeps while nobody asks for it. With min: 1, one replica is always up.\n# scaling: { min: 0, max: 10 }',
    '\n# A path that answers 200 as soon as the program is ready.\n# health: { path: /healthz }',
    '\n# env: { LOG_LEVEL: info }\n# secretEnv: { DATABASE_URL: { secret: my-database, key: url } }',
  ];
  return `${parts.filter(part => part).join('\n')}\n`;
}

/** A text as YAML; nearly all need no quotes. */
function scalar(text: string): string {
  return /^[A-Za-z][\w./@:-]*[\w]$/.test(text) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : JSON.stringify(text);
}
