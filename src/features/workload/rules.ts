import { loadBalancerName } from './load-balancer';
import { servicePort } from '../../kube/ports';
import type { AppModel } from '../../model/app';
import { processesOf } from '../../model/app';
import type { PodSet } from '../../model/component';
import type { VolumeSettings } from '../../model/props';
import type { Problem } from '../../validation/problem';
import { entry, quoted } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { count, problem, when } from '../../validation/rule';
import { quantity } from '../../validation/units';

/** What runs: its configuration, its volumes, its size and its rights. */
export const workloadRules: Rule = (app, props) => {
  const { web: { pod, server: { health, https } } } = app;
  const files = pod.files.contents;
  const { env = {}, secretEnv: secrets = {} } = props;
  const annotations = totalSize(app.annotations) + Buffer.byteLength(Object.keys(app.annotations).join(''));
  return [
    ...resourceProblems(app.web),
    ...when(
      [pod.preStopDelay >= pod.terminationGracePeriod, 'health.terminationGracePeriod',
        `is ${pod.terminationGracePeriod}s, but preStopDelay is ${pod.preStopDelay}s of it`, `use more than ${pod.preStopDelay}s`],
      [health.host !== undefined && health.path === undefined,
        'health.host', 'requires path', 'add path: /healthz, or remove it', 'missing'],
      [https && health.grpc, 'health.grpc', 'is not supported with protocol https: the check speaks no TLS', 'set path', 'unsupported'],
      [health.path !== undefined && health.grpc, 'health.grpc', 'cannot be combined with path', 'remove one of them'],
      [app.runsWeb && Object.hasOwn(env, 'PORT'), 'env.PORT', 'is reserved: the app always gets it', 'set port', 'duplicate'],
      [app.runsWeb && Object.hasOwn(secrets, 'PORT'), 'secretEnv.PORT', 'is reserved: the app always gets it', 'set port', 'duplicate'],
      [props.serviceAccount?.name !== undefined && props.serviceAccount.annotations !== undefined, 'serviceAccount.annotations',
        'cannot be combined with name, which refers to an existing ServiceAccount',
        'remove one of them'],
      [annotations > 250000, 'annotations',
        `have ${annotations} bytes in total, names included`,
        'use at most 250000; Kubernetes takes 262144, with those that the library adds', 'range'],
      [totalSize(files) > 1024 * 1024, 'files',
        `have ${totalSize(files)} bytes in total`,
        'use at most 1048576 bytes, the limit of a ConfigMap', 'range'],
    ),
    ...Object.entries(env).filter(([name, value]) => Buffer.byteLength(`${name}=${value}`) >= LONGEST_VARIABLE).map(([name, value]) => (
      problem(entry('env', name), `has ${Buffer.byteLength(value)} bytes`, 'use less than 128 KiB, the limit of Linux, or a file', 'range')
    )),
    ...Object.keys(secrets).filter(name => Object.hasOwn(env, name)).map(name => problem(
      entry('secretEnv', name), 'is also set in env', 'remove one of them', 'duplicate',
    )),
    ...portProblems(app),
    ...securityProblems(app),
    ...volumeProblems(app.name, props.volumes),
    ...kindProblems(props.volumes),
    ...mountProblems(app.web),
  ];
};

/** Names of ports, and of Services of the app, that a further port would have too. */
const RESERVED_PORTS = ['http', 'metrics', 'proxy', 'canary', 'green', 'preview'];

