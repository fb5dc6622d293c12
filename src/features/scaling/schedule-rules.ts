import type { Schedule } from './props';
import { lowering, minutesOfWeek } from './schedule';
import type { ScalingModel } from '../../model/scaling';
import type { PlatformProps } from '../../platform/props';
import { cronValues } from '../../validation/cron';
import type { Problem } from '../../validation/problem';
import { quoted } from '../../validation/problem';
import { problem, when } from '../../validation/rule';

/**
 * What of a schedule KEDA cannot do, and what of it has no effect.
 *
 * @param own the schedule of the app itself: one of the platform that has no effect on this app is not a mistake of its developer
 */
export function scheduleProblems(scaling: ScalingModel, own: readonly Schedule[] = []): Problem[] {
  return [
    ...scaling.entries.flatMap(({ start, end }, i) => when(
      [isSame(start, end), `scaling.schedule[${i}].end`, 'is the same as start', 'use a later time'],
    )),
    ...combinationProblems(scaling),
    ...own.flatMap((entry, i) => [
      ...numberProblems(`scaling.schedule[${i}]`, entry, scaling),
      ...entry.max === undefined ? [] : limitProblems(`scaling.schedule[${i}].max`, entry.max, scaling),
    ]),
  ];
}

/** What cannot be a default of all apps: whether an app's replicas can be limited at certain times depends on what it scales on. */
export function schedulePlatformRules({ appDefaults: { scaling: { schedule = [] } = {} } = {} }: Partial<PlatformProps>): Problem[] {
  return schedule.flatMap(({ replicas, max }, i) => when(
    [max !== undefined, `appDefaults.scaling.schedule[${i}].max`,
      'is not supported, because it depends on what an app scales on',
      'use replicas, or set max in the apps', 'unsupported'],
    [max === undefined && replicas === undefined, `appDefaults.scaling.schedule[${i}].replicas`,
      'is missing',
      'set the number of replicas at that time', 'missing'],
  ));
}

/** Also if it is written in another way, as `00 8 * * mon` for `0 8 * * 1`; or if start has further days, as each end then is a start. */
function isSame(start: string, end: string): boolean {
  const [starts, ends] = [start, end].map(minutesOfWeek);
  if (starts && ends) return ends.every(minute => starts.includes(minute));
  return JSON.stringify(cronValues(start)) === JSON.stringify(cronValues(end));
}

/** The times outside of several entries that lower the minimum are known only if they repeat each week. */
function combinationProblems({ entries, min }: ScalingModel): Problem[] {
  const all = lowering(entries.map((entry, i) => ({ ...entry, i })), min);
  if (all.length < 2) return [];
  const [{ i: first, timezone: zone = 'UTC' }] = all;
  return all.flatMap(({ i, start, end, timezone = 'UTC' }) => [
    ...when([timezone !== zone, `scaling.schedule[${i}].timezone`,
      `is ${timezone}, but schedule[${first}], which lowers the number of replicas too, has ${zone}`,
      'use one time zone for all entries with fewer replicas than scaling.min', 'unsupported']),
    ...Object.entries({ start, end }).filter(([, value]) => minutesOfWeek(value) === undefined).map(([field, value]) => problem(
      `scaling.schedule[${i}].${field}`,
      `is ${quoted(value)}, which cannot be combined with other entries that lower the number of replicas`,
      'use one time on certain days of the week, such as 0 20 * * 1-5, or only one entry with fewer replicas than scaling.min',
      'unsupported',
    )),
  ]);
}

function numberProblems(path: string, { replicas, max: limit }: Schedule, { min, max }: ScalingModel): Problem[] {
  return when(
    [replicas === undefined && limit === undefined, path, 'has neither replicas nor max', 'set one of them, or both', 'missing'],
    [replicas === 0 && min === 0 && limit === undefined, `${path}.replicas`,
      'is 0, but so is scaling.min, so there is nothing to lower',
      'set scaling.min to the number at other times, or remove the entry'],
    [(replicas ?? 0) > max, `${path}.replicas`,
      `is ${replicas} but scaling.max is ${max}`,
      `use ${max} or less, or a larger max`, 'range'],
    [(limit ?? 0) >= max, `${path}.max`,
      `is ${limit}, but scaling.max is ${max} at all times`,
      'use less, or a larger scaling.max', 'range'],
    [limit !== undefined && limit < (replicas ?? 0), `${path}.max`,
      `is ${limit} but replicas is ${replicas}`,
      `use ${replicas} or more`, 'range'],
  );
}

/**
 * What KEDA cannot limit by a formula: cpu and memory, which are not part of it, a metric of which one replica's part is unknown, and two
 * metrics of one trigger.
 *
 * @see https://keda.sh/docs/latest/concepts/scaling-deployments/#scaling-modifiers
 */
function limitProblems(path: string, limit: number, { min, http, cpu, memory, triggers }: ScalingModel): Problem[] {
  const measured = Object.entries({ cpu, memory }).filter(([, value]) => value !== undefined).map(([name]) => name).join(' and ');
  const unknown = triggers.findIndex(({ perReplica = NaN }) => Number.isNaN(perReplica));
  const [activation] = triggers.flatMap(({ metadata }, i) =>
    Object.keys(metadata).filter(field => field.startsWith('activation')).map(field => `triggers[${i}].metadata.${field}`));
  const asleep = min > 0 ? 'set replicas: 0 instead, with which the app sleeps unless requests come, or ' : '';
  return when(
    [measured !== '', path, `cannot be combined with ${measured}, which KEDA cannot limit at certain times`,
      limit === 0 && !http ? 'set replicas: 0 instead' : `remove it, or ${measured}`, 'unsupported'],
    [limit === 0 && http, path, 'is 0, but requests wake the app at any time', `${asleep}use 1 or more`, 'unsupported'],
    [http?.concurrency !== undefined && http.requestRate !== undefined, path,
      'cannot be combined with both concurrency and requestRate, which KEDA cannot tell apart when it limits them',
      'set scaling.concurrency or scaling.requestRate alone', 'unsupported'],
    [unknown >= 0, path,
      `cannot be combined with triggers[${unknown}], because KEDA can limit only triggers on a connection`,
      'remove it, or set connection there', 'unsupported'],
    [activation, path,
      `cannot be combined with ${activation}, which KEDA ignores when it limits the number of replicas`,
      'remove one of them', 'unsupported'],
  );
}
