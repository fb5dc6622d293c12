import type { ChangeNote } from './change-note';
import { CHANGE_ANNOTATION, changeNoteFor } from './change-note';
import { RENEWED } from './expiry';
import type { WebAppResource } from './resources';
import { WEB_APP } from './resources';
import { annotationOf, namesOf, pointerOf, SETTINGS_ANNOTATION } from './settings-pointer';
import { canaryPlanOf } from '../config/gradual-canary';
import { fieldsOf, mergePatch } from '../config/merge';
import type { DeployOperation, Operation } from '../engine/operation';
import { authorOf, withExplanation } from '../engine/operation';
import type { Release } from '../engine/release-store';
import { currentRelease, isDeployed, listReleases, PREVIEW, PREVIEW_OF } from '../engine/release-store';
import { chooseRelease } from '../engine/rollback';
import type { Scale } from '../engine/scale';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { ApiError, fieldConflicts, isConflict } from '../kube/errors';
import { explainRejection } from '../kube/explain';
import { CHANGE_MANAGER, MAINTENANCE_MANAGER, referenceTo, SCALE_MANAGER } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName } from '../kube/types';
import { conditionOf } from '../kube/types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** What the command does with an app that has a resource: it edits the resource, and the operator does the rest. */

/** The labels and the annotation of previews. */
const OF_PREVIEWS = [PREVIEW, PREVIEW_OF, RENEWED];

/** The resource of an app; undefined if it has none, so that the command deploys it itself. */
export async function findResource(cluster: Cluster, app: AppName): Promise<WebAppResource | undefined> {
  if (!await cluster.objects.knows(WEB_APP)) return undefined;
  // A user who may not see resources cannot have created the app with one.
  const found = await unlessForbidden(async () => cluster.objects.get({ ...WEB_APP, ...app }));
  return found === FORBIDDEN ? undefined : found;
}

/**
 * Changes the spec of a resource, and waits until the operator has deployed it. What `webapp scale` has set is taken back.
 *
 * @param spec the props, without the name
 * @param change labels and annotations, and what is done, for the release
 * @throws Failure with what the operator says
 */
export async function deployResource(
  operation: DeployOperation, spec: object, { action = 'deploy', ...metadata }: ResourceMetadata & { readonly action?: string } = {},
): Promise<Release> {
  const { app, progress } = operation;
  const applied = await applyResource(operation, spec, metadata, action);
  progress.done(`Applied WebApp ${app.name}`);
  return waitForRelease(operation, spec, applied);
}

/**
 * Changes some fields of the spec of a resource, which stay as they are when the others are applied again, and waits likewise.
 *
 * @param change null removes a field
 * @param action what is done, for the release
 * @throws Failure with what the operator says; the resource is as it was before then
 */
export async function changeResource(
  operation: DeployOperation, { spec }: WebAppResource, change: object, action: string,
): Promise<Release> {
  const { cluster: { objects }, app, progress } = operation;
  const reference = referenceTo<WebAppResource>({ ...WEB_APP, metadata: { ...app } });
  const changed = await withExplanation((async () => {
    await noteChange(operation, mergePatch(spec, change) as object, action);
    return objects.merge(reference, { spec: change }, MAINTENANCE_MANAGER);
  })(), app.namespace);
  progress.done(`Changed WebApp ${app.name}`);
  const before = Object.fromEntries(Object.keys(change).map(field => [field, fieldsOf(spec)[field] ?? null]));
  return orUndo(operation, waitForRelease(operation, changed.spec, changed), async () => (
    objects.merge(reference, { spec: before }, MAINTENANCE_MANAGER)));
}

/** Takes a change of a resource back where it fails, unless the user has interrupted that. */
async function orUndo<T>({ signal }: Operation, changing: Promise<T>, undo: () => Promise<unknown>): Promise<T> {
  try {
    return await changing;
  } catch (error) {
    if (!signal.aborted) await undo();
    throw error;
  }
}

/**
 * Sets the limits of the number of pods in a resource until the next deploy, and waits likewise.
 *
 * @param worker undefined for the web process
 * @throws Failure with what the operator says; the resource has the limits of before then
 */
