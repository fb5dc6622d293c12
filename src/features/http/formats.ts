import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const HOST_AND_PORT = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:\\d{1,5})?';

const ORIGIN = new RegExp(`^(\\*|https?://${HOST_AND_PORT})$`);
const origin: Check = value => {
  if (ORIGIN.test(value) && value.length <= 253) return undefined;
  const hint = 'use a scheme and a host, such as https://shop.example.com, without a path; or * for all origins';
  return fault(`is ${quoted(value)}, which is not a valid origin`, hint);
};

/** Characters that all entries take as they are: ingress-nginx takes no others in a redirect. */
const TARGET = new RegExp(`^(https?://${HOST_AND_PORT})?/[A-Za-z0-9._~/-]*$`);
const redirectTarget: Check = value => {
  if (TARGET.test(value) && value.length <= 1024 && !value.startsWith('//')) return undefined;
  const hint = 'use a path such as /new, or a URL such as https://docs.example.com/start, without a query';
  return fault(`is ${quoted(value)}, which is not a valid target of a redirect`, hint);
};

export const HTTP_FORMATS: Formats = {
  origin: format(origin, { pattern: ORIGIN.source, maxLength: 253 }),
  redirectTarget: format(redirectTarget, { pattern: TARGET.source, maxLength: 1024 }),
};
