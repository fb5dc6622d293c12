import { SIZES } from './sizes';
import type { Resources, AppSize } from '../../index';
import type { ResolvedResources } from '../../model/app';

/** What a size stands for, with single figures in place of its own. */
export function resolveResources({ size, resources = {} }: { readonly size?: AppSize; readonly resources?: Resources }): ResolvedResources {
  const { cpu, memory } = SIZES[size ?? 's'];
  return {
    cpu: resources.cpu ?? cpu,
    cpuLimit: resources.cpuLimit,
    memory: resources.memory ?? memory,
    memoryLimit: resources.memoryLimit ?? resources.memory ?? memory,
    ephemeralStorage: resources.ephemeralStorage ?? '1Gi',
  };
}
