/** Metadata of Kubernetes objects, which all kinds have. */
import type { AppDraft } from '../draft';
import type { Reader } from '../reader';

/** What the API server writes, and exports of objects have. */
const OF_CLUSTER = [
  'uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields', 'ownerReferences', 'selfLink', 'finalizers', 'generateName',
];

/** Labels and annotations that tools write for themselves. */
const OF_TOOLS = new RegExp(
  '^(app|k8s-app|chart|heritage|release|tier|component|pod-template-hash)$'
  + '|^(app\\.kubernetes\\.io|helm\\.sh|meta\\.helm\\.sh|argocd\\.argoproj\\.io|deployment\\.kubernetes\\.io|checksum'
  + '|kubectl\\.kubernetes\\.io|kustomize\\.toolkit\\.fluxcd\\.io|helm\\.toolkit\\.fluxcd\\.io|serving\\.knative\\.dev'
  + '|client\\.knative\\.dev|batch\\.kubernetes\\.io|autoscaling\\.alpha\\.kubernetes\\.io)/');

/**
 * Reads the metadata of an object.
 *
 * @param keep whether labels and annotations that users write become those of the app
 */
export function readMetadata(object: Reader, app: AppDraft | undefined, keep: boolean): void {
  for (const name of ['apiVersion', 'kind']) object.field(name)?.taken('the kind of the object');
  object.field('status')?.taken('the cluster writes it');
  const metadata = object.field('metadata');
  if (!metadata) return;
  metadata.field('name')?.taken(app?.shown(['name']) ?? 'the name of the object');
  metadata.field('namespace')?.taken('namespace');
  for (const name of OF_CLUSTER) metadata.field(name)?.taken('the cluster writes it');
  for (const group of ['labels', 'annotations'] as const) {
    for (const [name, one] of metadata.field(group)?.fields ?? []) {
      if (one.outcome) continue;
      if (OF_TOOLS.test(name)) one.taken('the tool that deploys writes it');
      else if (keep && app && one.text !== undefined) app.take(one, [group, name], one.text);
      else one.none(`the objects of an app have its ${group}`, `write ${group}: { … }, if something reads it`);
    }
  }
}
