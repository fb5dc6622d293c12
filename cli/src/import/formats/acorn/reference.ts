/** References in values: to secrets, and to what Acorn knows when it runs the app. */

/** `secret://name/key?mode=0400`. */
export interface SecretReference {
  readonly name: string;

  /** Undefined for all keys. */
  readonly key?: string;
  readonly mode?: string;
}

/** A key of a secret. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

export function secretIn(text: string | undefined): SecretReference | undefined {
  const [, name, key, query] = /^(?:\$\{)?secret:\/\/([^/?}]+)(?:\/([^/?}]*))?[^?}]*(?:\?([^}]*))?\}?$/.exec(text?.trim() ?? '') ?? [];
  if (name === undefined) return undefined;
  const mode = /(?:^|&)mode=([0-7]+)/i.exec(query ?? '')?.[1];
  return { name, ...key ? { key } : {}, ...mode === undefined ? {} : { mode } };
}

/** A value as it is compared with others: a secret with the name of a service is not its URL. */
export function comparable(text: string): string {
  const secret = secretIn(text);
  return secret ? `the secret ${secret.name}, ${secret.key ?? ''}` : text;
}

/** `@{service.db.address}` and `${secret://name/key}`. */
const REFERENCE = /@\{[^}]*\}|\$\{secret:\/\/[^}]*\}/g;

export function hasReference(text: string): boolean {
  return text.search(REFERENCE) !== -1;
}

/** What is referred to is not an address: `postgres://app:@{…}@db/app`. */
export function withoutReferences(text: string): string {
  return text.replace(REFERENCE, 'x');
}