export async function scaleResource(
  operation: DeployOperation, resource: WebAppResource, limits: Required<Scale>, worker?: string,
): Promise<Release> {
  const { app, progress } = operation;
  if (worker !== undefined && !Object.hasOwn(resource.spec.workers ?? {}, worker)) {
    throw new Failure(`WebApp ${app.name} has no worker ${worker}; only the web process and the workers of its spec can be scaled`);
  }
  const specWith = (scaling: object) => worker === undefined ? { scaling } : { workers: { [worker]: { scaling } } };
  const set = async (scaling: object) => {
    const manifest: Manifest = { ...WEB_APP, metadata: { ...app }, spec: specWith(scaling) };
    return operation.cluster.objects.apply<WebAppResource>(manifest, { manager: SCALE_MANAGER, force: true });
  };
  const changed = await withExplanation((async () => {
    const { min, max } = limits;
    const what = worker === undefined ? 'scale' : `scale ${worker}`;
    await noteChange(operation, mergePatch(resource.spec, specWith(limits)) as object, `${what} --min ${min} --max ${max}`);
    return set(limits);
  })(), app.namespace);
  progress.done(`Changed WebApp ${app.name}`);
  const { scaling } = worker === undefined ? resource.spec : fieldsOf(resource.spec.workers?.[worker]);
  const before = Object.fromEntries(Object.entries(fieldsOf(scaling)).filter(([limit]) => limit === 'min' || limit === 'max'));
  return orUndo(operation, waitForRelease(operation, changed.spec, changed), async () => set(before));
}

/** Notes what is about to be done to the spec of a resource. */
async function noteChange({ cluster, app }: Operation, spec: object, action: string): Promise<WebAppResource> {
  const annotations = { [CHANGE_ANNOTATION]: changeNoteFor(spec, { action, by: authorOf(cluster) }) };
  return cluster.objects.merge({ ...WEB_APP, ...app }, { metadata: { annotations } }, CHANGE_MANAGER);
}

/** Waits until the operator has deployed what a resource says. */
async function waitForRelease(operation: DeployOperation, spec: object, resource: WebAppResource): Promise<Release> {
  const { cluster, app, progress } = operation;
  const { steps = [] } = canaryPlanOf({ ...spec }) ?? {};
  const timeout = steps.reduce((sum, { seconds }) => sum + seconds, operation.timeout);
  await waitForOperator({ ...operation, timeout }, resource);
  const release = currentRelease(await withExplanation(listReleases(cluster, app), app.namespace))!;
  progress.done(`Deployed release ${release.number}`);
  return release;
}

/** Labels and annotations. */
interface ResourceMetadata {
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
}

/** How often to apply a resource that is being changed by others. */
const TRIES = 10;

/** Applies a resource with the settings that it has, as this manager would remove them otherwise once it has set them. */
async function applyResource(
  operation: DeployOperation, spec: object, metadata: ResourceMetadata, action: string,
): Promise<WebAppResource> {
  const { cluster, app, force } = operation;
  const { objects } = cluster;
  for (let tries = 1; ; tries++) {
    const live = await findResource(cluster, app);
    const text = live?.metadata.annotations?.[SETTINGS_ANNOTATION];
    const kept = text === undefined ? {} : { annotations: { [SETTINGS_ANNOTATION]: text, ...metadata.annotations } };
    const manifest: Manifest = { ...WEB_APP, metadata: { ...metadata, ...kept, ...app }, spec };
    try {
      if (!live) return await objects.apply<WebAppResource>(noted(manifest, { action, by: authorOf(cluster) }), { force });
      const isScaled = live.metadata.managedFields?.some(({ manager }) => manager === SCALE_MANAGER);
      if (isScaled) await objects.apply({ ...WEB_APP, metadata: { ...app } }, { manager: SCALE_MANAGER });
      // Fields that other managers have stay, so the result is the cluster's to tell.
      const { spec: next } = await objects.apply<WebAppResource>(manifest, { force, dryRun: true });
      const { metadata: { resourceVersion, annotations } } = await noteChange(operation, next, action);
      if (annotations?.[SETTINGS_ANNOTATION] !== text) continue; // another command has changed them since
      const version = text === undefined ? {} : { resourceVersion };
      return await objects.apply<WebAppResource>({ ...manifest, metadata: { ...manifest.metadata, ...version } }, { force });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const isOutdated = isConflict(error) && fieldConflicts(error).length === 0;
      if (!isOutdated || tries === TRIES) throw new Failure(explainRejection(manifest, error));
    }
  }
}

/** A resource that does not exist yet, with what is done. */
function noted(manifest: Manifest, note: ChangeNote): Manifest {
  const { annotations, ...metadata } = manifest.metadata as Manifest['metadata'] & ResourceMetadata;
  const change = { [CHANGE_ANNOTATION]: changeNoteFor(manifest.spec as object, note) };
  return { ...manifest, metadata: { ...metadata, annotations: { ...annotations, ...change } } };
}

