import type { Problem } from './problem';
import { entry } from './problem';
import { when } from './rule';

/**
 * Variables that have two values.
 *
 * @param sources maps whose keys are variables, by the prop that has the map
 */
export function repeatedVariables(sources: { readonly [prop: string]: object | undefined }): Problem[] {
  const props = Object.keys(sources);
  const has = (prop: string, name: string) => Object.hasOwn(sources[prop] ?? {}, name);
  return props.flatMap((prop, i) => Object.keys(sources[prop] ?? {}).flatMap(name => {
    const other = props.slice(0, i).find(earlier => has(earlier, name));
    return when([other, entry(prop, name), `is also set in ${other}`, 'remove one of them', 'duplicate']);
  }));
}
