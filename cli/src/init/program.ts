import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Hint } from './dependencies';
import { dependencyHints } from './dependencies';
import { languageOf } from '../build/language';
import { exposedPort } from '../import/source/dockerfile';

/** A value, and where it was found. */
export interface Found<T> {
  readonly value: T;
  readonly from: string;
}

/** What the files of a folder say about its program. */
export interface Program {
  readonly name: string;

  /** The programming language. */
  readonly language?: Found<string>;
  readonly port?: Found<number>;
  readonly command?: Found<string>;

  /** The image that CI most likely pushes. */
  readonly image?: string;

  /** The processes of a Procfile other than `web`, each with its line of shell. */
  readonly others: ReadonlyMap<string, string>;

  /** The services that its dependencies hint at. */
  readonly hints: readonly Hint[];
}

/** Reads the files of a folder. It runs none of them. */
export function programIn(folder: string): Program {
  const read = (file: string) => existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined;
  const procfile = processes(read('Procfile') ?? '');
  const language = languageOf(readdirSync(folder));
  const dockerfile = read('Dockerfile') === undefined ? read('Containerfile') === undefined ? undefined : 'Containerfile' : 'Dockerfile';
  const exposed = dockerfile && exposedPort(read(dockerfile)!);
  const web = procfile.get('web');
  return {
    name: dnsLabel(packageName(read) ?? basename(folder)),
    language: language && { value: language.language, from: language.file },
    port: exposed ? { value: exposed, from: `EXPOSE in ${dockerfile}` } : dockerfile ? undefined : portOfServer(read),
    // A Dockerfile has its own CMD.
    command: web !== undefined && !dockerfile ? { value: web, from: 'web in Procfile' } : undefined,
    image: imageOf(folder),
    others: new Map([...procfile].filter(([name]) => name !== 'web')),
    hints: dependencyHints(folder),
  };
}

/** @see https://devcenter.heroku.com/articles/procfile */
function processes(procfile: string): Map<string, string> {
  return new Map([...procfile.matchAll(/^([\w-]+):\s*(.+?)\s*$/gm)].map(([, name, command]) => [name, command]));
}

/** The default port of servers that do not use `$PORT`. */
function portOfServer(read: (file: string) => string | undefined): Found<number> | undefined {
  for (const file of ['requirements.txt', 'pyproject.toml']) {
    const text = read(file) ?? '';
    // https://www.uvicorn.org/settings/; gunicorn, which usually runs it, listens on $PORT:
    // https://docs.gunicorn.org/en/stable/settings.html#bind
    if (/\buvicorn\b/.test(text) && !/\bgunicorn\b/.test(text)) return { value: 8000, from: `the default of uvicorn, in ${file}` };
  }
  return undefined;
}

function packageName(read: (file: string) => string | undefined): string | undefined {
  const json = read('package.json');
  if (json !== undefined) {
    try {
      const { name } = JSON.parse(json);
      if (typeof name === 'string') return name.replace(/^@[^/]*\//, '');
    } catch {
      // It is not valid JSON, and has no name.
    }
  }
  const module = /^module\s+(\S+)/m.exec(read('go.mod') ?? '')?.[1].replace(/\/v\d+$/, '');
  const toml = /^name\s*=\s*"([^"]+)"/m;
  return module ? basename(module) : (toml.exec(read('Cargo.toml') ?? '') ?? toml.exec(read('pyproject.toml') ?? ''))?.[1];
}

function dnsLabel(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 40).replace(/-+$/, '') || 'web';
}

/** The registries of GitHub and GitLab name images like repositories. */
function imageOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const config = join(at, '.git', 'config');
    if (existsSync(config)) {
      const [, host, path] = /\burl\s*=\s*\S*?(github\.com|gitlab\.com)[:/](\S+?)(?:\.git)?\s*$/m.exec(readFileSync(config, 'utf8')) ?? [];
      if (!host) return undefined;
      return `${host === 'github.com' ? 'ghcr.io' : 'registry.gitlab.com'}/${path.toLowerCase()}`;
    }
    if (dirname(at) === at) return undefined;
  }
}
