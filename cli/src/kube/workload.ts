import type { Cluster } from './connect';
import { FORBIDDEN, unlessForbidden } from './permissions';
import type { AppName, Deployment, Rollout } from './types';
import { DEPLOYMENT, INTERCEPTOR_ROUTE, isKind, ofKind, ROLLOUT } from './types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** What keeps pods running: a Deployment, or a Rollout of Argo Rollouts in its place. */
export type Workload = (Deployment | Rollout) & { readonly kind: string; readonly apiVersion: string };

const KINDS = [DEPLOYMENT, ROLLOUT] as const;

export function isWorkload(object: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return KINDS.some(kind => isKind(object, kind));
}

/** Whether Argo Rollouts replaces the pods of a workload. */
export function isRollout(workload: Workload): workload is Rollout & Workload {
  return isKind(workload, ROLLOUT);
}

/** The workloads among an app's objects. */
export function workloadsIn(objects: readonly Manifest[]): Workload[] {
  return objects.filter(isWorkload) as unknown as Workload[];
}

/** The workload of a name among an app's objects; undefined if there is none. */
export function workloadIn(objects: readonly Manifest[], name: string): Workload | undefined {
  return workloadsIn(objects).find(({ metadata }) => metadata.name === name);
}

/** The workloads of an app in the cluster. */
export async function listWorkloads(cluster: Cluster, { name, namespace }: AppName): Promise<Workload[]> {
  const options = { namespace, labels: { 'app.kubernetes.io/name': name } };
  const found = await Promise.all(KINDS.map(async (kind): Promise<Workload[]> => {
    const live = await ifServed(cluster, kind, async () => cluster.objects.list<Deployment | Rollout>(kind, options));
    return (live ?? []).map(one => ({ ...one, ...kind }));
  }));
  return found.flat();
}

/** The workload of a name; undefined if there is none. */
export async function getWorkload(cluster: Cluster, { name, namespace }: AppName): Promise<Workload | undefined> {
  for (const kind of KINDS) {
    const reference = { ...kind, namespace, name };
    const live = await ifServed(cluster, kind, async () => cluster.objects.get<Deployment | Rollout>(reference));
    if (live) return { ...live, ...kind };
  }
  return undefined;
}

/**
 * The process of an app that a command is about: its web process, or the worker or version that is named. An app without a web process
 * needs no name if it has a single worker.
 *
 * @throws Failure with the processes that the app has
 */
export async function findProcess(cluster: Cluster, { name, namespace }: AppName, process?: string): Promise<Workload> {
  const wanted = process === undefined ? name : `${name}-${process}`;
  const workload = await getWorkload(cluster, { name: wanted, namespace });
  if (workload) return workload;
  const known = await listWorkloads(cluster, { name, namespace });
  const isWorker = known.length > 0 && !known.some(({ metadata }) => metadata.name === name);
  if (process === undefined && isWorker && known.length === 1) return known[0];
  const names = known.map(({ metadata }) => metadata.name);
  if (process === undefined && isWorker) {
    const workers = names.map(one => one.slice(name.length + 1));
    throw new Failure(`${name} has no web process; name one of its workers with --worker: ${workers.join(', ')}`);
  }
  const hint = names.length > 0 ? `${name} has ${names.join(', ')}` : `${name} is not deployed there`;
  throw new Failure(`there is no process ${wanted} in namespace ${namespace}; ${hint}`);
}

/** A user who is not allowed to see Rollouts has none: a role need not have what no app uses. */
async function ifServed<T>(cluster: Cluster, kind: typeof KINDS[number], find: () => Promise<T>): Promise<T | undefined> {
  if (!await cluster.objects.knows(kind)) return undefined;
  if (kind === DEPLOYMENT) return find();
  const found = await unlessForbidden(find);
  return found === FORBIDDEN ? undefined : found;
}

/** The name of the workload that gets the traffic of an app: the one of the active color, or the only one. */
export function activeWorkload(objects: readonly Manifest[], app: string): string {
  const route = ofKind(objects, INTERCEPTOR_ROUTE).find(({ metadata }) => metadata.name === app);
  return route?.spec.target.service ?? app;
}

/** Whether an app has a web process, and not only workers and cron jobs. */
export function hasWebProcess(objects: readonly Manifest[], app: string): boolean {
  return workloadIn(objects, activeWorkload(objects, app)) !== undefined;
}

/** The image of the workload that gets the traffic of an app, or of its first worker if it gets none. */
export function activeImage(objects: readonly Manifest[], app: string): string | undefined {
  const [first] = workloadsIn(objects);
  return (workloadIn(objects, activeWorkload(objects, app)) ?? first)?.spec.template.spec?.containers[0].image;
}

