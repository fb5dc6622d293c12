import { checkCredentials, deleteManifest, findManifest, RegistryError } from './client';
import type { Credentials, DockerConfig } from './docker-config';
import { writtenCredentials } from './docker-config';
import type { Environment, LocalCredentials } from './local-credentials';
import { localCredentials } from './local-credentials';
import type { ImageReference } from './reference';

/** What a registry says of an image. */
export type Answer =
  | { readonly state: 'found'; readonly digest: string }
  | { readonly state: 'missing'; readonly part: 'repository' | 'tag' }
  | { readonly state: 'unknown'; readonly why: string }
  | { readonly state: 'unasked' };

/** The credentials with which the cluster pulls an image. */
export interface PullSecrets {
  readonly configs: readonly DockerConfig[];

  /** The names of those that exist, and that the user is not allowed to read. */
  readonly unreadable: readonly string[];
}

/** The container registries, so that tests can replace them. */
export interface Registries {
  /**
   * Asks the registry of an image for its digest, with the credentials at hand. It takes a few seconds at most.
   *
   * @param pullSecrets returns those of the image's pods; it is called where the credentials of this computer are not enough
   */
  find(image: ImageReference, pullSecrets: () => Promise<PullSecrets>): Promise<Answer>;

  /**
   * Removes the image of a digest, with the credentials of this computer.
   *
   * @throws RegistryError where the registry does not let it
   */
  remove(image: ImageReference & { readonly digest: string }): Promise<void>;

  /** The credentials of this computer for a registry. */
  credentials(registry: string): Promise<LocalCredentials>;

  /**
   * Checks whether a registry accepts credentials.
   *
   * @returns whether it asked for them
   * @throws RegistryError where it does not accept them
   */
  check(registry: string, credentials: Credentials): Promise<boolean>;
}

/** How long a registry may take to answer, in milliseconds. */
const TIMEOUT = 5_000;

/** How long a registry may take to check credentials, in milliseconds: nothing else waits, and a credential helper may ask the user. */
const LOGIN_TIMEOUT = 60_000;

/** The registries as they are reached from this computer. */
export function networkRegistries(environment: Environment, timeout = TIMEOUT): Registries {
  return {
    find: async (image, pullSecrets) => {
      const signal = AbortSignal.timeout(timeout);
      // What does not stop at the signal, such as the cluster, is not waited for either.
      const late = new Promise<Answer>(resolve => {
        signal.addEventListener('abort', () => resolve({ state: 'unknown', why: `it did not answer within ${timeout / 1000} s` }));
      });
      return Promise.race([late, find(image, { environment, pullSecrets, signal })]);
    },
    remove: async image => {
      const signal = AbortSignal.timeout(LOGIN_TIMEOUT);
      const { credentials } = await localCredentials(image, environment, signal);
      await deleteManifest(image, { credentials, signal });
    },
    credentials: async registry => localCredentials({ registry }, environment, AbortSignal.timeout(LOGIN_TIMEOUT)),
    check: async (registry, credentials) => checkCredentials(registry, { credentials, signal: AbortSignal.timeout(LOGIN_TIMEOUT) }),
  };
}

interface Search {
  readonly environment: Environment;
  readonly pullSecrets: () => Promise<PullSecrets>;
  readonly signal: AbortSignal;
}

/**
 * Tries the credentials of this computer, those of the cluster, and none. A registry may answer that there is no such image to all who may
 * not see it: so that counts only where the cluster's credentials are known.
 */
async function find(image: ImageReference, { environment, pullSecrets, signal }: Search): Promise<Answer> {
  const local = await localCredentials(image, environment, signal);
  const denials: string[] = [];
  let missing: Answer | undefined;
  const tryWith = async (credentials: Credentials | undefined): Promise<Answer | undefined> => {
    try {
      const manifest = await findManifest(image, { credentials, signal });
      if ('digest' in manifest) return { state: 'found', digest: manifest.digest };
      missing = { state: 'missing', part: manifest.missing };
      return undefined;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (error.reason !== 'denied') return { state: 'unknown', why: error.message };
      denials.push(error.message);
      return undefined;
    }
  };

  const own = local.credentials && await tryWith(local.credentials);
  if (own) return own;
  const { configs, unreadable } = await pullSecrets();
  for (const config of configs) {
    const credentials = writtenCredentials(config, image);
    const found = credentials && await tryWith(credentials);
    if (found) return found;
  }
  const anonymous = missing ? undefined : await tryWith(undefined);
  if (anonymous) return anonymous;
  if (missing && unreadable.length === 0) return missing;
  const { credentials, problem = credentials ? undefined : `run docker login ${image.registry} if you have access` } = local;
  const why = [denials[0], problem, ...unreadable.map(name => `you are not allowed to read Secret ${name}`)];
  return { state: 'unknown', why: why.filter(part => part !== undefined).join('; ') };
}
