import { loadAll } from 'js-yaml';
import { run } from './call';
import { OWN } from './objects';
import type { Action, Step } from './steps';
import { fieldsOf } from '../config/merge';
import { diagnosePods } from '../diagnose/pods';
import type { Progress } from '../engine/operation';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/errors';
import { explainError } from '../kube/explain';
import { Objects, referenceTo, shown } from '../kube/objects';
import type { Deployment, KubernetesObject } from '../kube/types';
import { DEPLOYMENT, POD } from '../kube/types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** How long a part may take to be ready, and the API server to serve a new kind, in seconds. */
const READY_TIMEOUT = 300;
const KIND_TIMEOUT = 60;

/** What steps need. */
export interface Site {
  readonly cluster: Cluster;
  readonly world: World;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Carries out steps, one after the other.
 *
 * @throws Failure with what is installed by then, if one fails
 */
export async function install(steps: readonly Step[], site: Site): Promise<void> {
  const done: string[] = [];
  for (const step of steps) {
    site.progress.waiting(step.doing);
    try {
      for (const action of step.actions) await act(action, step, site);
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      const message = error instanceof Failure ? error.message : explainError(error);
      const before = done.length > 0 ? [`Done before that: ${done.join(', ')}`] : [];
      throw new Failure([`${step.doing} failed: ${message}`, ...before, 'Run webapp setup again to continue.'].join('\n'));
    }
    if (step.done === undefined) continue;
    site.progress.done(step.done);
    done.push(step.done[0].toLowerCase() + step.done.slice(1));
  }
}

async function act(action: Action, { doing }: Step, site: Site): Promise<void> {
  const { cluster, world, signal, progress } = site;
  switch (action.kind) {
    case 'call':
      await run(action.call, world, signal);
      return;
    case 'apply':
      await applyOwn(action.objects, site);
      return;
    case 'crds': {
      const crds = loadAll(await run(action.call, world, signal)) as (Manifest | null)[];
      const objects = new Objects(cluster.api);
      for (const crd of crds) if (crd) await objects.apply(crd, { force: true });
      return;
    }
    case 'wait':
      for (const name of action.deployments) {
        progress.waiting(`${doing}: waiting for ${name}`);
        await waitForDeployment(name, action.namespace, site);
      }
  }
}

/** What became of objects, such as `ClusterIssuer letsencrypt`. */
export interface Applied {
  readonly changed: readonly string[];

  /** Those that others created, and that were not changed. */
  readonly left: readonly string[];
}

/** Applies objects. The API server may not serve their kinds yet, and a webhook that checks them may still be starting. */
export async function applyOwn(all: readonly Manifest[], { cluster, signal }: Omit<Site, 'world'>): Promise<Applied> {
  const changed: string[] = [];
  const left: string[] = [];
  for (const object of all) {
    let objects = new Objects(cluster.api);
    const isServed = async () => {
      objects = new Objects(cluster.api); // it remembers which kinds there are
      return objects.knows(object);
    };
    const late = `the cluster does not have the kind ${object.kind} of ${object.apiVersion}`;
    await waitUntil(isServed, { clock: cluster.clock, seconds: KIND_TIMEOUT, signal, late });
    const live = await objects.get(referenceTo(object));
    if (live && isLabelled(object) && !isLabelled(live)) {
      left.push(shown(object));
      continue;
    }
    const after = await applyWhenReady(objects, object, { cluster, signal });
    if (after.metadata.resourceVersion !== live?.metadata.resourceVersion) changed.push(shown(object));
  }
  return { changed, left };
}

/** Whether setup created an object. */
function isLabelled({ metadata }: Pick<Manifest | KubernetesObject, 'metadata'>): boolean {
  return fieldsOf(metadata.labels)[OWN.label] === OWN.value;
}

async function applyWhenReady(
  objects: Objects, object: Manifest, { cluster, signal }: Pick<Site, 'cluster' | 'signal'>,
): Promise<KubernetesObject> {
  let last: Error | undefined;
  let after: KubernetesObject | undefined;
  const apply = async () => {
    try {
      after = await objects.apply(object);
      return true;
    } catch (error) {
      if (!isTemporary(error)) throw error;
      last = error as Error;
      return false;
    }
  };
  await waitUntil(apply, { clock: cluster.clock, seconds: KIND_TIMEOUT, signal, late: () => last! });
  return after!;
}

/** Whether an error may pass: a webhook that does not answer yet, or a kind that not every API server serves yet. */
function isTemporary(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status >= 500);
}

async function waitForDeployment(name: string, namespace: string, { cluster, signal }: Site): Promise<void> {
  const { objects, clock } = cluster;
  let live: Deployment | undefined;
  const isReady = async () => {
    live = await objects.get({ ...DEPLOYMENT, name, namespace });
    return live !== undefined && isRolledOut(live);
  };
  const late = async () => {
    if (!live) return new Failure(`Deployment ${name} does not exist in namespace ${namespace}`);
    const pods = await objects.list(POD, { namespace, labels: live.spec.selector.matchLabels });
    const diagnosis = await diagnosePods(cluster, pods);
    return new Failure([
      `Deployment ${name} is not ready after ${READY_TIMEOUT} s${diagnosis ? `: ${diagnosis.message}` : ''}`,
      `  kubectl describe pods --namespace ${namespace}`,
    ].join('\n'));
  };
  await waitUntil(isReady, { clock, seconds: READY_TIMEOUT, signal, late });
}

/** Whether all pods of a Deployment have its current version, and one of them is ready. */
function isRolledOut({ metadata, status = {} }: Deployment): boolean {
  const { observedGeneration, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return observedGeneration === metadata.generation && updatedReplicas === replicas && availableReplicas > 0;
}
