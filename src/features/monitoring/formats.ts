import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const HTTP_ADDRESS = /^https?:\/\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[\w./-]*)?$/;
const httpAddress: Check = value => {
  if (HTTP_ADDRESS.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid URL of an API`, 'use a URL such as http://prometheus.monitoring:9090');
};

export const MONITORING_FORMATS: Formats = {
  httpAddress: format(httpAddress, { pattern: HTTP_ADDRESS.source }),
};
