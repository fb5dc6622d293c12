/** What processes request, in hours and money, and what sleeping saves. */
import type { Prometheus } from './prometheus';
import { POD_SUFFIX, literal } from './promql';
import { partOf } from './usage';
import { timestamp } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { AppName, CronJob, KubernetesObject, ScaledObject } from '../kube/types';
import { CRON_JOB, SCALED_OBJECT } from '../kube/types';
import { visible } from '../kube/visible';
import type { Workload } from '../kube/workload';
import { listAppWorkloads, MANAGED_BY } from '../kube/workload';
import type { Prices } from 'cdk8s-webapp';

/** Cores and GiB of memory, for hours. */
export interface Hours {
  readonly cpu: number;
  readonly memory: number;
}

/** What a process requested. */
export interface ProcessCost extends AppName {
  readonly process: string;
  readonly requested: Hours;

  /** The price of that; undefined where the platform has no prices. */
  readonly cost?: number;

  /** How many hours it was asleep; undefined for a cron job. */
  readonly asleepHours?: number;

  /** The part of its time that it was asleep; undefined where that is not known. */
  readonly asleep?: number;

  /** What one replica would have requested in the meantime. */
  readonly saved?: Hours;
  readonly savedCost?: number;
}

export interface Costs {
  /** `prometheus`: over the time; `cluster`: for one hour as it is now, and what sleeping has saved since the last request. */
  readonly source: 'prometheus' | 'cluster';
  readonly since: string;
  readonly until: string;
  readonly hours: number;
  readonly currency?: string;
  readonly processes: readonly ProcessCost[];
}

/** What is asked for. */
export interface CostRequest {
  readonly app?: AppName;

  /** Undefined for all namespaces. */
  readonly namespace?: string;
  readonly prices?: Prices;

  /** How far back, in seconds. */
  readonly seconds: number;
  readonly prometheus?: Prometheus;
}

/** What has pods. */
interface Process extends AppName {
  readonly process: string;

  /** The names of its pods. */
  readonly pods: RegExp;

  /** What one pod requests. */
  readonly one: Hours;

  /** Undefined for a cron job. */
  readonly workload?: Workload;
}

const GI = 1024 ** 3;

/** How far apart the times are that are added up, in seconds. */
const STEP = 60;

export async function costOf(cluster: Cluster, request: CostRequest): Promise<Costs> {
  const { prometheus, prices, seconds } = request;
  const now = cluster.clock.now();
  const processes = await processesOf(cluster, request);
  const found = prometheus
    ? await overTime(prometheus, processes, { seconds, end: Math.floor(now / 1000) })
    : await rightNow(cluster, processes);
  const hours = prometheus ? seconds / 3600 : 1;
  const price = ({ cpu, memory }: Hours) => (prices ? cpu * prices.cpu + memory * prices.memory : undefined);
  return {
    source: prometheus ? 'prometheus' : 'cluster',
    since: timestamp(prometheus ? now - seconds * 1000 : now),
    until: timestamp(now),
    hours,
    currency: prices && (prices.currency ?? 'USD'),
    processes: found.map(one => ({ ...one, cost: price(one.requested), savedCost: one.saved && price(one.saved) })),
  };
}

async function processesOf(cluster: Cluster, { app, namespace }: CostRequest): Promise<Process[]> {
  const where = app?.namespace ?? namespace;
  const labels = { 'app.kubernetes.io/managed-by': MANAGED_BY };
  const [workloads, cronJobs] = await Promise.all([
    listAppWorkloads(cluster, where), visible<CronJob>(cluster, CRON_JOB, { namespace: where, labels }),
  ]);
  const named = ({ metadata: { name, namespace: of, labels: own } }: KubernetesObject) => (
    { name: own?.['app.kubernetes.io/name'] ?? name, namespace: of!, process: name });
  const requests = (spec: Parameters<typeof partOf>[0]): Hours => {
    const { cpu = 0, memory = 0 } = partOf(spec, 'requests');
    return { cpu, memory: memory / GI };
  };
  const all: Process[] = [
    ...workloads.map(workload => ({
      ...named(workload),
      pods: new RegExp(`^${workload.metadata.name}${POD_SUFFIX}$`),
      one: requests({ spec: workload.spec.template.spec as never }),
      workload,
    })),
    ...cronJobs.map(cronJob => ({
      ...named(cronJob),
      // Those that its schedule starts, and those of webapp cron run.
      pods: new RegExp(`^${cronJob.metadata.name}-(\\d+|run-[0-9a-z]+)-[a-z0-9]{5}$`),
      one: requests({ spec: cronJob.spec.jobTemplate.spec!.template.spec as never }),
    })),
  ];
  return all.filter(({ name }) => !app || name === app.name)
    .sort((a, b) => (`${a.namespace}/${a.name}/${a.process}` < `${b.namespace}/${b.name}/${b.process}` ? -1 : 1));
}

