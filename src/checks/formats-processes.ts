import { Formats } from './format';
import * as names from './names';
import { duration, whole } from './units';

/** The form of what runs beside the web process. */
export const PROCESSES: Formats = {
  'release.command[]': names.notEmpty,
  'release.env{key}': names.envName,
  'release.timeout': duration(1),
  'release.retries': whole(0, 100, 2),
};
