/** The HTTP API of Loki: https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time */
import type { Labels, LogLine, LogQuery } from './query';
import { inOrder } from './query';
import type { Read } from '../kube/http-reader';
import { Failure } from '../ui/failure';

interface Response {
  readonly data?: {
    readonly result: readonly {
      readonly stream: { readonly [label: string]: string };
      readonly values: readonly (readonly [nanoseconds: string, line: string])[];
    }[];
  };
}

export async function readLoki(
  read: Read, labels: Labels, { namespace, pods, container, start, end, pattern, limit }: LogQuery,
): Promise<LogLine[]> {
  // A string of LogQL is one of Go, whose escapes those of JSON are among.
  const matchers = [
    `${labels.namespace}=${JSON.stringify(namespace)}`,
    `${labels.pod}=~${JSON.stringify(pods)}`,
    ...container === undefined ? [] : [`${labels.container}=${JSON.stringify(container)}`],
  ];
  const filter = pattern === undefined ? '' : ` |~ ${JSON.stringify(`(?i)${pattern}`)}`;
  const { status, text } = await read('/loki/api/v1/query_range', {
    query: `{${matchers.join(',')}}${filter}`, start: nanoseconds(start), end: nanoseconds(end), limit, direction: 'backward',
  });
  if (status !== 200) throw new Failure(`Loki rejected the query (status ${status}): ${text.trim().slice(0, 300)}`);
  const { data } = parsed(text);
  if (!data) throw new Failure('what monitoring.logs.loki names does not answer like the API of Loki');
  return inOrder(data.result.flatMap(({ stream, values }) => values.map(([time, line]): LogLine => (
    { time: BigInt(time), pod: stream[labels.pod], text: line }))));
}

function nanoseconds(milliseconds: number): string {
  return `${Math.floor(milliseconds)}000000`;
}

function parsed(text: string): Response {
  try {
    return JSON.parse(text) as Response;
  } catch {
    return {};
  }
}
