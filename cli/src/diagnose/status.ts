import { Trouble } from './pods';
import { interceptorOf } from '../engine/answer';
import { AppName, lastGood, Release, releasesOf } from '../engine/release-store';
import { Rollout, rolloutOf, troubleOf } from '../engine/rollout';
import type { Cluster } from '../kube/connect';
import { allowed, FORBIDDEN } from '../kube/permissions';
import { workloadsOf } from '../kube/workload';

/** How one of an app's processes is. */
export interface ProcessStatus {
  /** The workload's name. */
  readonly name: string;

  readonly state: Rollout['state'];
  readonly ready: number;
  readonly wanted: number;
  readonly image: string;

  /** Between how many pods it is scaled; none where nothing scales it. */
  readonly min?: number;
  readonly max?: number;

  readonly trouble?: Trouble;
}

/** How an app is. */
export interface AppStatus extends AppName {
  readonly processes: readonly ProcessStatus[];

  /** How many requests the interceptor holds or passes on right now; none where that is not to be seen. */
  readonly requests?: number;

  readonly latest?: Omit<Release, 'objects' | 'shared' | 'kept'>;
  readonly serving?: number;

  /** The version beside the one that serves, and its share of the requests in percent. */
  readonly canary?: Release['canary'];
  readonly url?: string;

  /** Warnings of the last hour. */
  readonly problems: readonly string[];
}

export async function statusOf(cluster: Cluster, app: AppName): Promise<AppStatus> {
  const { objects } = cluster;
  const { name, namespace } = app;
  const releases = await releasesOf(cluster, app);
  const workloads = await workloadsOf(cluster, app);
  const scaled = await objects.knows('keda.sh/v1alpha1', 'ScaledObject') ? await objects.list('keda.sh/v1alpha1', 'ScaledObject', namespace) : [];
  const processes = await Promise.all(workloads.map(async (live): Promise<ProcessStatus> => {
    const scaler = scaled.find(({ spec }) => spec.scaleTargetRef.name === live.metadata.name);
    const { state, ready, wanted } = rolloutOf(live);
    const trouble = state === 'asleep' ? undefined : await troubleOf(cluster, live);
    const { minReplicaCount: min, maxReplicaCount: max } = scaler?.spec ?? {};
    return { name: live.metadata.name, state, ready, wanted, image: live.spec.template.spec.containers[0].image, min, max, trouble };
  }));
  const { objects: made, shared, kept, ...latest } = releases[0]?.release ?? {};
  const good = lastGood(releases);
  return {
    ...app,
    processes,
    requests: await pendingRequests(cluster, app, good),
    latest: releases.length > 0 ? latest as AppStatus['latest'] : undefined,
    serving: good?.number,
    canary: good?.canary,
    url: good?.url,
    problems: await problemsOf(cluster, app, [...scaled.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === name), ...workloads]),
  };
}

/** What the interceptor counts, on its admin port; where it is, the app's proxy Service says. */
export async function pendingRequests({ api }: Cluster, { name, namespace }: AppName, release: Release | undefined): Promise<number | undefined> {
  const interceptor = release && interceptorOf(release.objects);
  if (!interceptor) return undefined;
  const { status, text } = await api.ask('GET', `/api/v1/namespaces/${interceptor.namespace}/services/${interceptor.name.replace(/-proxy$/, '-admin')}:9090/proxy/queue`);
  return status === 200 ? JSON.parse(text)[`${namespace}/${name}`]?.Concurrency : undefined;
}

async function problemsOf({ objects }: Cluster, { name, namespace }: AppName, scaled: readonly any[]): Promise<string[]> {
  const events = await allowed(async () => objects.list('v1', 'Event', namespace, undefined, 'type=Warning'));
  if (events === FORBIDDEN) return [];
  const hour = Date.now() - 3_600_000;
  const names = [name, ...scaled.map(({ metadata }) => metadata.name)];
  const own = events.filter(({ involvedObject, lastTimestamp, eventTime }) =>
    names.some(one => involvedObject.name === one || involvedObject.name.startsWith(`${one}-`)) && Date.parse(lastTimestamp ?? eventTime ?? 0) > hour);
  return [...new Set(own.map(({ involvedObject: { kind, name: where }, reason, message }) => `${kind} ${where}: ${reason}: ${message}`))];
}
