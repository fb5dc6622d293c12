import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import { parseIpRange } from '../../validation/ip-range';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const ipRange: Check = value => {
  const range = parseIpRange(value);
  const hint = 'use an address or a range such as 10.0.0.0/8 or 2001:db8::/32';
  if (!range) return fault(`is ${quoted(value)}, which is not a valid IP address or range`, hint);
  return (range.bits ?? 0) > range.most ? fault(`is ${quoted(value)}, whose prefix is too long`, hint, 'range') : undefined;
};

const AUTH_URL = /^https?:\/\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[\w./-]*(\?[\w./=&-]*)?)?$/;
const authUrl: Check = value => {
  if (AUTH_URL.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid URL`,
    'use a URL such as http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth');
};

export const ACCESS_FORMATS: Formats = {
  ipRange: format(ipRange, { pattern: '^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$' }),
  authUrl: format(authUrl, { pattern: AUTH_URL.source }),
};
