import type { Entry } from './entry';
import type { Found } from './found';
import { ISSUER_ANNOTATION, ISSUERS, PUBLIC_GATEWAY } from './objects';
import type { IssuerName } from './objects';
import type { ClusterIssuer } from '../kube/types';
import { Failure } from '../ui/failure';
import type { PlatformProps } from 'cdk8s-webapp';

/** Where the certificates of apps are from. */
export type Issuer =
  | { readonly kind: 'create'; readonly name: IssuerName }
  | { readonly kind: 'existing'; readonly name: string }
  /** The platform's file says what it is, and that stays as it is. */
  | { readonly kind: 'decided' }
  /** Apps have no TLS; with the reason, unless that is what the command line asks for. */
  | { readonly kind: 'none'; readonly why?: string };

/** What a choice of issuer depends on. */
export interface IssuerChoice {
  /** What the command line names: one that is created, an existing one, or `none`. */
  readonly flag?: string;

  readonly entry: Entry;
  readonly found: Found;
  readonly platform: Pick<PlatformProps, 'tls'>;

  /** Whether apps have a domain that belongs to the user, and not one that is derived from an address. */
  readonly hasOwnDomain: boolean;
}

/**
 * The issuer: what the command line names, or what the platform's file says, or the only one of the cluster; otherwise Let's Encrypt, if it
 * can issue certificates for the domain.
 *
 * @throws Failure if the one that the command line names cannot be used
 */
export function chooseIssuer({ flag, entry, found, platform, hasOwnDomain }: IssuerChoice): Issuer {
  const isGateway = usesGateway(entry);
  const known = found.issuers.filter(isForApps).map(({ metadata }) => metadata.name);
  if (flag !== undefined) return named(flag, known, isGateway);
  const current = entry.kind === 'installed' && isGateway ? issuerOfGateway(found) : undefined;
  if (current !== undefined) return { kind: 'existing', name: current };
  if (platform.tls) return { kind: 'decided' };
  if (isGateway) return { kind: 'none', why: 'a Gateway needs one certificate for all names below the domain: see --issuer' };
  if (known.length === 1) return { kind: 'existing', name: known[0] };
  if (known.length > 1) return { kind: 'none', why: `there are the ClusterIssuers ${known.join(', ')}: name one with --issuer` };
  if (!hasOwnDomain) return { kind: 'none', why: 'it needs a domain of your own: see --domain' };
  return { kind: 'create', name: 'letsencrypt' };
}

function named(flag: string, known: readonly string[], isGateway: boolean): Issuer {
  if (flag === 'none') return { kind: 'none' };
  const name = ISSUERS.find(one => one === flag);
  if (name === undefined) {
    if (known.includes(flag)) return { kind: 'existing', name: flag };
    const have = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
    throw new Failure(`the cluster has no ClusterIssuer ${flag}; ${have}\n  or choose one to create: ${ISSUERS.join(', ')}`);
  }
  if (isGateway && name !== 'self-signed') {
    throw new Failure([
      `${name} cannot issue the certificate of a Gateway, which is for all names below the domain: that needs a DNS-01 solver`,
      '  create a ClusterIssuer with one, https://cert-manager.io/docs/configuration/acme/dns01/, and pass its name with --issuer',
    ].join('\n'));
  }
  return { kind: 'create', name };
}

/** The issuer of the certificate of the Gateway that an earlier setup created. */
function issuerOfGateway({ gateways }: Found): string | undefined {
  const { name, namespace } = PUBLIC_GATEWAY;
  const gateway = gateways.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  return gateway?.metadata.annotations?.[ISSUER_ANNOTATION];
}

/** Whether an issuer is not only the root of another one. */
function isForApps({ metadata }: ClusterIssuer): boolean {
  return metadata.name !== 'self-signed-root';
}

/** Whether apps are exposed by HTTPRoutes of a Gateway. */
export function usesGateway(entry: Entry): boolean {
  return entry.kind === 'gateway' || (entry.kind === 'installed' && entry.name === 'envoy-gateway');
}
