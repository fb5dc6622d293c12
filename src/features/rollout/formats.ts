import type { Formats } from '../../validation/format';
import * as names from '../../validation/names';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';
import { whole } from '../../validation/units';

/** The form of what is said of new versions. */
export const ROLLOUT: Formats = {
  'rollout.rollingUpdate.maxSurge': numberOrPart,
  'rollout.rollingUpdate.maxUnavailable': numberOrPart,
  'rollout.canary.image': names.image,
  'rollout.canary.weight': whole(0, 100, 10),
  'rollout.canary.headers{key}': names.headerName,
  'rollout.canary.headers{}': names.headerValue,
  'rollout.blueGreen.blue.image': names.image,
  'rollout.blueGreen.green.image': names.image,
  'rollout.blueGreen.previewHosts[]': names.host,
};

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/#DeploymentSpec */
function numberOrPart(value: string): ReturnType<Check> {
  const [, digits, percent] = /^(\d{1,5})(%)?$/.exec(value) ?? [];
  if (digits === undefined) return fault(`is ${quoted(value)}`, 'write a number of replicas or a part of them, such as \'1\' or \'25%\'');
  return percent && Number(digits) > 100 ? fault(`is ${quoted(value)}`, 'write at most 100%', 'range') : undefined;
}
