import { parser } from '@prometheus-io/lezer-promql';
import type { ApiResponse } from '../../src/kube/api';
import { response } from '../kube/in-memory-api';
import type { TestCluster } from '../kube/test-cluster';

/** What is wrong with an expression, by Prometheus' own grammar; undefined if nothing. */
export function syntaxError(expression: string): string | undefined {
  let found: string | undefined;
  parser.parse(expression).iterate({
    enter: ({ type, from }) => {
      if (type.isError) found ??= `${expression.slice(0, from)}⚠${expression.slice(from)}`;
    },
  });
  return found;
}

/** A time series: its labels, and the values by time, or its value at any time. */
export interface TestSeries {
  readonly metric?: { readonly [label: string]: string };
  readonly value?: number;
  readonly values?: (time: number) => number | undefined;
}

const PATH = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy';

/** A Prometheus in the cluster: a test says what it answers. It refuses expressions that are not PromQL. */
export class TestPrometheus {
  public readonly queries: string[] = [];
  private readonly answers: { readonly pattern: RegExp; readonly series: readonly TestSeries[] }[] = [];

  constructor({ api }: TestCluster) {
    api.intercept = (_, path, { query = {} }) => (path.startsWith(PATH) ? this.answer(path.slice(PATH.length), query) : undefined);
  }

  /** What expressions have that match; the pattern that was added first counts. */
  public has(pattern: RegExp, ...series: readonly TestSeries[]): this {
    this.answers.push({ pattern, series });
    return this;
  }

  private answer(path: string, { query, time, start, end, step }: { readonly [name: string]: unknown }): ApiResponse {
    const expression = String(query);
    this.queries.push(expression);
    const error = syntaxError(expression);
    if (error !== undefined) return response(400, JSON.stringify({ status: 'error', errorType: 'bad_data', error }));
    const series = this.answers.find(({ pattern }) => pattern.test(expression))?.series ?? [];
    const at = (one: TestSeries, when: number) => one.values?.(when) ?? one.value;
    const times: number[] = [];
    for (let when = Number(start); when <= Number(end); when += Number(step)) times.push(when);
    const isRange = path === '/api/v1/query_range';
    const result = series.map(one => ({
      metric: one.metric ?? {},
      ...isRange
        ? { values: times.flatMap(when => (at(one, when) === undefined ? [] : [[when, String(at(one, when))]])) }
        : { value: [Number(time), String(at(one, Number(time)))] },
    }));
    return response(200, JSON.stringify({ status: 'success', data: { resultType: isRange ? 'matrix' : 'vector', result } }));
  }
}
