import type { Cluster } from '../kube/connect';
import { ApiError, fieldConflicts } from '../kube/errors';
import { explainRejection } from '../kube/explain';
import type { Secret } from '../kube/types';
import { SECRET } from '../kube/types';
import type { DockerConfig } from '../registry/docker-config';
import { keyOf, parseDockerConfig, serverName } from '../registry/docker-config';
import type { Login } from '../registry/login';
import { Failure } from '../ui/failure';

/** The type of Secrets with the credentials of registries: https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
const TYPE = 'kubernetes.io/dockerconfigjson';
const KEY = '.dockerconfigjson';

/** A Secret with the credentials of registries. */
export interface RegistrySecret {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Which of the Secrets that are used together has credentials for a registry; undefined where there are no Secrets.
 *
 * @throws Failure where there are several, and none has
 */
export async function chooseSecret(
  { objects }: Cluster, { namespace, names }: { readonly namespace: string; readonly names: readonly string[] }, registry: string,
): Promise<string | undefined> {
  if (names.length < 2) return names[0];
  for (const name of names) {
    const live = await objects.get<Secret>({ ...SECRET, namespace, name });
    if (live && Object.keys(configIn(live).auths ?? {}).some(key => isWhole(key, registry))) return name;
  }
  throw new Failure(`${names.join(' and ')} have no credentials for ${registry} yet; name one of them with --secret`);
}

/**
 * Puts credentials into a Secret, beside those of other registries.
 *
 * @returns what happened to the Secret
 * @throws Failure where the Secret has another type, or another manager has set its content
 */
export async function writeRegistrySecret(
  cluster: Cluster, secret: RegistrySecret, login: Login, force?: boolean,
): Promise<'Created' | 'Updated' | 'Kept'> {
  const live = await cluster.objects.get<Secret>({ ...SECRET, ...secret });
  const what = `Secret ${secret.name} in namespace ${secret.namespace}`;
  if (live && live.type !== TYPE) {
    throw new Failure(`${what} has the type ${live.type}, not ${TYPE}; name another one with --secret`);
  }
  const before = live && configIn(live);
  const { registry, username, password } = login;
  const others = Object.entries(before?.auths ?? {}).filter(([key]) => !isWhole(key, registry));
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const entry = { username, password, auth };
  if (JSON.stringify(before?.auths?.[serverName(registry)]) === JSON.stringify(entry)) return 'Kept';
  const config: DockerConfig = { ...before, auths: { ...Object.fromEntries(others), [serverName(registry)]: entry } };
  const manifest = {
    ...SECRET,
    metadata: { ...secret, labels: { 'app.kubernetes.io/managed-by': 'webapp' } },
    type: TYPE,
    data: { [KEY]: Buffer.from(JSON.stringify(config)).toString('base64') },
  };
  try {
    await cluster.objects.apply(manifest, { force });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const managers = [...new Set(fieldConflicts(error).map(({ manager = 'another manager' }) => manager))];
    if (managers.length === 0) throw new Failure(explainRejection(manifest, error));
    throw new Failure(`${what} is managed by ${managers.join(', ')}; change it with --force`);
  }
  return live ? 'Updated' : 'Created';
}

/** Whether a key is that of all repositories of a registry. */
function isWhole(key: string, registry: string): boolean {
  const { host, path } = keyOf(key);
  return host === registry && path === '';
}

function configIn({ data = {} }: Secret): DockerConfig {
  return parseDockerConfig(Buffer.from(data[KEY] ?? '', 'base64').toString('utf8')) ?? {};
}
