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

export const WORKLOAD_FORMATS: Formats = {
  capability: format(capability, { pattern: CAPABILITY.source }),
};
