import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const CAPABILITY = /^[A-Z][A-Z_]*$/;
const capability: Check = value => {
  if (value.startsWith('CAP_')) return fault(`is ${quoted(value)}`, `use ${value.slice(4)}, without CAP_`);
  return CAPABILITY.test(value)
    ? undefined
    : fault(`is ${quoted(value)}, which is not a valid capability`, 'use a name such as NET_BIND_SERVICE');
};

/** @see https://www.rfc-editor.org/rfc/rfc4648#section-4 */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const base64: Check = value => BASE64.test(value)
  ? undefined
  : fault(`is ${quoted(value)}, which is not valid Base64`, 'use the output of base64 -w0 FILE');

export const WORKLOAD_FORMATS: Formats = {
  base64: format(base64, { pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
  capability: format(capability, { pattern: CAPABILITY.source }),
};
