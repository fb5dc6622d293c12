/** How `webapp config` and `webapp secrets` change an app that has a resource: by an annotation, which the operator obeys. */
import { findResource, waitForOperator } from './client';
import type { WebAppResource } from './resources';
import { nameOf, WEB_APP } from './resources';
import { annotationOf, pointerOf, SETTINGS_ANNOTATION } from './settings-pointer';
import { checkPrecedence } from '../engine/change-settings';
import type { DeployOperation, Operation } from '../engine/operation';
import { authorOf, withExplanation } from '../engine/operation';
import type { Release } from '../engine/release-store';
import { currentRelease, currentSettings, listReleases } from '../engine/release-store';
import { findSecretStore, newPushSecret, waitUntilPushed } from '../engine/secret-store';
import type { NewSettings, Settings } from '../engine/settings';
import { createSettings, findSettings, readSettings } from '../engine/settings';
import type { SettingsChange } from '../engine/settings-change';
import type { Cluster } from '../kube/connect';
import { isConflict } from '../kube/errors';
import { referenceTo, SETTINGS_MANAGER } from '../kube/objects';
import { Failure } from '../ui/failure';

/**
 * Changes the settings of a resource, and waits until the operator has deployed them. What others change at the same time is kept. If the
 * app does not become ready with them, it gets those of before again, as its spec has not failed.
 *
 * @returns undefined where the settings are so already
 */
export async function changeResourceSettings(operation: DeployOperation, change: SettingsChange): Promise<Release | undefined> {
  const { cluster, app, progress } = operation;
  const written = await writeSettings(operation, change);
  if (!written) return undefined;
  const { resource, before, action, current } = written;
  try {
    await waitForOperator(operation, resource);
    const { objects } = currentRelease(await listReleases(cluster, app))!;
    const push = newPushSecret(objects, app, current);
    if (push) await waitUntilPushed(operation, push);
  } catch (error) {
    if (operation.signal.aborted || resource.spec.rollback === 'manual') throw error;
    await restoreSettings(operation, resource, before);
    throw new Failure(`${(error as Error).message}\nThe variables of ${app.name} are as they were before`);
  }
  const release = currentRelease(await withExplanation(listReleases(cluster, app), app.namespace))!;
  progress.done(`Deployed release ${release.number} (${action})`);
  return release;
}

interface WrittenSettings {
  readonly resource: WebAppResource;

  /** The annotation until then. */
  readonly before: string | undefined;

  /** What was done. */
  readonly action: string;

  /** The release that served traffic until then. */
  readonly current: Release | undefined;
}

async function writeSettings(operation: DeployOperation, change: SettingsChange): Promise<WrittenSettings | undefined> {
  const { cluster, app, signal } = operation;
  const { objects } = cluster;
  const current = currentRelease(await listReleases(cluster, app));
  if (current) checkPrecedence(operation, current.objects, change);
  let last: { readonly text: string | undefined; readonly action: string; readonly created: NewSettings } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const resource = await findResource(cluster, app);
    if (!resource) throw new Failure(`WebApp ${app.name} was deleted`);
    const text = resource.metadata.annotations?.[SETTINGS_ANNOTATION];
    if (last && last.text !== text) {
      for (const object of last.created.objects) await objects.remove(referenceTo(object));
      last = undefined;
    }
    if (!last) {
      const settings = await settingsOf(cluster, resource);
      const values = await readSettings(cluster, app, settings);
      const { values: after, names } = change.apply(values);
      if (names.length === 0) return undefined;
      const { name, uid } = resource.metadata;
      const created = createSettings(app, after, { settings, values }, { ...WEB_APP, name, uid });
      const { secrets } = created.settings;
      const store = current?.secretStore;
      if (store && secrets && secrets.name !== settings.secrets?.name) await findSecretStore(cluster, app, store, 'write');
      for (const object of created.objects) await objects.create(object);
      last = { text, action: `${change.action} ${names.join(', ')}`, created };
    }
    const { action, created: { settings } } = last;
    const annotations = { [SETTINGS_ANNOTATION]: annotationOf(settings, { action, by: authorOf(cluster) }) };
    try {
      const metadata = { resourceVersion: resource.metadata.resourceVersion, annotations };
      return { resource: await objects.merge({ ...WEB_APP, ...app }, { metadata }, SETTINGS_MANAGER), before: text, action, current };
    } catch (error) {
      if (isConflict(error)) continue; // the operator has written the status, or another command the annotation
      for (const object of last.created.objects) await objects.remove(referenceTo(object));
      throw error;
    }
  }
}

/** The settings that a resource has; those of the releases where the operator has not looked at it yet. */
async function settingsOf(cluster: Cluster, resource: WebAppResource): Promise<Settings> {
  const app = nameOf(resource);
  const pointer = pointerOf(resource);
  const isNew = !pointer && resource.status?.release === undefined;
  return isNew ? currentSettings(await listReleases(cluster, app)) : findSettings(cluster, app, pointer ?? {});
}

/** Gives a resource the annotation that it had, unless another command has changed it since. */
async function restoreSettings({ cluster, app }: Operation, { metadata }: WebAppResource, before: string | undefined): Promise<void> {
  const text = metadata.annotations?.[SETTINGS_ANNOTATION];
  for (;;) {
    const live = await findResource(cluster, app);
    if (!live || live.metadata.annotations?.[SETTINGS_ANNOTATION] !== text) return;
    const { resourceVersion } = live.metadata;
    const change = { metadata: { resourceVersion, annotations: { [SETTINGS_ANNOTATION]: before ?? null } } };
    try {
      await cluster.objects.merge({ ...WEB_APP, ...app }, change, SETTINGS_MANAGER);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}
