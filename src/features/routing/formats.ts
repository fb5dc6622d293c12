import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault } from '../../validation/problem';

/** Bytes that a ConfigMap holds. The add-on, which reads a body from there, has no limit of its own. */
const LARGEST_BODY = 1024 * 1024;

const responseBody: Check = value => {
  const size = Buffer.byteLength(value);
  return size > LARGEST_BODY
    ? fault(`has ${size} bytes`, `use at most ${LARGEST_BODY} bytes, the limit of a ConfigMap`, 'range')
    : undefined;
};

export const ROUTING_FORMATS: Formats = {
  // A character has at least one byte.
  responseBody: format(responseBody, { maxLength: LARGEST_BODY }),
};
