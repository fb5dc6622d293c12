import type { ContainerModel, PodModel, VolumeModel } from '../../model/component';

/** The volumes of a pod: its own, and a `/tmp`, which programs expect to be able to write to. */
export function podVolumes(pod: PodModel): { name: string; [source: string]: unknown }[] {
  const own = pod.volumes.map(({ name, source, readOnly }) => ({ name, ...podVolume(source, readOnly) }));
  const others = [...pod.initContainers, ...pod.sidecars].filter(needsTmp)
    .map(container => ({ name: tmpOf(container), emptyDir: { sizeLimit: container.resources.ephemeralStorage } }));
  const tmp = needsTmp(pod) ? [{ name: 'tmp', emptyDir: { sizeLimit: pod.resources.ephemeralStorage } }] : [];
  return [...tmp, ...own, ...others];
}

/** The name of the volume that another container has at `/tmp`: it is its own, as two programs may write files of the same name there. */
export function tmpOf({ containerName }: Pick<ContainerModel, 'containerName'>): string {
  return `tmp-${containerName}`;
}

/** The volumes that another container mounts. */
export function containerMounts(container: ContainerModel) {
  const own = container.volumes.map(({ name, path, readOnly }) => ({ name, mountPath: path, readOnly: readOnly || undefined }));
  return needsTmp(container) ? [{ name: tmpOf(container), mountPath: '/tmp' }, ...own] : own;
}

function podVolume(source: VolumeModel['source'], readOnly: boolean): object {
  switch (source.kind) {
    case 'claim': return { persistentVolumeClaim: { claimName: source.claim, readOnly: readOnly || undefined } };
    case 'secret': return { secret: { secretName: source.secret } };
    case 'memory': return { emptyDir: { medium: 'Memory', sizeLimit: source.size } };
    case 'empty': return { emptyDir: { sizeLimit: source.size } };
  }
}

export function volumeMounts(pod: PodModel) {
  const own = pod.volumes.map(({ name, path, readOnly }) => ({ name, mountPath: path, readOnly: readOnly || undefined }));
  return needsTmp(pod) ? [{ name: 'tmp', mountPath: '/tmp' }, ...own] : own;
}

function needsTmp({ security, volumes }: Pick<PodModel, 'security' | 'volumes'>): boolean {
  return security.readOnlyRoot && !volumes.some(({ path }) => path === '/tmp');
}
