import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';
import { milliseconds } from '../../validation/units';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/#DeploymentSpec */
const replicasOrPercent: Check = value => {
  const [, digits, percent] = /^(\d{1,5})(%)?$/.exec(value) ?? [];
  if (digits === undefined) {
    return fault(`is ${quoted(value)}`, 'use a number of replicas or a percentage of them, such as \'1\' or \'25%\'');
  }
  return percent && Number(digits) > 100 ? fault(`is ${quoted(value)}`, 'use at most 100%', 'range') : undefined;
};

const percentage: Check = value => {
  return value > 0 && value <= 100 ? undefined : fault(`is ${value}`, 'use a percentage above 0 and at most 100, such as 99.5', 'range');
};

/** The bounds of the interceptor's histogram, which are those of ingress-nginx too: above the last one, requests cannot be told apart. */
const [SHORTEST, LONGEST] = [5, 10000];

const latency: Check = value => {
  const time = milliseconds(value);
  if (time === undefined) {
    return fault(`is ${quoted(value)}, which is not a valid latency`, 'use milliseconds or seconds, such as 500ms or 2s');
  }
  if (time < SHORTEST) {
    return fault(`is ${quoted(value)}, which is below the resolution of the metrics`, `use at least ${SHORTEST}ms`, 'range');
  }
  if (time >= LONGEST) return fault(`is ${quoted(value)}, but the metrics end at 10s`, 'use less, such as 5s', 'range');
  return undefined;
};

export const ROLLOUT_FORMATS: Formats = {
  replicasOrPercent: format(replicasOrPercent, { pattern: '^\\d{1,5}%?$' }),
  percentage: format(percentage, { exclusiveMinimum: 0, maximum: 100 }),
  latency: format(latency, { pattern: '^\\d{1,6}(ms|s)$' }),
};
