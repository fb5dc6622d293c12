import type { PlatformModel } from './resolve';
import type { Problem } from '../validation/problem';
import { problem } from '../validation/rule';

/** The kinds of entries, and how errors call them. */
const ENTRIES = {
  'nginx': 'ingress-nginx',
  'traefik': 'Traefik',
  'haproxy': 'HAProxy',
  'alb': 'AWS load balancers',
  'gateway': 'a Gateway',
  'envoy-gateway': 'Envoy Gateway',
  'traefik-gateway': 'a Gateway of Traefik',
  'other': 'this ingress controller',
} as const;

export type EntryKind = keyof typeof ENTRIES;

const GATEWAYS = ['gateway', 'envoy-gateway', 'traefik-gateway'] as const;
const WITH_POLICIES = ['nginx', 'traefik', 'traefik-gateway', 'envoy-gateway'] as const;

/** Which entries can do what a prop asks for. The page docs/http.md says the same. */
export const SUPPORT = {
  'http.maxBodySize': WITH_POLICIES,
  'http.redirectFrom': ['nginx', 'traefik', 'haproxy', 'alb', ...GATEWAYS],
  'http.redirects': ['nginx', 'traefik', 'alb', ...GATEWAYS],
  'http.cors': ['nginx', 'traefik', 'haproxy', ...GATEWAYS],
  'http.responseHeaders': ['traefik', 'haproxy', ...GATEWAYS],
  'access.allow': ['nginx', 'traefik', 'haproxy', 'alb', 'traefik-gateway', 'envoy-gateway'],
  'access.password': ['nginx', 'traefik', 'haproxy', 'traefik-gateway', 'envoy-gateway'],
  'access.signIn': WITH_POLICIES,
} as const satisfies { readonly [prop: string]: readonly EntryKind[] };

export type EntryProp = keyof typeof SUPPORT;

export function entryKind(entry: PlatformModel['entry']): EntryKind {
  if (entry.kind === 'ingress') return entry.controller;
  return ({ 'envoy-gateway': 'envoy-gateway', 'traefik': 'traefik-gateway', 'other': 'gateway' } as const)[entry.controller];
}

export function supports(entry: PlatformModel['entry'], prop: EntryProp): boolean {
  return (SUPPORT[prop] as readonly EntryKind[]).includes(entryKind(entry));
}

/** The problem that an entry cannot do what a prop asks for. It names those that can. */
export function unsupported(entry: PlatformModel['entry'], prop: EntryProp): Problem[] {
  if (supports(entry, prop)) return [];
  const kind = entryKind(entry);
  const able = SUPPORT[prop].map(name => ENTRIES[name]);
  const list = `${able.slice(0, -1).join(', ')} or ${able.at(-1)}`;
  const hint = {
    other: `remove it, or ask your platform team to set ingress.controller, or for ${list}`,
    gateway: `remove it, or ask your platform team to set gateway.controller, or for ${list}`,
  }[kind as string] ?? `remove it, or ask your platform team for ${list}`;
  return [problem(prop, `is not supported by ${ENTRIES[kind]}`, hint, 'unsupported')];
}
