import { keyOf } from './files';
import type { KeyFile, PodModel } from '../../model/component';

const SECRETS = 'secret-files';
const CONFIG_MAPS = 'config-map-files';

/** The volumes that other props have. */
export const KEY_FILE_VOLUMES: readonly string[] = [SECRETS, CONFIG_MAPS];

/**
 * Files that are keys of existing objects, in one volume for all Secrets and one for all ConfigMaps. The keys are named in the volume, so
 * that a pod waits for a key that is missing, and says so, rather than start with an empty directory in its place.
 *
 * The kubelet gives the files of Secrets to the group of the pod, and nobody else may read them: programs such as PostgreSQL's clients
 * refuse private keys that everybody can read.
 *
 * @see https://kubernetes.io/docs/concepts/storage/projected-volumes/
 */
export function keyFileVolumes({ secretFiles, configMapFiles }: PodModel): { name: string; projected: object }[] {
  return [
    ...secretFiles.length === 0 ? [] : [{ name: SECRETS, projected: { defaultMode: 0o440, sources: sources(secretFiles, 'secret') } }],
    ...configMapFiles.length === 0 ? [] : [{ name: CONFIG_MAPS, projected: { sources: sources(configMapFiles, 'configMap') } }],
  ];
}

/** The objects, each with its keys. */
function sources(files: readonly KeyFile[], kind: 'secret' | 'configMap'): object[] {
  const names = [...new Set(files.map(({ object }) => object))];
  return names.map(name => ({
    [kind]: { name, items: files.filter(({ object }) => object === name).map(({ path, key }) => ({ key, path: keyOf(path) })) },
  }));
}

/** Each file is mounted by itself, so that files of other props and of the image may be beside it. */
export function keyFileMounts({ secretFiles, configMapFiles }: PodModel) {
  const mount = (name: string, { path }: KeyFile) => ({ name, mountPath: path, subPath: keyOf(path), readOnly: true });
  return [...secretFiles.map(file => mount(SECRETS, file)), ...configMapFiles.map(file => mount(CONFIG_MAPS, file))];
}
