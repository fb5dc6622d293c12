import type { V1ContainerState, V1ContainerStatus } from '@kubernetes/client-node';
import { causeIn, OTHER_ARCHITECTURE } from './log-causes';
import { inBytes, quantity, SIZES } from '../../../src/internal';
import { logPath } from '../kube/api';
import type { Cluster } from '../kube/connect';
import {
  ApiError, imagePullError, insufficientResources, isImageNotFound, isImagePullDenied, isOfOtherArchitecture, missingKey, missingSource,
  missingVolumeKey, podRejection, probeFailure, refusesUser, volumeProblem,
} from '../kube/errors';
import type { ListOptions } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { Condition, Event, Json, Pod } from '../kube/types';
import { EVENT, VOLUME_CLAIM } from '../kube/types';
import { shownImage } from '../registry/reference';
import { Failure } from '../ui/failure';

/** Why something does not start. */
export interface Diagnosis {
  /** A phrase that follows `web failed to start: `. */
  readonly message: string;

  /** What to check or change. */
  readonly hint?: string;

  /** What the process logged last. */
  readonly logs?: readonly string[];

  /** Whether it stays so until something is changed. Otherwise it may only take longer. */
  readonly permanent: boolean;

  /** The image that cannot be pulled, if that is why. */
  readonly image?: UnpulledImage;
}

/** An image that cannot be pulled. */
export interface UnpulledImage {
  readonly name: string;

  /** When the pod was created that needs it. */
  readonly since: string;
}

/** A failure whose cause was found. */
export class DiagnosedFailure extends Failure {
  /** @param what what failed: `web failed to start` */
  constructor(public readonly diagnosis: Diagnosis, what: string) {
    const { message, logs = [], hint } = diagnosis;
    super([
      `${what}: ${message}`,
      ...hint === undefined ? [] : [`  ${hint}`],
      ...logs.length > 0 ? ['last log lines:', ...logs.map(line => `  | ${line}`)] : [],
    ].join('\n'));
  }
}

type ContainerStatus = Json<V1ContainerStatus>;
type Terminated = NonNullable<Json<V1ContainerState>['terminated']>;

/** A process may crash because its database starts later than it does; one that crashes this often is considered broken. */
const CRASHES = 2;

/** The kubelet's reasons for a container that waits for its image. */
const PULL_ERRORS = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];

/** Why pods cannot be created, by the conditions of the workload that creates them; undefined if they can. */
export function diagnoseCreation(conditions: readonly Condition[] = [], namespace: string): Diagnosis | undefined {
  const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return failure && diagnoseRejection(failure.message ?? '', namespace);
}

/** Why a pod was rejected when it was created. */
export function diagnoseRejection(message: string, namespace: string): Diagnosis {
  const { by, detail } = podRejection(message);
  if (by === 'quota') {
    return {
      message: `the quota of namespace ${namespace} is exceeded: ${detail}`,
      hint: 'choose a smaller size, or ask your cluster administrator for a larger quota',
      permanent: true,
    };
  }
  if (by === 'podSecurity') {
    return { message: `namespace ${namespace} does not allow such pods: ${detail}`, hint: 'see docs/security.md', permanent: true };
  }
  return { message: `cannot create pods: ${detail}`, permanent: true };
}

/** What is wrong with pods, a permanent problem before any other; undefined if nothing is wrong so far. */
export async function diagnosePods(cluster: Cluster, pods: readonly Pod[]): Promise<Diagnosis | undefined> {
  let first: Diagnosis | undefined;
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp) continue;
    const diagnosis = await diagnosePod(cluster, pod);
    if (diagnosis?.permanent) return diagnosis;
    first ??= diagnosis;
  }
  return first;
}

