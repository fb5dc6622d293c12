import { createHash } from 'node:crypto';
import type { ExecCommand, InMemoryApi } from './in-memory-api';
import type { TestCluster } from './test-cluster';
import {
  BUILD_RUN, BuildRun, Deployment, isKind, Job, JOB, POD, PodTemplate, POSTGRES_CLUSTER, POSTGRES_DATABASE, REPLICA_SET,
} from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';

/** How images and commands behave: all start and succeed, except those of a test. */
export interface Behavior {
  /** Images whose pods do not start, with the status of their container. */
  readonly brokenImages?: { readonly [image: string]: object };

  /** Commands of Jobs that fail, with their exit code and log. */
  readonly failingCommands?: { readonly [command: string]: { readonly exitCode: number; readonly log: string } };

  /** Commands of Jobs that never complete. */
  readonly endlessCommands?: readonly string[];

  /** Builds that fail, by image: with which reason, exit code, and what the step logs. */
  readonly failingBuilds?: { readonly [image: string]: { readonly reason: string; readonly exitCode: number; readonly log: string } };

  /** Receives the commands that are run in containers. */
  readonly commands?: ExecCommand[];

  /** Whether builds report the digests of images; true by default. */
  readonly digests?: boolean;

  /** How long builds take, in seconds: 30 by default. */
  readonly buildTime?: number;

  /** Whether CloudNativePG starts databases; true by default. */
  readonly databases?: boolean;
}

/** How long a database takes to start, in seconds. */
const DATABASE_TIME = 20;

/** Simulates the controllers: Deployments are ready at once, Jobs take a second, databases 20, and builds as long as the behavior says. */
export function runControllers({ api, clock }: TestCluster, behavior: Behavior = {}): void {
  const waiting: Waiting = new Map();
  api.run = command => {
    behavior.commands?.push(command);
    if (command.command.at(-1) === 'done') waiting.get(command.pod)?.();
    return { exitCode: 0, output: '' };
  };
  api.onWrite = object => {
    if (object.kind === 'Deployment') deploy(api, object as unknown as Deployment & Manifest, behavior);
    if (object.kind === 'Job') clock.after(1, () => runJob(api, object as unknown as Job & Manifest, behavior));
    if (isKind(object, POSTGRES_CLUSTER) && behavior.databases !== false) startCluster({ api, clock }, object);
    if (isKind(object, POSTGRES_DATABASE)) clock.after(1, () => createDatabase(api, object));
    if (object.kind === 'BuildRun') startBuild({ api, clock }, object as unknown as BuildRun & Manifest, behavior, waiting);
  };
}

function deploy(api: InMemoryApi, live: Deployment & Manifest, { brokenImages = {} }: Behavior): void {
  const { metadata: { name, generation, uid, namespace }, spec, status } = live;
  if (status?.observedGeneration === generation) return;
  const replicas = spec.replicas ?? 1;
  const { image } = spec.template.spec!.containers[0];
  const broken = brokenImages[image!];
  const revision = String(generation);
  const labels = { ...spec.selector.matchLabels, 'pod-template-hash': `hash-${revision}` };
  const annotations = { 'deployment.kubernetes.io/revision': revision };
  const set = `${name}-${revision}`;
  api.put({ ...REPLICA_SET, metadata: { name: set, namespace, labels, annotations, ownerReferences: [{ uid }] } }, 'controller');
  if (broken) putPod(api, { name: `${set}-a`, namespace, labels, spec: spec.template.spec!, state: broken });
  const ready = broken ? 0 : replicas;
  api.change(live, {
    metadata: { annotations },
    status: { observedGeneration: generation, replicas, updatedReplicas: replicas, availableReplicas: ready, readyReplicas: ready },
  }, 'controller');
}

function startCluster({ api, clock }: Pick<TestCluster, 'api' | 'clock'>, live: Manifest): void {
  const { metadata: { name } } = live;
  if ('status' in live) return;
  api.change(live, { status: { phase: 'Setting up primary', phaseReason: `Creating primary instance ${name}-1` } }, 'controller');
  clock.after(DATABASE_TIME, () => {
    if (!api.find(POSTGRES_CLUSTER, name, live.metadata.namespace)) return;
    api.change(live, { status: { currentPrimary: `${name}-1`, readyInstances: 1, phase: 'Cluster in healthy state' } }, 'controller');
  });
}

function createDatabase(api: InMemoryApi, live: Manifest): void {
  if ('status' in live || !api.find(POSTGRES_DATABASE, live.metadata.name, live.metadata.namespace)) return;
  api.change(live, { status: { applied: true } }, 'controller');
}

