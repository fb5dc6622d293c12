/** `webapp operator install`: applies the manifest, and waits until the operator runs. It can be run again at any time. */
import { operatorManifest } from './manifest';
import type { ManifestOptions } from './manifest';
import { OPERATOR_NAME } from './names';
import type { DeployOperation } from '../../engine/operation';
import { count, withExplanation } from '../../engine/operation';
import { essence } from '../../engine/preflight';
import { waitForRollout } from '../../engine/rollout';
import { waitUntil } from '../../kube/clock';
import { ApiError, deniedRequest, fieldConflicts, isNotFound, UnreachableError } from '../../kube/errors';
import { ASK_FOR_ROLE, explainError, explainRejection } from '../../kube/explain';
import { Objects, referenceTo, shown } from '../../kube/objects';
import type { Permission } from '../../kube/permissions';
import { missingPermissions, resourceOf } from '../../kube/permissions';
import type { Conditioned, KubernetesObject } from '../../kube/types';
import { holds } from '../../kube/types';
import { workloadIn } from '../../kube/workload';
import type { Manifest } from '../../render/synthesis';
import { Failure } from '../../ui/failure';

/** How long the API server may take to serve a new kind, in seconds. */
const KIND_TIMEOUT = 60;

/** What is installed, where, and how. */
export interface InstallOptions extends ManifestOptions {
  readonly operation: Omit<DeployOperation, 'app'>;
}

/** What would become of an object. */
export interface InstallChange {
  readonly object: Manifest;
  readonly change: 'create' | 'change' | 'unchanged';
}

/**
 * Installs the operator, or changes one that is installed.
 *
 * @throws Failure if rights are missing, before anything is changed; or if it fails to start
 */
export async function installOperator({ operation, ...options }: InstallOptions): Promise<void> {
  const { progress, cluster } = operation;
  const { crds, objects } = operatorManifest(options);
  progress.waiting('checking the cluster');
  await checkCluster(operation, [...crds, ...objects], options.namespace);

  progress.waiting('applying the CustomResourceDefinitions');
  report(operation, await applyAll(operation, crds), 'CustomResourceDefinition');
  for (const crd of crds) await waitUntilEstablished(operation, crd);

  progress.waiting('applying the operator');
  // The kinds that it remembers are those of before.
  const now = { ...operation, cluster: { ...cluster, objects: new Objects(cluster.api) } };
  report(now, await applyAll(now, objects), 'object');
  const app = { name: OPERATOR_NAME, namespace: options.namespace };
  const { ready, wanted } = await withExplanation(waitForRollout({ ...now, app }, workloadIn(objects, app.name)!), app.namespace);
  progress.done(`${OPERATOR_NAME} is ready (${ready}/${wanted} replicas)`);
}

/** What installing would change. Objects in a namespace that does not exist yet cannot be compared: they would be created. */
export async function compareOperator({ operation, ...options }: InstallOptions): Promise<InstallChange[]> {
  const { crds, objects } = operatorManifest(options);
  const all = [...crds, ...objects];
  await checkCluster(operation, all, options.namespace);
  return Promise.all(all.map(async object => ({ object, change: await changeOf(operation, object) })));
}

/** @throws Failure with every right that applying would lack, or if the cluster is too old */
async function checkCluster({ cluster }: Pick<DeployOperation, 'cluster'>, all: readonly Manifest[], namespace: string): Promise<void> {
  const byResource = new Map<string, Permission>();
  for (const object of all) {
    if (!await withExplanation(cluster.objects.knows(object), namespace)) {
      const { apiVersion, kind } = object;
      throw new Failure(`the operator requires Kubernetes 1.30 or newer: the cluster does not have the kind ${kind} of ${apiVersion}`);
    }
    for (const verb of ['get', 'create', 'patch']) {
      const permission = await cluster.objects.permission(verb, referenceTo(object));
      byResource.set(`${verb} ${resourceOf(permission)}`, permission);
    }
  }
  const missing = await withExplanation(missingPermissions(cluster, [...byResource.values()], namespace), namespace);
  if (missing.length === 0) return;
  const resources = [...new Set(missing.map(resourceOf))];
  const lines = resources.map(resource => {
    const verbs = missing.filter(permission => resourceOf(permission) === resource).map(({ verb }) => verb);
    return `you are not allowed to ${verbs.join(', ')} ${resource}`;
  });
  throw new Failure([...lines, `  ${ASK_FOR_ROLE}, or give them what webapp operator manifest prints`, 'nothing was changed'].join('\n'));
}

