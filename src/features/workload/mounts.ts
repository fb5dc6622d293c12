import { KEY_FILE_VOLUMES } from '../../kube/pod/key-files';
import type { PodSet } from '../../model/component';
import type { VolumeSettings } from '../../model/props';
import type { Problem } from '../../validation/problem';
import { entry, quoted } from '../../validation/problem';
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

/** Something that is mounted in a process. */
interface Mount {
  readonly prop: string;
  readonly path: string;
  readonly kind: 'volume' | 'binding' | 'file';
  /** Whether nothing can be created in it, not even the file or directory that something else is mounted on. */
  readonly readOnly: boolean;
}

/**
 * Whether everything can be mounted where it is meant to be.
 *
 * @param isWeb whether the files are its own, and not those of the app; of a process, only the volumes are
 */
export function mountProblems({ pod: { volumes, files, secretFiles, configMapFiles } }: PodSet, isWeb = true): Problem[] {
  const file = (prop: string, path: string): Mount => ({ prop: entry(prop, path), path, kind: 'file', readOnly: true });
  const ofVolumes = volumes.map(({ name, path, source, readOnly }): Mount => source.kind === 'secret'
    ? { prop: `the volume ${name}`, path, kind: 'binding', readOnly }
    : { prop: `${entry('volumes', name)}.path`, path, kind: 'volume', readOnly });
  const ofFiles = [
    ...Object.keys(files.contents).map(path => file('files', path)),
    ...Object.keys(files.binary).map(path => file('binaryFiles', path)),
    ...secretFiles.map(({ path }) => file('secretFiles', path)),
    ...configMapFiles.map(({ path }) => file('configMapFiles', path)),
  ];
  const mounts = isWeb ? [...ofVolumes, ...ofFiles] : [...ofFiles, ...ofVolumes];
  return mounts.flatMap((mount, i) => isWeb || mount.kind === 'volume' ? mountProblem(mount, mounts.slice(0, i), mounts, isWeb) : []);
}

function mountProblem({ prop, path, readOnly }: Mount, before: readonly Mount[], all: readonly Mount[], isWeb: boolean): Problem[] {
  const taken = before.find(other => other.path === path);
  const outer = all.find(other => other.readOnly && path.startsWith(`${other.path}/`));
  const inner = isWeb || !readOnly ? undefined : all.find(other => other.kind !== 'volume' && other.path.startsWith(`${path}/`));
  const kernel = ['/proc', '/sys'].find(folder => path === folder || path.startsWith(`${folder}/`));
  return when(
    [path === '/', prop, 'is "/", the root of the image', 'use a path such as /data'],
    [kernel, prop, `is ${quoted(path)}, but nothing can be mounted in ${kernel}, which is the kernel's`, 'use another path'],
    [taken, prop, `is ${quoted(path)}, which ${taken?.prop} already uses`, 'choose another path', 'duplicate'],
    [outer, prop, `is ${quoted(path)}, which is below ${outer?.prop}, ${outer?.kind === 'file' ? 'a file' : 'a read-only volume'}`,
      'choose another path'],
    [inner, prop, `is ${quoted(path)}, a read-only volume, and ${inner?.prop} is below it`, 'choose another path'],
  );
}