/**
 * Gives a resource the spec and the settings of an earlier release.
 *
 * @param number which one; by default the one before the current release, or, while another one is being deployed, the current release
 */
export async function rollbackResource(operation: DeployOperation, number?: number): Promise<Release> {
  const { cluster, app } = operation;
  const releases = (await withExplanation(listReleases(cluster, app), app.namespace)).map(({ release }) => release);
  const isDeploying = (await findResource(cluster, app))?.status?.attempt !== undefined;
  const current = isDeploying ? releases.find(isDeployed)?.number : undefined;
  const chosen = chooseRelease(releases, app, number ?? current);
  if (!chosen.spec) {
    throw new Failure(`release ${chosen.number} was deployed before the app had a resource; choose a later one, or apply its spec`);
  }
  // A preview stays one, and an app in maintenance stays there.
  const { metadata: { labels, annotations } = {}, spec: { ttl, maintenance } = {} } = await findResource(cluster, app) ?? {};
  const own = (values: object = {}) => Object.fromEntries(Object.entries(values).filter(([name]) => OF_PREVIEWS.includes(name)));
  const action = `rollback to ${chosen.number}`;
  const settings = annotationOf(chosen.settings ?? {}, { action, by: authorOf(cluster) });
  const hasSettings = chosen.settings !== undefined || annotations?.[SETTINGS_ANNOTATION] !== undefined;
  const ofSettings: { readonly [name: string]: string } = hasSettings ? { [SETTINGS_ANNOTATION]: settings } : {};
  const metadata = { labels: own(labels), annotations: { ...own(annotations), ...ofSettings } };
  return deployResource({ ...operation, force: true }, { ...chosen.spec, maintenance, ttl }, { ...metadata, action });
}

/** Waits until the operator has done what a resource says. */
export async function waitForOperator(
  { cluster, app, progress, signal, timeout }: DeployOperation, resource: WebAppResource,
): Promise<void> {
  const { generation = 0 } = resource.metadata;
  const settings = namesOf(pointerOf(resource));
  const reference = { ...WEB_APP, ...app };
  let isObserved = false;
  let knowsSpec = false;
  const late = () => {
    if (isObserved) return new Failure(`${app.name} is not ready after ${timeout} s; see webapp status ${app.name}`);
    const [what, hint] = knowsSpec
      ? [`the variables of ${app.name}`, 'webapp operator install upgrades an older one']
      : [app.name, 'check that it runs: kubectl get pods --namespace webapp-system'];
    return new Failure(`the operator has not looked at ${what} for ${timeout} s; ${hint}`);
  };
  await waitUntil(async () => {
    const live = await cluster.objects.get(reference);
    if (!live) throw new Failure(`WebApp ${app.name} was deleted`);
    const { status } = live;
    const isOld = (status?.observedGeneration ?? 0) < generation;
    knowsSpec = !isOld;
    if (isOld || ((status?.observedSettings ?? '') !== settings && namesOf(pointerOf(live)) === settings)) {
      progress.waiting('waiting for the operator');
      return false;
    }
    isObserved = true;
    const [accepted, released] = ['Accepted', 'Released'].map(type => conditionOf({ status }, type));
    if (accepted?.status === 'False') throw new Failure(accepted.message ?? 'the spec is not valid');
    if (released?.status === 'True') return true;
    if (released && released.reason !== 'Progressing') throw new Failure(released.message ?? 'the release failed');
    progress.waiting(released?.message ?? 'waiting for the operator');
    return false;
  }, { clock: cluster.clock, seconds: timeout, signal, late });
  const { status } = (await cluster.objects.get(reference))!;
  const state = status?.ready === 'asleep' ? 'is scaled to zero until there is work' : `is ready (${status?.ready} replicas)`;
  progress.done(`${app.name} ${state}`);
}

/** Deletes a resource, and waits until it is gone. The cluster deletes what it owns. */
export async function deleteResource({ cluster, app, progress, signal }: Operation): Promise<void> {
  const reference = referenceTo<WebAppResource>({ ...WEB_APP, metadata: { ...app } });
  await cluster.objects.remove(reference);
  progress.waiting(`removing WebApp ${app.name}`);
  const late = `WebApp ${app.name} still exists after 60 s; its finalizers wait for the operator`;
  await waitUntil(async () => await cluster.objects.get(reference) === undefined, { clock: cluster.clock, seconds: 60, signal, late });
}
