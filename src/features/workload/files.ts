import { createHash } from 'node:crypto';
import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { contentHash } from '../../kube/content-hash';
import { objectMetadata } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';

/**
 * The text files of an app, as one immutable ConfigMap that is named by what is in it: a changed file is another ConfigMap, so that pods
 * roll, and the pods of the old version keep the old one.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
 */
export function createFiles(scope: Construct, app: ResolvedApp): ApiObject {
  return new ApiObject(scope, 'files', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    // The name is known only when the last file is: code may still add some.
    metadata: { ...objectMetadata(app, 'needs'), name: Lazy.any({ produce: () => configMapName(app) }) },
    immutable: true,
    data: Lazy.any({ produce: () => Object.fromEntries(Object.entries(app.process.files).map(([path, text]) => [keyOf(path), text])) }),
  });
}

const FILES_VOLUME = 'files';

export function filesVolume(app: ResolvedApp): { name: string; configMap: object }[] {
  return hasFiles(app) ? [{ name: FILES_VOLUME, configMap: { name: configMapName(app) } }] : [];
}

/** Each file is mounted by itself, so that what the image has beside it stays visible. */
export function fileMounts(app: ResolvedApp) {
  return Object.keys(app.process.files).map(path => ({ name: FILES_VOLUME, mountPath: path, subPath: keyOf(path), readOnly: true }));
}

export function hasFiles(app: ResolvedApp): boolean {
  return Object.keys(app.process.files).length > 0;
}

function configMapName(app: ResolvedApp): string {
  const content = Object.keys(app.process.files).sort().map(path => JSON.stringify([path, app.process.files[path]]));
  return `${app.process.app}-files-${contentHash(content.join(''))}`;
}

/**
 * The key of a file in the ConfigMap, which takes only letters, digits, `-`, `_` and `.`: `/etc/app.yaml` is `etc_app.yaml`. A path that
 * has other characters, or an underscore itself, is told apart by the start of its hash.
 */
function keyOf(path: string): string {
  const plain = path.slice(1).replace(/\//g, '_');
  if (/^\/[-.a-zA-Z0-9/]{1,240}$/.test(path)) return plain;
  return `${createHash('sha256').update(path).digest('hex').slice(0, 8)}-${plain.replace(/[^-._a-zA-Z0-9]/g, '_').slice(-200)}`;
}
