/** Logs that the platform keeps: also those of pods that are gone. */
import { readLoki } from './loki';
import type { Labels, LogLine, LogQuery } from './query';
import { readVictoriaLogs } from './victoria-logs';
import { fieldsOf } from '../config/merge';
import type { Cluster } from '../kube/connect';
import { httpReader } from '../kube/http-reader';
import { Failure } from '../ui/failure';

export interface LogStore {
  /** Its name in messages. */
  readonly title: string;

  /** The latest lines, the oldest first. */
  read(query: LogQuery): Promise<LogLine[]>;
}

/** The most that is asked for: Loki's default limit (`max_entries_limit_per_query`), which is plenty for a terminal. */
export const MOST = 5000;

/** Those of the agents that Loki and VictoriaLogs have of their own. */
const LOKI_LABELS: Labels = { namespace: 'namespace', pod: 'pod', container: 'container' };
const VICTORIA_LABELS: Labels = {
  namespace: 'kubernetes.pod_namespace', pod: 'kubernetes.pod_name', container: 'kubernetes.container_name',
};

/**
 * The store that a platform names, in `monitoring.logs`; undefined where it names none.
 *
 * @param monitoring is not checked
 */
export function logStore(monitoring: unknown, cluster: Cluster): LogStore | undefined {
  const { loki, victoriaLogs, tenant, labels: own } = fieldsOf(fieldsOf(monitoring).logs);
  const url = loki ?? victoriaLogs;
  if (url === undefined) return undefined;
  if (typeof url !== 'string' || !URL.canParse(url)) {
    throw new Failure(`monitoring.logs has the URL ${String(url)}, which is not valid; webapp check says more`);
  }
  const [title, defaults] = loki === undefined ? ['VictoriaLogs', VICTORIA_LABELS] : ['Loki', LOKI_LABELS];
  const otherwise = 'set monitoring.logs to http://localhost with that port';
  const headers = typeof tenant === 'string' ? loki === undefined ? accountOf(tenant) : { 'x-scope-orgid': tenant } : undefined;
  const read = httpReader(cluster, { title, url, headers, otherwise });
  const labels = { ...defaults, ...fieldsOf(own) } as Labels;
  return { title, read: async query => (loki === undefined ? readVictoriaLogs : readLoki)(read, labels, query) };
}

/** https://docs.victoriametrics.com/victorialogs/#multitenancy */
function accountOf(tenant: string): { readonly [header: string]: string } {
  const [account, project = '0'] = tenant.split(':');
  return { accountid: account, projectid: project };
}
