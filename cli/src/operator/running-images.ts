import type { Digests } from '../engine/pin';
import type { Workload } from '../kube/workload';

/**
 * Digests without those of images that pods run by tag. An app that is taken over keeps them as they are until its next release: another
 * name for the image would replace its pods.
 */
export function withoutRunning(digests: Digests, workloads: readonly (Workload | undefined)[]): Digests {
  const running = workloads.flatMap(workload => {
    const { containers = [], initContainers = [] } = workload?.spec.template.spec ?? {};
    return [...initContainers, ...containers].map(({ image }) => image);
  });
  return new Map([...digests].filter(([image]) => !running.includes(image)));
}