/** Further ports, whose numbers and names are their own, and that are reachable when connections come. */
function portProblems(model: AppModel): Problem[] {
  const { name: app, web: { server, metrics, strategy }, active: { scaling } } = model;
  const processes = processesOf(model).map(({ pods }) => pods.pod.containerName);
  const used = new Map([[server.port, 'port'], ...metrics ? [[metrics.port, 'metrics.port'] as const] : []]);
  const connected = server.ports.find(({ http }) => !http);
  const sleeps = connected && scaling.replicas === undefined && scaling.min === 0;
  return [...when(
    [sleeps, 'scaling.min',
      `is 0, but connections to ${entry('ports', connected?.name ?? '')} do not wake the app`, 'use 1 or more', 'range'],
  ), ...server.ports.flatMap(({ name, port, http, loadBalancer }) => {
    const path = entry('ports', name);
    const other = used.get(port);
    used.set(port, other ?? `${path}.port`);
    const service = loadBalancerName(app, name);
    return when(
      [RESERVED_PORTS.includes(name), path,
        `is a reserved name; reserved names are ${RESERVED_PORTS.join(', ')}`, 'choose another', 'duplicate'],
      [processes.includes(name), path, `has the same name as a worker or cron job, whose objects are named ${quoted(service)} too`,
        'choose another', 'duplicate'],
      [port === servicePort(server.https) && server.port !== port, `${path}.port`,
        `is ${port}, at which the Service of the app has its HTTP requests`,
        'use another port', 'duplicate'],
      [other !== undefined, `${path}.port`, `is ${port}, which ${other} is too`, 'use another port', 'duplicate'],
      [loadBalancer && http, `${path}.loadBalancer`,
        'cannot be combined with hosts and paths, whose requests come through the entry of the platform',
        'remove it, or hosts and paths'],
      [loadBalancer && service.length > LONGEST_SERVICE, path,
        `creates a Service ${quoted(service)}, which has more than ${LONGEST_SERVICE} characters`, 'use a shorter name', 'range'],
      [loadBalancer && strategy.type === 'argo' && strategy.argo.preview, `${path}.loadBalancer`,
        'cannot be combined with a blue-green rollout of Argo Rollouts, which does not switch it to the new version',
        'remove it, or use rollout.blueGreen', 'unsupported'],
    );
  })];
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const LONGEST_SERVICE = 63;

/** Limits below what is reserved. */
export function resourceProblems({ pod: { resources } }: PodSet): Problem[] {
  return when(
    [quantity(resources.memoryLimit)! < quantity(resources.memory)!, 'resources.memoryLimit',
      `is ${resources.memoryLimit} but memory is ${resources.memory}`,
      `use ${resources.memory} or more`, 'range'],
    [resources.cpuLimit !== undefined && quantity(resources.cpuLimit)! < quantity(resources.cpu)!, 'resources.cpuLimit',
      `is ${resources.cpuLimit} but cpu is ${resources.cpu}`,
      `use ${resources.cpu} or more`, 'range'],
  );
}

/** Of `NAME=value` and the byte that ends it: https://man7.org/linux/man-pages/man2/execve.2.html */
const LONGEST_VARIABLE = 128 * 1024;

function totalSize(texts: { readonly [name: string]: string }): number {
  return Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** The capabilities that Pod Security `baseline` allows to add. */
const BASELINE_CAPABILITIES = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID',
  'SYS_CHROOT',
];

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function securityProblems({ platform, web: { pod: { security } } }: AppModel): Problem[] {
  const level = platform.podSecurity;
  const allowed = { restricted: ['NET_BIND_SERVICE'], baseline: BASELINE_CAPABILITIES, privileged: undefined }[level];
  const askFor = (needed: string) => `ask your platform team for podSecurity: ${needed}`;
  const wide = security.capabilities.filter(capability => allowed && !allowed.includes(capability));
  return when(
    [security.runAsUser === 0 && level === 'restricted', 'security.runAsUser',
      'is 0, but the platform\'s podSecurity is restricted',
      `use another user, or ${askFor('baseline')}`, 'unsupported'],
    [security.privileged && level !== 'privileged', 'security.privileged',
      `is true, but the platform's podSecurity is ${level}`,
      `remove it, or ${askFor('privileged')}`, 'unsupported'],
    [wide.length > 0, 'security.capabilities', `has ${wide.join(', ')}, but the platform's podSecurity is ${level}`,
      `remove it, or ${askFor(wide.every(capability => BASELINE_CAPABILITIES.includes(capability)) ? 'baseline' : 'privileged')}`],
  );
}

type Volumes = { readonly [name: string]: VolumeSettings & { readonly path?: string } };

const ONE_KIND = 'set exactly one of claim, size, memory and empty';

function kindProblems(volumes: Volumes = {}): Problem[] {
  return Object.entries(volumes).flatMap(([name, { claim, size, memory, empty }]) => when(
    [count(claim, size, memory, empty) === 0, entry('volumes', name), 'does not say where its files are stored', ONE_KIND],
  ));
}

/**
 * Volumes of a process whose parts do not fit together.
 *
 * @param owner what new claims are named after
 */
export function volumeProblems(owner: string, volumes: Volumes = {}): Problem[] {
  return Object.entries(volumes).flatMap(([name, volume]) => {
    const path = entry('volumes', name);
    const claim = volume.claim ?? volume.size;
    return when(
      [count(volume.claim, volume.size, volume.memory, volume.empty) > 1, path, 'says more than once where its files are stored', ONE_KIND],
      [volume.storageClass !== undefined && volume.size === undefined, `${path}.storageClass`,
        'is set, but no claim is created',
        'set size too, or remove it'],
      [volume.accessMode !== undefined && claim === undefined, `${path}.accessMode`,
        'is set, but there is no claim',
        'set size or claim too, or remove it'],
      [(name === 'tmp' && volume.path !== '/tmp') || name === 'files', path, 'has a reserved name', 'choose another', 'duplicate'],
      [volume.size !== undefined && `${owner}-${name}`.length > 253, path,
        'has a name that is too long',
        'choose a shorter one', 'range'],
      [volume.path === '/', `${path}.path`, 'is "/", the root of the image', 'use a path such as /data'],
    );
  });
}

/**
 * No two things can be mounted at one path.
 *
 * @param isWeb whether the files are its own, and not those of the app
 */
export function mountProblems({ pod: { volumes, files } }: PodSet, isWeb = true): Problem[] {
  const ofVolumes = volumes.map(({ name, path, source }) => (
    [source.kind === 'secret' ? `the volume ${name}` : `${entry('volumes', name)}.path`, path]));
  const ofFiles = Object.keys(files.contents).map(path => [entry('files', path), path]);
  const mounts = isWeb ? [...ofVolumes, ...ofFiles] : [...ofFiles, ...ofVolumes];
  const paths = mounts.map(([, path]) => path);
  return mounts.flatMap(([prop, path], i) => paths.indexOf(path) < i
    ? [problem(prop, `is ${quoted(path)}, which ${mounts[paths.indexOf(path)][0]} already uses`, 'choose another path', 'duplicate')] : []);
}
