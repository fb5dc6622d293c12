import { inNamespace } from './patterns';
import type { Formats } from '../validation/format';
import { format } from '../validation/format';
import { NAMES } from '../validation/names';
import type { Check } from '../validation/problem';
import { fault, quoted } from '../validation/problem';

/** A host, or all below one, in which `<namespace>` may stand for the namespace of the app. */
const boundHost: Check = value => {
  if (NAMES.host().check(inNamespace(value, 'namespace')) === undefined) return undefined;
  const hint = 'use a DNS name such as shop.example.com, *.shop.example.com or *.<namespace>.example.com';
  return fault(`is ${quoted(value)}, which is not a valid host`, hint);
};

/** A namespace, or several. */
const BOUND_NAMESPACE = /^[-a-z0-9*]{1,63}$/;
const boundNamespace: Check = value => BOUND_NAMESPACE.test(value)
  ? undefined
  : fault('is not a valid namespace name', 'use lowercase letters, digits and dashes, with * for any characters');

export const BOUND_FORMATS: Formats = {
  boundHost: format(boundHost, { pattern: '^\\*$|^(\\*\\.)?[-a-z0-9<>]+(\\.[-a-z0-9<>]+)+$', maxLength: 253 }),
  boundNamespace: format(boundNamespace, { pattern: BOUND_NAMESPACE.source }),
};
