/** The domain of apps. */
export type Domain =
  | { readonly kind: 'given'; readonly domain: string }
  /** Names of sslip.io, with the address of the entry in them. */
  | { readonly kind: 'sslip' }
  /** Apps without hosts are an error. */
  | { readonly kind: 'none' };

/** What a choice of domain depends on. */
export interface DomainChoice {
  /** What the command line says: a domain, or `sslip.io`. */
  readonly flag?: string;

  /** The domain of a local cluster. */
  readonly local?: string;

  /** The domain in the platform's file. */
  readonly ofFile?: string;

  /** Whether there is such a file: without a domain in it, apps have none on purpose. */
  readonly hasFile: boolean;
}

export function chooseDomain({ flag, local, ofFile, hasFile }: DomainChoice): Domain {
  if (flag === 'sslip.io') return { kind: 'sslip' };
  const domain = flag ?? ofFile ?? local;
  if (domain !== undefined) return { kind: 'given', domain };
  return { kind: hasFile ? 'none' : 'sslip' };
}

/** Whether a domain is derived from an address, or is one of this computer. */
export function isDerived(domain: string): boolean {
  return /(^|\.)(sslip\.io|localhost)$/.test(domain);
}