async function diagnosePod(cluster: Cluster, pod: Pod): Promise<Diagnosis | undefined> {
  const { conditions = [], initContainerStatuses = [], containerStatuses, phase, reason, message = '' } = pod.status ?? {};
  if (reason === 'Evicted') return diagnoseEviction(message);
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  if (hasEnded && pod.spec.restartPolicy === 'Always') {
    // One whose process ends well when it is told to does not say in its status why that was.
    const eviction = (await eventsOf(cluster, pod)).filter(event => event.reason === 'Evicted').pop();
    if (eviction) return diagnoseEviction(eviction.message ?? '');
  }
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled) {
    const { message: why = '' } = unscheduled;
    return await diagnoseUnboundVolumes(cluster, pod, why) ?? diagnoseUnschedulable(pod, why);
  }
  for (const status of [...initContainerStatuses, ...containerStatuses ?? []]) {
    const diagnosis = await diagnoseContainer(cluster, pod, status);
    if (diagnosis) return diagnosis;
  }
  // Of a pod with init containers, none of which has started, all wait as if for these.
  const creating = [...initContainerStatuses, ...containerStatuses ?? []]
    .every(({ state }) => ['ContainerCreating', 'PodInitializing'].includes(state?.waiting?.reason ?? ''));
  return phase === 'Pending' && containerStatuses && creating ? diagnoseVolumes(cluster, pod) : undefined;
}

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/ */
function diagnoseEviction(text: string): Diagnosis {
  const message = text.trim();
  const hint = 'write less to the file system, or set resources.ephemeralStorage; for memory, choose a larger size';
  return { message: `the node evicted the pod: ${message}`, hint, permanent: false };
}

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/ */
function diagnoseUnschedulable(pod: Pod, message: string): Diagnosis {
  const lacking = insufficientResources(message);
  if (lacking.length === 0) {
    const hint = 'check scheduling of the app and of the platform, the taints of the nodes, and the volumes of the pod';
    return { message: `the pod is unschedulable, as no node suits it: ${message}`, hint, permanent: false };
  }
  const requests = requestsOf(pod);
  const what = `the pod${requests === '' ? '' : `, which requests ${requests}`}`;
  const hint = 'choose a smaller size, scale other apps down, or add a node; a cluster that adds nodes itself takes minutes';
  return { message: `no node has enough ${lacking.join(' and ')} for ${what}: ${message}`, hint, permanent: false };
}

/** A volume of a pod whose files are on a PersistentVolumeClaim. */
interface ClaimedVolume {
  /** Its name in `volumes` of the app. */
  readonly name: string;
  readonly claim: string;
}

function claimedVolumes({ spec: { volumes = [] } }: Pod): ClaimedVolume[] {
  return volumes.flatMap(({ name, persistentVolumeClaim: claim }) => (claim ? [{ name, claim: claim.claimName }] : []));
}

/** Which volume a pod waits for that has no node yet; undefined where it waits for something else. */
async function diagnoseUnboundVolumes(cluster: Cluster, pod: Pod, message: string): Promise<Diagnosis | undefined> {
  const problem = volumeProblem(message);
  const volumes = claimedVolumes(pod);
  if (problem === undefined || volumes.length === 0) return undefined;
  const { namespace } = pod.metadata;
  if (problem === 'elsewhere') {
    const hint = `free the node that has ${names(volumes)}, or set storageClass there to one whose volumes every node can mount`;
    return { message: `no node can mount a volume of the pod: ${message}`, hint, permanent: false };
  }
  for (const { name, claim } of volumes) {
    const live = await unlessForbidden(async () => cluster.objects.get({ ...VOLUME_CLAIM, namespace, name: claim }));
    if (live === FORBIDDEN || live?.status?.phase === 'Bound') continue;
    if (!live) {
      const hint = `set volumes.${name}.claim to one that exists, or create it; volumes.${name}.size in its place creates one`;
      return { message: `PersistentVolumeClaim ${claim} does not exist in namespace ${namespace}`, hint, permanent: true };
    }
    const event = (await listEvents(cluster, namespace, { 'involvedObject.uid': live.metadata.uid })).at(-1)?.message;
    const hint = `set volumes.${name}.storageClass to one that the cluster has (kubectl get storageclass), or ask your administrator`;
    const why = event === undefined ? '' : `: ${event}`;
    return { message: `PersistentVolumeClaim ${claim} has no storage yet${why}`, hint, permanent: false };
  }
  return undefined;
}

function names(volumes: readonly ClaimedVolume[]): string {
  return volumes.map(({ name }) => `volumes.${name}`).join(' or ');
}

