import { resourcesSpec, securityContext } from './bounds';
import { initContainers } from './containers';
import { environment, environmentSources } from './environment';
import { fileMounts, filesVolume } from './files';
import { keyFileMounts, keyFileVolumes, mountsSecretFiles } from './key-files';
import { podVolumes, volumeMounts } from './volumes';
import type { PodModel, PodSet } from '../../model/component';
import { orNone, orNothing } from '../metadata';

/** What all pods of an app have in common, whatever runs in them. */
export function podSpec(pods: PodSet) {
  const { pod } = pods;
  const { security, volumes, scheduling, imagePullSecrets } = pod;
  const claims = volumes.some(({ source }) => source.kind === 'claim');
  return {
    automountServiceAccountToken: pod.serviceAccount.automountToken,
    // The variables of every Service of the namespace would make an app behave differently whenever another Service is created or removed.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: pod.terminationGracePeriod,
    imagePullSecrets: orNone(imagePullSecrets.map(name => ({ name }))),
    nodeSelector: orNothing(scheduling.nodeSelector),
    tolerations: orNone(scheduling.tolerations.map(({ operator, ...taint }) => (
      { operator: operator ?? (taint.value === undefined ? 'Exists' : 'Equal'), ...taint }))),
    priorityClassName: scheduling.priorityClass,
    topologySpreadConstraints: spread(pods),
    securityContext: {
      runAsNonRoot: security.runAsNonRoot || undefined,
      runAsUser: security.runAsUser,
      runAsGroup: security.runAsGroup,
      fsGroup: claims || mountsSecretFiles(pod) ? security.fsGroup : undefined,
      // Looking at the top directory is enough, and a large volume would otherwise be walked at every start.
      fsGroupChangePolicy: claims ? 'OnRootMismatch' : undefined,
      seccompProfile: { type: 'RuntimeDefault' },
      sysctls: pod.bindsLowPorts ? [LOW_PORTS] : undefined,
    },
    volumes: [...podVolumes(pod), ...filesVolume(pod), ...keyFileVolumes(pod)],
  };
}

/**
 * Lets a process that is not root listen on any port of its pod. Pod Security `restricted` allows this sysctl.
 *
 * @see https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls
 */
const LOW_PORTS = { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' };

function spread({ selector, pod: { scheduling } }: PodSet): object[] | undefined {
  if (scheduling.spread === 'none') return undefined;
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(topologyKey => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: scheduling.spread === 'hard' ? 'DoNotSchedule' : 'ScheduleAnyway',
    labelSelector: { matchLabels: selector },
  }));
}

/** A container as cdk8s-plus writes it, or as we begin it. */
export interface WrittenContainer {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly envFrom?: readonly object[];
  readonly volumeMounts?: readonly { readonly mountPath: string }[];
  readonly securityContext?: { readonly capabilities?: object };
}

/** A container with what it may use and do, and what is mounted in it. */
export function boundedContainer(pod: PodModel, written: WrittenContainer): object {
  const { resources, security } = pod;
  const theirs = written.volumeMounts ?? [];
  const ours = [...volumeMounts(pod), ...fileMounts(pod.files), ...keyFileMounts(pod)];
  return {
    ...without(written, CONTAINER_DEFAULTS),
    env: orNone(environment(pod, written.env)),
    envFrom: orNone(environmentSources(pod, written.envFrom)),
    resources: resourcesSpec(resources),
    securityContext: securityContext(security),
    volumeMounts: orNone([
      ...ours.filter(({ mountPath }) => mountPath !== '/tmp' || !theirs.some(mount => mount.mountPath === '/tmp')), ...theirs,
    ]),
  };
}

const CONTAINER_DEFAULTS = { imagePullPolicy: 'Always' };

/** An object without the fields that have a default's value. */
export function without<T extends object>(written: T, defaults: { readonly [field: string]: unknown }): Partial<T> {
  return Object.fromEntries(Object.entries(written).filter(([field, value]) => defaults[field] !== value)) as Partial<T>;
}

/**
 * The pod of something that runs to its end: like the pods of the app, but with another command. It has no port and no probes, and is not
 * spread, as nobody waits for it. A pod that failed stays, for its logs.
 */
export function jobPod(job: PodSet) {
  const { topologySpreadConstraints, volumes, ...spec } = podSpec(job);
  const { pod } = job;
  const { image, command, args } = pod;
  return {
    ...spec,
    restartPolicy: 'Never',
    serviceAccountName: pod.serviceAccount.name,
    initContainers: orNone(initContainers(job)),
    containers: [boundedContainer(pod, { name: pod.containerName, image, command, args })],
    volumes: orNone(volumes),
  };
}
