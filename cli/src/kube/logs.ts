import type { Cluster } from './connect';
import { ApiError } from './kubernetes-api';

/** The last lines that a container has written; of its life before, if it has just begun a new one and said nothing. */
export async function lastLines({ api }: Cluster, pod: any, container: string, count = 10): Promise<string[]> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`;
  const status = [...pod.status.initContainerStatuses ?? [], ...pod.status.containerStatuses ?? []].find(({ name }: any) => name === container);
  const before = (status?.restartCount ?? 0) > 0 && !status.state?.terminated;
  for (const previous of before ? [true, false] : [false]) {
    const { status: code, text } = await api.ask('GET', path, { query: { container, tailLines: count, previous: previous || undefined } });
    if (code >= 500) throw new ApiError(code, text);
    const lines = code === 200 ? text.split('\n').map(line => line.trimEnd()).filter(line => line !== '') : [];
    if (lines.length > 0) return lines;
  }
  return [];
}
