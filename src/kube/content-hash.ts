import { createHash } from 'node:crypto';

/** How many digits a content's hash has in a name. */
export const HASH_LENGTH = 10;

/** What ends the name of an object that is named by what is in it: other content is another object, and the same is the same. */
export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, HASH_LENGTH);
}
