import type { LiveObjects } from './live-objects';
import type { PlatformResource } from './resources';
import { DEFAULT_PLATFORM, PLATFORM, PLATFORM_LABEL } from './resources';
import type { Problem } from '../../../src/internal';
import { NAMESPACE } from '../kube/types';

/** The platform of a namespace: the one that its label names, or the one named `default`; neither need exist, but one that is named. */
export function platformOf(namespace: string, live: LiveObjects): { readonly platform?: PlatformResource; readonly problem?: Problem } {
  const named = live.get({ ...NAMESPACE, name: namespace })?.metadata.labels?.[PLATFORM_LABEL];
  const platform = live.get({ ...PLATFORM, name: named ?? DEFAULT_PLATFORM });
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
