import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { FilesModel } from '../../model/component';
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
    data: Lazy.any({ produce: () => byKey(files().contents) }),
    binaryData: Lazy.any({ produce: () => byKey(files().binary) }),
  });
}

function byKey(files: Strings): Strings | undefined {
  return orNothing(Object.fromEntries(Object.entries(files).map(([path, content]) => [keyOf(path), content])));
}

const FILES_VOLUME = 'files';

export function filesVolume(files: FilesModel): { name: string; configMap: object }[] {
  return hasFiles(files) ? [{ name: FILES_VOLUME, configMap: { name: configMapName(files) } }] : [];
}

/** Each file is mounted by itself, so that what the image has beside it stays visible. */
export function fileMounts(files: FilesModel) {
  return pathsOf(files).map(path => ({ name: FILES_VOLUME, mountPath: path, subPath: keyOf(path), readOnly: true }));
}

export function hasFiles(files: FilesModel): boolean {
  return pathsOf(files).length > 0;
}

function pathsOf({ contents, binary }: FilesModel): string[] {
  return [...Object.keys(contents), ...Object.keys(binary)];
}

function configMapName({ owner, contents, binary }: FilesModel): string {
  const content = Object.keys(contents).sort().map(path => JSON.stringify([path, contents[path]]));
  const rest = Object.keys(binary).sort().map(path => JSON.stringify([path, binary[path], 'base64']));
  return `${owner}-files-${contentHash([...content, ...rest].join(''))}`;
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
