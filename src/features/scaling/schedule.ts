import type { Schedule } from './props';
import type { ScalingModel, TimesModel } from '../../model/scaling';
import { cronValues } from '../../validation/cron';

type ScheduleModel = Pick<ScalingModel, 'lowest' | 'schedule' | 'limits' | 'entries'>;

/**
 * A schedule as KEDA has it. KEDA takes the largest of all that it is told, so it is told the lowest minimum at all times, and by cron
 * triggers when there must be more: also the usual minimum, at the times that are outside of those that lower it.
 *
 * @see https://keda.sh/docs/latest/scalers/cron/
 */
export function resolveSchedule(entries: readonly Schedule[], min: number): ScheduleModel {
  if (entries.length === 0) return { lowest: min, schedule: [], limits: [], entries };
  const minimums = entries.flatMap(entry => entry.replicas === undefined ? [] : [{ ...timesOf(entry), replicas: entry.replicas }]);
  const limits = entries.flatMap(entry => entry.max === undefined ? [] : [{ ...timesOf(entry), max: entry.max }]);
  const lowest = Math.min(min, ...minimums.map(({ replicas }) => replicas), ...limits.map(({ max }) => max));
  const usual = lowering(entries, min).length === 0 ? [] : outside(lowering(entries, min).map(timesOf));
  const schedule = [...usual.map(times => ({ ...times, replicas: min })), ...minimums].filter(({ replicas }) => replicas > lowest);
  return { lowest, schedule, limits, entries };
}

/** The entries that lower the minimum. */
export function lowering<Entry extends Schedule>(entries: readonly Entry[], min: number): Entry[] {
  return entries.filter(({ replicas = min }) => replicas < min);
}

function timesOf({ start, end, timezone = 'UTC' }: Schedule): TimesModel {
  return { start, end, timezone };
}

const DAY = 24 * 60;
const WEEK = 7 * DAY;

/**
 * The minutes of the week, from Sunday on, of a cron expression for one time of certain days of the week; undefined for any other.
 */
export function minutesOfWeek(expression: string): number[] | undefined {
  const [minutes, hours, , , weekdays] = cronValues(expression);
  const isWeekly = expression.trim().split(/\s+/).slice(2, 4).every(field => field === '*' || field === '?');
  if (!isWeekly || minutes.length !== 1 || hours.length !== 1) return undefined;
  return weekdays.map(day => day * DAY + hours[0] * 60 + minutes[0]);
}

/**
 * The times outside of all these. Those outside of one are from its end to its start. Swapping several would be wrong, because KEDA takes
 * the times of any trigger: what is outside of all of them follows from the hours of a week. The checks refuse those that have none.
 */
function outside(windows: readonly TimesModel[]): TimesModel[] {
  const [{ start, end, timezone }, ...others] = windows;
  if (others.length === 0) return [{ start: end, end: start, timezone }];
  const weekly = windows.map(times => ({ starts: minutesOfWeek(times.start) ?? [], ends: minutesOfWeek(times.end) ?? [] }));
  return spans(weekly).map(([from, to]) => ({ start: cronAt(from), end: cronAt(to), timezone }));
}

interface Weekly {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

type Moments = readonly number[];

/** The spans of a week outside of all these windows, as their starts and their ends: those at the same times of other days are one. */
function spans(windows: readonly Weekly[]): [starts: Moments, ends: Moments][] {
  const moments = [...new Set(windows.flatMap(({ starts, ends }) => [...starts, ...ends]))].sort((a, b) => a - b);
  // As KEDA sees it: within a window the next end comes before the next start.
  const isOutside = (now: number) => !windows.some(({ starts, ends }) => untilNext(ends, now) < untilNext(starts, now));
  const changes = moments.filter((moment, i) => isOutside(moment) !== isOutside(moments.at(i - 1)!));
  const found = new Map<string, [number[], number[]]>();
  for (const [i, from] of changes.entries()) {
    if (!isOutside(from)) continue;
    const to = changes[(i + 1) % changes.length];
    const key = `${from % DAY} ${(to - from + WEEK) % WEEK}`;
    const [starts, ends] = found.get(key) ?? [[], []];
    found.set(key, [[...starts, from], [...ends, to]]);
  }
  return [...found.values()];
}

function untilNext(moments: Moments, now: number): number {
  return Math.min(...moments.map(moment => moment > now ? moment - now : moment - now + WEEK));
}

/** Moments at the same time of several days. */
function cronAt(moments: Moments): string {
  const [first] = moments;
  const days = moments.map(moment => Math.floor(moment / DAY)).sort((a, b) => a - b);
  const [from, to] = [days[0], days[days.length - 1]];
  const list = days.length === 7 ? '*' : days.length > 1 && to - from === days.length - 1 ? `${from}-${to}` : days.join(',');
  return `${first % 60} ${Math.floor(first % DAY / 60)} * * ${list}`;
}