function runJob(api: InMemoryApi, live: Job & Manifest, { failingCommands = {}, endlessCommands = [] }: Behavior): void {
  const { metadata: { name, uid, namespace }, spec, status } = live;
  if (status !== undefined || !api.find(JOB, name, namespace)) return;
  const command = spec.template.spec!.containers[0].command![2];
  if (endlessCommands.includes(command)) return;
  const failure = failingCommands[command];
  if (!failure) {
    api.change(live, { status: { conditions: [{ type: 'Complete', status: 'True' }] } }, 'controller');
    return;
  }
  const labels = { 'batch.kubernetes.io/controller-uid': uid };
  const state = { state: { terminated: { exitCode: failure.exitCode } } };
  putPod(api, { name: `${name}-a`, namespace, labels, spec: spec.template.spec!, state, phase: 'Failed' });
  api.logs.set(`${name}-a/main`, failure.log);
  const message = 'Job has reached the specified backoff limit';
  const conditions = [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message }];
  api.change(live, { status: { conditions } }, 'controller');
}

const STEP = 'step-build-and-push';

/** The digest of the image that a build of a folder gives: the same for the same source. */
export function digestOf(build: string): string {
  return `sha256:${createHash('sha256').update(build).digest('hex')}`;
}

/** What lets the builds go on that wait for their source, by pod. */
type Waiting = Map<string, () => void>;

function startBuild(
  { api, clock }: Pick<TestCluster, 'api' | 'clock'>, live: BuildRun & Manifest,
  { failingBuilds = {}, buildTime = 30, digests = true }: Behavior, waiting: Waiting,
): void {
  const { metadata: { name, uid, namespace }, spec: { build: { spec } }, status } = live;
  if (status !== undefined) return;
  const setStatus = (state: string, reason: string, more: object = {}) => {
    const conditions = [{ type: 'Succeeded', status: state, reason, message: `the build is ${reason}` }];
    api.change(live, { status: { conditions, ...more } }, 'controller');
  };
  setStatus('Unknown', 'Pending');
  const labels = { 'buildrun.shipwright.io/name': name };
  const pod = `${name}-pod`;
  api.delete({ ...POD, metadata: { name: pod, namespace } }); // of a build before it
  const isLocal = spec?.source?.type === 'Local';
  const first = isLocal ? 'step-source-local' : 'step-source-default';
  const steps = { containers: [{ name: first, image: 'source' }, { name: STEP, image: 'buildkit' }] };
  const showPod = (phase: string, states: object[]) => {
    const containerStatuses = steps.containers.map((step, i) => ({ name: step.name, ready: false, state: states[i] }));
    api.put({ ...POD, metadata: { name: pod, namespace, labels }, spec: steps, status: { phase, containerStatuses } }, 'kubelet');
  };
  const still = () => api.find(BUILD_RUN, name, namespace)?.metadata.uid === uid;
  const run = () => {
    if (!still()) return;
    setStatus('Unknown', 'Running');
    showPod('Running', [{ terminated: { exitCode: 0 } }, { running: {} }]);
    api.logs.set(`${pod}/${first}`, 'cloned\n');
    api.logs.set(`${pod}/${STEP}`, '#1 load build definition\n#2 npm ci\n');
  };
  const end = () => {
    if (!still()) return;
    const completionTime = new Date(clock.now()).toISOString().replace(/\.\d+/, '');
    const failure = failingBuilds[spec!.output.image];
    showPod(failure ? 'Failed' : 'Succeeded', [{ terminated: { exitCode: 0 } }, { terminated: { exitCode: failure?.exitCode ?? 0 } }]);
    if (!failure) return setStatus('True', 'Succeeded', { completionTime, output: digests ? { digest: digestOf(name) } : {} });
    api.logs.set(`${pod}/${STEP}`, failure.log);
    setStatus('False', failure.reason, { completionTime, failureDetails: { location: { pod, container: STEP } } });
  };
  if (!isLocal) {
    clock.after(2, run);
    clock.after(buildTime, end);
    return;
  }
  clock.after(2, () => {
    if (!still()) return;
    showPod('Running', [{ running: {} }, { running: {} }]);
    waiting.set(pod, () => {
      waiting.delete(pod);
      run();
      clock.after(buildTime, end);
    });
  });
}

interface PodFields {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: object;
  readonly spec: NonNullable<PodTemplate['spec']>;
  readonly state: object;
  readonly phase?: string;
}

function putPod(api: InMemoryApi, { name, namespace, labels, spec, state, phase = 'Pending' }: PodFields): void {
  const containerStatuses = [{ name: spec.containers[0].name, ready: false, restartCount: 0, image: '', ...state }];
  api.put({ ...POD, metadata: { name, namespace, labels }, spec, status: { phase, containerStatuses } }, 'kubelet');
}

/** The status of a container whose image is not in the registry. */
export const IMAGE_NOT_FOUND = {
  state: {
    waiting: {
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "ghcr.io/acme/wbe:1": ErrImagePull: ghcr.io/acme/wbe:1: not found',
    },
  },
};
