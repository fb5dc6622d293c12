/** Reads the secrets of an app from a store of External Secrets, such as in a cluster that was built anew. */
import { randomBytes } from 'node:crypto';
import { ensureNamespace } from './namespace';
import type { DeployOperation } from './operation';
import type { SecretStoreEntry } from './secret-store';
import { findSecretStore, shownEntry } from './secret-store';
import type { Variables } from './settings';
import { SETTINGS } from './settings';
import { HASH_LENGTH } from '../../../src/internal';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import { decoded } from '../kube/secret-data';
import type { AppName, ExternalSecret } from '../kube/types';
import { conditionOf, EXTERNAL_SECRET, SECRET } from '../kube/types';
import { MANAGED_BY } from '../kube/workload';
import { Failure } from '../ui/failure';

/** How long External Secrets may take to fetch secrets, in seconds. */
const TIMEOUT = 30;

/** How long errors may last before they count, in seconds: External Secrets tries again by itself. */
const PATIENCE = 10;

/**
 * The secrets that a store has of an app. An ExternalSecret fetches them, once, and is then deleted with the Secret that it has created.
 *
 * @throws Failure where it has none, or they cannot be read
 */
export async function readSecretStore(operation: DeployOperation, entry: SecretStoreEntry): Promise<Variables> {
  const { cluster, app, progress, createNamespace } = operation;
  const { objects } = cluster;
  if (createNamespace) await ensureNamespace(operation, app.namespace);
  await findSecretStore(cluster, app, entry, 'read');
  for (const left of await importsOf(cluster, app)) await objects.remove(left);
  const name = `${app.name}-secrets-import-${randomBytes(HASH_LENGTH / 2).toString('hex')}`;
  const reference: Reference<ExternalSecret> = { ...EXTERNAL_SECRET, namespace: app.namespace, name };
  await objects.create({
    ...EXTERNAL_SECRET,
    metadata: { namespace: app.namespace, name, labels: labelsOf(app) },
    spec: {
      refreshInterval: '0s',
      secretStoreRef: { kind: entry.kind, name: entry.name },
      // A key that does not exist is not reported as an error then, and can be told from others.
      target: { name, creationPolicy: 'Owner', deletionPolicy: 'Delete' },
      dataFrom: [{ extract: { key: entry.key } }],
    },
  });
  try {
    progress.waiting(`reading the secrets of ${app.name} from ${shownEntry(entry)}`);
    return await fetched(operation, reference, entry);
  } finally {
    await objects.remove(reference);
  }
}

/** The ExternalSecrets by which secrets are read, or by which a killed command has read them. */
export async function importsOf({ objects }: Cluster, app: AppName): Promise<Reference[]> {
  if (!await objects.knows(EXTERNAL_SECRET)) return [];
  const found = await unlessForbidden(async () => objects.list(EXTERNAL_SECRET, { namespace: app.namespace, labels: labelsOf(app) }));
  return found === FORBIDDEN ? [] : found.map(({ metadata: { name } }) => ({ ...EXTERNAL_SECRET, namespace: app.namespace, name }));
}

function labelsOf({ name }: AppName): { readonly [label: string]: string } {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': MANAGED_BY, [SETTINGS]: 'import' };
}

async function fetched(
  { cluster: { objects, clock }, app, signal }: DeployOperation, reference: Reference<ExternalSecret>, entry: SecretStoreEntry,
): Promise<Variables> {
  const { name } = reference;
  const what = shownEntry(entry);
  const begun = clock.now();
  const hint = `see kubectl get events --namespace ${app.namespace}`;
  const late = `External Secrets has not fetched the secrets of ${app.name} from ${what}; check that its controller runs`;
  await waitUntil(async () => {
    const live = await objects.get(reference);
    if (!live) throw new Failure(`ExternalSecret ${name} was deleted, perhaps by another import; try again`);
    const { status, reason, message } = conditionOf(live, 'Ready') ?? {};
    if (status === 'False' && clock.now() - begun >= PATIENCE * 1000) {
      throw new Failure(`${what} does not give the secrets of ${app.name}: ${message ?? reason}; ${hint}`);
    }
    return status === 'True';
  }, { clock, seconds: TIMEOUT, signal, late });
  const values = decoded((await objects.get({ ...SECRET, namespace: app.namespace, name }))?.data);
  if (Object.keys(values).length === 0) throw new Failure(`${what} has no secrets of ${app.name}; set some with webapp secrets set`);
  return values;
}
