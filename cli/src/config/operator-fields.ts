import type { Fields } from './merge';
import type { Problem } from '../../../src/internal';
import { formatNamed } from '../../../src/internal';

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

  /**
   * How long the app lives without a change of its resource, as a duration of at least a minute, such as `72h`. It makes the app a
   * preview: the operator deletes the resource after that time, and whatever deletes it deletes the app with its data, volumes and
   * databases included.
   *
   * @default - the app lives until its resource is deleted, and its data longer
   */
  readonly ttl?: string;
}

/** The format of `ttl`: hours, minutes and seconds. */
export const TTL_FORMAT = 'duration 1m';

const VALUES = {
  deletionPolicy: ['delete', 'orphan'],
  rollback: ['automatic', 'manual'],
} as const satisfies { readonly [field in Exclude<keyof OperatorFields, 'ttl'>]-?: readonly OperatorFields[field][] };

/** The names of these fields. */
export const OPERATOR_FIELDS = [...Object.keys(VALUES), 'ttl'] as readonly (keyof OperatorFields)[];

/** What is wrong with them. */
export function checkOperatorFields(spec: Fields): Problem[] {
  const problems = Object.entries(VALUES).flatMap(([path, known]): Problem[] => {
    const value = spec[path];
    if (value === undefined || (known as readonly unknown[]).includes(value)) return [];
    return [{ code: 'type', path, message: `is ${JSON.stringify(value)}`, hint: `write ${known.join(' or ')}` }];
  });
  return [...problems, ...ttlProblems(spec)];
}

function ttlProblems({ ttl, deletionPolicy }: Fields): Problem[] {
  const path = 'ttl';
  if (ttl === undefined) return [];
  if (typeof ttl !== 'string') return [{ code: 'type', path, message: `is ${JSON.stringify(ttl)}`, hint: 'write a duration, such as 72h' }];
  const fault = formatNamed(TTL_FORMAT).check(ttl);
  if (fault) return [{ path, ...fault }];
  if (deletionPolicy !== 'orphan') return [];
  return [{ code: 'conflict', path, message: 'cannot be combined with deletionPolicy: orphan', hint: 'remove one of them' }];
}
