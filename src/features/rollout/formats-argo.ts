import type { Formats } from '../../validation/format';
import * as names from '../../validation/names';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';
import { duration, milliseconds, whole } from '../../validation/units';

/** The form of what is said to Argo Rollouts. */
export const ARGO: Formats = {
  'rollout.argo.steps[].setWeight': whole(0, 100, 20),
  'rollout.argo.steps[].pause.duration': duration(1),
  'rollout.argo.autoPromotion': duration(0),
  'rollout.argo.previewHosts[]': names.host,
  'rollout.argo.scaleDownDelay': duration(0),
  'rollout.argo.analysis.successRate': percent,
  'rollout.argo.analysis.latency': latency,
  'rollout.argo.analysis.percentile': whole(1, 99, 95),
  'rollout.argo.analysis.interval': duration(1),
  'rollout.argo.analysis.failureLimit': whole(0, 1000, 2),
  'rollout.argo.analysis.count': whole(1, 1000, 5),
};

function percent(value: number): ReturnType<Check> {
  return value > 0 && value <= 100 ? undefined : fault(`is ${value}`, 'write a percentage above 0, and at most 100, such as 99.5', 'range');
}

/** The bounds of the interceptor's histogram, which ingress-nginx has as well: what takes longer than the last is not told apart. */
const [SHORTEST, LONGEST] = [5, 10000];

function latency(value: string): ReturnType<Check> {
  const time = milliseconds(value);
  const hint = 'write milliseconds or seconds, such as 500ms or 2s';
  if (time === undefined) return fault(`is ${quoted(value)}, which is no short time`, hint);
  if (time < SHORTEST) return fault(`is ${quoted(value)}, which the metrics cannot tell from nothing`, `write at least ${SHORTEST}ms`, 'range');
  if (time >= LONGEST) return fault(`is ${quoted(value)}, and the metrics know nothing longer than 10s`, 'write less, such as 5s', 'range');
  return undefined;
}
