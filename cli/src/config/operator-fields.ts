import type { Fields } from './merge';
import type { Problem } from '../../../src/internal';

/** What the spec of a WebApp resource has besides the props: it is for the operator. */
export interface OperatorFields {
  /**
   * What becomes of the app's objects when the resource is deleted. `delete`: they are deleted, except what holds data. `orphan`: they
   * stay as they are, and keep running.
   *
   * @default `delete`
   */
  readonly deletionPolicy?: 'delete' | 'orphan';

  /**
   * What becomes of a version that fails to start. `automatic`: the release before it is restored. `manual`: it stays as it is.
   *
   * @default `automatic`
   */
  readonly rollback?: 'automatic' | 'manual';
}

const VALUES = {
  deletionPolicy: ['delete', 'orphan'],
  rollback: ['automatic', 'manual'],
} as const satisfies { readonly [field in keyof OperatorFields]-?: readonly OperatorFields[field][] };

/** The names of these fields. */
export const OPERATOR_FIELDS = Object.keys(VALUES) as readonly (keyof OperatorFields)[];

/** What is wrong with them. */
export function checkOperatorFields(spec: Fields): Problem[] {
  return OPERATOR_FIELDS.flatMap((path): Problem[] => {
    const value = spec[path];
    const known: readonly unknown[] = VALUES[path];
    if (value === undefined || known.includes(value)) return [];
    return [{ code: 'type', path, message: `is ${JSON.stringify(value)}`, hint: `write ${known.join(' or ')}` }];
  });
}
