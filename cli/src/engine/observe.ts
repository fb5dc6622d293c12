import type { DeployOperation, Operation } from './operation';
import type { Probe } from './probe';
import { probeOf } from './probe';
import type { Release } from './release-store';
import { isDeployed } from './release-store';
import type { RolloutStatus } from './rollout';
import { waitForRollout } from './rollout';
import { probeUntilResponse, wake } from './wake';
import { referenceTo, sameObject } from '../kube/objects';
import type { Workload } from '../kube/workload';
import { activeWorkload, workloadsIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/**
 * Waits until applied workloads are ready, wakes those that are scaled to zero, and checks that they respond. A canary or an idle color
 * that is scaled to zero, and runs what it ran before, is not woken.
 *
 * @param earlier the releases before, the latest first
 * @throws DiagnosedFailure if one does not become ready
 */
export async function waitUntilReady(operation: DeployOperation, objects: readonly Manifest[], earlier: readonly Release[]): Promise<void> {
  const { app, progress } = operation;
  const active = activeWorkload(objects, app.name);
  const current = earlier.find(isDeployed);
  const probes: { readonly name: string; readonly probe: Probe }[] = [];
  for (const workload of workloadsIn(objects)) {
    const { name } = workload.metadata;
    const probe = probeOf(objects, name);
    let status = await waitForRollout(operation, workload);
    const isChanged = name === active || !hasSamePods(workload, current);
    if (status.state === 'scaled-to-zero' && probe?.host !== undefined && isChanged) status = await wake(operation, workload, probe);
    progress.done(describe(name, status));
    if (probe && status.state !== 'scaled-to-zero') probes.push({ name, probe });
  }
  for (const { name, probe } of probes) await check(operation, name, probe, name === active);
}

function describe(name: string, { state, ready, wanted }: RolloutStatus): string {
  if (state === 'scaled-to-zero') return `${name} is scaled to zero until there is work`;
  if (state === 'paused') return `${name} has started its new version (Argo Rollouts continues the rollout)`;
  return `${name} is ready (${ready}/${Math.max(ready, wanted)} replicas)`;
}

async function check(operation: Operation, name: string, probe: Probe, isActive: boolean): Promise<void> {
  const { progress } = operation;
  const result = await probeUntilResponse(operation, name, probe);
  if (result.kind !== 'response') return;
  const text = `GET ${probe.path} returned ${result.status}${isActive ? '' : ` (${name})`}`;
  if (result.status >= 500) progress.warn(text); else progress.done(text);
}

/** Whether a workload's pods are as those of a release. */
export function hasSamePods(workload: Workload, release: Pick<Release, 'objects'> | undefined): boolean {
  const reference = referenceTo(workload);
  const before = workloadsIn(release?.objects ?? []).find(one => sameObject(referenceTo(one), reference));
  return JSON.stringify(before?.spec.template) === JSON.stringify(workload.spec.template);
}
