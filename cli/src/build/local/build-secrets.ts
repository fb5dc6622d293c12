import type { Variables } from './programs';
import { Failure } from '../../ui/failure';
import type { BuildRequest, SecretReference } from '../request';

/** Where the values of build secrets are from. */
export interface SecretSource {
  readonly env: Variables;

  /** The value of a key of a Secret in the app's namespace; undefined if there is none. */
  readSecret(reference: SecretReference): Promise<string | undefined>;
}

/** The value of each build secret, by its id: of the environment variable with that name unless it is empty, else of the Secret. */
export async function readBuildSecrets({ app, secrets }: BuildRequest, { env, readSecret }: SecretSource): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  const missing: string[] = [];
  for (const [id, reference] of Object.entries(secrets)) {
    const value = env[id] || await readSecret(reference);
    if (value !== undefined) values.set(id, value);
    else missing.push(`  ${id}: set the environment variable ${id}, or the key ${reference.key} of Secret ${reference.secret}`);
  }
  if (missing.length === 0) return values;
  throw new Failure([`build secrets of ${app.name} have no value, with Secrets of namespace ${app.namespace}:`, ...missing].join('\n'));
}

/** How a builder gets build secrets. */
export interface SecretFlags {
  readonly args: readonly string[];
  readonly env: Variables;
}

/**
 * Passes the values in the environment of the builder, under names that mean nothing to it: arguments can be read by other users of this
 * computer, files stay when it crashes.
 *
 * @see https://docs.docker.com/reference/cli/docker/buildx/build/#secret
 * @see https://docs.podman.io/en/latest/markdown/podman-build.1.html
 */
export function secretFlags(secrets: ReadonlyMap<string, string>): SecretFlags {
  const entries = [...secrets].map(([id, value], i) => ({ id, value, name: `WEBAPP_BUILD_SECRET_${i}` }));
  return {
    args: entries.flatMap(({ id, name }) => ['--secret', `id=${id},env=${name}`]),
    env: Object.fromEntries(entries.map(({ name, value }) => [name, value])),
  };
}
