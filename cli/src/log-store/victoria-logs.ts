/** The HTTP API of VictoriaLogs: https://docs.victoriametrics.com/victorialogs/querying/ and its language, LogsQL. */
import type { Labels, LogLine, LogQuery } from './query';
import { inOrder } from './query';
import type { Read } from '../kube/http-reader';
import { Failure } from '../ui/failure';

export async function readVictoriaLogs(
  read: Read, labels: Labels, { namespace, pods, container, start, end, pattern, limit }: LogQuery,
): Promise<LogLine[]> {
  const filters = [
    `${JSON.stringify(labels.namespace)}:=${JSON.stringify(namespace)}`,
    // A regular expression may match anywhere.
    `${JSON.stringify(labels.pod)}:~${JSON.stringify(`^(${pods})$`)}`,
    ...container === undefined ? [] : [`${JSON.stringify(labels.container)}:=${JSON.stringify(container)}`],
    ...pattern === undefined ? [] : [`~${JSON.stringify(`(?i)${pattern}`)}`],
  ];
  const [from, to] = [start, end].map(time => new Date(time).toISOString());
  const { status, text } = await read('/select/logsql/query', {
    query: `${filters.join(' ')} | sort by (_time desc) | limit ${limit}`, start: from, end: to,
  });
  if (status !== 200) throw new Failure(`VictoriaLogs rejected the query (status ${status}): ${text.trim().slice(0, 300)}`);
  return inOrder(text.split('\n').filter(line => line !== '').map((line): LogLine => {
    const { _time: time = '', ...fields } = entry(line);
    return { time: nanoseconds(time), pod: fields[labels.pod], text: textOf(fields, labels) };
  }));
}

/** The message of a line that has none: https://docs.victoriametrics.com/victorialogs/keyconcepts/#message-field */
const NO_MESSAGE = /^(missing _msg field; .*)?$/;

/** The message of a line or, if it is JSON without one, its fields: agents take a line of JSON apart, and add where it is from. */
function textOf({ _msg: message = '', ...fields }: { readonly [field: string]: string }, labels: Labels): string {
  if (!NO_MESSAGE.test(message)) return message;
  const places = Object.values(labels) as string[];
  const isAdded = (name: string) => /^_|^kubernetes\./.test(name) || places.includes(name);
  return JSON.stringify(Object.fromEntries(Object.entries(fields).filter(([name]) => !isAdded(name))));
}

/** A time as RFC 3339 has it, which may have nine decimals. */
function nanoseconds(time: string): bigint {
  const decimals = /\.(\d+)/.exec(time)?.[1] ?? '';
  return BigInt(Math.floor(Date.parse(time) / 1000)) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0'));
}

function entry(line: string): { readonly [field: string]: string } {
  try {
    return JSON.parse(line) as { readonly [field: string]: string };
  } catch {
    throw new Failure('what monitoring.logs.victoriaLogs names does not answer like the API of VictoriaLogs');
  }
}
