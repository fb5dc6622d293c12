import type { ConfigMapKey, SecretKey } from './props';
import type { Strings } from './strings';

/** The variables of an app, from which those of its other processes are derived. */
export interface Environment {
  readonly env: Strings;
  readonly secretEnv: { readonly [name: string]: SecretKey };
  readonly configMapEnv: { readonly [name: string]: ConfigMapKey };
}
