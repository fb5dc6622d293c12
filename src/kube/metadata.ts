import type { ApiObjectMetadata } from 'cdk8s';
import type { Named } from '../model/named';
import type { Strings } from '../model/strings';

/**
 * The steps in which Argo CD creates the objects of an app, if the platform asks for it. The add-on's route must exist before the
 * ScaledObject: if the ScaledObject is created first, KEDA falls back to a CPU metric.
 *
 * A release command runs before the rest, and after what it needs; without one, nothing needs to come first.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 */
const WAVES = { needs: '-2', release: '-1', workload: '0', route: '1', scaling: '2', entry: '3' };

type Wave = keyof typeof WAVES;

/** Metadata of an object of a part of an app, which has the name of the part unless another is given. */
export function objectMetadata(named: Named, wave: Wave = 'workload', name = named.name): ApiObjectMetadata & { name: string } {
  const waves: { [annotation: string]: string } = named.platform.syncWaves ? { 'argocd.argoproj.io/sync-wave': waveOf(named, wave) } : {};
  return { name, labels: named.labels, annotations: orNothing({ ...named.annotations, ...waves }) };
}

function waveOf({ hasRelease }: Named, wave: Wave): string {
  return wave === 'needs' && !hasRelease ? WAVES.workload : WAVES[wave];
}

/** Metadata of pods. */
export function podMetadata({ labels, annotations }: Named): ApiObjectMetadata {
  return { labels, annotations: orNothing(annotations) };
}

/** Metadata with further annotations, which override those that it has. */
export function annotated<T extends ApiObjectMetadata>(metadata: T, annotations: Strings): T {
  return { ...metadata, annotations: orNothing({ ...metadata.annotations, ...annotations }) };
}

/** A map, or nothing if it is empty, so that no `{}` is written. */
export function orNothing<T extends object>(map: T): T | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}

/** A list likewise, so that no `[]` is written. */
export function orNone<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** A duration as KEDA and Gateway API write it. */
export function inSeconds(duration: number | undefined): string | undefined {
  return duration === undefined ? undefined : `${duration}s`;
}
