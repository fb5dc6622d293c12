import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const SCALER = /^[a-z][a-z0-9-]*$/;
const triggerType: Check = value => {
  if (value === 'cpu' || value === 'memory') {
    return fault(`is ${quoted(value)}, which has a property of its own`, `use scaling.${value}: 70 for 70 percent of the requested amount`);
  }
  return SCALER.test(value)
    ? undefined
    : fault(`is ${quoted(value)}, which is not a valid KEDA scaler`, 'use a name such as rabbitmq or prometheus');
};

export const SCALING_FORMATS: Formats = {
  triggerType: format(triggerType, { pattern: SCALER.source }),
};
