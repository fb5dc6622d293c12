import { withAdditions } from './additions';
import { generatedReference, generatedState, withMissing } from './generated';
import { probeOf } from './probe';
import { holdsData, isBuild, orphans } from './prune';
import { missingReferences } from './references';
import type { StoredRelease } from './release-store';
import { currentRelease, currentSettings, visibleReleases } from './release-store';
import type { GeneratedLengths, SecretStoreModel } from '../../../src/internal';
import type { Diagnosis } from '../diagnose/pods';
import { diagnoseRejection } from '../diagnose/pods';
import type { Cluster } from '../kube/connect';
import { ApiError, deniedRequest, isAnswerForAnyImage, isInvalid, podRejection } from '../kube/errors';
import { ASK_FOR_ROLE, explainRejection, notInstalled, explainError } from '../kube/explain';
import type { Reference } from '../kube/objects';
import { referenceTo, sameObject, shown } from '../kube/objects';
import type { Permission } from '../kube/permissions';
import {
  DEPLOY_PERMISSIONS, FORBIDDEN, isAllowed, missingPermissions, permissions, resourceOf, unlessForbidden,
} from '../kube/permissions';
import type { AppName, Conditioned, KubernetesObject, Metadata, PodTemplate } from '../kube/types';
import { BUILD_RUN, isKind, JOB, holds, NAMESPACE } from '../kube/types';
import { activeWorkload, workloadIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** What a deploy would do with an object. */
export interface Change extends Reference {
  readonly change: 'create' | 'change' | 'replace' | 'remove' | 'unchanged' | 'run';

  /** The object as it is; undefined if there is none. */
  readonly before?: KubernetesObject;

  /** The object as it would be; undefined if it would be removed. */
  readonly after?: KubernetesObject;

  /** Why the cluster does not let it be changed, if it must be replaced, which a deploy does not do. */
  readonly why?: string;
}

/** What would be deployed, and where. */
export interface Plan {
  readonly cluster: Cluster;
  readonly app: AppName;
  readonly objects: readonly Manifest[];

  /** The store that has the app's secrets too; undefined if the platform has none. */
  readonly secretStore?: SecretStoreModel;

  /** The releases of the app, if they have been read already. */
  readonly releases?: readonly StoredRelease[];

  /** Takes ownership of fields that other managers set in the cluster. */
  readonly force?: boolean;

  /** The lengths of the values that a deploy generates, by variable. */
  readonly generated?: GeneratedLengths;

  /** What is deployed at the same time, and may not exist yet. */
  readonly later?: readonly Reference[];

  /** Receives what could not be checked. */
  readonly warn?: (text: string) => void;

  /** The namespace would be created, if it does not exist. */
  readonly createNamespace?: boolean;

  /** Only compares: what a deploy does in addition to applying need not be allowed. */
  readonly compare?: boolean;

  /**
   * What stands for an image that is yet to be built. The cluster may reject the objects that have it because of it, which says nothing
   * about the image that there will be: so of these, only what it would reject with any image counts.
   */
  readonly placeholder?: string;
}

/**
 * Asks the cluster what would become of objects, with a dry run. Nothing is changed.
 *
 * @throws Failure with everything that the cluster would reject
 */
export async function preflight(plan: Plan): Promise<Change[]> {
  const { cluster, app, createNamespace, compare, placeholder } = plan;
  const namespace: Manifest = { ...NAMESPACE, metadata: { name: app.namespace } };
  const isNew = createNamespace && await unlessForbidden(async () => cluster.objects.get(referenceTo(namespace))) === undefined;
  const rejections = new Rejections(placeholder);
  const known: Manifest[] = [];
  for (const object of plan.objects) {
    if (await cluster.objects.knows(object)) {
      known.push(object);
    } else {
      const { message, hint } = notInstalled(object.apiVersion, object.kind);
      rejections.add(`${message}\n  ${hint}`);
    }
  }
  // The cluster cannot answer for objects in a namespace that does not exist.
  const asked = isNew ? [namespace] : known;
  const [generated, changes, removed] = await Promise.all([
    generatedChange(plan, rejections),
    Promise.all(asked.map(async object => tryObject(plan, object, rejections))),
    isNew ? [] : removals(plan, rejections),
    isNew || compare ? undefined : checkPermissions(plan, rejections),
  ]);
  if (!compare) await checkReferences(plan, changes, rejections);
  rejections.throwIfAny();
  const unasked = isNew ? known.map((object): Change => (
    { ...referenceTo(object), change: endingCondition(object) ? 'run' : 'create', after: object as unknown as KubernetesObject })) : [];
  return [...generated, ...changes, ...unasked, ...removed];
}

/** What a deploy would change that is not under way. */
export async function compareWithCluster(plan: Plan): Promise<Change[]> {
  const { cluster, app, objects } = plan;
  const releases = plan.releases ?? await visibleReleases(cluster, app);
  const settings = currentSettings(releases ?? []);
  const { maintenance } = currentRelease(releases ?? []) ?? {};
  const additions = { maintenance, settings, secretStore: plan.secretStore, before: settings };
  return preflight({ ...plan, releases, objects: await withAdditions(cluster, app, objects, additions) });
}

/** The changes, without the objects. */
export async function dryRun(plan: Plan): Promise<Change[]> {
  return (await compareWithCluster(plan)).map(({ before, after, ...change }) => change);
}

/** Everything that a cluster would reject, so that it can be reported at once. */
class Rejections {
  /** Verbs and purposes by resource and namespace. */
  private readonly denied = new Map<string, { readonly verbs: Set<string>; readonly purposes: Set<string> }>();
  private readonly messages = new Set<string>();

  /** @param placeholder what stands for an image that is yet to be built */
  constructor(private readonly placeholder?: string) {}

  public add(message: string): void {
    this.messages.add(message);
  }

  /** Adds a permission that the user lacks. */
  public deny(permission: Permission, namespace: string | undefined, purpose: string): void {
    const what = `${resourceOf(permission)}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
    const entry = this.denied.get(what) ?? { verbs: new Set(), purposes: new Set() };
    entry.verbs.add(permission.verb);
    entry.purposes.add(purpose);
    this.denied.set(what, entry);
  }

  /** Adds the error of an object's dry run. Errors that are not the API's are thrown. */
  public addError(object: Manifest, error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (hasImage(object, this.placeholder) && !isAnswerForAnyImage(error)) return;
    const denied = deniedRequest(error);
    if (denied) this.deny(denied, denied.namespace, `for ${shown(object)}`);
    else if (error.details.details?.kind === 'namespaces') this.add(explainError(error)); // it is the same for all objects
    else this.add(explainRejection(object, error));
  }

  /** @throws Failure with all of them */
  public throwIfAny(): void {
    const denied = [...this.denied].map(([what, { verbs, purposes }]) => (
      `you are not allowed to ${[...verbs].join(', ')} ${what} (needed ${[...purposes].join(', ')})`));
    const lines = [...this.messages, ...denied, ...denied.length > 0 ? [`  ${ASK_FOR_ROLE}`] : []];
    if (lines.length > 0) throw new Failure(lines.join('\n'));
  }
}

function hasImage(object: Manifest, image: string | undefined): boolean {
  return image !== undefined && JSON.stringify(object).includes(JSON.stringify(image));
}

async function tryObject({ cluster, force, compare }: Plan, object: Manifest, rejections: Rejections): Promise<Change> {
  const reference = referenceTo(object);
  const attempt = async <T>(request: () => Promise<T>) => request().catch(error => void rejections.addError(object, error));
  const [before, pods] = await Promise.all([attempt(async () => cluster.objects.get(reference)), tryPod(cluster, object)]);
  if (pods) rejections.add(`${shown(object)}: ${pods.message}${pods.hint ? `\n  ${pods.hint}` : ''}`);
  let why: string | undefined;
  const tryAsNew = async (error: unknown) => {
    const isJob = isKind(object, JOB);
    if (!before || !isInvalid(error) || !(isJob || compare)) throw error;
    const { name, ...metadata } = object.metadata;
    const another = { ...object, metadata: { ...metadata, generateName: `${name.slice(0, 50)}-` } } as unknown as Manifest;
    const created = await cluster.objects.create(another, { dryRun: true });
    // The template of a Job cannot be changed: a deploy replaces it.
    if (isJob) return undefined;
    why = explainRejection(object, error as ApiError);
    const { generateName, ...rest } = created.metadata as Metadata & { readonly generateName?: string };
    return { ...created, metadata: { ...rest, name } };
  };
  const applied = await attempt(async () => cluster.objects.apply(object, { dryRun: true, force }).catch(tryAsNew));
  const after = applied ?? object as unknown as KubernetesObject;
  const ending = endingCondition(object);
  const change = why !== undefined ? 'replace' : ending
    ? holds(after as Conditioned, ending) ? 'unchanged' : 'run'
    : !before ? 'create' : isSame(before, after) ? 'unchanged' : 'change';
  return { ...reference, change, before: before ?? undefined, after, ...why === undefined ? {} : { why } };
}

/** The condition of an object that runs to its end when it has; undefined for any other object. */
function endingCondition(object: Manifest): string | undefined {
  return isKind(object, JOB) ? 'Complete' : isKind(object, BUILD_RUN) ? 'Succeeded' : undefined;
}

/** The places of a pod template in the objects that have one. */
interface PodOwner {
  readonly metadata: { readonly namespace?: string };
  readonly spec?: { readonly template?: PodTemplate; readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } } };
}

/**
 * Whether the pods of an object would be rejected. Admission plugins such as Pod Security reject pods when they are created, and not the
 * Deployment that creates them: so a pod is created, as a dry run.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/#workload-resources-and-pod-templates
 * @returns why; undefined if they would not be rejected, or the user is not allowed to create pods
 */
async function tryPod({ objects }: Cluster, object: Manifest): Promise<Diagnosis | undefined> {
  const { metadata: { namespace }, spec } = object as PodOwner;
  const template = spec?.template ?? spec?.jobTemplate?.spec.template;
  if (!template?.spec?.containers) return undefined;
  // The app's own ServiceAccount may not exist yet.
  const { serviceAccountName, serviceAccount, ...pod } = template.spec;
  const metadata = { ...template.metadata, namespace, generateName: 'webapp-dry-run-' };
  try {
    await objects.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: pod } as unknown as Manifest, { dryRun: true });
    return undefined;
  } catch (error) {
    const isRejected = error instanceof ApiError && podRejection(error.message).permanent;
    return isRejected ? diagnoseRejection(error.message, namespace!) : undefined;
  }
}

/** What would be removed. */
async function removals({ cluster, app, objects, releases, compare, placeholder }: Plan, rejections: Rejections): Promise<Change[]> {
  const stored = releases ?? await visibleReleases(cluster, app) ?? [];
  const earlier = stored.map(({ release }) => release);
  // The name of a Job depends on its image.
  const stays = (one: Reference) => holdsData(one) || (placeholder !== undefined && isKind(one, JOB));
  const removed = await Promise.all(orphans(earlier, objects).filter(one => !stays(one)).map(async (reference): Promise<Change[]> => {
    if (!await cluster.objects.knows(reference)) return [];
    const before = await cluster.objects.get(reference);
    if (!before) return [];
    const { namespace, name } = reference;
    const permission = await cluster.objects.permission('delete', reference);
    const isMissing = !compare && !await isAllowed(cluster, permission, namespace ?? '', name);
    if (isMissing) rejections.deny(permission, namespace, `to remove ${shown(reference)}, which is not in the file any more`);
    return [{ ...reference, change: 'remove', before }];
  }));
  return removed.flat();
}

/** What would become of the Secret with the generated values. Who is not allowed to see it is told so with all other permissions. */
async function generatedChange({ cluster, app, generated = {} }: Plan, rejections: Rejections): Promise<Change[]> {
  if (Object.keys(generated).length === 0) return [];
  try {
    const state = await unlessForbidden(async () => generatedState(cluster, app, generated));
    if (state === FORBIDDEN) return [];
    const { live, missing } = state;
    const change = !live ? 'create' : missing.length > 0 ? 'change' : 'unchanged';
    return [{ ...generatedReference(app), change, before: live, after: withMissing(app, state) }];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    rejections.add(error.message);
    return [];
  }
}

/**
 * Whether there is what pods do not start without. What is missing for objects that stay as they are is only told: a page for maintenance
 * must not wait for the Secret of a cron job. What has run to its end needs nothing more.
 */
async function checkReferences(plan: Plan, changes: readonly Change[], rejections: Rejections): Promise<void> {
  const { cluster, app, objects, generated, later, warn } = plan;
  const same = changes.filter(({ change }) => change === 'unchanged');
  const stays = (object: Manifest) => same.some(one => sameObject(one, referenceTo(object)));
  const users = objects.filter(object => !stays(object));
  const staying = objects.filter(object => stays(object) && endingCondition(object) === undefined);
  const { problems, warnings, hidden } = await missingReferences(cluster, { app, objects, users, staying, generated, later });
  for (const problem of problems) rejections.add(problem);
  for (const warning of warnings) warn?.(warning);
  const unseen = hidden.map(one => shown(one)).join(', ');
  if (unseen !== '') warn?.(`cannot check whether ${unseen} exists in namespace ${app.namespace}: you are not allowed to get it`);
}

/** Whether the user is allowed to do what a deploy does in addition to applying. */
async function checkPermissions(plan: Plan, rejections: Rejections): Promise<void> {
  const { cluster, app: { namespace }, objects, releases = [] } = plan;
  // Old builds are removed by later releases, which may have none.
  const hasBuilds = [objects, ...releases.map(({ release }) => release.objects)].some(all => all.some(isBuild));
  const builds = hasBuilds ? { 'to run builds': permissions('buildruns.shipwright.io', 'get', 'delete') } : {};
  await Promise.all([
    checkWakePermission(plan, rejections),
    ...Object.entries({ ...DEPLOY_PERMISSIONS, ...builds }).map(async ([purpose, needed]) => {
      for (const permission of await missingPermissions(cluster, needed, namespace)) rejections.deny(permission, namespace, purpose);
    }),
  ]);
}

/** An app that is scaled to zero is woken by a request, or else by scaling it: one of them has to be allowed. */
async function checkWakePermission({ cluster, app: { name, namespace }, objects }: Plan, rejections: Rejections): Promise<void> {
  const active = activeWorkload(objects, name);
  const { service, host } = probeOf(objects, active) ?? {};
  const workload = workloadIn(objects, active);
  if (!service || host === undefined || !workload || !await cluster.objects.knows(workload)) return;
  const patch = await cluster.objects.permission('patch', referenceTo(workload));
  const scale: Permission = { ...patch, resource: `${patch.resource}/scale` };
  const [proxy] = permissions('services/proxy', 'get');
  if (await isAllowed(cluster, proxy, service.namespace, `${service.name}:${service.port}`)) return;
  if (await isAllowed(cluster, scale, namespace, active)) return;
  rejections.deny(scale, namespace, `to wake it, unless you are allowed to get services/proxy in namespace ${service.namespace}`);
}

function isSame(a: KubernetesObject, b: KubernetesObject): boolean {
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b));
}

/** An object as its developer wrote it, without what the cluster adds. */
export function essence(object: KubernetesObject): { readonly metadata: object; readonly [field: string]: unknown } {
  const { status, metadata, ...fields } = object as KubernetesObject & { readonly status?: unknown };
  const { managedFields, resourceVersion, generation, uid, creationTimestamp, selfLink, ...written }: Metadata = metadata;
  return { ...fields, metadata: written };
}
