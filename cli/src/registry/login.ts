import { RegistryError } from './client';
import type { Registries } from './registries';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** Credentials that Kubernetes takes: a user, and a password or access token. */
export interface Login {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

export interface LoginOptions {
  /** The user; by default the one that this computer knows. */
  readonly username?: string;

  /** Whether the password is on standard input; otherwise the user is asked for it. */
  readonly passwordStdin?: boolean;
}

interface LoginSources {
  readonly registries: Registries;
  readonly world: World;
}

/**
 * The credentials of a registry: those of the options, of this computer, or of the user.
 *
 * @throws Failure where there are none
 */
export async function findLogin(
  registry: string, { username, passwordStdin }: LoginOptions, { registries, world }: LoginSources,
): Promise<Login> {
  if (username !== undefined) {
    const question = `Password of ${username} for ${registry}: `;
    return { registry, username, password: passwordStdin ? await inputOf(world) : await askForPassword(question, world) };
  }
  const { credentials, problem } = await registries.credentials(registry);
  if (credentials?.type === 'password') return { registry, username: credentials.username, password: credentials.password };
  if (credentials) {
    throw new Failure(`the credentials for ${registry} on this computer are a token that Kubernetes does not take; `
      + 'create an access token in the registry, and pass --username and --password-stdin');
  }
  if (!world.interactive) {
    const why = problem === undefined ? '' : ` (${problem})`;
    throw new Failure(`this computer has no credentials for ${registry}${why}; `
      + `run docker login ${registry}, or pass --username and --password-stdin`);
  }
  const user = (await world.ask(`User name for ${registry}: `)).trim();
  if (user === '') throw new Failure('no user name');
  return { registry, username: user, password: await askForPassword('Password: ', world) };
}

async function askForPassword(question: string, world: World): Promise<string> {
  if (!world.interactive) throw new Failure('there is no terminal to ask for the password; pass --password-stdin');
  return notEmpty(await world.askSecret(question));
}

/** As docker does, without the end of the line. */
async function inputOf(world: World): Promise<string> {
  return notEmpty((await world.readInput()).replace(/\r?\n$/, ''));
}

function notEmpty(password: string): string {
  if (password === '') throw new Failure('the password is empty');
  return password;
}

/**
 * Checks credentials at their registry.
 *
 * @returns whether the registry asked for them
 * @throws Failure where it does not accept them, or cannot be asked
 */
export async function checkLogin(registries: Registries, { registry, username, password }: Login): Promise<boolean> {
  try {
    return await registries.check(registry, { type: 'password', username, password });
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new Failure(error.reason === 'denied'
      ? `${registry} does not accept the credentials of ${username}: ${error.message}`
      : `cannot check the credentials with ${registry}: ${error.message}\n  if only the cluster can reach it, pass --no-check`);
  }
}

/**
 * How long credentials of cloud providers are valid, by the user name that their credential helpers give; undefined for others.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
 * @see https://cloud.google.com/artifact-registry/docs/docker/authentication
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-authentication
 */
export function lifetimeOf({ username }: Login): string | undefined {
  if (username === 'AWS') return '12 hours';
  if (username === 'oauth2accesstoken' || /^_dcg(?:cloud|cr)_/.test(username)) return 'one hour';
  return username === '00000000-0000-0000-0000-000000000000' ? 'three hours' : undefined;
}
