/**
 * The HTTP API of Prometheus, which VictoriaMetrics, Thanos and Mimir have too.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */
import type { Cluster } from '../kube/connect';
import { httpReader } from '../kube/http-reader';
import type { Query, Read } from '../kube/http-reader';
import { Failure } from '../ui/failure';

/** A time series at one time. */
export interface Sample {
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

/** A time series: its values by time, in seconds since 1970. */
export interface Series {
  readonly labels: { readonly [label: string]: string };
  readonly values: ReadonlyMap<number, number>;
}

/** From when to when, in seconds since 1970, and in which steps. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

interface Response {
  readonly status?: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly {
      readonly metric: { readonly [label: string]: string };
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

export class Prometheus {
  private readonly read: Read;

  constructor(cluster: Cluster, private readonly url: string) {
    this.read = httpReader(cluster, { title: 'Prometheus', url, otherwise: 'pass --prometheus http://localhost:9090' });
  }

  /** The time series that an expression has at a time. */
  public async at(query: string, time: number): Promise<Sample[]> {
    const result = await this.ask('/api/v1/query', { query, time });
    return result.flatMap(({ metric, value }) => (value ? [{ labels: metric, value: Number(value[1]) }] : []));
  }

  /** The only value that an expression has at a time; undefined where it has none. */
  public async one(query: string, time: number): Promise<number | undefined> {
    const [sample] = await this.at(query, time);
    return sample && !Number.isNaN(sample.value) ? sample.value : undefined;
  }

  /** The time series that an expression has over a time. Values that are not numbers are left out. */
  public async over(query: string, { start, end, step }: Range): Promise<Series[]> {
    const result = await this.ask('/api/v1/query_range', { query, start, end, step });
    return result.map(({ metric, values = [] }) => ({
      labels: metric,
      values: new Map(values.map(([time, value]) => [time, Number(value)] as const).filter(([, value]) => !Number.isNaN(value))),
    }));
  }

  private async ask(path: string, query: Query) {
    const { status, text } = await this.read(path, query);
    const response = parsed(text);
    if (response?.status === 'success' && response.data) return response.data.result;
    if (response?.error !== undefined) throw new Failure(`Prometheus rejected a query: ${response.error}`);
    throw new Failure(`${this.url} does not answer like the API of Prometheus (status ${status}); `
      + 'check monitoring.prometheus in platform.yaml, or --prometheus');
  }
}

function parsed(text: string): Response | undefined {
  try {
    return JSON.parse(text) as Response;
  } catch {
    return undefined;
  }
}
