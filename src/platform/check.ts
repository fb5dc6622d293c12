import type { PlatformProps } from './props';
import type { PlatformModel } from './resolve';
import { resolvePlatform } from './resolve';
import { platformRules } from './rules';
import { boundsPlatformRules } from '../bounds/rules';
import { signInRules } from '../features/access/rules';
import { platformConnectionRules, secretStoreRules } from '../features/connections/rules';
import { monitoringRules } from '../features/monitoring/rules';
import { addonPlatformRules } from '../features/routing/addon-version';
import { schedulePlatformRules } from '../features/scaling/schedule-rules';
import { SHAPES } from '../shapes';
import type { Problem } from '../validation/problem';
import { sift } from '../validation/sift';

/** All that is wrong with a platform's props, and the platform as it would be without what is wrong. */
export function checkPlatform(props: PlatformProps): { readonly platform: PlatformModel; readonly problems: Problem[] } {
  const { sound, problems } = sift(SHAPES, 'PlatformProps', props);
  // With a domain that is only misspelled, apps do not lack one.
  const platform = resolvePlatform({ ...sound, domain: sound.domain ?? (props?.domain === undefined ? undefined : 'example.com') });
  const rules = [
    ...platformRules(platform, sound),
    ...addonPlatformRules(platform, sound),
    ...schedulePlatformRules(sound),
    ...signInRules(platform),
    ...platformConnectionRules(sound.connections),
    ...secretStoreRules(platform.secretStore),
    ...monitoringRules(sound),
    ...boundsPlatformRules(sound),
  ];
  return { platform, problems: [...problems, ...rules] };
}

