/** Where in the cluster a host is that an app connects to: behind a Service, in the app's own pod, or nowhere. */
import { isIP } from 'node:net';
import type { Cluster } from '../kube/connect';
import type { AppName, Pod, Service } from '../kube/types';
import { holds, POD, SERVICE } from '../kube/types';
import type { Workload } from '../kube/workload';
import { Failure } from '../ui/failure';

interface Named {
  /** Whether the app calls it by another name than it has, as all apps do with the interceptor of the HTTP add-on. */
  readonly isAlias?: boolean;
}

/** A port of pods, any of which will do. */
export interface PodTarget extends Named {
  readonly namespace: string;

  /** What it is behind, for messages. */
  readonly shown: string;

  /** The name of the Service; undefined if it is the app itself. */
  readonly service?: string;

  /** The pods that can be connected to now, the best first. */
  readonly pods: () => Promise<readonly Pod[]>;

  /** The number of the port in a pod. */
  readonly portOf: (pod: Pod) => number;
}

/** A host outside of the cluster. */
export interface OutsideTarget extends Named {
  readonly host: string;
}

export interface TargetRequest {
  readonly cluster: Cluster;
  readonly app: AppName;

  /** What runs the app, as its own pods may be what listens. */
  readonly workload: Workload;
  readonly host: string;
  readonly port: number;
}

/**
 * Finds a host as the cluster's DNS does for the app's pods.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 * @throws Failure if it is the name of a Service that does not exist, or has no pods
 */
export async function findTarget(request: TargetRequest): Promise<PodTarget | OutsideTarget> {
  const { cluster, app, workload, host, port } = request;
  if (['localhost', '127.0.0.1', '::1'].includes(host)) return ownPods(cluster, workload, port);
  const [first, second, third, fourth] = host.replace(/\.$/, '').split('.');
  if (isIP(host) !== 0) return { host };
  if (second === undefined) return found(request, first, app.namespace);
  if (third === undefined) return found(request, first, second, host);
  if (third === 'svc') return found(request, first, second);
  // One pod of a StatefulSet: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
  if (fourth === 'svc') return found(request, second, third, undefined, first);
  return { host };
}

/** @param outside the host that it is, if there is no such Service */
async function found(
  request: TargetRequest, name: string, namespace: string, outside?: string, pod?: string,
): Promise<PodTarget | OutsideTarget> {
  const { cluster, port, host } = request;
  const service = await cluster.objects.get({ ...SERVICE, namespace, name });
  if (!service && outside !== undefined) return { host: outside };
  if (!service) throw new Failure(`there is no Service ${name} in namespace ${namespace}, and the app connects to ${host}`);
  const { type, externalName, selector } = service.spec;
  if (type === 'ExternalName') return { ...await findTarget({ ...request, host: externalName! }), isAlias: true };
  if (!selector) {
    throw new Failure([
      `Service ${name} in namespace ${namespace} has no pods: it stands for addresses outside of the cluster`,
      '  only the cluster knows the way there; run a client in it, with webapp run -- COMMAND',
    ].join('\n'));
  }
  const list = async () => {
    const all = await readyPods(cluster, namespace, selector);
    return pod === undefined ? all : all.filter(({ metadata }) => metadata.name === pod);
  };
  return { namespace, shown: `Service ${name}`, service: name, pods: list, portOf: one => portIn(one, service, port) };
}

function ownPods(cluster: Cluster, { metadata: { name, namespace = '' }, spec }: Workload, port: number): PodTarget {
  const pods = async () => readyPods(cluster, namespace, spec.selector.matchLabels ?? {});
  return { namespace, shown: name, pods, portOf: () => port };
}

async function readyPods(cluster: Cluster, namespace: string, labels: { readonly [label: string]: string }): Promise<Pod[]> {
  const pods = await cluster.objects.list(POD, { namespace, labels });
  const running = pods.filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running');
  // One that is not ready may still be what the user wants to look into.
  return [...running.filter(pod => holds(pod, 'Ready')), ...running.filter(pod => !holds(pod, 'Ready'))];
}

function portIn(pod: Pod, { metadata: { name }, spec: { ports = [], clusterIP } }: Service, port: number): number {
  // A Service without an address of its own has the pods themselves in the DNS, at any port.
  const known = ports.find(one => one.port === port);
  const target = clusterIP === 'None' ? port : known?.targetPort ?? known?.port;
  if (target === undefined) {
    throw new Failure(`Service ${name} has no port ${port}; it has ${ports.map(one => one.port).join(', ') || 'none'}`);
  }
  if (/^\d+$/.test(String(target))) return Number(target);
  const containers = [...pod.spec.containers, ...pod.spec.initContainers ?? []];
  const named = containers.flatMap(container => container.ports ?? []).find(one => one.name === target);
  if (!named) throw new Failure(`pod ${pod.metadata.name} has no port ${target}, which Service ${name} names`);
  return named.containerPort;
}
