import type { Format, Formats } from '../../validation/format';
import { format } from '../../validation/format';
import { parseIpRange } from '../../validation/ip-range';
import { HEADER_NAME, INVALID_HEADER, label } from '../../validation/names';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const CAPABILITY = /^[A-Z][A-Z_]*$/;
const capability: Check = value => {
  if (value.startsWith('CAP_')) return fault(`is ${quoted(value)}`, `use ${value.slice(4)}, without CAP_`);
  return CAPABILITY.test(value)
    ? undefined
    : fault(`is ${quoted(value)}, which is not a valid capability`, 'use a name such as NET_BIND_SERVICE');
};

/** A header of health checks. */
const checkHeader: Check = value => {
  if (!HEADER_NAME.test(value)) return INVALID_HEADER;
  return value.toLowerCase() === 'host' ? fault('has a prop of its own', 'set health.host') : undefined;
};

/** @see https://www.rfc-editor.org/rfc/rfc4648#section-4 */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const base64: Check = value => BASE64.test(value)
  ? undefined
  : fault(`is ${quoted(value)}, which is not valid Base64`, 'use the output of base64 -w0 FILE');

/** The longest name of a port: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports */
const LONGEST_PORT_NAME = 15;

function portName(): Format {
  const { check, schema } = label(LONGEST_PORT_NAME);
  return {
    schema,
    check: value => {
      const dashes = fault(`is ${quoted(value)}, which has two dashes in a row`, `use ${value.replace(/-+/g, '-')}`);
      return check(value) ?? (value.includes('--') ? dashes : undefined);
    },
  };
}

const cidr: Check = value => {
  const hint = 'use an address with the number of bits that count, such as 203.0.113.0/24 or 2001:db8::/32';
  const { bits, most } = parseIpRange(value) ?? {};
  if (bits === undefined) return fault(`is ${quoted(value)}, which is not a valid range of addresses`, hint);
  return bits > most! ? fault(`is ${quoted(value)}, which has too many bits`, hint, 'range') : undefined;
};

export const WORKLOAD_FORMATS: Formats = {
  base64: format(base64, { pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
  checkHeader: format(checkHeader, { pattern: HEADER_NAME.source }),
  portName,
  cidr: format(cidr, { pattern: '^[\\da-fA-F.:]+/\\d{1,3}$' }),
  capability: format(capability, { pattern: CAPABILITY.source }),
};
