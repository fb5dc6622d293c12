import { hostProblems } from './hosts';
import { nameProblems } from './names';
import { numberProblems, scalingProblems } from './scaling';
import { defaultSizeProblems, sizeProblems } from './sizes';
import type { PlatformProps } from '../platform/props';
import type { Problem } from '../validation/problem';
import { below } from '../validation/problem';
import type { Rule } from '../validation/rule';
import { problem } from '../validation/rule';

/** Whether an app stays within what its platform allows. An app of a platform without bounds pays nothing for it. */
export const boundsRules: Rule = (app, props) => {
  const { platform: { bounds } } = app;
  if (bounds === undefined) return [];
  return [
    ...hostProblems(bounds, app, props),
    ...sizeProblems(bounds, app, props),
    ...scalingProblems(bounds, app, props),
    ...nameProblems(bounds, app, props),
  ];
};

/** Bounds that contradict each other, or that an app exceeds which says nothing. */
export function boundsPlatformRules({ bounds, appDefaults = {} }: Partial<PlatformProps>): Problem[] {
  if (bounds === undefined) return [];
  const { min, max } = bounds.scaling ?? {};
  return [
    ...min !== undefined && max !== undefined && min > max
      ? [problem('bounds.scaling.min', `is ${min} but bounds.scaling.max is ${max}`, `set it to ${max} or less`, 'range')] : [],
    ...defaultSizeProblems(bounds, appDefaults),
    ...below('appDefaults', numberProblems(bounds, appDefaults.scaling))
      .map(one => ({ ...one, message: one.message.replace('the platform allows', 'bounds allow'), hint: 'use less, or raise the bound' })),
  ];
}
