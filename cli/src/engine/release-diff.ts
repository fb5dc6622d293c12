import type { Change } from './preflight';
import type { Release } from './release-store';
import { referenceTo, sameObject } from '../kube/objects';
import type { KubernetesObject } from '../kube/types';
import { isKind } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** How the objects of a release differ from those of an earlier one, without those that are the same. */
export function compareReleases(from: Pick<Release, 'objects'>, to: Pick<Release, 'objects'>): Change[] {
  const left = [...from.objects];
  const take = (fits: (object: Manifest) => boolean) => {
    const i = left.findIndex(fits);
    return i === -1 ? undefined : left.splice(i, 1)[0];
  };
  // First all that have the same name, then those that are named by their content.
  const same = new Map(to.objects.map(object => [object, take(one => sameObject(referenceTo(one), referenceTo(object)))]));
  const pairs = to.objects.map(after => ({ before: same.get(after) ?? take(one => isEarlier(one, after)), after }));
  const changed = pairs.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
  return [
    ...changed.map(({ before, after }): Change => (
      { ...referenceTo(after), change: before ? 'change' : 'create', before: asObject(before), after: asObject(after) })),
    ...left.map((before): Change => ({ ...referenceTo(before), change: 'remove', before: asObject(before) })),
  ];
}

function asObject(object: Manifest | undefined): KubernetesObject | undefined {
  return object as unknown as KubernetesObject | undefined;
}

/** The hash at the end of names of immutable ConfigMaps, Jobs and builds. */
const HASH = /-[0-9a-f]{10}$/;

/** Whether an object is an earlier version of another one whose name is a hash of its content. */
function isEarlier(one: Manifest, other: Manifest): boolean {
  const [a, b] = [one, other].map(({ metadata: { name } }) => name.replace(HASH, ''));
  return isKind(one, other) && a === b && HASH.test(one.metadata.name) && HASH.test(other.metadata.name);
}
