import type { Problem } from './problem';
import { when } from './rule';
import type { NodeScheduling } from '../model/props';

/**
 * Tolerations that the API server rejects.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
export function tolerationProblems({ tolerations = [] }: NodeScheduling = {}): Problem[] {
  return tolerations.flatMap(({ key, operator, value }, i) => when(
    [key === undefined && (operator === 'Equal' || value !== undefined), `scheduling.tolerations[${i}].key`,
      'is missing, but required by value or operator Equal',
      'set it to the key of the taint', 'missing'],
    [key !== undefined && operator === 'Exists' && value !== undefined, `scheduling.tolerations[${i}].value`,
      'cannot be combined with operator Exists',
      'remove one of them'],
  ));
}
