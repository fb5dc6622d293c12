/**
 * The secrets of apps in the platform's store of External Secrets. A release has a PushSecret that names the Secret which its pods use, so
 * the store has the values of the release that serves traffic: a rollback pushes the old ones, and the next deploy puts right what a
 * killed command has left. External Secrets pushes when that object changes, and not again: what others write into the store stays.
 */
import type { DeployOperation } from './operation';
import { waitUntilDeleted } from './prune';
import type { Release } from './release-store';
import type { Settings } from './settings';
import { SETTINGS } from './settings';
import type { SecretStoreModel } from '../../../src/internal';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { referenceTo, shown } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, PushSecret, SecretStore } from '../kube/types';
import { CLUSTER_SECRET_STORE, conditionOf, ofKind, PUSH_SECRET, SECRET_STORE } from '../kube/types';
import { MANAGED_BY } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** Where the secrets of an app are in a store. */
export type SecretStoreEntry = Pick<SecretStoreModel, 'kind' | 'name' | 'key'>;

/** How long a store may refuse secrets before that counts, in seconds: External Secrets tries again by itself. */
const PATIENCE = 10;

/** How long External Secrets may take to look at a PushSecret, in seconds. */
const UNSEEN = 60;

/** The name of an app's PushSecret. */
export function pushSecretOf({ name, namespace }: AppName): Reference<PushSecret> {
  return { ...PUSH_SECRET, namespace, name: `${name}-secrets` };
}

/** The PushSecret of an app, as a list; empty where the app has no secrets, or the platform no store. */
export function pushSecretsFor(app: AppName, { secrets }: Settings, store: SecretStoreModel | undefined): Manifest[] {
  if (!secrets || !store) return [];
  const { name, kind, key, deletionPolicy } = store;
  return [{
    ...PUSH_SECRET,
    metadata: {
      name: pushSecretOf(app).name,
      namespace: app.namespace,
      labels: { 'app.kubernetes.io/name': app.name, 'app.kubernetes.io/managed-by': MANAGED_BY, [SETTINGS]: 'secrets' },
    },
    spec: {
      // Never again by itself: it would replace what has changed in the store since, such as by an app of the same name in another cluster.
      refreshInterval: '0s',
      updatePolicy: 'Replace',
      deletionPolicy,
      secretStoreRefs: [{ name, kind }],
      selector: { secret: { name: secrets.name } },
      // Without the key of a Secret and a property, the whole Secret becomes one JSON object: what was removed from it is removed there.
      data: [{ match: { remoteRef: { remoteKey: key } } }],
    },
  }];
}

/** The PushSecret of a release; undefined where its secrets, if it has any, are in the cluster alone. */
function pushSecretIn(objects: readonly Manifest[], { name }: Pick<AppName, 'name'>): PushSecret | undefined {
  return ofKind(objects, PUSH_SECRET).find(({ metadata }) => metadata.labels?.[SETTINGS] && metadata.name === `${name}-secrets`);
}

/** Where the secrets of a release are besides the cluster; undefined where they are not. */
export function pushedTo(objects: readonly Manifest[], app: Pick<AppName, 'name'>): SecretStoreEntry | undefined {
  const push = pushSecretIn(objects, app);
  return push && entryOf(push);
}

function entryOf({ spec: { secretStoreRefs: [{ kind, name }], data: [{ match }] } }: PushSecret): SecretStoreEntry {
  return { kind, name, key: match.remoteRef.remoteKey };
}

/** A store in a message, with the key of the app in it. */
export function shownEntry({ kind, name, key }: SecretStoreEntry): string {
  return `${kind} ${name} (key ${key})`;
}

/**
 * The PushSecret of a release that pushes what the current one does not; undefined where it pushes nothing else.
 *
 * @param current the release that serves traffic
 */
export function newPushSecret(
  objects: readonly Manifest[], app: AppName, current: Pick<Release, 'objects'> | undefined,
): PushSecret | undefined {
  const [before, push] = [current?.objects ?? [], objects].map(some => pushSecretIn(some, app));
  return push && JSON.stringify(before?.spec) !== JSON.stringify(push.spec) ? push : undefined;
}

/**
 * Checks, before anything is changed, whether a store takes what a release would push. A user may not see stores: then it shows later.
 *
 * @throws Failure where it does not
 */
export async function checkSecretStore(
  operation: DeployOperation, objects: readonly Manifest[], current: Release | undefined,
): Promise<void> {
  const { cluster, app } = operation;
  const push = newPushSecret(objects, app, current);
  if (push) await lenient(operation, async () => findSecretStore(cluster, app, entryOf(push), 'write'));
}

/**
 * Finds a store, and whether it can be used as it must be.
 *
 * @throws Failure where it cannot
 */
