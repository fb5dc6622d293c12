import type { Access } from './props';
import { serviceOf } from './service-url';
import type { AccessModel } from '../../model/route';
import type { PlatformModel } from '../../platform/resolve';
import { parseIpRange } from '../../validation/ip-range';

/** Of nearly every app. */
const ALL: AccessModel = { allow: [], passwordSecret: undefined, signIn: undefined };

/** Who is let in. A sign-in service that the platform does not have is a problem of its own. */
export function resolveAccess(own: Access | undefined, { access }: PlatformModel): AccessModel {
  if (own === undefined) return ALL;
  const { allow = [], password, signIn } = own;
  const service = signIn !== undefined && Object.hasOwn(access, signIn) ? access[signIn] : undefined;
  return {
    allow: allow.map(asRange),
    passwordSecret: password?.secret,
    signIn: service && { ...service, service: serviceOf(service.url), responseHeaders: service.responseHeaders ?? [] },
  };
}

function asRange(address: string): string {
  const { bits, most } = parseIpRange(address)!;
  return bits === undefined ? `${address}/${most}` : address;
}
