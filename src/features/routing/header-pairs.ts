import type { Texts } from '../../model/app';

/** Headers as routes of all kinds write them. */
export function headerPairs(headers: Texts): { name: string; value: string }[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}
