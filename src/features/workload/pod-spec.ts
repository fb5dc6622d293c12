import { environment, environmentSources } from './environment';
import { fileMounts, filesVolume } from './files';
import { lifecycle, probes } from './probes';
import { podVolumes, volumeMounts } from './volumes';
import { orNone, orNothing } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';
import { quantity } from '../../validation/units';
import { argoStrategy } from '../rollout/argo-strategy';

/**
 * The spec of an app's Deployment: what code said through cdk8s-plus, with what cdk8s-plus cannot say, and without the defaults of
 * Kubernetes that it repeats.
 *
 * @param written what cdk8s-plus writes; its first container is the app's
 */
export function deploymentSpec(app: ResolvedApp, written: any): object {
  const { metadata, spec: { containers: [main, ...others], initContainers = [], volumes = [], ...pod } } = written.template;
  const own = podSpec(app);
  const mounts = others.concat(initContainers, main).flatMap((mounted: any) => mounted.volumeMounts ?? []);
  return {
    replicas: app.scaling.replicas,
    selector: written.selector,
    strategy: strategy(app),
    minReadySeconds: app.process.port === undefined ? STARTED : undefined,
    progressDeadlineSeconds: app.process.health.startupTimeout >= 600 ? app.process.health.startupTimeout + 60 : undefined,
    template: {
      metadata,
      spec: {
        ...without(pod, POD_DEFAULTS),
        ...own,
        containers: [container(app, main), ...others.map((other: any) => confined(app, other))],
        initContainers: orNone(initContainers.map((other: any) => confined(app, other))),
        volumes: orNone([...own.volumes.filter(({ name }) => name !== 'tmp' || !mounts.some((mount: any) => mount.mountPath === '/tmp')), ...volumes]),
      },
    },
  };
}

/** Nobody asks a worker whether it is ready: one that has not ended within these seconds is taken for started, before the next one is replaced. */
const STARTED = 10;

/** A new version starts beside the old one, or, where only one pod can mount a volume, after it. */
function strategy(app: ResolvedApp): object {
  const { scaling, rollout: { rollingUpdate, argo } } = app;
  if (argo) return argoStrategy(app, argo);
  if (scaling.alone) return { type: 'Recreate' };
  return { type: 'RollingUpdate', rollingUpdate };
}

/** What all pods of an app have in common, whatever runs in them. */
export function podSpec(app: ResolvedApp) {
  const { process: { security, health, volumes }, platform: { scheduling, imagePullSecrets } } = app;
  const claims = volumes.some(({ source }) => source.kind === 'claim');
  return {
    automountServiceAccountToken: app.identity.token,
    // The variables of every Service of the namespace would make an app behave differently as its neighbours come and go.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: health.terminationGracePeriod,
    imagePullSecrets: orNone(imagePullSecrets.map(name => ({ name }))),
    nodeSelector: orNothing(scheduling.nodeSelector),
    tolerations: orNone(scheduling.tolerations.map(({ operator, ...taint }) => ({ operator: operator ?? (taint.value === undefined ? 'Exists' : 'Equal'), ...taint }))),
    priorityClassName: scheduling.priorityClass,
    topologySpreadConstraints: spread(app),
    securityContext: {
      runAsNonRoot: security.runAsUser === 0 ? undefined : true,
      runAsUser: security.runAsUser,
      runAsGroup: security.runAsGroup,
      fsGroup: claims ? security.runAsGroup : undefined,
      // Looking at the top directory is enough, and a large volume would otherwise be walked at every start.
      fsGroupChangePolicy: claims ? 'OnRootMismatch' : undefined,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: [...podVolumes(app), ...filesVolume(app)],
  };
}

function spread({ selector, platform: { scheduling } }: ResolvedApp): object[] | undefined {
  if (scheduling.spread === 'none') return undefined;
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(topologyKey => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: scheduling.spread === 'hard' ? 'DoNotSchedule' : 'ScheduleAnyway',
    labelSelector: { matchLabels: selector },
  }));
}

function container(app: ResolvedApp, written: any): object {
  return { ...boundedContainer(app, written), ...probes(app), lifecycle: lifecycle(app) };
}

/** A container of an app with what it may use and do, and what it finds mounted. */
export function boundedContainer(app: ResolvedApp, written: any): object {
  const { process } = app;
  const { resources, security } = process;
  const theirs: any[] = written.volumeMounts ?? [];
  const ours = [...volumeMounts(app), ...fileMounts(app)];
  return {
    ...without(written, CONTAINER_DEFAULTS),
    env: orNone(environment(process, written.env)),
    envFrom: orNone(environmentSources(process, written.envFrom)),
    resources: {
      requests: { 'cpu': resources.cpu, 'memory': resources.memory, 'ephemeral-storage': reservedStorage(resources.ephemeralStorage) },
      limits: { 'cpu': resources.cpuLimit, 'memory': resources.memoryLimit, 'ephemeral-storage': resources.ephemeralStorage },
    },
    securityContext: security.privileged ? { privileged: true, readOnlyRootFilesystem: security.readOnlyRoot } : {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: security.readOnlyRoot,
      capabilities: { drop: ['ALL'], add: orNone([...security.capabilities]) },
    },
    volumeMounts: orNone([...ours.filter(({ mountPath }) => mountPath !== '/tmp' || !theirs.some(mount => mount.mountPath === '/tmp')), ...theirs]),
  };
}

/** Most apps write next to nothing: reserving all that they may write would fill nodes with apps that leave them empty. */
function reservedStorage(limit: string): string {
  return quantity(limit)! < quantity('64Mi')! ? limit : '64Mi';
}

/** A container that code added, which cdk8s-plus cannot tell to give up what the platform's Pod Security forbids. */
function confined({ platform }: ResolvedApp, added: any): object {
  if (platform.podSecurity !== 'restricted') return added;
  const { securityContext = {}, ...rest } = added;
  return { ...rest, securityContext: { ...without(securityContext, { privileged: false }), capabilities: { drop: ['ALL'], ...securityContext.capabilities } } };
}

/** What cdk8s-plus writes though it is the default of Kubernetes. */
const POD_DEFAULTS = { dnsPolicy: 'ClusterFirst', hostNetwork: false, restartPolicy: 'Always', setHostnameAsFQDN: false };
const CONTAINER_DEFAULTS = { imagePullPolicy: 'Always' };

function without(written: any, defaults: { readonly [field: string]: unknown }): any {
  return Object.fromEntries(Object.entries(written).filter(([field, value]) => defaults[field] !== value));
}