export async function findSecretStore(
  { objects }: Cluster, { namespace }: AppName, { kind, name }: Pick<SecretStoreEntry, 'kind' | 'name'>, use: 'read' | 'write',
): Promise<void> {
  const isShared = kind === 'ClusterSecretStore';
  const reference: Reference<SecretStore> = isShared ? { ...CLUSTER_SECRET_STORE, name } : { ...SECRET_STORE, namespace, name };
  const store = await unlessForbidden(async () => objects.get(reference));
  if (store === FORBIDDEN) return;
  const what = `${kind} ${name}`;
  const where = isShared ? '' : ` in namespace ${namespace}`;
  if (!store) throw new Failure(`${what} does not exist${where}; create it, or correct secretStore in platform.yaml`);
  const capability = store.status?.capabilities;
  if (capability === (use === 'read' ? 'WriteOnly' : 'ReadOnly')) {
    const cannot = use === 'read' ? 'write-only: secrets cannot be read from its provider' : 'read-only: its provider takes no secrets';
    throw new Failure(`${what} is ${cannot}; name another one in secretStore of platform.yaml, or remove it there`);
  }
  const ready = conditionOf(store, 'Ready');
  if (ready?.status !== 'False') return;
  const hint = `fix it, and try again; see kubectl describe ${kind.toLowerCase()} ${name}${isShared ? '' : ` --namespace ${namespace}`}`;
  throw new Failure(`${what} is not ready: ${ready.message ?? ready.reason}; ${hint}`);
}

/**
 * Applies the PushSecret of a release, and waits until External Secrets has pushed what is new.
 *
 * @param current the release that serves traffic
 */
export async function pushSecrets(
  operation: DeployOperation, object: Manifest, { current, apply }: { readonly current?: Release; readonly apply: () => Promise<void> },
): Promise<void> {
  const { cluster: { objects }, app, progress } = operation;
  const reference = referenceTo<PushSecret>(object);
  // Whatever is applied to one that is being deleted goes with it.
  const leaving = `${shown(object)}, whose secrets External Secrets deletes from the store,`;
  if ((await objects.get(reference))?.metadata.deletionTimestamp) await waitUntilDeleted(operation, reference, leaving);
  await apply();
  const push = newPushSecret([object], app, current);
  if (!push) return;
  await lenient(operation, async () => {
    await waitUntilPushed(operation, push);
    progress.done(`Pushed the secrets of ${app.name} to ${shownEntry(entryOf(push))}`);
  });
}

/**
 * Waits until External Secrets has pushed secrets.
 *
 * @throws Failure where it does not
 */
export async function waitUntilPushed({ cluster, app, progress, signal, timeout }: DeployOperation, push: PushSecret): Promise<void> {
  const { clock } = cluster;
  const { name } = push.metadata;
  const reference = pushSecretOf(app);
  const entry = shownEntry(entryOf(push));
  const events = `kubectl get events --namespace ${app.namespace} --field-selector involvedObject.name=${name}`;
  const begun = clock.now();
  let problem: string | undefined;
  const late = () => new Failure(problem === undefined
    ? `External Secrets has not looked at PushSecret ${name}; check that its controller runs, and processes PushSecrets`
    : `${entry} does not take the secrets of ${app.name}: ${problem}\n  fix it, and try again; see ${events}`);
  progress.waiting(`pushing the secrets of ${app.name} to ${entry}`);
  await waitUntil(async () => {
    const state = pushStateOf(await cluster.objects.get(reference));
    ({ problem } = state);
    if (problem !== undefined && clock.now() - begun >= PATIENCE * 1000) throw late();
    return state.isPushed;
  }, { clock, seconds: Math.min(timeout, UNSEEN), signal, late });
}

/** What External Secrets says of a PushSecret. */
export interface PushState {
  /** Whether the store has what it says. */
  readonly isPushed: boolean;

  /** Why it could not be pushed; External Secrets tries again. */
  readonly problem?: string;
}

/** @see https://github.com/external-secrets/external-secrets/blob/main/pkg/controllers/pushsecret/pushsecret_controller.go */
export function pushStateOf(push: PushSecret | undefined): PushState {
  const { status, reason, message } = (push && conditionOf(push, 'Ready')) ?? {};
  // The condition does not say which generation it is about; this does, as it begins with it.
  const isCurrent = push?.status?.syncedResourceVersion?.startsWith(`${push.metadata.generation}-`) ?? false;
  return { isPushed: status === 'True' && isCurrent, problem: status === 'False' ? message ?? reason : undefined };
}

/** Does what may fail without harm where an older release is deployed again: the app must not wait for a store. */
async function lenient({ pushLater, progress }: DeployOperation, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!pushLater || !(error instanceof Failure)) throw error;
    progress.warn(`the store has other secrets than the app, until External Secrets has pushed them: ${error.message}`);
  }
}
