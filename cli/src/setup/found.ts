import type { Part, PartName } from './part';
import { partsOf } from './parts';
import { compareVersions, imageVersion } from './version';
import { sendJson } from '../kube/api';
import type { Cluster } from '../kube/connect';
import { CLUSTER_BUILD_STRATEGY, CLUSTER_ISSUER, DEPLOYMENT, GATEWAY, INGRESS_CLASS, NAMESPACE } from '../kube/types';
import type { ClusterIssuer, Deployment, Gateway, IngressClass, Kind, KubernetesObject, Namespace } from '../kube/types';

/** A program that a cluster has. */
export interface FoundPart {
  /** Undefined where neither its image nor its labels have it. */
  readonly version?: string;
  readonly namespace: string;

  /** Who set its fields: https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers */
  readonly managers: readonly string[];

  /** The version that `webapp setup` has installed to the end, of manifests that it applied. */
  readonly completed?: string;

  /** The arguments of its first container. */
  readonly args: readonly string[];
}

/** What a cluster has. */
export interface Found {
  /** The version of Kubernetes, such as `1.36`; undefined for a cluster that is yet to be created. */
  readonly kubernetes?: string;
  readonly parts: ReadonlyMap<PartName, FoundPart>;
  readonly ingressClasses: readonly IngressClass[];
  readonly gateways: readonly Gateway[];
  readonly issuers: readonly ClusterIssuer[];

  /** The names of its namespaces, and of its ClusterBuildStrategies. */
  readonly namespaces: readonly string[];
  readonly buildStrategies: readonly string[];
}

/** The annotation of a namespace with the version that `webapp setup` has installed to the end: manifests have no other record of it. */
export const COMPLETED = 'cdk8s-webapp.dev/setup';

/** A cluster that is yet to be created. */
export const NOTHING: Found = { parts: new Map(), ingressClasses: [], gateways: [], issuers: [], namespaces: [], buildStrategies: [] };

/** All that can be installed, to be looked for. */
const ALL: readonly Part[] = [
  ...partsOf({ entry: 'traefik', with: ['builds', 'postgres', 'monitoring'] }),
  ...partsOf({ entry: 'envoy-gateway', with: [] }).filter(({ name }) => name === 'envoy-gateway'),
];

/** Looks at a cluster. */
export async function lookAt({ api, objects }: Cluster): Promise<Found> {
  const { gitVersion } = await sendJson<{ readonly gitVersion: string }>(api, 'GET', '/version');
  const listAll = async <T extends KubernetesObject>(kind: Kind<T>) => await objects.knows(kind) ? objects.list(kind, {}) : [];
  const [deployments, namespaces, ingressClasses, gateways, issuers, strategies] = await Promise.all([
    listAll(DEPLOYMENT), listAll(NAMESPACE), listAll(INGRESS_CLASS), listAll(GATEWAY), listAll(CLUSTER_ISSUER),
    listAll(CLUSTER_BUILD_STRATEGY),
  ]);
  const found = ALL.flatMap(part => {
    const deployment = deploymentOf(part, deployments);
    if (!deployment) return [];
    const namespace = namespaces.find(({ metadata }) => metadata.name === deployment.metadata.namespace);
    return [[part.name, describe(deployment, namespace)] as const];
  });
  return {
    kubernetes: /^v?(\d+\.\d+)/.exec(gitVersion)?.[1],
    parts: new Map(found),
    ingressClasses,
    gateways,
    issuers,
    namespaces: namesOf(namespaces),
    buildStrategies: namesOf(strategies),
  };
}

function namesOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}

function deploymentOf({ found: { names, labels = [] } }: Part, deployments: readonly Deployment[]): Deployment | undefined {
  const isLabelled = ({ metadata: { labels: own = {} } }: Deployment) => (
    [own.app, own['app.kubernetes.io/name']].some(label => label !== undefined && labels.includes(label)));
  return deployments.find(({ metadata }) => names.includes(metadata.name)) ?? deployments.find(isLabelled);
}

function describe(
  { metadata: { namespace, labels, managedFields }, spec: { template } }: Deployment, inside: Namespace | undefined,
): FoundPart {
  const [{ image = '', args = [] }] = template.spec!.containers;
  return {
    version: imageVersion(image) ?? /^v?(\d.*)$/.exec(labels?.['app.kubernetes.io/version'] ?? '')?.[1],
    namespace: namespace!,
    completed: inside?.metadata.annotations?.[COMPLETED],
    managers: (managedFields ?? []).flatMap(({ manager }) => manager ?? []),
    args,
  };
}

/** Whether a part is older than what apps work with. */
export function isTooOld({ minimum }: Part, version: string | undefined): boolean {
  return minimum !== undefined && version !== undefined && compareVersions(version, minimum) < 0;
}
