import type { Cluster } from '../kube/connect';
import { lastLines } from '../kube/logs';
import { allowed, FORBIDDEN } from '../kube/permissions';

/** Why something does not come up. */
export interface Trouble {
  /** A sentence in the words of the app's developer. */
  readonly message: string;

  /** What to do. */
  readonly hint?: string;

  /** What the process wrote last. */
  readonly lines?: readonly string[];

  /** Whether waiting will not help. */
  readonly final: boolean;
}

/** A process that crashed may only have been earlier than its database; one that crashed this often is taken to be broken. */
const CRASHES = 2;

/** Why pods cannot even be made, by the conditions of what makes them, a Deployment or ReplicaSet; none if they can. */
export function makingTrouble(status: any, namespace: string): Trouble | undefined {
  const failure = status?.conditions?.find((condition: any) => condition.type === 'ReplicaFailure' && condition.status === 'True');
  return failure && forbidden(failure.message, namespace);
}

/** Why a pod was not allowed to be made. */
export function forbidden(message: string, namespace: string): Trouble {
  if (message.includes('exceeded quota')) {
    const [, what] = /exceeded quota: (.*)$/.exec(message) ?? [];
    return { message: `the quota of namespace ${namespace} allows no further pod: ${what}`, hint: 'choose a smaller size, or ask for a larger quota', final: true };
  }
  if (message.includes('violates PodSecurity')) {
    const [, what] = /violates PodSecurity (.*)$/.exec(message) ?? [];
    return { message: `namespace ${namespace} does not allow such a pod: ${what}`, hint: 'see security in docs/security.md', final: true };
  }
  return { message: `no pod can be made: ${message}`, final: true };
}

/** The worst trouble of pods; none if all is well as far as it can be seen. */
export async function podsTrouble(cluster: Cluster, pods: readonly any[]): Promise<Trouble | undefined> {
  let found: Trouble | undefined;
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp) continue;
    const trouble = await podTrouble(cluster, pod);
    if (trouble?.final) return trouble;
    found ??= trouble;
  }
  return found;
}

async function podTrouble(cluster: Cluster, pod: any): Promise<Trouble | undefined> {
  const unscheduled = pod.status.conditions?.find(({ type, status }: any) => type === 'PodScheduled' && status === 'False');
  if (unscheduled) return { message: `no node has room for it: ${unscheduled.message}`, hint: 'choose a smaller size, or wait for a node', final: false };
  for (const status of [...pod.status.initContainerStatuses ?? [], ...pod.status.containerStatuses ?? []]) {
    const trouble = await containerTrouble(cluster, pod, status);
    if (trouble) return trouble;
  }
  if (pod.status.phase === 'Pending' && pod.status.containerStatuses?.every(({ state }: any) => state.waiting?.reason === 'ContainerCreating')) return mountTrouble(cluster, pod);
  return undefined;
}

async function containerTrouble(cluster: Cluster, pod: any, status: any): Promise<Trouble | undefined> {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  if (['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'].includes(reason)) {
    const detail = message.replace(/^Back-off pulling image "[^"]*"(: )?/, '');
    return {
      message: `the image ${status.image || imageOf(pod, status.name)} cannot be pulled${detail ? `: ${detail}` : ''}`,
      hint: 'is its name right, was it pushed, and may the cluster read it (imagePullSecrets in platform.yaml)?',
      final: reason !== 'ErrImagePull',
    };
  }
  if (reason === 'CreateContainerConfigError') return configTrouble(message, pod.metadata.namespace);
  if (['RunContainerError', 'CreateContainerError'].includes(reason)) {
    return { message: `${status.name} cannot be started: ${message}`, hint: 'is command right, and in the image?', final: status.restartCount > 0 || reason === 'CreateContainerError' };
  }

  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (ended && !status.ready && (ended.exitCode !== 0 || pod.spec.restartPolicy === 'Always')) {
    const lines = await lastLines(cluster, pod, status.name);
    const late = stoppedByProbe(ended, status) ? await probeTrouble(cluster, pod, status.name) : undefined;
    return late ? { ...late, lines, final: true } : crash(ended, status, lines);
  }
  if (!status.state?.running || status.ready) return undefined;
  const trouble = await probeTrouble(cluster, pod, status.name);
  return trouble && { ...trouble, lines: await lastLines(cluster, pod, status.name) };
}

