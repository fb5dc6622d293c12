import type { Diagnosis } from './pods';
import { interceptorOf } from '../engine/probe';
import type { Canary, Maintenance, Release } from '../engine/release-store';
import { currentRelease, listReleases } from '../engine/release-store';
import type { RolloutStatus } from '../engine/rollout';
import { diagnoseWorkload, rolloutStatus } from '../engine/rollout';
import type { Settings } from '../engine/settings';
import type { Cluster } from '../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, Event, KubernetesObject } from '../kube/types';
import { EVENT, SCALED_OBJECT } from '../kube/types';
import { listWorkloads } from '../kube/workload';

/** The status of one of an app's processes. */
export interface ProcessStatus extends RolloutStatus {
  /** The workload's name. */
  readonly name: string;

  readonly image: string;

  /** The limits of its number of pods; undefined where it is not autoscaled. */
  readonly min?: number;
  readonly max?: number;

  readonly problem?: Diagnosis;
}

/** A release without its objects. */
export type ReleaseSummary = Omit<Release, 'objects' | 'shared' | 'kept' | 'maintenance'> & {
  readonly maintenance?: Pick<Maintenance, 'since' | 'by'>;
};

/** The status of an app. */
export interface AppStatus extends AppName {
  readonly processes: readonly ProcessStatus[];

  /** The number of requests that the interceptor holds or forwards right now; undefined where the user cannot see it. */
  readonly requests?: number;

  readonly latest?: ReleaseSummary;

  /** The number of the current release. */
  readonly serving?: number;

  readonly canary?: Canary;

  /** Since when, and by whom, all requests get a page; undefined unless `webapp maintenance on` did that. */
  readonly maintenance?: Pick<Maintenance, 'since' | 'by'>;
  readonly url?: string;

  /** The names of the variables of `webapp config` and `webapp secrets`. */
  readonly settings?: Settings;

  /** Warning events of the last hour. */
  readonly warnings: readonly string[];
}

/** The status of an app. */
export async function statusOf(cluster: Cluster, app: AppName): Promise<AppStatus> {
  const { objects } = cluster;
  const { name, namespace } = app;
  const releases = await listReleases(cluster, app);
  const workloads = await listWorkloads(cluster, app);
  const scaledObjects = await objects.knows(SCALED_OBJECT) ? await objects.list(SCALED_OBJECT, { namespace }) : [];
  const processes = await Promise.all(workloads.map(async (live): Promise<ProcessStatus> => {
    const scaler = scaledObjects.find(({ spec }) => spec.scaleTargetRef.name === live.metadata.name);
    const { minReplicaCount: min, maxReplicaCount: max } = scaler?.spec ?? {};
    const status = rolloutStatus(live);
    const problem = status.state === 'scaled-to-zero' ? undefined : await diagnoseWorkload(cluster, live);
    const image = live.spec.template.spec?.containers[0].image ?? '';
    return { name: live.metadata.name, ...status, image, min, max, problem };
  }));
  const current = currentRelease(releases);
  const own = scaledObjects.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === name);
  return {
    ...app,
    processes,
    requests: await pendingRequests(cluster, app, current),
    latest: releases[0] && summaryOf(releases[0].release),
    serving: current?.number,
    canary: current?.canary,
    maintenance: current && summaryOf(current).maintenance,
    url: current?.url,
    settings: current?.settings,
    warnings: await warningsOf(cluster, app, [...own, ...workloads]),
  };
}

export function summaryOf({ objects, shared, kept, maintenance, ...summary }: Release): ReleaseSummary {
  return maintenance ? { ...summary, maintenance: { since: maintenance.since, by: maintenance.by } } : summary;
}

/** The number of an app's requests that the interceptor holds or forwards, from its admin port; undefined where the user cannot see it. */
export async function pendingRequests(
  { api }: Cluster, { name, namespace }: AppName, release: Release | undefined,
): Promise<number | undefined> {
  const interceptor = release && interceptorOf(release.objects);
  if (!interceptor) return undefined;
  const admin = `${interceptor.name.replace(/-proxy$/, '-admin')}:9090`;
  const { status, text } = await api.send('GET', `/api/v1/namespaces/${interceptor.namespace}/services/${admin}/proxy/queue`);
  if (status !== 200) return undefined;
  const queue: { readonly [app: string]: { readonly Concurrency: number } | undefined } = JSON.parse(text);
  return queue[`${namespace}/${name}`]?.Concurrency;
}

const HOUR = 3_600_000;

async function warningsOf({ objects, clock }: Cluster, { name, namespace }: AppName, own: readonly KubernetesObject[]): Promise<string[]> {
  const events = await unlessForbidden(async () => objects.list(EVENT, { namespace, fields: { type: 'Warning' } }));
  if (events === FORBIDDEN) return [];
  const names = [name, ...own.map(({ metadata }) => metadata.name)];
  const isOwn = ({ involvedObject }: Event) => (
    names.some(one => involvedObject.name === one || involvedObject.name?.startsWith(`${one}-`)));
  const isRecent = ({ lastTimestamp, eventTime }: Event) => clock.now() - Date.parse(lastTimestamp ?? eventTime ?? '1970-01-01') < HOUR;
  const describe = ({ involvedObject: { kind, name: where }, reason, message }: Event) => `${kind} ${where}: ${reason}: ${message}`;
  return [...new Set(events.filter(event => isOwn(event) && isRecent(event)).map(describe))];
}
