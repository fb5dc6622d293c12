import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { languageOf } from './language';
import { Failure } from '../ui/failure';

/** How the image of a folder is built. */
export type Project = DockerfileProject | BuildpacksProject | StaticProject;

export interface DockerfileProject {
  readonly kind: 'dockerfile';

  /** Its path in the folder. */
  readonly dockerfile: string;
}

export interface BuildpacksProject {
  readonly kind: 'buildpacks';

  /** The file that tells so; undefined if the props do. */
  readonly from?: string;

  /** Why the build may not give what the user thinks. */
  readonly warning?: string;
}

/** Files that a web server sends as they are. */
export interface StaticProject {
  readonly kind: 'static';

  /** Their folder, relative to the folder of the project; `.` for that itself. */
  readonly site: string;
}

/** What the props say of it. */
export interface ProjectProps {
  readonly strategy?: 'dockerfile' | 'buildpacks';
  readonly dockerfile?: string;
  readonly static?: string;
}

/** As docker and podman look for it: https://docs.podman.io/en/latest/markdown/podman-build.1.html */
const DOCKERFILES = ['Dockerfile', 'Containerfile'];

/** Folders that a site without a program may be in. */
const SITES = ['.', 'public', 'dist', 'build'];

/**
 * What kind of project a folder has, by the names of its files. Nothing of it is run.
 *
 * @param folder the absolute path of what is built
 * @param shown what the user calls the folder
 * @throws Failure if the folder cannot be built
 */
export function detect(folder: string, props: ProjectProps, shown: string): Project {
  const names = namesIn(folder);
  if (!names) throw new Failure(`the folder ${shown} does not exist; build.context names it`);
  if (props.static !== undefined) return { kind: 'static', site: siteOf(folder, props.static, names) };
  if (props.dockerfile !== undefined) return { kind: 'dockerfile', dockerfile: dockerfileAt(folder, props.dockerfile, shown) };

  const dockerfile = dockerfileIn(folder, names);
  if (props.strategy === 'dockerfile') {
    if (dockerfile === undefined) throw new Failure(`${shown} has no Dockerfile; write one, or name it with build.dockerfile`);
    return { kind: 'dockerfile', dockerfile };
  }
  if (props.strategy === 'buildpacks') return { kind: 'buildpacks', warning: warningOf(folder, names) };
  if (dockerfile !== undefined) return { kind: 'dockerfile', dockerfile };
  const from = isFile(folder, 'Procfile') ? 'Procfile' : languageOf(names)?.file;
  if (from !== undefined) return { kind: 'buildpacks', from, warning: warningOf(folder, names) };
  const site = SITES.find(name => isFile(folder, posix.join(name, 'index.html')));
  if (site !== undefined) return { kind: 'static', site };
  throw new Failure(unknownProject(folder, names, shown));
}

/** The names in a folder; undefined if it does not exist. */
function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder).sort();
  } catch {
    return undefined;
  }
}

function isFile(folder: string, path: string): boolean {
  try {
    return statSync(join(folder, path)).isFile();
  } catch {
    return false;
  }
}

/** BuildKit takes one in lower case too, if there is no other. */
function dockerfileIn(folder: string, names: readonly string[]): string | undefined {
  return [...DOCKERFILES, ...DOCKERFILES.map(name => name.toLowerCase())].find(name => names.includes(name) && isFile(folder, name));
}

/** The path of a Dockerfile, as the disk has it: a disk that ignores upper and lower case is not where it is built. */
function dockerfileAt(folder: string, path: string, shown: string): string {
  const steps = posix.normalize(path).split('/');
  let at = '';
  for (const step of steps) {
    const names = namesIn(join(folder, at)) ?? [];
    const real = names.find(name => name === step) ?? names.find(name => name.toLowerCase() === step.toLowerCase());
    if (real === undefined) throw new Failure(`build.dockerfile is ${path}, which does not exist in ${shown}; write its path there`);
    at = posix.join(at, real);
  }
  if (at !== steps.join('/')) throw new Failure(`build.dockerfile is ${path}, but the file is ${at}; write it so`);
  if (!isFile(folder, at)) throw new Failure(`build.dockerfile is ${path}, which is not a file; write the path of a Dockerfile`);
  return at;
}

