import { orNone } from '../../kube/metadata';
import { initContainers as ownInitContainers, sidecarContainers } from '../../kube/pod/containers';
import type { WrittenContainer } from '../../kube/pod/pod-spec';
import { boundedContainer, podSpec, without } from '../../kube/pod/pod-spec';
import { lifecycle, livenessProbes, probes } from '../../kube/pod/probes';
import type { Component } from '../../model/component';
import { isWeb, isWorker } from '../../model/component';

/** What cdk8s-plus writes as the spec of a Deployment. */
export interface WrittenDeployment {
  readonly selector: object;
  readonly template: {
    readonly metadata: { readonly labels?: object };
    readonly spec: {
      readonly containers: readonly WrittenContainer[];
      readonly initContainers?: readonly WrittenContainer[];
      readonly volumes?: readonly object[];
    };
  };
}

/**
 * The spec of the Deployment of a component: what code set through cdk8s-plus, with what cdk8s-plus cannot express, and without the
 * defaults of Kubernetes that it repeats.
 *
 * @param strategy how its pods are replaced, as Kubernetes or Argo Rollouts has it
 * @param written what cdk8s-plus writes; its first container is the component's
 */
export function deploymentSpec(component: Component, strategy: object, written: WrittenDeployment): object {
  const { metadata, spec: { containers: [main, ...others], initContainers = [], volumes = [], ...pod } } = written.template;
  const own = podSpec(component);
  const mounts = others.concat(initContainers, main).flatMap(mounted => mounted.volumeMounts ?? []);
  const startup = startupTimeout(component) ?? 0;
  return {
    replicas: component.scaling.replicas,
    selector: written.selector,
    strategy,
    minReadySeconds: isWorker(component) && !component.liveness ? STARTED : undefined,
    progressDeadlineSeconds: startup >= 600 ? startup + 60 : undefined,
    template: {
      metadata,
      spec: {
        ...without(pod, POD_DEFAULTS),
        ...own,
        ...isWorker(component) && component.singleton ? { affinity: alone(component) } : {},
        containers: [container(component, main), ...sidecarContainers(component), ...others.map(other => confined(component, other))],
        initContainers: orNone([...ownInitContainers(component), ...initContainers.map(other => confined(component, other))]),
        volumes: orNone([
          ...own.volumes.filter(({ name }) => name !== 'tmp' || !mounts.some(mount => mount.mountPath === '/tmp')), ...volumes,
        ]),
      },
    },
  };
}

function startupTimeout(component: Component): number | undefined {
  if (isWeb(component)) return component.server.health.startupTimeout;
  return isWorker(component) ? component.liveness?.startupTimeout : undefined;
}

/** A worker that nothing checks: one that has not ended within these seconds counts as started, before the next one is replaced. */
const STARTED = 10;

/**
 * Keeps a pod from being scheduled while another one of its component exists, on whatever node: all nodes that it can run on have one
 * operating system. It holds for a pod that is ending too, which a Deployment replaces at once, and for one of a node that does not answer.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
 */
function alone({ selector }: Component): object {
  const term = { labelSelector: { matchLabels: selector }, topologyKey: 'kubernetes.io/os' };
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
}

/** What cdk8s-plus writes although it is the default of Kubernetes. */
const POD_DEFAULTS = { dnsPolicy: 'ClusterFirst', hostNetwork: false, restartPolicy: 'Always', setHostnameAsFQDN: false };

function container(component: Component, written: WrittenContainer): object {
  const { pod } = component;
  const checks = isWeb(component) ? probes(component.server) : isWorker(component) ? livenessProbes(component) : {};
  return { ...boundedContainer(pod, written), ...checks, lifecycle: lifecycle(pod, component) };
}

/** A container that code added. cdk8s-plus cannot tell it to give up what the platform's Pod Security forbids. */
function confined({ platform }: Component, added: WrittenContainer): object {
  if (platform.podSecurity !== 'restricted') return added;
  const { securityContext = {}, ...rest } = added;
  const capabilities = { drop: ['ALL'], ...securityContext.capabilities };
  return { ...rest, securityContext: { ...without(securityContext, { privileged: false }), capabilities } };
}
