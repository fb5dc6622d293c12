import type { Problem } from './problem';
import { entry, quoted } from './problem';
import { when } from './rule';
import type { KeyFile, PodModel, VolumeModel } from '../model/component';
import type { Strings } from '../model/strings';

/** Something that is mounted in a process, or in another container. */
export interface Mount {
  readonly prop: string;
  readonly path: string;
  readonly kind: 'volume' | 'binding' | 'file';
  /** Whether nothing can be created in it, not even the file or directory that something else is mounted on. */
  readonly readOnly: boolean;
}

/** @param prop path of the map of volumes in the props */
export function volumeMounts(volumes: readonly VolumeModel[], prop: string): Mount[] {
  return volumes.map(({ name, path, source, readOnly }): Mount => source.kind === 'secret'
    ? { prop: `the volume ${name}`, path, kind: 'binding', readOnly }
    : { prop: `${entry(prop, name)}.path`, path, kind: 'volume', readOnly });
}

/** What a process or another container has as files. */
interface Files {
  readonly files: Strings;
  readonly binaryFiles?: Strings;
  readonly secretFiles: readonly KeyFile[];
  readonly configMapFiles: readonly KeyFile[];
}

/** @param prefix path of the container in the props, with a dot at its end */
export function fileMounts({ files, binaryFiles = {}, secretFiles, configMapFiles }: Files, prefix = ''): Mount[] {
  const file = (prop: string, path: string): Mount => ({ prop: entry(`${prefix}${prop}`, path), path, kind: 'file', readOnly: true });
  return [
    ...Object.keys(files).map(path => file('files', path)),
    ...Object.keys(binaryFiles).map(path => file('binaryFiles', path)),
    ...secretFiles.map(({ path }) => file('secretFiles', path)),
    ...configMapFiles.map(({ path }) => file('configMapFiles', path)),
  ];
}

/** The files of the process of a pod. */
export function podFileMounts({ files: { contents, binary }, secretFiles, configMapFiles }: PodModel): Mount[] {
  return fileMounts({ files: contents, binaryFiles: binary, secretFiles, configMapFiles });
}

/**
 * Whether everything can be mounted where it is meant to be.
 *
 * @param of the mounts that are looked at; the others are those of props that have problems of their own
 */
export function mountProblems(mounts: readonly Mount[], of: readonly Mount[] = mounts): Problem[] {
  const inherited = mounts.filter(mount => !of.includes(mount));
  return mounts.flatMap((mount, i) => of.includes(mount) ? mountProblem(mount, mounts.slice(0, i), mounts, inherited) : []);
}

function mountProblem(
  { prop, path, readOnly }: Mount, before: readonly Mount[], all: readonly Mount[], inherited: readonly Mount[],
): Problem[] {
  const taken = before.find(other => other.path === path);
  const outer = all.find(other => other.readOnly && path.startsWith(`${other.path}/`));
  const inner = readOnly ? inherited.find(other => other.path.startsWith(`${path}/`)) : undefined;
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
