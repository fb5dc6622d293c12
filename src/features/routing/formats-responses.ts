import type { Formats } from '../../validation/format';
import * as names from '../../validation/names';
import type { Check } from '../../validation/problem';
import { fault } from '../../validation/problem';
import { whole } from '../../validation/units';

/** Bytes that a ConfigMap holds. The add-on, which reads a body from there, has no limit of its own. */
const LARGEST_BODY = 1024 * 1024;

const body: Check = (value: string) => {
  const size = Buffer.byteLength(value);
  return size > LARGEST_BODY ? fault(`has ${size} bytes`, `write at most ${LARGEST_BODY}, which is what a ConfigMap holds`, 'range') : undefined;
};

/** The form of what callers get while an app starts. */
export const COLD_START: Formats = {
  ...response('coldStart.placeholder'),
  'coldStart.fallback.service': names.label(63),
  'coldStart.fallback.port': whole(1, 65535, 8080),
  'coldStart.maxPending.requests': whole(1, 2147483647, 100),
};

/** The form of the page that is given in an app's place. */
export const MAINTENANCE: Formats = response('maintenance');

function response(path: string): Formats {
  return { [`${path}.body`]: body, [`${path}.contentType`]: names.headerValue, [`${path}.status`]: whole(200, 599, 503) };
}
