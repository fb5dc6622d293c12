/**
 * What the pods of apps use of CPU and memory right now, by the metrics API.
 *
 * @see https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
 */
import { quantity } from '../../../src/internal';
import { rolloutStatus } from '../engine/rollout';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/errors';
import { explainError } from '../kube/explain';
import type { AppName, Pod, PodMetrics } from '../kube/types';
import { POD, POD_METRICS } from '../kube/types';
import type { Workload } from '../kube/workload';
import { listAppWorkloads, listWorkloads, MANAGED_BY } from '../kube/workload';
import { Failure } from '../ui/failure';

/** CPU in cores, memory in bytes. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
}

/** A pod, and what it uses; undefined where it was not measured yet. */
export interface PodUsage {
  readonly name: string;
  readonly usage?: Amounts;

  /** What it reserves, and what it is killed or slowed down beyond; undefined where a container has none. */
  readonly requests: Partial<Amounts>;
  readonly limits: Partial<Amounts>;
}

/** A process of an app. */
export interface ProcessUsage extends AppName {
  /** The name of its workload; of a job that runs, the app's and the job's. */
  readonly process: string;

  /** How many pods are ready, and how many are wanted; undefined for a job. */
  readonly ready?: number;
  readonly wanted?: number;

  /** What its pods use together; undefined where none is measured. */
  readonly usage?: Amounts;

  /** What the pods that are measured reserve and may use together. */
  readonly requests: Partial<Amounts>;
  readonly limits: Partial<Amounts>;
  readonly pods: readonly PodUsage[];
}

/** An app, or all apps of a namespace, or of all namespaces. */
export interface UsageScope {
  readonly app?: AppName;
  readonly namespace?: string;
}

/**
 * What processes use, in the order of their names.
 *
 * @throws Failure where the cluster has no metrics API, or it does not respond
 */
export async function usageOf(cluster: Cluster, { app, namespace }: UsageScope): Promise<ProcessUsage[]> {
  const where = app?.namespace ?? namespace;
  const labels = { 'app.kubernetes.io/managed-by': MANAGED_BY, ...app ? { 'app.kubernetes.io/name': app.name } : {} };
  const [workloads, pods, metrics] = await Promise.all([
    app ? listWorkloads(cluster, app) : listAppWorkloads(cluster, where),
    cluster.objects.list(POD, { namespace: where, labels }),
    measured(cluster, where),
  ]);
  const usageByPod = new Map(metrics.map(one => [keyOf(one), usedBy(one)]));
  const rest = new Set(pods.filter(({ status }) => status?.phase === 'Running'));
  const processes = workloads.map((workload): ProcessUsage => {
    const own = [...rest].filter(pod => isOf(pod, workload));
    own.forEach(pod => rest.delete(pod));
    const { ready, wanted } = rolloutStatus(workload);
    return { ...nameOf(workload), process: workload.metadata.name, ready, wanted, ...together(own, usageByPod) };
  });
  const jobs = new Map<string, Pod[]>();
  for (const pod of rest) {
    const key = `${pod.metadata.namespace}/${jobOf(pod)}`;
    jobs.set(key, [...jobs.get(key) ?? [], pod]);
  }
  const ofJobs = [...jobs.values()].map((own): ProcessUsage => (
    { ...nameOf(own[0]), process: jobOf(own[0]), ...together(own, usageByPod) }));
  return [...processes, ...ofJobs].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** @throws Failure where the API is there, and what serves it does not respond; the message of the API server names neither */
async function measured({ objects }: Cluster, namespace: string | undefined): Promise<PodMetrics[]> {
  try {
    return await objects.list(POD_METRICS, { namespace });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 503) throw error;
    const hint = 'see why with: kubectl get apiservice v1beta1.metrics.k8s.io, and kubectl get pods --namespace kube-system';
    throw new Failure(`the metrics API (metrics-server) does not respond: ${explainError(error)}\n  ${hint}`);
  }
}

function usedBy({ containers }: PodMetrics): Amounts {
  return {
    cpu: sum(containers.map(({ usage }) => amount(usage.cpu))),
    memory: sum(containers.map(({ usage }) => amount(usage.memory))),
  };
}

/** The metrics API has nanocores and microcores, which nobody writes into props. */
function amount(text: string): number {
  const [, digits, unit] = /^(\d+)([nu])$/.exec(text) ?? [];
  return digits === undefined ? quantity(text) ?? 0 : Number(digits) / (unit === 'n' ? 1e9 : 1e6);
}

function together(pods: readonly Pod[], usageByPod: ReadonlyMap<string, Amounts>): Omit<ProcessUsage, keyof AppName | 'process'> {
  const all = pods.map((pod): PodUsage => (
    { name: pod.metadata.name, usage: usageByPod.get(keyOf(pod)), requests: partOf(pod, 'requests'), limits: partOf(pod, 'limits') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const known = all.filter(({ usage }) => usage);
  const used = known.map(({ usage }) => usage!);
  const usage = used.length > 0 ? { cpu: sum(used.map(({ cpu }) => cpu)), memory: sum(used.map(({ memory }) => memory)) } : undefined;
  const added = (part: 'requests' | 'limits'): Partial<Amounts> => (
    { cpu: sumOfAll(known.map(pod => pod[part].cpu)), memory: sumOfAll(known.map(pod => pod[part].memory)) });
  return { usage, requests: added('requests'), limits: added('limits'), pods: all };
}

/** What the containers of a pod that run at the same time request, or are limited to; undefined where one of them says nothing. */
export function partOf({ spec }: { readonly spec?: Pod['spec'] }, part: 'requests' | 'limits'): Partial<Amounts> {
  const sidecars = spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  const containers = [...spec?.containers ?? [], ...sidecars];
  const of = (resource: 'cpu' | 'memory') => sumOfAll(containers.map(({ resources }) => {
    const text = resources?.[part]?.[resource];
    return text === undefined ? undefined : quantity(text);
  }));
  return { cpu: of('cpu'), memory: of('memory') };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function sumOfAll(values: readonly (number | undefined)[]): number | undefined {
  return values.length === 0 || values.includes(undefined) ? undefined : sum(values as readonly number[]);
}

function isOf({ metadata: { namespace, labels } }: Pod, { metadata, spec }: Workload): boolean {
  return namespace === metadata.namespace
    && Object.entries(spec.selector.matchLabels ?? {}).every(([label, value]) => labels?.[label] === value);
}

function nameOf({ metadata: { name, namespace, labels } }: Pick<Pod, 'metadata'>): AppName {
  return { name: labels?.['app.kubernetes.io/name'] ?? name, namespace: namespace! };
}

function jobOf({ metadata: { name, labels } }: Pod): string {
  const [app, job] = ['name', 'component'].map(label => labels?.[`app.kubernetes.io/${label}`]);
  return app === undefined || job === undefined ? name : `${app}-${job}`;
}

function keyOf({ metadata: { name, namespace } }: Pick<Pod, 'metadata'>): string {
  return `${namespace}/${name}`;
}

function placeOf({ namespace, name, process }: ProcessUsage): string {
  return `${namespace}/${name}/${process}`;
}