/** The folder of a site. */
function siteOf(folder: string, site: string, names: readonly string[]): string {
  const path = posix.normalize(site).replace(/(?<=.)\/$/, '');
  if (isFile(folder, posix.join(path, 'index.html'))) return path;
  const inside = namesIn(join(folder, path));
  if (!inside) {
    const build = buildCommand(folder, names);
    const first = build === undefined ? 'run what writes it first' : `run ${build} first`;
    throw new Failure(`static is ${site}, which does not exist; ${first}, or write a Dockerfile that does`);
  }
  const below = siteBelow(folder, path, 2);
  const hint = below === undefined ? 'write an index.html, or name the folder that has it' : `write static: ${below}, which has one`;
  throw new Failure(`static is ${site}, which has no index.html; ${hint}`);
}

/** The folder with an index.html below another one: some frameworks write a site into dist/client or dist/web/browser. */
function siteBelow(folder: string, path: string, levels: number): string | undefined {
  const folders = (namesIn(join(folder, path)) ?? []).map(name => posix.join(path, name));
  const found = folders.find(name => isFile(folder, posix.join(name, 'index.html')));
  if (found !== undefined || levels === 1) return found;
  return folders.map(name => siteBelow(folder, name, levels - 1)).find(name => name !== undefined);
}

/** What builds a JavaScript project, if it says so. */
function buildCommand(folder: string, names: readonly string[]): string | undefined {
  if (scriptsOf(folder).build === undefined) return undefined;
  if (names.includes('pnpm-lock.yaml')) return 'pnpm run build';
  if (names.includes('yarn.lock')) return 'yarn run build';
  return 'npm run build';
}

function scriptsOf(folder: string): { readonly [name: string]: unknown } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts ?? {};
  } catch {
    // There is none, or it is not valid, which its build says better.
    return {};
  }
}

/** What buildpacks start where package.json does not say it: https://github.com/paketo-buildpacks/node-start */
const MAIN_FILES = ['server.js', 'app.js', 'main.js', 'index.js'];

/** Of JavaScript that nothing starts, as in the templates of Vite: it becomes a static site. */
function warningOf(folder: string, names: readonly string[]): string | undefined {
  const isStarted = scriptsOf(folder).start !== undefined || ['Procfile', ...MAIN_FILES].some(name => names.includes(name));
  if (!names.includes('package.json') || isStarted) return undefined;
  const build = buildCommand(folder, names);
  const site = build === undefined ? '' : `; if it is a static site, run ${build} and write static: dist, or the folder that it writes`;
  return `package.json has no start script, so buildpacks may find no server to start${site}`;
}

function unknownProject(folder: string, names: readonly string[], shown: string): string {
  if (names.every(name => /^\.|^(webapp|platform)\b.*\.ya?ml$/.test(name))) {
    return `${shown} has no code, so there is nothing to build; run the command in the folder of your code, or pass --image`;
  }
  const named = names.find(name => /^(docker|container)file\.|\.(docker|container)file$/i.test(name) && isFile(folder, name));
  const below = names.find(name => !name.startsWith('.') && isProject(join(folder, name)));
  return [
    `${shown} does not show how to build it: it has no Dockerfile, no Procfile, no file of a language, such as package.json, `
      + 'requirements.txt or go.mod, and no index.html',
    ...named === undefined ? [] : [`to build ${named}, write build: { dockerfile: ${named} }`],
    ...below === undefined ? [] : [`to build the folder ${below}, write build: { context: ${below} }`],
    ...named ?? below === undefined ? ['write a Dockerfile, name the folder of a static site with static, or pass --image'] : [],
  ].join('; ');
}

function isProject(folder: string): boolean {
  const names = namesIn(folder) ?? [];
  return dockerfileIn(folder, names) !== undefined || names.includes('Procfile') || languageOf(names) !== undefined;
}