async function applyAll(operation: Omit<DeployOperation, 'app'>, all: readonly Manifest[]): Promise<InstallChange[]> {
  const { cluster: { objects }, force, signal } = operation;
  const changes: InstallChange[] = [];
  for (const object of all) {
    signal.throwIfAborted();
    try {
      const before = await objects.get(referenceTo(object));
      const after = await objects.apply(object, { force });
      changes.push({ object, change: compared(before, after) });
    } catch (error) {
      const before = changes.map(change => shown(change.object)).join(', ') || 'nothing';
      throw new Failure(`${explained(object, error)}\nApplied before that: ${before}\nRun webapp operator install again to continue.`);
    }
  }
  return changes;
}

async function changeOf(
  { cluster: { objects }, force }: Pick<DeployOperation, 'cluster' | 'force'>, object: Manifest,
): Promise<InstallChange['change']> {
  try {
    const before = await objects.get(referenceTo(object));
    return compared(before, await objects.apply(object, { dryRun: true, force }));
  } catch (error) {
    if (isNotFound(error)) return 'create';
    throw new Failure(explained(object, error));
  }
}

function compared(before: KubernetesObject | undefined, after: KubernetesObject): InstallChange['change'] {
  if (!before) return 'create';
  return JSON.stringify(essence(before)) === JSON.stringify(essence(after)) ? 'unchanged' : 'change';
}

/** Why the API server refused an object. It lets no one give rights that they lack themselves. */
function explained(object: Manifest, error: unknown): string {
  if (error instanceof ApiError && error.status === 403 && !deniedRequest(error) && /Role/.test(object.kind)) {
    return `you are not allowed to create ${shown(object)}, because you lack some of the rights that it gives; ${ASK_FOR_ROLE}`;
  }
  const conflicts = fieldConflicts(error);
  if (conflicts.length > 0) {
    return [
      `${shown(object)} has fields that other managers set:`,
      ...conflicts.map(({ field, manager }) => `  ${field} was set by ${manager ?? 'another manager'}`),
      'upgrade the operator with what they install it with, such as kubectl or Argo CD, or take ownership with --force',
    ].join('\n');
  }
  if (error instanceof ApiError) return explainRejection(object, error);
  if (error instanceof UnreachableError) return explainError(error);
  throw error;
}

function report({ progress }: Pick<DeployOperation, 'progress'>, changes: readonly InstallChange[], noun: string): void {
  const changed = changes.filter(({ change }) => change !== 'unchanged').length;
  const same = changes.length - changed;
  const text = changed === 0 ? `${count(same, noun)} ${same === 1 ? 'is' : 'are'} up to date` : `Applied ${count(changed, noun)}`;
  progress.done(changed > 0 && same > 0 ? `${text} (${same} unchanged)` : text);
}

async function waitUntilEstablished({ cluster, signal }: Pick<DeployOperation, 'cluster' | 'signal'>, crd: Manifest): Promise<void> {
  const late = `the API server does not serve ${shown(crd)} after ${KIND_TIMEOUT} s; kubectl describe crd ${crd.metadata.name} says why`;
  await waitUntil(async () => {
    const live = await cluster.objects.get(referenceTo<KubernetesObject & Conditioned>(crd));
    return live !== undefined && holds(live, 'Established');
  }, { clock: cluster.clock, seconds: KIND_TIMEOUT, signal, late });
}
