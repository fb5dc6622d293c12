import { BOUND_FORMATS } from './bounds/formats';
import { ACCESS_FORMATS } from './features/access/formats';
import { BUILD_FORMATS } from './features/build/formats';
import { CONNECTION_FORMATS } from './features/connections/formats';
import { HTTP_FORMATS } from './features/http/formats';
import { MONITORING_FORMATS } from './features/monitoring/formats';
import { PROCESS_FORMATS } from './features/processes/formats';
import { ROLLOUT_FORMATS } from './features/rollout/formats';
import { ROUTING_FORMATS } from './features/routing/formats';
import { SCALING_FORMATS } from './features/scaling/formats';
import { WORKLOAD_FORMATS } from './features/workload/formats';
import { FORMATS } from './generated/prop-types';
import type { Format, Formats } from './validation/format';
import { formatsOf, oneOf } from './validation/format';
import { NAMES } from './validation/names';
import { UNITS } from './validation/units';

/** Every format that a tag of a prop can name. */
export const ALL_FORMATS: Formats = {
  oneOf,
  ...NAMES,
  ...UNITS,
  ...BOUND_FORMATS,
  ...ACCESS_FORMATS,
  ...BUILD_FORMATS,
  ...CONNECTION_FORMATS,
  ...HTTP_FORMATS,
  ...MONITORING_FORMATS,
  ...PROCESS_FORMATS,
  ...ROLLOUT_FORMATS,
  ...ROUTING_FORMATS,
  ...SCALING_FORMATS,
  ...WORKLOAD_FORMATS,
};

/** The format of a tag such as `duration 1s`, for values that are not props. */
export function formatNamed(tag: string): Format {
  return formatsOf({ format: tag }, ALL_FORMATS).value!;
}

/** The format that the values of a prop have. */
export function formatOf(struct: string, prop: string): Format {
  return formatsOf(FORMATS[struct][prop], ALL_FORMATS).value!;
}
