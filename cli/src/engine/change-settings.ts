import { deleteOldReleases, deploy } from './deploy';
import { DeployInProgress, DeployLock } from './lock';
import { ensureNamespace } from './namespace';
import type { DeployOperation } from './operation';
import { count, withExplanation } from './operation';
import type { Release, StoredRelease } from './release-store';
import { contentOf, currentRelease, currentSettings, listReleases } from './release-store';
import type { NewSettings, Values } from './settings';
import { createSettings, processesIn, readSettings, setByFile } from './settings';
import type { SettingsChange } from './settings-change';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** How often to try again while another process changes the app, in milliseconds. */
const RETRY = 1_000;

/**
 * Changes the settings of an app: deploys the current release with other ones, or, before the first deploy, stores them for that. What
 * others change at the same time is kept: it waits for them, and then begins with what they have set.
 *
 * @returns undefined where the settings are so already
 * @throws Failure with the reason; the app then has the settings of before
 */
export async function changeSettings(operation: DeployOperation, change: SettingsChange): Promise<Release | undefined> {
  const { cluster: { clock }, app, progress, signal, timeout, createNamespace } = operation;
  const { namespace } = app;
  if (createNamespace) await withExplanation(ensureNamespace(operation, namespace), namespace);
  for (const end = clock.now() + timeout * 1000; ;) {
    try {
      return await tryChange(operation, change);
    } catch (error) {
      if (!(error instanceof DeployInProgress) || clock.now() > end) throw error;
      progress.waiting(`waiting: ${error.message}`);
      await clock.sleep(RETRY, signal);
    }
  }
}

async function tryChange(operation: DeployOperation, change: SettingsChange): Promise<Release | undefined> {
  const { cluster, app } = operation;
  const releases = await withExplanation(listReleases(cluster, app), app.namespace);
  const settings = currentSettings(releases);
  const values = await withExplanation(readSettings(cluster, app, settings), app.namespace);
  const { values: after, names } = change.apply(values);
  if (names.length === 0) return undefined;
  const action = `${change.action} ${names.join(', ')}`;
  const current = currentRelease(releases);
  const created = createSettings(app, after, { settings, values });
  if (!current) return stage(operation, { action, created, releases });
  checkPrecedence(operation, current.objects, change);
  return deploy(operation, { action, ...contentOf(current), settings: created.settings, created: created.objects }, releases);
}

/**
 * What the file sets is not changed by settings.
 *
 * @throws Failure where it sets a variable in all processes
 */
export function checkPrecedence(
  { progress }: Pick<DeployOperation, 'progress'>, objects: readonly Manifest[], change: SettingsChange,
): void {
  const all = processesIn(objects).length;
  for (const name of change.sets) {
    const processes = setByFile(objects, name);
    if (processes.length === all && all > 0) {
      const source = processesIn(objects).flatMap(({ container: { env = [] } }) => env).find(one => one.name === name)?.valueFrom;
      const hint = source?.secretKeyRef
        ? `set the key that it names: webapp secrets set ${source.secretKeyRef.key} --secret ${source.secretKeyRef.name}`
        : 'change it there, and run webapp deploy';
      throw new Failure(`${name} is set by the file, or by cdk8s-webapp for it, which takes precedence; ${hint}`);
    }
    if (processes.length > 0) progress.warn(`the file sets ${name} in ${processes.join(', ')}, which keeps that value`);
  }
}

interface Stage {
  readonly action: string;
  readonly created: NewSettings;
  readonly releases: readonly StoredRelease[];
}

/** Stores settings before there is anything to deploy. */
async function stage(operation: DeployOperation, { action, created: { settings, objects }, releases }: Stage): Promise<Release> {
  const { cluster, app, progress } = operation;
  const draft = { action, objects: [], shared: [], settings, staged: true };
  for (const object of objects) {
    await withExplanation(cluster.objects.create(object, { dryRun: true }), app.namespace, 'nothing was changed');
  }
  const lock = await DeployLock.acquire(operation, draft, releases);
  try {
    for (const object of objects) await cluster.objects.create(object);
    await lock.finish('deployed');
    await deleteOldReleases(operation, lock);
  } catch (error) {
    await lock.abandon();
    throw error;
  }
  progress.done(`Stored ${count(variablesIn(settings), 'variable')} of ${app.name} for its first deploy (${action})`);
  return lock.release;
}

function variablesIn({ config, secrets }: NewSettings['settings']): number {
  return (config?.keys.length ?? 0) + (secrets?.keys.length ?? 0);
}

/** The variables that an app has now, or will have with its first deploy. */
export async function settingsValues({ cluster, app }: Pick<DeployOperation, 'cluster' | 'app'>): Promise<Values> {
  const releases = await withExplanation(listReleases(cluster, app), app.namespace);
  return withExplanation(readSettings(cluster, app, currentSettings(releases)), app.namespace);
}
