/** Values that are generated for an app: each is a key of one Secret, which is named after the app and is in no YAML. */
import type { SecretKey, SecretVariable } from './props';

/** Variables and where they come from, as the props have them. */
export type SecretVariables = { readonly [variable: string]: SecretVariable };

/** The lengths of generated values in characters, by variable. */
export type GeneratedLengths = { readonly [variable: string]: number };

/** Name of the Secret with the generated values of an app. */
export function generatedSecret(app: string): string {
  return `${app}-generated`;
}

/** Where the values of variables are. */
export function secretKeys(app: string, variables: SecretVariables = {}): { [variable: string]: SecretKey } {
  return Object.fromEntries(Object.entries(variables).map(([name, { secret = UNKNOWN_SECRET, key = name, generate }]) => (
    [name, generate === undefined ? { secret, key } : { secret: generatedSecret(app), key: name }])));
}

/** Takes the place of a Secret that is missing, so that the rest of the app can be checked. */
const UNKNOWN_SECRET = 'unnamed';

/** The values that are generated. */
export function generatedLengths(...all: readonly (SecretVariables | undefined)[]): GeneratedLengths {
  const entries = all.flatMap(variables => Object.entries(variables ?? {}));
  return Object.fromEntries(entries.flatMap(([name, { generate }]) => (generate === undefined ? [] : [[name, generate] as const])));
}
