import { questionTo } from './answer';
import { podTrial } from './pod-trial';
import { leftovers, holdsData } from './prune';
import { Refusals } from './refusals';
import { AppName, releasesOf } from './release-store';
import type { Cluster } from '../kube/connect';
import { notInstalled } from '../kube/errors';
import { ApiError } from '../kube/kubernetes-api';
import { Reference, referenceTo } from '../kube/objects';
import { allowed, BESIDE_APPLYING, Deed, FORBIDDEN, may, notAllowed } from '../kube/permissions';
import { frontOf, isWorkload } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** What a deploy would do with an object. */
export interface Change extends Reference {
  readonly change: 'create' | 'change' | 'remove' | 'unchanged' | 'run';

  /** As it is; none if it is not there. */
  readonly before?: any;

  /** As it would be; none if it would be removed. */
  readonly after?: any;
}

export interface TrialOptions {
  /** Takes over fields that others have set in the cluster. */
  readonly force?: boolean;

  /** The namespace would be made, if it is missing. */
  readonly createNamespace?: boolean;

  /** Only compares: what a deploy does beside applying need not be allowed. */
  readonly compare?: boolean;
}

/**
 * Asks the cluster what would become of objects, without making them so: all at once.
 *
 * @throws Failure with all that it would refuse
 */
export async function trial(cluster: Cluster, app: AppName, manifests: readonly Manifest[], options: TrialOptions = {}): Promise<Change[]> {
  const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: app.namespace } };
  const fresh = options.createNamespace && await allowed(async () => cluster.objects.get(referenceTo(namespace))) === undefined;
  const refusals = new Refusals();
  const known: Manifest[] = [];
  for (const object of manifests) {
    if (await cluster.objects.knows(object.apiVersion, object.kind)) known.push(object);
    else refusals.say(notInstalled(object.apiVersion, object.kind));
  }
  // Of what is to be in a namespace that is not there yet the cluster can say nothing.
  const asked = fresh ? [namespace] : known;
  const [changes, removed] = await Promise.all([
    Promise.all(asked.map(async object => tried(cluster, object, options, refusals))),
    fresh ? [] : removedBy(cluster, app, manifests, options, refusals),
    fresh || options.compare ? undefined : mayDeploy(cluster, app, manifests, refusals),
  ]);
  refusals.throwIfAny();
  const unasked = fresh ? known.map((object): Change => ({ ...referenceTo(object), change: object.kind === 'Job' ? 'run' : 'create', after: object })) : [];
  return [...changes, ...unasked, ...removed];
}

/** What would be done with which object, without the objects. */
export async function dryRun(cluster: Cluster, app: AppName, manifests: readonly Manifest[], options: TrialOptions): Promise<Change[]> {
  return (await trial(cluster, app, manifests, options)).map(({ before, after, ...change }) => change);
}

async function tried(cluster: Cluster, object: Manifest, { force }: TrialOptions, refusals: Refusals): Promise<Change> {
  const reference = referenceTo(object);
  const attempt = async (ask: () => Promise<any>) => ask().catch(error => refusals.add(object, error));
  const [before, pods] = await Promise.all([attempt(async () => cluster.objects.get(reference)), podTrial(cluster, object)]);
  if (pods) refusals.say(`${object.kind} ${object.metadata.name}: ${pods.message}${pods.hint ? `\n  ${pods.hint}` : ''}`);
  const another = async (error: unknown) => {
    if (!(object.kind === 'Job' && before && error instanceof ApiError && error.status === 422)) throw error;
    // A Job cannot be changed, and would be run anew.
    const { name, ...metadata } = object.metadata;
    await cluster.objects.create({ ...object, metadata: { ...metadata, generateName: `${name.slice(0, 50)}-` } } as unknown as Manifest, { dryRun: true });
  };
  const after = await attempt(async () => cluster.objects.apply(object, { dryRun: true, force }).catch(another)) ?? object;
  if (object.kind === 'Job') return { ...reference, change: after.status?.conditions?.some(({ type }: any) => type === 'Complete') ? 'unchanged' : 'run', before, after };
  return { ...reference, change: !before ? 'create' : same(before, after) ? 'unchanged' : 'change', before, after };
}

/** What would be removed. */
async function removedBy(
  cluster: Cluster, app: AppName, manifests: readonly Manifest[], { compare }: TrialOptions, refusals: Refusals,
): Promise<Change[]> {
  const stored = await allowed(async () => releasesOf(cluster, app));
  const earlier = stored === FORBIDDEN ? [] : stored.map(({ release }) => release);
  const gone = await Promise.all(leftovers(earlier, manifests).filter(one => !holdsData(one)).map(async (reference): Promise<Change[]> => {
    if (!await cluster.objects.knows(reference.apiVersion, reference.kind)) return [];
    const before = await cluster.objects.get(reference);
    if (!before) return [];
    const { namespace, kind, name } = reference;
    const deed = await cluster.objects.deed('delete', reference);
    if (!compare && !await may(cluster, deed, namespace ?? '', name)) refusals.deny(deed, namespace, `to remove ${kind} ${name}, which is not in it any more`);
    return [{ ...reference, change: 'remove', before }];
  }));
  return gone.flat();
}

/** Whether all that a deploy does beside applying is allowed. */
async function mayDeploy(cluster: Cluster, app: AppName, manifests: readonly Manifest[], refusals: Refusals): Promise<void> {
  await Promise.all([
    mayWake(cluster, app, manifests, refusals),
    ...Object.entries(BESIDE_APPLYING).map(async ([purpose, deeds]) => {
      for (const deed of await notAllowed(cluster, deeds, app.namespace)) refusals.deny(deed, app.namespace, purpose);
    }),
  ]);
}

/** An app that sleeps is woken by a request, or, where none may be sent, by giving it a pod: one of both must be allowed. */
async function mayWake(cluster: Cluster, { name, namespace }: AppName, manifests: readonly Manifest[], refusals: Refusals): Promise<void> {
  const front = frontOf(manifests, name);
  const { service, host } = questionTo(manifests, front) ?? {};
  const workload = manifests.find(object => isWorkload(object) && object.metadata.name === front);
  if (!service || host === undefined || !workload || !await cluster.objects.knows(workload.apiVersion, workload.kind)) return;
  const [verb, group, resource] = await cluster.objects.deed('patch', referenceTo(workload));
  const scale: Deed = [verb, group, `${resource}/scale`];
  if (await may(cluster, ['get', '', 'services/proxy'], service.namespace, `${service.name}:${service.port}`) || await may(cluster, scale, namespace, front)) return;
  refusals.deny(scale, namespace, `to wake it, and neither get services/proxy in namespace ${service.namespace}`);
}

function same(a: any, b: any): boolean {
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b));
}

/** An object without what the cluster keeps about it. */
export function essence({ status, metadata, ...object }: any): any {
  const { managedFields, resourceVersion, generation, uid, creationTimestamp, selfLink, ...rest } = metadata;
  return { ...object, metadata: rest };
}
