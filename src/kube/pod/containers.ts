import { resourcesSpec, securityContext } from './bounds';
import { environment, environmentSources } from './environment';
import { containerFileMounts, fileMounts } from './files';
import { containerKeyFileMounts, keyFileMounts } from './key-files';
import { lifecycle } from './probes';
import { containerMounts } from './volumes';
import type { ContainerModel, PodSet, SecurityModel, SidecarModel } from '../../model/component';
import { orNone } from '../metadata';

/**
 * The containers that start before the process of a pod, one after the other. A sidecar among them keeps running; what comes after it
 * starts once its startup probe succeeds.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#sidecar-containers-and-pod-lifecycle
 */
export function initContainers(pods: PodSet): object[] {
  return pods.pod.initContainers.map(container => (
    'isSidecar' in container ? { ...sidecar(pods, container), restartPolicy: 'Always' } : besideContainer(pods, container)));
}

/** Sidecars as Kubernetes had none: containers like that of the process, which stop no earlier than it does. */
export function sidecarContainers(pods: PodSet): object[] {
  return pods.pod.sidecars.map(container => ({ ...sidecar(pods, container), lifecycle: lifecycle(pods.pod, pods) }));
}

function sidecar(pods: PodSet, container: SidecarModel): object {
  const { port } = container;
  const startupProbe = { tcpSocket: { port }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120 };
  return { ...besideContainer(pods, container), ...port === undefined ? {} : { ports: [{ containerPort: port }], startupProbe } };
}

function besideContainer({ pod }: PodSet, container: ContainerModel): object {
  const { containerName: name, image, command, args, resources, security } = container;
  const shared = container.sharesFiles ? [...fileMounts(pod.files), ...keyFileMounts(pod)] : [];
  return {
    name,
    image,
    command,
    args,
    env: orNone(environment(container)),
    envFrom: orNone(environmentSources(container)),
    resources: resourcesSpec(resources),
    securityContext: { ...securityContext(security), ...userOf(security, pod.security) },
    volumeMounts: orNone([
      ...containerMounts(container), ...shared, ...containerFileMounts(container), ...containerKeyFileMounts(container),
    ]),
  };
}

/** The user of a container, where it is not that of its pod. */
function userOf({ runAsUser, runAsGroup, runAsNonRoot }: SecurityModel, pod: SecurityModel): object {
  return {
    ...runAsUser === pod.runAsUser ? {} : { runAsUser, runAsNonRoot },
    ...runAsGroup === pod.runAsGroup ? {} : { runAsGroup },
  };
}
