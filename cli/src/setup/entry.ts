import type { Found } from './found';
import { PUBLIC_GATEWAY } from './objects';
import type { PartName } from './part';
import type { Gateway, IngressClass } from '../kube/types';
import { Failure } from '../ui/failure';
import type { GatewayEntry, PlatformProps } from 'cdk8s-webapp';

/** What can be installed to route traffic to apps. */
export const ENTRIES = ['traefik', 'envoy-gateway'] as const;

export type InstalledEntry = typeof ENTRIES[number];

/** What routes traffic from outside to apps. */
export type Entry =
  | { readonly kind: 'installed'; readonly name: InstalledEntry }
  | { readonly kind: 'ingress'; readonly ingressClass: IngressClass }
  | { readonly kind: 'gateway'; readonly gateway: Gateway };

/** What a choice of entry depends on. */
export interface EntryOptions {
  /** What the command line names. */
  readonly flag?: InstalledEntry;

  readonly found: Found;

  /** What an earlier setup installed. */
  readonly own: ReadonlySet<PartName>;

  /** What the platform's file says. */
  readonly platform: Pick<PlatformProps, 'ingress' | 'gateway'>;
}

/**
 * The entry: the one that the command line names, or the platform's file, or that setup installed before, or that the cluster has;
 * otherwise Traefik.
 *
 * @throws Failure if the cluster has several, and nothing says which one
 */
export function chooseEntry(options: EntryOptions): Entry {
  const { flag, found, own } = options;
  if (flag !== undefined) return installed(flag);
  const earlier = ENTRIES.find(one => own.has(one));
  return entryOfFile(options) ?? (earlier && installed(earlier)) ?? entryOfCluster(found) ?? installed('traefik');
}

function installed(name: InstalledEntry): Entry {
  return { kind: 'installed', name };
}

function entryOfFile({ found, own, platform: { ingress, gateway } }: EntryOptions): Entry | undefined {
  if (gateway) {
    const isOurs = gateway.controller === 'envoy-gateway' && gateway.name === PUBLIC_GATEWAY.name;
    return named(`Gateway ${gateway.name}`, { live: gatewayOf(gateway, found), installer: isOurs ? 'envoy-gateway' : undefined, own });
  }
  if (ingress?.className === undefined) return undefined;
  const { className } = ingress;
  return named(`IngressClass ${className}`, {
    live: ingressOf(className, found), installer: className === 'traefik' ? 'traefik' : undefined, own,
  });
}

interface Named {
  /** The one that the cluster has. */
  readonly live?: Entry;

  /** What installs one of that name. */
  readonly installer?: InstalledEntry;
  readonly own: ReadonlySet<PartName>;
}

function named(shown: string, { live, installer, own }: Named): Entry {
  if (installer !== undefined && (live === undefined || own.has(installer))) return installed(installer);
  if (live) return live;
  throw new Failure([
    `platform.yaml names ${shown}, which the cluster does not have`,
    '  create it, or choose what to install with --entry traefik or --entry envoy-gateway',
  ].join('\n'));
}

function ingressOf(className: string, { ingressClasses }: Found): Entry | undefined {
  const ingressClass = ingressClasses.find(({ metadata }) => metadata.name === className);
  return ingressClass && { kind: 'ingress', ingressClass };
}

function gatewayOf({ name, namespace }: GatewayEntry, { gateways }: Found): Entry | undefined {
  const gateway = gateways.find(({ metadata }) => metadata.name === name && [undefined, metadata.namespace].includes(namespace));
  return gateway && { kind: 'gateway', gateway };
}

function entryOfCluster({ ingressClasses, gateways }: Found): Entry | undefined {
  const ingressClass = defaultClass(ingressClasses) ?? (ingressClasses.length === 1 ? ingressClasses[0] : undefined);
  if (ingressClass) return { kind: 'ingress', ingressClass };
  if (ingressClasses.length === 0 && gateways.length === 1) return { kind: 'gateway', gateway: gateways[0] };
  const several = ingressClasses.length > 0 ? ingressClasses : gateways;
  if (several.length === 0) return undefined;
  const names = several.map(({ metadata }) => metadata.name).join(', ');
  const [what, prop] = ingressClasses.length > 0 ? ['IngressClasses', 'ingress.className'] : ['Gateways', 'gateway'];
  throw new Failure([
    `the cluster has the ${what} ${names}`,
    `  name one of them as ${prop} in platform.yaml, or choose what to install with --entry`,
  ].join('\n'));
}

/** The IngressClass of Ingresses that do not name one: https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class */
export function defaultClass(ingressClasses: readonly IngressClass[]): IngressClass | undefined {
  return ingressClasses.find(({ metadata }) => metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true');
}
