import { KEY_FILE_VOLUMES } from '../../kube/pod/key-files';
import type { AppModel } from '../../model/app';
import { fileMounts, mountProblems, volumeMounts } from '../../validation/mounts';
import type { Problem } from '../../validation/problem';
import { entry } from '../../validation/problem';
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

/** Whether everything can be mounted where it is meant to be. */
export function appMountProblems({ web: { pod } }: AppModel): Problem[] {
  const { volumes, files, secretFiles, configMapFiles } = pod;
  return mountProblems([...volumeMounts(volumes, 'volumes'), ...fileMounts({ files: files.contents, secretFiles, configMapFiles })]);
}
