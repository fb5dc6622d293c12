import { KEY_FILE_VOLUMES } from '../../kube/pod/key-files';
import type { PodSet } from '../../model/component';
import type { VolumeSettings } from '../../model/props';
import { mountProblems, podFileMounts, volumeMounts } from '../../validation/mounts';
import type { Problem } from '../../validation/problem';
import { entry } from '../../validation/problem';
import { count, when } from '../../validation/rule';

/** Names that the volumes of other props have. */
const RESERVED = ['files', ...KEY_FILE_VOLUMES];

type Volumes = { readonly [name: string]: VolumeSettings & { readonly path?: string } };

/**
 * Volumes of a process whose parts do not fit together.
 *
 * @param owner what new claims are named after
 */
export function volumeProblems(owner: string, volumes: Volumes = {}): Problem[] {
  return Object.entries(volumes).flatMap(([name, volume]) => {
    const path = entry('volumes', name);
    const claim = volume.claim ?? volume.size;
    return when(
      [kindsOf(volume) > 1, path, 'says more than once where its files are stored', ONE_KIND],
      [volume.storageClass !== undefined && volume.size === undefined, `${path}.storageClass`,
        'is set, but no claim is created',
        'set size too, or remove it'],
      [volume.accessMode !== undefined && claim === undefined, `${path}.accessMode`,
        'is set, but there is no claim',
        'set size or claim too, or remove it'],
      [(name === 'tmp' && volume.path !== '/tmp') || RESERVED.includes(name), path, 'has a reserved name', 'choose another', 'duplicate'],
      [volume.size !== undefined && `${owner}-${name}`.length > 253, path,
        'has a name that is too long',
        'choose a shorter one', 'range'],
    );
  });
}

/** Volumes of the app that do not say what they are. Those of other processes may mean one of the app. */
export function kindProblems(volumes: Volumes = {}): Problem[] {
  return Object.entries(volumes).flatMap(([name, volume]) => when(
    [kindsOf(volume) === 0, entry('volumes', name), 'does not say where its files are stored', ONE_KIND],
  ));
}

const ONE_KIND = 'set exactly one of claim, size, memory and empty';

function kindsOf({ claim, size, memory, empty }: VolumeSettings): number {
  return count(claim, size, memory, empty);
}

/**
 * Whether everything can be mounted where it is meant to be.
 *
 * @param isWeb whether the files are its own, and not those of the app; of a process, only the volumes are
 */
export function podMountProblems({ pod }: PodSet, isWeb = true): Problem[] {
  const volumes = volumeMounts(pod.volumes, 'volumes');
  const ofFiles = podFileMounts(pod);
  if (isWeb) return mountProblems([...volumes, ...ofFiles]);
  return mountProblems([...ofFiles, ...volumes], volumes.filter(({ kind }) => kind === 'volume'));
}
