import type { LiveObjects } from './live-objects';
import type { PlatformResource } from './resources';
import { DEFAULT_PLATFORM, PLATFORM, PLATFORM_LABEL } from './resources';
import type { Problem } from '../../../src/internal';
import { NAMESPACE } from '../kube/types';

/** The platforms of namespaces. */
export class Platforms {
  /** By name: of a platform that has not changed, there is one object, so that what is found out about it is found out once. */
  private readonly known = new Map<string, PlatformResource>();

  constructor(private readonly live: LiveObjects) {}

  /** The name of a namespace's platform: the one that its label names, or `default`. */
  public nameFor(namespace: string): string {
    return this.labelOf(namespace) ?? DEFAULT_PLATFORM;
  }

  /** The platform of a namespace. There need not be any, unless the namespace names one. */
  public of(namespace: string): { readonly platform?: PlatformResource; readonly problem?: Problem } {
    const named = this.labelOf(namespace);
    const platform = this.get(named ?? DEFAULT_PLATFORM);
    if (platform || named === undefined) return { platform };
    return {
      problem: {
        code: 'unknown',
        path: `label ${PLATFORM_LABEL} of namespace ${namespace}`,
        message: `is ${JSON.stringify(named)}, and there is no Platform of that name`,
        hint: 'ask your platform team to create it or to remove the label',
      },
    };
  }

  private labelOf(namespace: string): string | undefined {
    return this.live.get({ ...NAMESPACE, name: namespace })?.metadata.labels?.[PLATFORM_LABEL];
  }

  private get(name: string): PlatformResource | undefined {
    const live = this.live.get({ ...PLATFORM, name });
    const known = this.known.get(name);
    if (live && known?.metadata.resourceVersion === live.metadata.resourceVersion) return known;
    if (live) this.known.set(name, live);
    else this.known.delete(name);
    return live;
  }
}
