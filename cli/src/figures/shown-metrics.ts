/** The figures of a process, as people read them. */
import type { ColdStart, Metrics, Point } from './metrics';
import { shownCpu, shownMemory } from './units';
import { ago, span } from '../ui/ago';
import type { Chart } from '../ui/chart';

/** The highest bound of the interceptor's histogram, in seconds: it does not tell how much longer a request took. */
const LONGEST = 10;

/** A row of the summary. */
export interface Row {
  readonly title: string;
  readonly values: readonly string[];
}

type Figure = keyof Omit<Point, 'time'>;

/** The figures over the whole time. What is not known has no row. */
export function summaryOf(metrics: Metrics, now: number): Row[] {
  const { source, since, until, requests, errors, latency, coldStarts, points } = metrics;
  const isNow = source === 'cluster';
  const seconds = (Date.parse(until) - Date.parse(since)) / 1000;
  const of = (figure: Figure) => points.flatMap(point => point[figure] ?? []);
  const latest = (figure: Figure) => of(figure).at(-1);
  const highest = (figure: Figure) => Math.max(...of(figure));
  const row = (title: string, ...values: (string | undefined)[]): Row => ({ title, values: values.filter(value => value !== undefined) });
  const time = isNow ? `since ${ago(since, now)}, when the interceptor was started` : `in the last ${span(seconds)}`;
  const most = (figure: Figure, shown: (value: number) => string) => (
    isNow ? undefined : `${shown(highest(figure))} at most`);
  return [
    ...requests === undefined ? [] : [
      row('REQUESTS', `${shownCount(requests)} ${time}`, most('requests', shownRate)),
      row('ERRORS', `${shownCount(errors ?? 0)}${shareOf(errors ?? 0, requests)}`, most('errors', shownRate)),
    ],
    ...latency ? [row('LATENCY', (['p50', 'p95', 'p99'] as const).map(name => `${name} ${shownLatency(latency[name])}`).join(', '))] : [],
    ...coldStarts ? [row('COLD STARTS', String(coldStarts.length), shownColdStarts(coldStarts))] : [],
    ...of('replicas').length === 0 ? [] : [row('REPLICAS', `${latest('replicas')} now`, most('replicas', String))],
    ...of('cpu').length === 0 ? [] : [row('CPU', `${shownCpu(latest('cpu')!)} now`, most('cpu', shownCpu))],
    ...of('memory').length === 0 ? [] : [row('MEMORY', `${shownMemory(latest('memory')!)} now`, most('memory', shownMemory))],
  ];
}

function shownColdStarts(coldStarts: readonly ColdStart[]): string | undefined {
  const times = coldStarts.flatMap(({ seconds }) => seconds ?? []).sort((a, b) => a - b);
  if (times.length === 0) return undefined;
  const median = `${shownSeconds(times[Math.floor((times.length - 1) / 2)])} until ready`;
  return times.length === 1 ? median : `${median}, ${shownSeconds(times.at(-1)!)} at most`;
}

/** The charts of what is known. */
export function chartsOf({ points }: Metrics): Chart[] {
  const line = (figure: Figure) => points.map(point => point[figure]);
  const charts: Chart[] = [
    { title: 'requests per second, and errors', lines: [line('requests'), line('errors')], shown: shownRate },
    { title: 'latency: p50, p95, p99', lines: [line('p50'), line('p95'), line('p99')], shown: shownSeconds },
    { title: 'replicas', lines: [line('replicas')], whole: true, shown: value => String(Math.round(value)) },
    { title: 'CPU', lines: [line('cpu')], shown: shownCpu },
    { title: 'memory', lines: [line('memory')], shown: shownMemory },
  ];
  return charts.filter(({ lines }) => lines.some(values => values.some(value => value !== undefined)));
}

function shownCount(number: number): string {
  return number.toLocaleString('en-US');
}

function shownRate(perSecond: number): string {
  return `${perSecond >= 100 ? Math.round(perSecond) : Number(perSecond.toPrecision(2))}/s`;
}

function shareOf(part: number, whole: number): string {
  return whole > 0 ? ` (${Number((100 * part / whole).toPrecision(2))}%)` : '';
}

function shownLatency(seconds: number): string {
  return seconds >= LONGEST ? `${LONGEST} s or more` : shownSeconds(seconds);
}

/** A time: `45 ms`, `1.9 s`. */
export function shownSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds < 100 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
}
