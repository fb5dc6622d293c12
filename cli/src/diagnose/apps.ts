import type { Diagnosis } from './pods';
import { isInMaintenance } from '../engine/maintenance';
import type { LatestReleases } from '../engine/release-store';
import { latestReleases } from '../engine/release-store';
import { diagnoseWorkload, rolloutStatus } from '../engine/rollout';
import type { Cluster } from '../kube/connect';
import { isForbidden } from '../kube/errors';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, Conditioned, CronJob, KubernetesObject, ScaledObject } from '../kube/types';
import { conditionOf, CRON_JOB, NAMESPACE, SCALED_OBJECT } from '../kube/types';
import { visible } from '../kube/visible';
import type { Workload } from '../kube/workload';
import { activeWorkload, listAppWorkloads, MANAGED_BY } from '../kube/workload';
import type { WebAppResource } from '../operator/resources';
import { WEB_APP } from '../operator/resources';
import { Failure } from '../ui/failure';

/**
 * What an app does. `ready`, `asleep` (scaled to zero until the next request) and `scheduled` (it has cron jobs alone) are healthy, and
 * `starting`, `paused` (a rollout of Argo Rollouts waits) and `staged` (it has variables, and waits for its first deploy) need not be
 * looked at yet.
 */
export type AppState = 'ready' | 'asleep' | 'scheduled' | 'starting' | 'paused' | 'staged' | 'failing';

/** An app among others. */
export interface AppOverview extends AppName {
  readonly state: AppState;

  /** Since when; of one that is asleep, when it had its last request. */
  readonly since?: string;

  /** How many pods of its web process, or else of its workers, are ready, and how many are wanted. */
  readonly ready: number;
  readonly wanted: number;
  readonly image?: string;

  /** The release that serves traffic. */
  readonly release?: number;
  readonly url?: string;

  /** Whether the app is a resource, which the operator deploys. */
  readonly byOperator: boolean;

  /** Whether all of its requests get a page, and none reaches it. */
  readonly maintenance: boolean;

  /** What is wrong. */
  readonly problem?: string;
}

export interface Overview {
  readonly apps: readonly AppOverview[];

  /** Whether the user may not see releases, so that apps have neither their number nor a URL. */
  readonly withoutReleases: boolean;
}

/**
 * The apps that the user may see, in the order of their names, whichever way they were deployed.
 *
 * @param namespace undefined for all namespaces, or those of them that the user may see
 * @throws Failure if the user may see no namespace
 */
export async function overviewOf(cluster: Cluster, namespace: string | undefined): Promise<Overview> {
  try {
    return await overviewIn(cluster, namespace);
  } catch (error) {
    if (namespace !== undefined || !isForbidden(error)) throw error;
  }
  const namespaces = await unlessForbidden(async () => cluster.objects.list(NAMESPACE, {}));
  if (namespaces === FORBIDDEN) {
    throw new Failure('you are not allowed to list deployments.apps in all namespaces, nor namespaces; name one with --namespace');
  }
  const found = await Promise.all(namespaces.map(async ({ metadata: { name } }) => unlessForbidden(async () => overviewIn(cluster, name))));
  const seen = found.filter(one => one !== FORBIDDEN);
  return { apps: seen.flatMap(({ apps }) => apps), withoutReleases: seen.some(one => one.withoutReleases) };
}

/** What is known of an app. */
interface Known {
  readonly app: AppName;
  readonly workloads: Workload[];
  releases?: LatestReleases;
  resource?: WebAppResource;
}

