import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ContainerModel, FilesModel, PodModel } from '../../model/component';
import type { Named } from '../../model/named';
import type { Strings } from '../../model/strings';
import { contentHash } from '../content-hash';
import { objectMetadata, orNothing } from '../metadata';

/**
 * The files of an app, as one immutable ConfigMap that is named by its content: a changed file is another ConfigMap, so that pods
 * are replaced, and the pods of the old version keep the old one.
 *
 * @param files as they are when the tree is written: code may add some until then
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
 */
export function createFiles(scope: Construct, named: Named, files: () => FilesModel): ApiObject {
  return new ApiObject(scope, 'files', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...objectMetadata(named, 'needs'), name: Lazy.any({ produce: () => configMapName(files()) }) },
    immutable: true,
    data: Lazy.any({ produce: () => orNothing(textOf(files())) }),
    binaryData: Lazy.any({ produce: () => orNothing(byKey(files().binary)) }),
  });
}

function byKey(files: Strings): Strings {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [keyOf(path), content]));
}

const FILES_VOLUME = 'files';

export function filesVolume({ files, initContainers, sidecars }: PodModel): { name: string; configMap: object }[] {
  const isMounted = pathsOf(files).length > 0
    || [...initContainers, ...sidecars].some(container => Object.keys(container.files).length > 0);
  return isMounted ? [{ name: FILES_VOLUME, configMap: { name: configMapName(files) } }] : [];
}

/** Each file is mounted by itself, so that what the image has beside it stays visible. */
export function fileMounts(files: FilesModel) {
  return pathsOf(files).map(path => ({ name: FILES_VOLUME, mountPath: path, subPath: keyOf(path), readOnly: true }));
}

/** The files that a container has of its own. */
export function containerFileMounts({ containerName, files }: ContainerModel) {
  return Object.keys(files).map(path => (
    { name: FILES_VOLUME, mountPath: path, subPath: containerKeyOf(containerName, path), readOnly: true }));
}

export function hasFiles({ contents, binary, containers }: FilesModel): boolean {
  return [contents, binary, containers].some(files => Object.keys(files).length > 0);
}

function pathsOf({ contents, binary }: FilesModel): string[] {
  return [...Object.keys(contents), ...Object.keys(binary)];
}

function textOf({ contents, containers }: FilesModel): Strings {
  const others = Object.entries(containers).flatMap(([name, files]) => (
    Object.entries(files).map(([path, text]) => [containerKeyOf(name, path), text])));
  return { ...byKey(contents), ...Object.fromEntries(others) };
}

function configMapName({ owner, contents, binary, containers }: FilesModel): string {
  const content = Object.keys(contents).sort().map(path => JSON.stringify([path, contents[path]]));
  const rest = Object.keys(binary).sort().map(path => JSON.stringify([path, binary[path], 'base64']));
  const others = Object.keys(containers).sort().flatMap(name => (
    Object.keys(containers[name]).sort().map(path => JSON.stringify([name, path, containers[name][path]]))));
  return `${owner}-files-${contentHash([...content, ...rest, ...others].join(''))}`;
}

/**
 * The key of a file in the ConfigMap, which takes only letters, digits, `-`, `_` and `.`: `/etc/app.yaml` is `etc_app.yaml`. A path that
 * has other characters, or an underscore itself, or starts with two dots, is told apart by the start of its hash.
 */
export function keyOf(path: string): string {
  const plain = path.slice(1).replace(/\//g, '_');
  if (/^\/(?!\.\.)[-.a-zA-Z0-9/]{1,240}$/.test(path)) return plain;
  return `${contentHash(path).slice(0, 8)}-${plain.replace(/[^-._a-zA-Z0-9]/g, '_').slice(-200)}`;
}

/**
 * The key of a file that only one container has. No key of the app's files has two underscores after the name of a container, as no path
 * has two slashes.
 */
export function containerKeyOf(container: string, path: string): string {
  const key = `${container}__${keyOf(path)}`;
  return key.length <= LONGEST_KEY ? key : `${container}__${contentHash(path)}-${keyOf(path).slice(-150)}`;
}

const LONGEST_KEY = 253;
