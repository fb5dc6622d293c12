import { containerKeyOf, keyOf } from './files';
import type { ContainerModel, KeyFile, PodModel } from '../../model/component';

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
export function keyFileVolumes(pod: PodModel): { name: string; projected: object }[] {
  const [secrets, configMaps] = [keysOf(pod, 'secretFiles'), keysOf(pod, 'configMapFiles')];
  return [
    ...secrets.length === 0 ? [] : [{ name: SECRETS, projected: { defaultMode: 0o440, sources: sources(secrets, 'secret') } }],
    ...configMaps.length === 0 ? [] : [{ name: CONFIG_MAPS, projected: { sources: sources(configMaps, 'configMap') } }],
  ];
}

/** Whether any container of a pod has files of Secrets. */
export function mountsSecretFiles(pod: PodModel): boolean {
  return keysOf(pod, 'secretFiles').length > 0;
}

/** A key of an object, as it is named in the volume. */
interface ProjectedKey {
  readonly object: string;
  readonly item: { readonly key: string; readonly path: string };
}

/** The keys that the process of a pod has, and those that its other containers have. */
function keysOf(pod: PodModel, prop: 'secretFiles' | 'configMapFiles'): ProjectedKey[] {
  const projected = ({ object, key }: KeyFile, path: string) => ({ object, item: { key, path } });
  return [
    ...pod[prop].map(file => projected(file, keyOf(file.path))),
    ...[...pod.initContainers, ...pod.sidecars].flatMap(({ containerName, [prop]: files }) => (
      files.map(file => projected(file, containerKeyOf(containerName, file.path))))),
  ];
}

/** The objects, each with its keys. */
function sources(keys: readonly ProjectedKey[], kind: 'secret' | 'configMap'): object[] {
  const names = [...new Set(keys.map(({ object }) => object))];
  return names.map(name => ({ [kind]: { name, items: keys.filter(({ object }) => object === name).map(({ item }) => item) } }));
}

/** Each file is mounted by itself, so that files of other props and of the image may be beside it. */
export function keyFileMounts(pod: PodModel) {
  return mounts(pod, keyOf);
}

/** The files that a container has of its own. */
export function containerKeyFileMounts(container: ContainerModel) {
  return mounts(container, path => containerKeyOf(container.containerName, path));
}

function mounts({ secretFiles, configMapFiles }: Pick<PodModel, 'secretFiles' | 'configMapFiles'>, subPathOf: (path: string) => string) {
  const mount = (name: string, { path }: KeyFile) => ({ name, mountPath: path, subPath: subPathOf(path), readOnly: true });
  return [...secretFiles.map(file => mount(SECRETS, file)), ...configMapFiles.map(file => mount(CONFIG_MAPS, file))];
}
