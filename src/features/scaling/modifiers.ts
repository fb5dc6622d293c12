import { lowering } from './schedule';
import type { ScaledObjectSpecAdvanced } from '../../../imports/keda.sh';
import type { Written } from '../../kube/written';
import type { ScalingModel } from '../../model/scaling';

/** What the names of the triggers in the formula start with. */
export const PREFIXES = { http: 'http', schedule: 'schedule', triggers: 'queue', limits: 'limit' };

/** KEDA keeps three decimals of a metric. In millionths of a replica, one message of the largest target still counts. */
const REPLICA = 1_000_000;

/** More than `scaling.max` can be. */
const UNLIMITED = 10_000;

/**
 * The formula that holds an app below the limits of its schedule. Without one, KEDA takes the largest of what its triggers need; with one
 * it looks at nothing else.
 *
 * @see https://keda.sh/docs/latest/concepts/scaling-deployments/#scaling-modifiers
 */
export function scalingModifiers(scaling: ScalingModel): Written<ScaledObjectSpecAdvanced>['scalingModifiers'] {
  const { http, wokenBy, schedule, triggers, limits, min, lowest, entries } = scaling;
  if (limits.length === 0) return undefined;
  const counted = [...http?.routes.map(() => http) ?? [], ...wokenBy.map(one => one.http)];
  const needed = [
    ...counted.map(({ concurrency, requestRate }, i) => `${PREFIXES.http}${i + 1} / ${concurrency ?? requestRate}`),
    ...schedule.map((_, i) => `${PREFIXES.schedule}${i + 1}`),
    ...triggers.map((trigger, i) => `${PREFIXES.triggers}${i + 1} / ${trigger.perReplica}`),
    // The triggers of a schedule say when there must be as many; without one that lowers it, that is always.
    ...min > lowest && lowering(entries, min).length === 0 ? [min] : [],
  ];
  const most = limits.map(({ max }, i) => `${PREFIXES.limits}${i + 1} > 0 ? ${max} : ${UNLIMITED}`);
  return { target: String(REPLICA), formula: `${REPLICA} * min(max(${needed.join(', ')}), ${most.join(', ')})` };
}