function crash(ended: any, { name, restartCount }: any, lines: string[]): Trouble {
  const final = restartCount >= CRASHES;
  if (ended.reason === 'OOMKilled') return { message: `${name} needs more memory than it has, and is killed`, hint: 'choose a larger size', lines, final };
  const why = ended.exitCode === 0 ? 'ends by itself, where it should go on' : `exits with code ${ended.exitCode}`;
  return { message: `the process of ${name} ${why}${ended.message ? `: ${ended.message}` : ''}`, lines, final };
}

function configTrouble(message: string, namespace: string): Trouble {
  const [, kind, name] = /(secret|configmap)s? "([^"]*)" not found/i.exec(message) ?? [];
  if (kind) {
    const known = kind.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
    const make = known === 'Secret' ? `kubectl create secret generic ${name} --namespace ${namespace} --from-literal=KEY=VALUE` : 'make it, or leave it away in the file';
    return { message: `there is no ${known} ${name} in namespace ${namespace}`, hint: make, final: true };
  }
  const [, key, where, owner] = /find key (\S+) in (Secret|ConfigMap) (\S+)/i.exec(message) ?? [];
  if (key) return { message: `the ${where} ${owner.split('/').pop()} has no key ${key}`, hint: 'add it, or name another', final: true };
  return { message: `it cannot be started as it is configured: ${message}`, final: true };
}

/** What the probes of a container say; where the cluster has no events of it, what they would say. */
async function probeTrouble(cluster: Cluster, pod: any, name: string): Promise<Trouble | undefined> {
  const container = pod.spec.containers.find((one: any) => one.name === name);
  const probe = container?.startupProbe ?? container?.readinessProbe;
  if (!probe) return undefined;
  const unhealthy = (await eventsOf(cluster, pod)).filter(({ reason }) => reason === 'Unhealthy').pop();
  const { port, path } = probe.httpGet ?? probe.tcpSocket ?? probe.grpc ?? {};
  const number = container.ports?.find((one: any) => one.name === port)?.containerPort ?? port;
  return { ...probed(unhealthy?.message ?? '', number, path), final: false };
}

/** Whether a container was ended because it did not start in time, and not by itself: it was by a signal, and it was never seen to have started. */
function stoppedByProbe({ exitCode, reason }: any, { started }: any): boolean {
  return reason !== 'OOMKilled' && started !== true && (exitCode < 0 || exitCode === 137 || exitCode === 143);
}

function probed(message: string, port: number, path?: string): Pick<Trouble, 'message' | 'hint'> {
  const [, status] = /statuscode: (\d+)/.exec(message) ?? [];
  if (status) return { message: `GET ${path} on port ${port} answers with status ${status}, and not with 200`, hint: 'mend it, or name another health.path' };
  if (/deadline exceeded|timeout/i.test(message)) {
    return { message: `${path ? `GET ${path} on ` : ''}port ${port} does not answer in time`, hint: 'make it quicker, or give health.startupTimeout more' };
  }
  if (path && message === '') return { message: `GET ${path} on port ${port} does not answer with 200`, hint: 'mend it, or name another health.path' };
  return { message: `nothing listens on port ${port}`, hint: 'have the process listen on 0.0.0.0:$PORT, or write the port that it listens on as port:' };
}

async function mountTrouble(cluster: Cluster, pod: any): Promise<Trouble | undefined> {
  const failed = (await eventsOf(cluster, pod)).filter(({ reason }) => reason === 'FailedMount' || reason === 'FailedAttachVolume').pop();
  if (!failed) return undefined;
  const [, kind] = /(secret|configmap)s? "([^"]*)" not found/i.exec(failed.message) ?? [];
  return kind ? configTrouble(failed.message, pod.metadata.namespace) : { message: `a volume is not there: ${failed.message}`, final: false };
}

async function eventsOf({ objects }: Cluster, pod: any): Promise<any[]> {
  const events = await allowed(async () => objects.list('v1', 'Event', pod.metadata.namespace, undefined, `involvedObject.uid=${pod.metadata.uid}`));
  if (events === FORBIDDEN) return [];
  const time = ({ lastTimestamp, eventTime, metadata }: any) => lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return events.sort((a, b) => (time(a) < time(b) ? -1 : 1));
}

function imageOf(pod: any, container: string): string {
  return [...pod.spec.initContainers ?? [], ...pod.spec.containers].find(({ name }: any) => name === container)?.image ?? '';
}
