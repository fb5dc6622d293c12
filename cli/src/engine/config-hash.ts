import { createHash } from 'node:crypto';
import type { Cluster } from '../kube/connect';
import { referenceTo, sameObject } from '../kube/objects';
import type { ConfigMap, PodTemplate, Secret } from '../kube/types';
import type { Use } from '../kube/uses';
import { usesOf } from '../kube/uses';
import type { Workload } from '../kube/workload';
import { workloadsIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** What asks for it in a workload: https://github.com/stakater/Reloader */
const RELOAD = 'reloader.stakater.com/auto';

/** The annotation of pods: https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments */
const CHECKSUM = 'checksum/config';

/**
 * Objects in which the pods of workloads that ask for it have a hash of the Secrets and ConfigMaps that they use, so that a change of
 * those replaces them.
 */
export async function withConfigHash(cluster: Cluster, objects: readonly Manifest[]): Promise<Manifest[]> {
  const asking = workloadsIn(objects).filter(({ metadata: { annotations } }) => annotations?.[RELOAD] === 'true');
  const hashes = new Map<unknown, string | undefined>();
  for (const workload of asking) hashes.set(workload, await configHash(cluster, workload, objects));
  return objects.map(object => {
    const hash = hashes.get(object);
    return hash === undefined ? object : withAnnotation(object as unknown as Workload, hash);
  });
}

function withAnnotation(workload: Workload, hash: string): Manifest {
  const { template: { metadata, ...pod }, ...spec } = workload.spec;
  const template = { metadata: { ...metadata, annotations: { ...metadata?.annotations, [CHECKSUM]: hash } }, ...pod };
  return { ...workload, spec: { ...spec, template } } as unknown as Manifest;
}

/** A hash of what a workload's pods use; undefined if they use nothing, or nothing that exists. */
async function configHash(cluster: Cluster, { metadata: { namespace }, spec: { template } }: Workload, objects: readonly Manifest[]) {
  const content: string[] = [];
  for (const { kind, name, keys } of usedBy(template)) {
    const reference = { ...kind, namespace, name };
    // A ConfigMap of the app itself is applied before the workload.
    const own = objects.find(object => sameObject(referenceTo(object), reference)) as unknown as Secret | ConfigMap | undefined;
    const found = own ?? await cluster.objects.get<Secret | ConfigMap>(reference);
    if (!found) continue;
    const { metadata, data = {} } = found;
    const binary = 'binaryData' in found ? found.binaryData : {};
    const values = Object.entries({ ...data, ...binary }).filter(([key]) => keys?.has(key) ?? true).sort(byName);
    content.push(JSON.stringify([kind.kind, name, own ? '' : metadata.uid, values]));
  }
  // The uid of a Secret is known to those alone who may read it, so that nobody else finds a value by trying all.
  return content.length > 0 ? createHash('sha256').update(content.join('\n')).digest('hex').slice(0, 20) : undefined;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** A Secret or a ConfigMap that a pod uses, and which of its keys; undefined if it may be all. */
interface Used extends Pick<Use, 'kind' | 'name'> {
  readonly keys?: ReadonlySet<string>;
}

/** What a pod uses of Secrets and ConfigMaps, by kind and name. */
function usedBy(template: PodTemplate): Used[] {
  const used = new Map<string, Used>();
  for (const { kind, name, key } of usesOf(template)) {
    const id = `${kind.kind}/${name}`;
    const known = used.get(id);
    const isWhole = key === undefined || (known && !known.keys);
    used.set(id, { kind, name, keys: isWhole ? undefined : new Set([...known?.keys ?? [], key]) });
  }
  return [...used.values()].sort((a, b) => (a.kind.kind + a.name < b.kind.kind + b.name ? -1 : 1));
}
