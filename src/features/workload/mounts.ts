import { KEY_FILE_VOLUMES } from '../../kube/pod/key-files';
import type { AppModel } from '../../model/app';
import type { Problem } from '../../validation/problem';
import { entry, quoted } from '../../validation/problem';
import { count, when } from '../../validation/rule';
import type { WebAppProps } from '../../web-app-props';

/** Names that the volumes of other props have. */
const RESERVED = ['files', ...KEY_FILE_VOLUMES];

/** Whether each volume says what it is, and whether its name is free. */
export function volumeProblems(app: AppModel, props: WebAppProps): Problem[] {
  return Object.entries(props.volumes ?? {}).flatMap(([name, volume]) => {
    const path = entry('volumes', name);
    const kinds = count(volume.claim, volume.size, volume.memory, volume.empty);
    const claim = volume.claim ?? volume.size;
    return when(
      [kinds !== 1, path,
        kinds === 0 ? 'does not say where its files are stored' : 'says more than once where its files are stored',
        'set exactly one of claim, size, memory and empty'],
      [volume.storageClass !== undefined && volume.size === undefined, `${path}.storageClass`,
        'is set, but no claim is created',
        'set size too, or remove it'],
      [volume.accessMode !== undefined && claim === undefined, `${path}.accessMode`,
        'is set, but there is no claim',
        'set size or claim too, or remove it'],
      [(name === 'tmp' && volume.path !== '/tmp') || RESERVED.includes(name), path, 'has a reserved name', 'choose another', 'duplicate'],
      [volume.size !== undefined && `${app.name}-${name}`.length > 253, path,
        'has a name that is too long',
        'choose a shorter one', 'range'],
    );
  });
}

/** Something that is mounted in the app. */
interface Mount {
  readonly prop: string;
  readonly path: string;
  readonly isFile: boolean;
  /** Whether nothing can be created in it, not even the file or directory that something else is mounted on. */
  readonly readOnly: boolean;
}

/** Whether everything can be mounted where it is meant to be. */
export function mountProblems({ web: { pod: { volumes, files, secretFiles, configMapFiles } } }: AppModel): Problem[] {
  const file = (prop: string, path: string): Mount => ({ prop: entry(prop, path), path, isFile: true, readOnly: true });
  const mounts: Mount[] = [
    ...volumes.map(({ name, path, source, readOnly }) => (
      { prop: source.kind === 'secret' ? `the volume ${name}` : `${entry('volumes', name)}.path`, path, isFile: false, readOnly })),
    ...Object.keys(files.contents).map(path => file('files', path)),
    ...secretFiles.map(({ path }) => file('secretFiles', path)),
    ...configMapFiles.map(({ path }) => file('configMapFiles', path)),
  ];
  return mounts.flatMap((mount, i) => mountProblem(mount, mounts.slice(0, i), mounts));
}

function mountProblem({ prop, path }: Mount, before: readonly Mount[], all: readonly Mount[]): Problem[] {
  const taken = before.find(other => other.path === path);
  const outer = all.find(other => other.readOnly && path.startsWith(`${other.path}/`));
  const kernel = ['/proc', '/sys'].find(folder => path === folder || path.startsWith(`${folder}/`));
  return when(
    [path === '/', prop, 'is "/", the root of the image', 'use a path such as /data'],
    [kernel, prop, `is ${quoted(path)}, but nothing can be mounted in ${kernel}, which is the kernel's`, 'use another path'],
    [taken, prop, `is ${quoted(path)}, which ${taken?.prop} already uses`, 'choose another path', 'duplicate'],
    [outer, prop, `is ${quoted(path)}, which is below ${outer?.prop}, ${outer?.isFile ? 'a file' : 'a read-only volume'}`,
      'choose another path'],
  );
}