/** What the containers of a pod request together while it runs. */
function requestsOf({ spec: { initContainers = [], containers } }: Pod): string {
  const running = [...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always'), ...containers];
  const sum = (name: string) => running.reduce((total, { resources }) => total + (quantity(resources?.requests?.[name] ?? '0') ?? 0), 0);
  const [cpu, memory] = [sum('cpu'), sum('memory')];
  const cores = Number.isInteger(cpu) ? cpu : `${Math.round(cpu * 1000)}m`;
  return [...cpu > 0 ? [`${cores} CPU`] : [], ...memory > 0 ? [`${inBytes(memory)} of memory`] : []].join(' and ');
}

async function diagnoseContainer(cluster: Cluster, pod: Pod, status: ContainerStatus): Promise<Diagnosis | undefined> {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  if (PULL_ERRORS.includes(reason)) return diagnosePull(pod, status, reason, message);
  if (reason === 'CreateContainerConfigError') return diagnoseSource(message, pod);
  if (['RunContainerError', 'CreateContainerError'].includes(reason)) {
    const permanent = status.restartCount > 0 || reason === 'CreateContainerError';
    const hint = causeIn([message])?.hint ?? 'check the command, and that the image contains it';
    return { message: `cannot start container ${status.name}: ${message}`, hint, permanent };
  }

  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (ended && !status.ready && (ended.exitCode !== 0 || pod.spec.restartPolicy === 'Always')) {
    const logs = await lastLogLines(cluster, pod, status.name);
    const probe = wasStoppedByProbe(ended, status) ? await diagnoseProbe(cluster, pod, status.name) : undefined;
    return probe ? { ...probe, logs, permanent: true } : diagnoseCrash(pod, status, ended, logs);
  }
  if (!status.state?.running || status.ready) return undefined;
  const probe = await diagnoseProbe(cluster, pod, status.name);
  return probe && { ...probe, logs: await lastLogLines(cluster, pod, status.name) };
}

const OF_OTHER_ARCHITECTURE = 'it is for processors of another architecture';

function diagnosePull(pod: Pod, status: ContainerStatus, reason: string, message: string): Diagnosis {
  const name = imageOf(pod, status.name);
  const error = imagePullError(message);
  if (isOfOtherArchitecture(error)) {
    const image = shownImage(status.image || name);
    return { message: `cannot pull image ${image}: ${OF_OTHER_ARCHITECTURE}`, hint: OTHER_ARCHITECTURE, permanent: true };
  }
  const detail = isImageNotFound(error) ? ' (not found)' : isImagePullDenied(error) ? ' (access denied)' : error ? `: ${error}` : '';
  return {
    message: `cannot pull image ${shownImage(status.image || name)}${detail}`,
    hint: 'check its name and tag, that it was pushed, and that the cluster may pull it (webapp registry login)',
    permanent: reason !== 'ErrImagePull',
    image: { name, since: pod.metadata.creationTimestamp },
  };
}

function diagnoseCrash(pod: Pod, status: ContainerStatus, { reason, exitCode, message }: Terminated, logs: string[]): Diagnosis {
  const { name, restartCount } = status;
  const permanent = restartCount >= CRASHES;
  if (reason === 'OOMKilled') return { ...outOfMemory(pod, name), logs, permanent };
  const what = exitCode === 0 ? 'exited with code 0, but has to keep running' : `exited with code ${exitCode}`;
  const cause = exitCode === 0 ? undefined : causeIn(message ? [...logs, message] : logs);
  const hint = exitCode === SIGKILL ? `it was killed; if it needs more memory, ${moreMemory(pod, name)}` : cause?.hint;
  const why = cause?.why ?? message;
  return { message: `container ${name} ${what}${why ? `: ${why}` : ''}`, hint, logs, permanent };
}

/** The exit code of a process that the signal 9 has ended. */
const SIGKILL = 137;

/** What became of a container that used more memory than it may. */
export function outOfMemory(pod: Pod, container: string): Pick<Diagnosis, 'message' | 'hint'> {
  const limit = memoryLimit(pod, container);
  const message = `container ${container} ran out of memory and was killed (OOMKilled)`;
  return { message: `${message}${limit === undefined ? '' : `; its limit is ${limit}`}`, hint: moreMemory(pod, container) };
}

/** A container of a pod, whether it runs beside the process or before it. */
function containerOf({ spec }: Pod, container: string): Pod['spec']['containers'][number] | undefined {
  return [...spec.initContainers ?? [], ...spec.containers].find(({ name }) => name === container);
}

function memoryLimit(pod: Pod, container: string): string | undefined {
  return containerOf(pod, container)?.resources?.limits?.memory;
}

/** What to write for more memory: the next size, where there is one. */
function moreMemory(pod: Pod, container: string): string {
  const limit = quantity(memoryLimit(pod, container) ?? '0') ?? 0;
  const [size, { memory }] = Object.entries(SIZES).find(([, one]) => quantity(one.memory)! > limit) ?? ['', { memory: '' }];
  return size === '' ? 'set resources.memory' : `set size: ${size} (${memory}), or resources.memory`;
}

const ADD_KEY = 'add the key, or name another one';

/** The variables of a pod that come from keys of a Secret or ConfigMap. */
function variablesFrom({ spec }: Pod, kind: 'Secret' | 'ConfigMap', name: string): { readonly name: string; readonly key: string }[] {
  const all = [...spec.initContainers ?? [], ...spec.containers].flatMap(({ env = [] }) => env.flatMap(({ name: variable, valueFrom }) => {
    const from = kind === 'Secret' ? valueFrom?.secretKeyRef : valueFrom?.configMapKeyRef;
    return from?.name === name ? [{ name: variable, key: from.key }] : [];
  }));
  return all.filter((one, i) => all.findIndex(other => other.name === one.name) === i);
}

/** The flags with which kubectl creates a Secret with the keys that a pod mounts. */
function filesFrom({ spec: { volumes = [] } }: Pod, name: string): string[] {
  const items = volumes.flatMap(({ projected }) => projected?.sources ?? [])
    .flatMap(({ secret }) => (secret?.name === name ? secret.items ?? [] : []));
  return [...new Set(items.map(({ key }) => `--from-file=${key}=FILE`))];
}

function diagnoseSource(message: string, pod: Pod): Diagnosis {
  const namespace = pod.metadata.namespace!;
  const missing = missingSource(message);
  if (missing) {
    const { kind, name } = missing;
    const variables = variablesFrom(pod, kind, name);
    const own = variables.map(one => one.name);
    const needs = own.length === 0 ? '' : `, and ${own.join(', ')} ${own.length > 1 ? 'need' : 'needs'} it`;
    const literals = [...new Set(variables.map(({ key }) => `--from-literal=${key}=VALUE`)), ...filesFrom(pod, name)].join(' ');
    const instead = own.length === 0 ? '' : `, or replace it in secretEnv: webapp secrets set ${own.join(' ')}`;
    const hint = kind === 'Secret'
      ? `create it with kubectl create secret generic ${name} --namespace ${namespace} ${literals || '--from-literal=KEY=VALUE'}${instead}`
      : 'create it, or remove it from the file';
    return { message: `${kind} ${name} does not exist in namespace ${namespace}${needs}`, hint, permanent: true };
  }
  const lacking = missingKey(message);
  if (lacking) {
    const { kind, name, key } = lacking;
    const variable = kind === 'Secret' ? variablesFrom(pod, kind, name).find(one => one.key === key)?.name : undefined;
    const named = `add the key, or name another one: secretEnv.${variable}, or the connection that has it`;
    const hint = variable === undefined ? ADD_KEY : named;
    return { message: `${kind} ${name} has no key ${key}`, hint, permanent: true };
  }
  const hint = refusesUser(message)
    ? 'set security.runAsUser to the number of a user, or name one in the USER of the image by a number other than 0'
    : undefined;
  // The name of the pod is for the kubelet's log.
  const detail = message.replace(/ \(pod: ".*\)$/, '');
  return { message: `cannot configure the container: ${detail}`, ...hint ? { hint } : {}, permanent: true };
}

/** Why a container's probe fails, by the events of its pod; without events, what the probe needs. */
async function diagnoseProbe(cluster: Cluster, pod: Pod, name: string): Promise<Diagnosis | undefined> {
  const container = containerOf(pod, name);
  const probe = container?.startupProbe ?? container?.readinessProbe ?? container?.livenessProbe;
  if (!probe) return undefined;
  const unhealthy = (await eventsOf(cluster, pod)).filter(({ reason }) => reason === 'Unhealthy').pop();
  if (probe.exec) return { ...execDiagnosis(unhealthy?.message ?? '', probe.exec.command ?? []), permanent: false };
  const { port } = probe.httpGet ?? probe.tcpSocket ?? probe.grpc ?? {};
  const number = container?.ports?.find(one => one.name === port)?.containerPort ?? port;
  return { ...probeDiagnosis(unhealthy?.message ?? '', number ?? '', probe.httpGet?.path), permanent: false };
}

function execDiagnosis(message: string, command: readonly string[]): Pick<Diagnosis, 'message' | 'hint'> {
  const { timedOut, output } = probeFailure(message);
  const what = `the health check ${command.join(' ')} ${timedOut ? 'timed out' : 'failed'}`;
  return { message: output === '' || timedOut ? what : `${what}: ${output}`, hint: 'fix what it checks, or the command' };
}

/** Whether the kubelet stopped a container that did not start in time: a signal ended it, before it had ever started. */
function wasStoppedByProbe({ exitCode, reason }: Terminated, { started }: ContainerStatus): boolean {
  return reason !== 'OOMKilled' && started !== true && (exitCode < 0 || exitCode === 137 || exitCode === 143);
}

function probeDiagnosis(message: string, port: number | string, path?: string): Pick<Diagnosis, 'message' | 'hint'> {
  const { status, timedOut } = probeFailure(message);
  const request = path === undefined ? `port ${port}` : `GET ${path} on port ${port}`;
  const fix = 'fix it, or set health.path to another path';
  if (status !== undefined) return { message: `${request} returned ${status} instead of 200`, hint: fix };
  if (timedOut) return { message: `${request} timed out`, hint: 'make it faster, or increase health.startupTimeout' };
  if (path !== undefined && message === '') return { message: `${request} does not return 200`, hint: fix };
  return {
    message: `nothing listens on port ${port}`,
    hint: 'listen on 0.0.0.0:$PORT, or set port to the one that the process listens on',
  };
}

async function diagnoseVolumes(cluster: Cluster, pod: Pod): Promise<Diagnosis | undefined> {
  const failed = (await eventsOf(cluster, pod)).filter(({ reason }) => reason === 'FailedMount' || reason === 'FailedAttachVolume').pop();
  if (failed?.message === undefined) return undefined;
  if (missingSource(failed.message)) return diagnoseSource(failed.message, pod);
  const key = missingVolumeKey(failed.message);
  if (key !== undefined) return { message: `${sourcesOf(pod, key)} has no key ${key}`, hint: ADD_KEY, permanent: true };
  const claimed = claimedVolumes(pod);
  const own = claimed.length > 0 ? `${names(claimed)} of the app, and ` : '';
  // https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/volume/attachdetach/reconciler/reconciler.go
  const hint = failed.message.startsWith('Multi-Attach error') && claimed.length > 0
    ? `another node still has the volume: wait until its pod has ended, or set accessMode: read-write-many in ${names(claimed)}`
    : `check ${own}what serves its storage: kubectl describe pod ${pod.metadata.name} --namespace ${pod.metadata.namespace}`;
  return { message: `cannot mount a volume: ${failed.message}`, hint, permanent: false };
}

/** The Secrets and ConfigMaps of which a pod mounts a key. */
function sourcesOf({ spec: { volumes = [] } }: Pod, key: string): string {
  const found = volumes.flatMap(({ projected }) => projected?.sources ?? []).flatMap(({ secret, configMap }) => [
    ...secret?.items?.some(item => item.key === key) ? [`Secret ${secret.name}`] : [],
    ...configMap?.items?.some(item => item.key === key) ? [`ConfigMap ${configMap.name}`] : [],
  ]);
  return found.join(' or ') || 'a Secret or ConfigMap that is mounted';
}

async function eventsOf(cluster: Cluster, { metadata: { namespace, uid } }: Pod): Promise<Event[]> {
  return listEvents(cluster, namespace, { 'involvedObject.uid': uid });
}

/** Events, the latest last; none where the user is not allowed to see them. */
export async function listEvents({ objects }: Cluster, namespace: string | undefined, fields: ListOptions['fields']): Promise<Event[]> {
  const events = await unlessForbidden(async () => objects.list(EVENT, { namespace, fields }));
  if (events === FORBIDDEN) return [];
  const time = ({ lastTimestamp, eventTime, metadata }: Event) => lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return events.sort((a, b) => (time(a) < time(b) ? -1 : 1));
}

function imageOf(pod: Pod, container: string): string {
  return containerOf(pod, container)?.image ?? '';
}

/** The last lines of a container's log; of its previous run, if it has restarted and not logged anything yet. */
export async function lastLogLines(cluster: Cluster, pod: Pod, container: string): Promise<string[]> {
  const statuses = [...pod.status?.initContainerStatuses ?? [], ...pod.status?.containerStatuses ?? []];
  const status = statuses.find(({ name }) => name === container);
  const hasRestarted = (status?.restartCount ?? 0) > 0 && !status?.state?.terminated;
  for (const previous of hasRestarted ? [true, false] : [false]) {
    const lines = await logLines(cluster, pod, { container, tailLines: 10, previous: previous || undefined });
    if (lines.length > 0) return lines;
  }
  return [];
}

/** Which lines of which log. */
export interface LogQuery {
  readonly container: string;

  /** How many of the last lines; undefined for all. */
  readonly tailLines?: number;

  /** Of the run before the last restart. */
  readonly previous?: boolean;
}

/** The lines of a container's log that are not empty; none where the user is not allowed to see them, or it has not started. */
export async function logLines({ api }: Pick<Cluster, 'api'>, pod: Pod, query: LogQuery): Promise<string[]> {
  const { status, text } = await api.send('GET', logPath(pod), { query: { ...query } });
  if (status >= 500) throw new ApiError(status, text);
  const lines = status === 200 ? text.split('\n').map(line => line.trimEnd()) : [];
  // The kubelet answers so for a container that it has removed.
  return lines.filter(line => line !== '' && !line.startsWith('unable to retrieve container logs for '));
}
