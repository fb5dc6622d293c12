import { findResource } from './client';
import { clusterPlatform } from './cluster-platform';
import type { WebAppResource } from './resources';
import { propsOf, WEB_APP } from './resources';
import { withoutRunning } from './running-images';
import { sentence } from '../config/diagnostic';
import type { Fields } from '../config/merge';
import { fieldsOf } from '../config/merge';
import type { Operation } from '../engine/operation';
import { notDeployed, withExplanation } from '../engine/operation';
import type { Pins } from '../engine/pin';
import { withDigests } from '../engine/pin';
import type { Change } from '../engine/preflight';
import { compareWithCluster } from '../engine/preflight';
import { currentRelease, listReleases } from '../engine/release-store';
import type { Reference } from '../kube/objects';
import { MANAGER, OPERATOR_MANAGER, referenceTo, shown } from '../kube/objects';
import type { KubernetesObject, ManagedFields } from '../kube/types';
import type { Workload } from '../kube/workload';
import { listWorkloads, workloadsIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { synthesize } from '../render/synthesis';
import { Failure } from '../ui/failure';
import { formatted } from '../ui/format';
import { diffLines, signed, withContext } from '../ui/text-diff';

export interface Adoption {
  /** The spec that the file says, with the image in it. */
  readonly specWith: (image: string | undefined) => Fields;

  readonly pins: Pick<Pins, 'find'>;

  /** Whether pods may be replaced. */
  readonly mayRestart: boolean;
}

/** The resource that takes over an app, and the objects of the app that exist. */
export interface Adopted {
  readonly resource: Manifest;
  readonly existing: readonly KubernetesObject[];
}

/**
 * Finds out how the operator can take over an app which the command, or a pipeline, has deployed: its resource says what runs, so that no
 * pod is replaced.
 *
 * @throws Failure where a resource would change the pods, with what the difference is
 */
export async function planAdoption({ cluster, app }: Operation, { specWith, pins, mayRestart }: Adoption): Promise<Adopted> {
  if (!await cluster.objects.knows(WEB_APP)) throw new Failure('the cluster does not have the operator; run webapp operator install first');
  if (await findResource(cluster, app)) throw new Failure(`${app.name} has a WebApp resource already; webapp deploy changes it`);
  const current = currentRelease(await withExplanation(listReleases(cluster, app), app.namespace));
  const workloads = await withExplanation(listWorkloads(cluster, app), app.namespace);
  const live = workloads.find(({ metadata }) => metadata.name === app.name);
  if (!current && !live) throw notDeployed(app);
  const own = specWith(current?.image ?? live?.spec.template.spec?.containers[0].image);
  // A resource says itself that its app is in maintenance.
  const spec = current?.maintenance ? { ...own, maintenance: { body: current.maintenance.page, enabled: true } } : own;
  const { rollout } = own;
  if (current?.canary && fieldsOf(rollout).canary === undefined) {
    throw new Failure(`${app.name} has a canary that is not in the file; finish it with webapp deploy, or webapp rollback`);
  }
  const changes = await changesBy({ cluster, app }, { spec, pins, workloads });
  const restarted = changes.flatMap(restartedBy);
  if (restarted.length > 0 && !mayRestart) {
    throw new Failure([
      `the pods of ${app.name} are not as the file and the Platform of the cluster say`,
      'run webapp deploy first if the file is right, or use --force to let the operator replace the pods',
      ...restarted,
    ].join('\n'));
  }
  return { resource: { ...WEB_APP, metadata: { ...app }, spec }, existing: changes.flatMap(({ before }) => before ?? []) };
}

/**
 * Lets the operator change what `kubectl apply --server-side` has applied: it gives the fields to the command, from which the operator
 * takes them.
 *
 * @throws Failure where another program goes on applying an object; nothing is changed
 */
export async function releaseFields({ cluster: { objects } }: Operation, existing: readonly KubernetesObject[]): Promise<void> {
  const applied = existing.map(object => ({ object, others: (object.metadata.managedFields ?? []).filter(isOfOthers) }));
  const problems = applied.flatMap(({ object, others }) => (
    others.filter(({ manager }) => manager !== KUBECTL).map(({ manager }) => `${shown(referenceOf(object))} is applied by ${manager}`)));
  if (problems.length > 0) {
    const advice = 'let it go of the objects first, without deleting them; with Argo CD, argocd app delete --cascade=false';
    throw new Failure([`another program goes on applying the app; ${advice}`, ...problems].join('\n  '));
  }
  for (const { object, others } of applied.filter(one => one.others.length > 0)) {
    const { resourceVersion, managedFields = [] } = object.metadata;
    const hasOwn = managedFields.some(({ manager, operation }) => manager === MANAGER && operation === 'Apply');
    const released = managedFields.flatMap(one => !others.includes(one) ? [one] : hasOwn ? [] : [{ ...one, manager: MANAGER }]);
    await objects.merge(referenceOf(object), { metadata: { resourceVersion, managedFields: released } });
  }
}

/** The field manager of `kubectl apply --server-side`. */
const KUBECTL = 'kubectl';

function isOfOthers({ manager, operation, subresource }: ManagedFields): boolean {
  return operation === 'Apply' && subresource === undefined && ![MANAGER, OPERATOR_MANAGER].some(own => own === manager);
}

function referenceOf(object: KubernetesObject): Reference {
  return referenceTo(object as unknown as Manifest);
}

/** A spec, and what runs now. */
interface Takeover extends Pick<Adoption, 'pins'> {
  readonly spec: Fields;
  readonly workloads: readonly Workload[];
}

/** What the operator would change. */
async function changesBy({ cluster, app }: Pick<Operation, 'cluster' | 'app'>, { spec, pins, workloads }: Takeover): Promise<Change[]> {
  const props = propsOf({ spec: spec as unknown as WebAppResource['spec'] });
  const platform = await clusterPlatform(cluster, app.namespace);
  const { apps, problems, platformProblems } = synthesize([{ ...app, props }], platform);
  const wrong = [...problems.flat(), ...platformProblems].map(sentence);
  if (wrong.length > 0) throw new Failure(wrong.join('\n'));
  const [digests] = await pins.find(apps);
  const { objects, secretStore } = withDigests(apps[0], withoutRunning(digests, workloads));
  return withExplanation(compareWithCluster({ cluster, app, objects, secretStore, force: true, compare: true }), app.namespace);
}

/** A workload whose pods would be replaced, and why. */
function restartedBy({ before, after, ...reference }: Change): string[] {
  if (!before || !after || workloadsIn([after as unknown as Manifest]).length === 0) return [];
  const [old, next] = [before, after].map(object => (object as unknown as Workload).spec.template.spec)
    .map(pods => formatted(pods, 'yaml').trimEnd().split('\n'));
  const lines = withContext(diffLines(old, next)).map(line => (line ? `  ${signed(line)}` : '    …'));
  return lines.length > 0 ? [`${shown(reference)}:`, ...lines] : [];
}