type Found = Omit<ProcessCost, 'cost' | 'savedCost'>;

/** Pods that have ended still request something by what kube-state-metrics says, so only those that run count. */
async function overTime(
  prometheus: Prometheus, processes: readonly Process[], { seconds, end }: { readonly seconds: number; readonly end: number },
): Promise<Found[]> {
  if (processes.length === 0) return [];
  const namespaces = `namespace=~${literal([...new Set(processes.map(({ namespace }) => namespace))].join('|'))}`;
  const running = `max by (namespace, pod) (kube_pod_status_phase{${namespaces},phase="Running"} == 1)`;
  const minutes = `[${seconds}s:${STEP}s]`;
  const requests = (resource: string) => `kube_pod_container_resource_requests{${namespaces},resource="${resource}"}`;
  const added = (resource: string) => (
    `sum_over_time((sum by (namespace, pod) (${requests(resource)}) * on (namespace, pod) ${running})${minutes})`);
  const asleep = (label: string, metric: string) => (
    `(label_replace(max by (namespace, ${label}) (${metric}{${namespaces}}), "workload", "$1", "${label}", "(.*)") == bool 0)`);
  const deployments = asleep('deployment', 'kube_deployment_spec_replicas');
  const isAsleep = `(${deployments} or ${asleep('name', 'rollout_info_replicas_desired')})${minutes}`;
  const [cpu, memory, times, shares] = await Promise.all([
    prometheus.at(added('cpu'), end), prometheus.at(added('memory'), end),
    prometheus.at(`sum_over_time(${isAsleep})`, end), prometheus.at(`avg_over_time(${isAsleep})`, end),
  ]);
  const perHour = STEP / 3600;
  return processes.map(({ name, namespace, process, pods, one, workload }): Found => {
    const sum = (samples: typeof cpu) => samples
      .filter(({ labels }) => labels.namespace === namespace && pods.test(labels.pod))
      .reduce((total, { value }) => total + value * perHour, 0);
    const of = (samples: typeof cpu) => (
      workload && samples.find(({ labels }) => labels.namespace === namespace && labels.workload === process)?.value);
    const asleepTimes = of(times);
    const asleepHours = asleepTimes === undefined ? undefined : asleepTimes * perHour;
    return {
      name,
      namespace,
      process,
      requested: { cpu: sum(cpu), memory: sum(memory) / GI },
      asleepHours,
      asleep: of(shares),
      saved: asleepHours === undefined ? undefined : multiplied(one, asleepHours),
    };
  });
}

/** The pods that are wanted now, for one hour; and since when a process that has none has been asleep. */
async function rightNow(cluster: Cluster, processes: readonly Process[]): Promise<Found[]> {
  const namespaces = [...new Set(processes.map(one => one.namespace))];
  const labels = { 'app.kubernetes.io/managed-by': MANAGED_BY };
  // An account may have rights in one namespace alone.
  const only = namespaces.length === 1 ? namespaces[0] : undefined;
  const scalers = await visible<ScaledObject>(cluster, SCALED_OBJECT, { namespace: only, labels });
  return processes.flatMap(({ name, namespace, process, one, workload }): Found[] => {
    if (!workload) return [];
    const replicas = workload.spec.replicas ?? 1;
    const scaler = scalers.find(({ metadata, spec }) => metadata.namespace === namespace && spec.scaleTargetRef.name === process);
    const since = replicas === 0 ? scaler?.status?.lastActiveTime : undefined;
    const asleepHours = since === undefined ? undefined : Math.max(0, cluster.clock.now() - Date.parse(since)) / 3_600_000;
    return [{
      name,
      namespace,
      process,
      requested: multiplied(one, replicas),
      asleepHours,
      saved: asleepHours === undefined ? undefined : multiplied(one, asleepHours),
    }];
  });
}

function multiplied({ cpu, memory }: Hours, factor: number): Hours {
  return { cpu: cpu * factor, memory: memory * factor };
}
