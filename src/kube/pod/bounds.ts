import type { ResourcesModel, SecurityModel } from '../../model/component';
import { quantity } from '../../validation/units';
import { orNone } from '../metadata';

/** What a container may use. */
export function resourcesSpec(resources: ResourcesModel): object {
  return {
    requests: { 'cpu': resources.cpu, 'memory': resources.memory, 'ephemeral-storage': reservedStorage(resources.ephemeralStorage) },
    limits: { 'cpu': resources.cpuLimit, 'memory': resources.memoryLimit, 'ephemeral-storage': resources.ephemeralStorage },
  };
}

/** Most apps write next to nothing: reserving all that they may write would fill nodes with apps that leave them empty. */
function reservedStorage(limit: string): string {
  return quantity(limit)! < quantity('64Mi')! ? limit : '64Mi';
}

/** What a container may do. Its user is that of the pod. */
export function securityContext(security: SecurityModel): object {
  if (security.privileged) return { privileged: true, readOnlyRootFilesystem: security.readOnlyRoot };
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: security.readOnlyRoot,
    capabilities: { drop: ['ALL'], add: orNone([...security.capabilities]) },
  };
}
