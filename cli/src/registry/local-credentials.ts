import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Credentials, DockerConfig, Scope } from './docker-config';
import { parseDockerConfig, serverName, writtenCredentials } from './docker-config';
import { DOCKER_HUB } from './reference';

/** Where to look for credentials. */
export interface Environment {
  readonly env: { readonly [name: string]: string | undefined };
}

/** What this computer knows of a registry. */
export interface LocalCredentials {
  readonly credentials?: Credentials;

  /** The name of the credential helper that they are from. */
  readonly helper?: string;

  /** What kept credentials from being read: a helper that is not installed, a file that is not valid. */
  readonly problem?: string;
}

/**
 * The credentials of this computer for a registry, from the files of docker and podman in this order:
 *
 * - `DOCKER_AUTH_CONFIG`, which is such a file itself,
 * - `$DOCKER_CONFIG/config.json`, by default `~/.docker/config.json`,
 * - `REGISTRY_AUTH_FILE`, `$XDG_RUNTIME_DIR/containers/auth.json`, and `~/.config/containers/auth.json`.
 *
 * @see https://docs.docker.com/reference/cli/docker/login/
 * @see https://man.archlinux.org/man/containers-auth.json.5
 */
export async function localCredentials(scope: Scope, { env }: Environment, signal: AbortSignal): Promise<LocalCredentials> {
  const problems: string[] = [];
  for (const { name, text } of configFiles(env)) {
    const config = parseDockerConfig(text);
    if (!config) {
      problems.push(`${name} is not valid JSON`);
      continue;
    }
    const found = await credentialsIn(config, scope, { env, signal });
    if (found.credentials) return found;
    if (found.problem !== undefined) problems.push(found.problem);
  }
  return problems.length === 0 ? {} : { problem: problems.join('; ') };
}

interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

function configFiles(env: Environment['env']): ConfigFile[] {
  const { DOCKER_AUTH_CONFIG, DOCKER_CONFIG, HOME = homedir(), REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = env;
  const paths = [
    join(DOCKER_CONFIG || join(HOME, '.docker'), 'config.json'),
    ...REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : [],
    ...XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')] : [],
    join(HOME, '.config', 'containers', 'auth.json'),
  ];
  const files = paths.flatMap((name): ConfigFile[] => {
    try {
      return [{ name, text: readFileSync(name, 'utf8') }];
    } catch {
      return []; // there is none, or it is not for this user
    }
  });
  return [...DOCKER_AUTH_CONFIG ? [{ name: 'DOCKER_AUTH_CONFIG', text: DOCKER_AUTH_CONFIG }] : [], ...files];
}

/** How to run a credential helper. */
interface Run extends Environment {
  readonly signal: AbortSignal;
}

async function credentialsIn(config: DockerConfig, scope: Scope, run: Run): Promise<LocalCredentials> {
  const helper = helperOf(config, scope);
  const written = writtenCredentials(config, scope);
  if (helper === undefined) return { credentials: written };
  try {
    const credentials = await askHelper(helper, serverName(scope.registry), run);
    return credentials ? { credentials, helper } : { credentials: written };
  } catch (error) {
    return { credentials: written, problem: (error as Error).message };
  }
}

function helperOf({ credHelpers, credsStore }: DockerConfig, { registry }: Scope): string | undefined {
  const names = registry === DOCKER_HUB ? [serverName(registry), 'index.docker.io', registry] : [registry, `https://${registry}`];
  return names.map(name => credHelpers?.[name]).find(helper => helper !== undefined) ?? (credsStore || undefined);
}

/** What a credential helper says where it knows no credentials, with an exit code that it has for errors too. */
const NOT_FOUND = 'credentials not found in native keychain';

/** The user's name that a credential helper gives with an identity token. */
const IDENTITY = '<token>';

/**
 * Asks a credential helper.
 *
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol
 * @returns undefined where it knows no credentials
 * @throws Error where it does not run, or fails
 */
async function askHelper(helper: string, server: string, { env, signal }: Run): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  // What it prints is a secret, and is in no message.
  const output = await new Promise<string | undefined>((resolve, reject) => {
    const child = execFile(program, ['get'], { env, signal, windowsHide: true }, (error, stdout) => {
      if (!error) resolve(stdout);
      else if (stdout.trim() === NOT_FOUND) resolve(undefined);
      else if (error.code === 'ENOENT') reject(new Error(`the credential helper ${program} is not installed`));
      else reject(new Error(`the credential helper ${program} failed`));
    });
    child.stdin?.on('error', () => {}); // it may exit before it has read
    child.stdin?.end(server);
  });
  if (output === undefined) return undefined;
  try {
    const { Username: username, Secret: secret } = JSON.parse(output) as { readonly Username?: string; readonly Secret?: string };
    if (!username || !secret) return undefined;
    return username === IDENTITY ? { type: 'identity', token: secret } : { type: 'password', username, password: secret };
  } catch {
    throw new Error(`the credential helper ${program} did not print JSON`);
  }
}