async function overviewIn(cluster: Cluster, namespace: string | undefined): Promise<Overview> {
  const labels = { 'app.kubernetes.io/managed-by': MANAGED_BY };
  const [workloads, cronJobs, scalers, resources, releases] = await Promise.all([
    listAppWorkloads(cluster, namespace),
    visible<CronJob>(cluster, CRON_JOB, { namespace, labels }),
    visible<ScaledObject>(cluster, SCALED_OBJECT, { namespace, labels }),
    visible<WebAppResource>(cluster, WEB_APP, { namespace }),
    unlessForbidden(async () => latestReleases(cluster, namespace)),
  ]);
  const known = new Map<string, Known>();
  const about = (name: string, where: string) => {
    const key = `${where}/${name}`;
    const one = known.get(key) ?? { app: { name, namespace: where }, workloads: [] };
    known.set(key, one);
    return one;
  };
  const owner = ({ metadata: { name, namespace: where, labels: own } }: KubernetesObject) => (
    about(own?.['app.kubernetes.io/name'] ?? name, where!));
  for (const workload of workloads) owner(workload).workloads.push(workload);
  for (const cronJob of cronJobs) owner(cronJob);
  for (const resource of resources) about(resource.metadata.name, resource.metadata.namespace!).resource = resource;
  for (const one of releases === FORBIDDEN ? [] : releases) about(one.app.name, one.app.namespace).releases = one;
  const apps = await Promise.all([...known.values()].map(async one => summarize(cluster, one, scalers)));
  return { apps: apps.sort(byName), withoutReleases: releases === FORBIDDEN };
}

async function summarize(cluster: Cluster, known: Known, scalers: readonly ScaledObject[]): Promise<AppOverview> {
  const { app, workloads, releases, resource } = known;
  const active = activeWorkload(releases?.current?.objects ?? [], app.name);
  const web = workloads.filter(({ metadata }) => metadata.name === active);
  const main = web.length > 0 ? web : workloads;
  const statuses = main.map(rolloutStatus);
  const problem = await problemOf(cluster, workloads);
  const state = workloads.length > 0 ? stateOf(statuses.map(status => status.state), problem) : stateWithoutPods(known);
  const scaler = scalers.find(({ spec, metadata }) => (
    metadata.namespace === app.namespace && spec.scaleTargetRef.name === main.at(0)?.metadata.name));
  const { current } = releases ?? {};
  return {
    ...app,
    state,
    since: state === 'asleep' ? scaler?.status?.lastActiveTime : availableSince(main.at(0)),
    ready: statuses.reduce((sum, { ready }) => sum + ready, 0),
    wanted: statuses.reduce((sum, { wanted }) => sum + wanted, 0),
    image: main.at(0)?.spec.template.spec?.containers[0].image,
    release: current?.number ?? resource?.status?.release,
    url: current?.url ?? resource?.status?.url,
    byOperator: resource !== undefined,
    maintenance: isInMaintenance(current?.objects ?? []),
    problem: problem?.message ?? failureOf(known),
  };
}

function stateOf(states: readonly ReturnType<typeof rolloutStatus>['state'][], problem: Diagnosis | undefined): AppState {
  if (problem?.permanent) return 'failing';
  const awake = states.filter(state => state !== 'scaled-to-zero');
  if (awake.length === 0) return 'asleep';
  return awake.find(state => state !== 'ready') as 'starting' | 'paused' | undefined ?? 'ready';
}

/** The state of an app that has no workloads: it has cron jobs alone, or was never deployed to its end. */
function stateWithoutPods({ releases, resource }: Known): AppState {
  const ready = resource && conditionOf(resource, 'Ready');
  if (ready?.status === 'False') return 'failing';
  if (resource && !ready) return 'starting';
  if (releases?.latest.staged) return 'staged';
  return releases && !releases.current ? 'failing' : 'scheduled';
}

async function problemOf(cluster: Cluster, workloads: readonly Workload[]): Promise<Diagnosis | undefined> {
  let first: Diagnosis | undefined;
  for (const workload of workloads) {
    const { state } = rolloutStatus(workload);
    if (state === 'scaled-to-zero' || state === 'ready') continue;
    const found = await unlessForbidden(async () => diagnoseWorkload(cluster, workload));
    if (found === FORBIDDEN || !found) continue;
    if (found.permanent) return found;
    first ??= found;
  }
  return first;
}

/** Why the latest release does not serve traffic, or the operator does not deploy the app. */
function failureOf({ releases, resource }: Known): string | undefined {
  const ready = resource && conditionOf(resource, 'Ready');
  if (ready?.status === 'False') return ready.message;
  const { latest } = releases ?? {};
  return latest?.state === 'failed' ? `release ${latest.number} failed: ${latest.why}` : undefined;
}

/** Since when a workload has enough pods, or not. */
function availableSince(workload: Workload | undefined): string | undefined {
  return workload && conditionOf(workload as Conditioned, 'Available')?.lastTransitionTime;
}

function byName(a: AppName, b: AppName): number {
  return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
}
