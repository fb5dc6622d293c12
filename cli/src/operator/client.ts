import { RENEWED } from './expiry';
import type { WebAppResource } from './resources';
import { WEB_APP } from './resources';
import { annotationOf, namesOf, pointerOf, SETTINGS_ANNOTATION } from './settings-pointer';
import { canaryPlanOf } from '../config/gradual-canary';
import type { DeployOperation, Operation } from '../engine/operation';
import { authorOf, withExplanation } from '../engine/operation';
import type { Release } from '../engine/release-store';
import { currentRelease, isDeployed, listReleases, PREVIEW, PREVIEW_OF } from '../engine/release-store';
import { chooseRelease } from '../engine/rollback';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { ApiError, fieldConflicts, isConflict } from '../kube/errors';
import { explainRejection } from '../kube/explain';
import { MAINTENANCE_MANAGER, referenceTo } from '../kube/objects';
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
 * Changes the spec of a resource, and waits until the operator has deployed it.
 *
 * @param spec the props, without the name
 * @param metadata labels and annotations
 * @throws Failure with what the operator says
 */
export async function deployResource(operation: DeployOperation, spec: object, metadata: ResourceMetadata = {}): Promise<Release> {
  const { app, progress } = operation;
  const applied = await applyResource(operation, spec, metadata);
  progress.done(`Applied WebApp ${app.name}`);
  return waitForRelease(operation, spec, applied);
}

/**
 * Changes some fields of the spec of a resource, which stay as they are when the others are applied again, and waits likewise.
 *
 * @param change null removes a field
 */
export async function changeResource(operation: DeployOperation, change: object): Promise<Release> {
  const { cluster, app, progress } = operation;
  const reference = referenceTo<WebAppResource>({ ...WEB_APP, metadata: { ...app } });
  const changed = await withExplanation(cluster.objects.merge(reference, { spec: change }, MAINTENANCE_MANAGER), app.namespace);
  progress.done(`Changed WebApp ${app.name}`);
  return waitForRelease(operation, changed.spec, changed);
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
  { cluster, app, force }: DeployOperation, spec: object, metadata: ResourceMetadata,
): Promise<WebAppResource> {
  for (let tries = 1; ; tries++) {
    const { resourceVersion, annotations: before } = (await findResource(cluster, app))?.metadata ?? {};
    const text = before?.[SETTINGS_ANNOTATION];
    const annotations = { [SETTINGS_ANNOTATION]: text, ...metadata.annotations };
    const kept = text === undefined ? {} : { annotations, resourceVersion };
    const manifest: Manifest = { ...WEB_APP, metadata: { ...metadata, ...kept, ...app }, spec };
    try {
      return await cluster.objects.apply<WebAppResource>(manifest, { force });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const isOutdated = isConflict(error) && fieldConflicts(error).length === 0;
      if (!isOutdated || tries === TRIES) throw new Failure(explainRejection(manifest, error));
    }
  }
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
  const settings = annotationOf(chosen.settings ?? {}, { action: `rollback to ${chosen.number}`, by: authorOf(cluster) });
  const hasSettings = chosen.settings !== undefined || annotations?.[SETTINGS_ANNOTATION] !== undefined;
  const ofSettings: { readonly [name: string]: string } = hasSettings ? { [SETTINGS_ANNOTATION]: settings } : {};
  const metadata = { labels: own(labels), annotations: { ...own(annotations), ...ofSettings } };
  return deployResource({ ...operation, force: true }, { ...chosen.spec, maintenance, ttl }, metadata);
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
