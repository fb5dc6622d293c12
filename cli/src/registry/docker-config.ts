import type { ImageReference } from './reference';
import { canonicalHost, DOCKER_HUB } from './reference';

/**
 * What a registry accepts as proof of who is asking: a user with a password or access token, a token that its token server exchanges for
 * another one, or the token itself.
 */
export type Credentials =
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  | { readonly type: 'identity'; readonly token: string }
  | { readonly type: 'bearer'; readonly token: string };

/** The part of a registry that credentials are for: all of it, or the repositories below a path. */
export interface Scope extends Pick<ImageReference, 'registry'> {
  readonly repository?: string;
}

/** The credentials of one registry in a docker config file. */
interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** The part of docker's `config.json` that is about registries. Podman's `auth.json` and Secrets for pulling images have the same form. */
export interface DockerConfig {
  readonly auths?: { readonly [registry: string]: AuthEntry | undefined };

  /** The names of credential helpers by registry. */
  readonly credHelpers?: { readonly [registry: string]: string | undefined };

  /** The name of the credential helper of all other registries. */
  readonly credsStore?: string;
}

/** The name by which docker knows a registry in its config and asks credential helpers for it. */
export function serverName(registry: string): string {
  return registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry;
}

/** @returns undefined where it is not a docker config */
export function parseDockerConfig(text: string): DockerConfig | undefined {
  try {
    const config: unknown = JSON.parse(text);
    return typeof config === 'object' && config !== null && !Array.isArray(config) ? config : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The credentials that are written in a config, of the entry that matches most of a repository's name. Its key is a host, which may have a
 * scheme, a version of the API and, for Kubernetes, `*` in place of a part of the name; or a host with a path.
 *
 * @see https://kubernetes.io/docs/concepts/containers/images/#config-json
 * @see https://man.archlinux.org/man/containers-auth.json.5
 */
export function writtenCredentials({ auths }: DockerConfig, scope: Scope): Credentials | undefined {
  const matching = Object.entries(auths ?? {}).flatMap(([key, entry]) => {
    const { host, path } = keyOf(key);
    const credentials = entry && credentialsOf(entry);
    return credentials && matchesHost(host, scope.registry) && isBelow(path, scope.repository) ? [{ host, path, credentials }] : [];
  });
  const isWildcard = ({ host }: { readonly host: string }) => Number(host.includes('*'));
  matching.sort((a, b) => b.path.length - a.path.length || isWildcard(a) - isWildcard(b));
  return matching[0]?.credentials;
}

/** The registry and the path that a key of `auths` is for. */
export function keyOf(key: string): { readonly host: string; readonly path: string } {
  const [host, ...path] = key.replace(/^https?:\/\//, '').split('/');
  const inner = path.filter(part => part !== '');
  return { host: canonicalHost(host), path: /^v[12]$/.test(inner[0] ?? '') ? inner.slice(1).join('/') : inner.join('/') };
}

function matchesHost(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  if (!pattern.includes('*')) return false;
  const [parts, others] = [pattern.split('.'), host.split('.')];
  return parts.length === others.length && parts.every((part, i) => part === others[i] || matchesPart(part, others[i]));
}

function matchesPart(pattern: string, part: string): boolean {
  const [first, ...rest] = pattern.split('*').map(text => text.replace(/[^\w-]/g, '\\$&'));
  return rest.length > 0 && new RegExp(`^${[first, ...rest].join('.*')}$`).test(part);
}

function isBelow(path: string, repository = ''): boolean {
  return path === '' || repository === path || repository.startsWith(`${path}/`);
}

function credentialsOf({ auth = '', username = '', password = '', identitytoken, registrytoken }: AuthEntry): Credentials | undefined {
  if (registrytoken) return { type: 'bearer', token: registrytoken };
  if (identitytoken) return { type: 'identity', token: identitytoken };
  const [, user, secret] = /^([^:]+):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  if (user !== undefined && secret !== '') return { type: 'password', username: user, password: secret.replace(/^\0+|\0+$/g, '') };
  return username !== '' && password !== '' ? { type: 'password', username, password } : undefined;
}
