/** How previews are called. */
import { contentHash } from '../../../src/internal';
import { Failure } from '../ui/failure';

/** The longest value of a label: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LONGEST_LABEL = 63;

/** How long the name of a preview's app may be. Names of its objects are longer, and some may have only 50 characters. */
const LONGEST_APP = 40;

/** The least that is left for the name of the preview, whatever the name of the app. */
const LEAST = 12;

/** How much of a hash tells names apart that are the same where they were cut. */
const HASH = 4;

/**
 * The name of a preview in a form that labels and names of objects can have: `feature-new-cart` for `feature/New_Cart`, as branches are
 * called. The end of a long one is a hash.
 *
 * @throws Failure where nothing is left of it
 */
export function previewName(given: string): string {
  const name = given.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  if (name === '') throw new Failure(`"${given}" is not the name of a preview; use letters and digits, such as pr-12`);
  return cut(name, LONGEST_LABEL);
}

/** The name of the app that is a preview of another one: `web-pr-12`. Its host begins with it. */
export function previewApp(of: string, name: string): string {
  return `${of}-${cut(name, Math.max(LEAST, LONGEST_APP - of.length - 1))}`;
}

function cut(name: string, length: number): string {
  if (name.length <= length) return name;
  return `${name.slice(0, length - HASH - 1).replace(/-$/, '')}-${contentHash(name).slice(0, HASH)}`;
}
