import type { Cluster } from '../kube/connect';
import { ApiError, UnreachableError } from '../kube/errors';
import { referenceTo } from '../kube/objects';
import type { Pod } from '../kube/types';
import { POD } from '../kube/types';
import type { Workload } from '../kube/workload';

/** When each step of a cold start was over, in milliseconds since 1970; undefined where nobody saw it. */
export interface ColdStart {
  /** When the request was sent; for a start of the past, when its pod was created. */
  readonly began: number;

  /** KEDA has scaled the workload. */
  readonly scaled?: number;

  /** The pod has a node. */
  readonly scheduled?: number;

  /** The pod has its volumes and its network. */
  readonly prepared?: number;

  /** The node has the image, and the container is running. */
  readonly running?: number;

  /** The process listens, and the kubelet has noticed. */
  readonly ready?: number;

  /** The response has arrived. */
  readonly answered?: number;

  /** Whether the pod was unschedulable at first. */
  readonly waitedForNode?: boolean;
}

/** A step of a cold start. */
export interface Step {
  readonly name: string;
  readonly seconds: number;

  /** How to make it shorter. */
  readonly hint: string;
}

interface StepKind extends Pick<Step, 'name' | 'hint'> {
  /** The time at which it is over. */
  readonly end: Exclude<keyof ColdStart, 'began' | 'waitedForNode'>;
}

const STEPS: readonly StepKind[] = [
  {
    end: 'scaled',
    name: 'interceptor, scaler, KEDA',
    hint: 'shorten the intervals of the add-on\'s scaler, and check that keda-operator gets enough CPU',
  },
  { end: 'scheduled', name: 'pod, node', hint: 'check the load of the control plane' },
  { end: 'prepared', name: 'volumes, network', hint: 'use fewer volumes' },
  { end: 'running', name: 'image, container', hint: 'use a smaller image, or one that is already on the node' },
  { end: 'ready', name: 'process, health check', hint: 'do less before the process listens; the kubelet checks once a second' },
  { end: 'answered', name: 'endpoint, response', hint: 'set KEDA_HTTP_DIRECT_POD_ROUTING of the interceptor (add-on 0.16) to true' },
];

const UNSCHEDULABLE = 'the pod was unschedulable at first: choose a smaller size, or add a node';

/** How long each step took. A step that nobody saw counts for the next one. */
export function stepsOf(times: ColdStart): Step[] {
  let previous = times.began;
  return STEPS.flatMap(({ end, name, hint }) => {
    const time = times[end];
    if (time === undefined) return [];
    const seconds = Math.max(0, time - previous) / 1000;
    previous = Math.max(previous, time);
    return [{ name, seconds, hint: end === 'scheduled' && times.waitedForNode ? UNSCHEDULABLE : hint }];
  });
}

/** The step that took longest. */
export function longest(steps: readonly Step[]): Step | undefined {
  return [...steps].sort((a, b) => b.seconds - a.seconds)[0];
}

/** Milliseconds between two looks at the cluster. */
const INTERVAL = 100;

/**
 * Watches a workload that is scaled to zero, until a response arrives.
 *
 * It looks often in place of a watch: conditions have their times in seconds, and a node has a clock of its own. A look that fails is
 * one that saw nothing.
 */
export async function whileWaking<T>(cluster: Cluster, workload: Workload, respond: () => Promise<T>): Promise<[T, ColdStart]> {
  const { clock, objects } = cluster;
  const seen: { -readonly [K in keyof ColdStart]: ColdStart[K] } = { began: clock.now() };
  const look = async () => {
    const [live, pods] = await Promise.all([
      objects.get(referenceTo<Workload>(workload)),
      objects.list(POD, { namespace: workload.metadata.namespace, labels: workload.spec.selector.matchLabels }),
    ]);
    const time = seen.answered ?? clock.now();
    const pod = pods.find(({ metadata }) => metadata.deletionTimestamp === undefined);
    if ((live?.spec.replicas ?? 0) > 0) seen.scaled ??= time;
    if (pod?.spec.nodeName !== undefined) seen.scheduled ??= time;
    if (pod && condition(pod, 'PodScheduled')?.status === 'False') seen.waitedForNode = true;
    if (pod && condition(pod, 'PodReadyToStartContainers')?.status === 'True') seen.prepared ??= time;
    if (pod?.status?.containerStatuses?.[0].state?.running) seen.running ??= time;
    if (pod && condition(pod, 'Ready')?.status === 'True') seen.ready ??= time;
  };
  const tryToLook = async () => look().catch(error => {
    if (!(error instanceof ApiError || error instanceof UnreachableError)) throw error;
  });
  const responded = new AbortController();
  const looking = (async () => {
    while (!responded.signal.aborted) {
      await tryToLook();
      await clock.sleep(INTERVAL, responded.signal).catch(() => undefined);
    }
  })();
  looking.catch(() => undefined); // it is awaited later
  try {
    const response = await respond();
    seen.answered = clock.now();
    responded.abort();
    await looking;
    await tryToLook();
    return [response, seen];
  } finally {
    responded.abort();
  }
}

/** A pod that became ready later than this, in milliseconds, was ready before and lost it. */
const LONGEST_START = 600_000;

/** How a pod started, by its conditions; undefined if they do not say. They have whole seconds, and the time of the request is unknown. */
export function startOf(pod: Pod): ColdStart | undefined {
  const { restartCount, state } = pod.status?.containerStatuses?.[0] ?? {};
  if (restartCount !== 0 || !state?.running?.startedAt || condition(pod, 'Ready')?.status !== 'True') return undefined;
  const since = (type: string) => {
    const { status, lastTransitionTime } = condition(pod, type) ?? {};
    return status === 'True' && lastTransitionTime ? Date.parse(lastTransitionTime) : undefined;
  };
  const times = {
    began: Date.parse(pod.metadata.creationTimestamp),
    scheduled: since('PodScheduled'),
    prepared: since('PodReadyToStartContainers'),
    running: Date.parse(state.running.startedAt),
    ready: since('Ready'),
  };
  return times.ready! - times.began > LONGEST_START ? undefined : times;
}

function condition(pod: Pod, type: string) {
  return pod.status?.conditions?.find(one => one.type === type);
}
