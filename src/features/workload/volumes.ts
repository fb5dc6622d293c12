import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import { ResolvedApp, ResolvedVolume } from '../../model/app';

/** The claims of an app's volumes that are to be made. */
export function createClaims(scope: Construct, app: ResolvedApp): ApiObject[] {
  return app.process.volumes.flatMap(({ name, source }) => source.kind !== 'claim' || !source.create ? [] : [
    new ApiObject(scope, `claim-${name}`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: objectMetadata(app, 'workload', source.claim),
      spec: {
        accessModes: [ACCESS_MODES[source.accessMode]],
        storageClassName: source.create.storageClass,
        resources: { requests: { storage: source.create.size } },
      },
    }),
  ]);
}

const ACCESS_MODES: { readonly [mode: string]: string } = {
  'read-write-once': 'ReadWriteOnce',
  'read-write-many': 'ReadWriteMany',
  'read-only-many': 'ReadOnlyMany',
};

/** The volumes of an app's pods: its own, and a `/tmp`, which programs expect to be able to write to. */
export function podVolumes(app: ResolvedApp): { name: string; [source: string]: unknown }[] {
  const own = app.process.volumes.map(({ name, source, readOnly }) => ({ name, ...podVolume(source, readOnly) }));
  return needsTmp(app) ? [{ name: 'tmp', emptyDir: { sizeLimit: app.process.resources.ephemeralStorage } }, ...own] : own;
}

function podVolume(source: ResolvedVolume['source'], readOnly: boolean): object {
  switch (source.kind) {
    case 'claim': return { persistentVolumeClaim: { claimName: source.claim, readOnly: readOnly || undefined } };
    case 'secret': return { secret: { secretName: source.secret } };
    case 'memory': return { emptyDir: { medium: 'Memory', sizeLimit: source.size } };
    case 'empty': return { emptyDir: { sizeLimit: source.size } };
  }
}

export function volumeMounts(app: ResolvedApp) {
  const own = app.process.volumes.map(({ name, path, readOnly }) => ({ name, mountPath: path, readOnly: readOnly || undefined }));
  return needsTmp(app) ? [{ name: 'tmp', mountPath: '/tmp' }, ...own] : own;
}

function needsTmp({ process }: ResolvedApp): boolean {
  return process.security.readOnlyRoot && !process.volumes.some(({ path }) => path === '/tmp');
}
