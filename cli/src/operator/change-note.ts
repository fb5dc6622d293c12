/**
 * The annotation of a WebApp that says what a command has done to its spec, and who did it: the release says the same. It is about one
 * spec, so that it says nothing of what others apply later.
 */
import { createHash } from 'node:crypto';
import type { WebAppResource } from './resources';
import { inKeyOrder, isFields } from '../config/merge';

export const CHANGE_ANNOTATION = 'cdk8s-webapp.dev/change';

/** What was done, such as `promoted from staging release 7`, and by whom. */
export interface ChangeNote {
  readonly action: string;
  readonly by: string;
}

/** @param spec the one that the change results in */
export function changeNoteFor(spec: object, { action, by }: ChangeNote): string {
  return JSON.stringify({ spec: specHash(spec), action, by });
}

/** What the annotation of a resource says of the spec that it has; undefined where it says nothing, or is about another one. */
export function changeNoteOf({ metadata: { annotations }, spec }: Pick<WebAppResource, 'metadata' | 'spec'>): ChangeNote | undefined {
  let value: unknown;
  try {
    value = JSON.parse(annotations?.[CHANGE_ANNOTATION] ?? '');
  } catch {
    return undefined;
  }
  if (!isFields(value) || value.spec !== specHash(spec)) return undefined;
  const { action, by } = value;
  return typeof action === 'string' && typeof by === 'string' ? { action, by } : undefined;
}

/** A hash of a spec: the same for the same spec, in whichever order the API server has its fields. */
export function specHash(spec: object): string {
  return createHash('sha256').update(JSON.stringify(inKeyOrder(spec))).digest('hex').slice(0, 16);
}
