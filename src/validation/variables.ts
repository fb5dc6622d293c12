import { dataKey } from './names';
import type { Problem } from './problem';
import { entry } from './problem';
import { when } from './rule';
import type { SecretVariables } from '../model/generated';

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

/** Whether each variable of `secretEnv` has one source: a key of a Secret, or a value that is generated. */
export function sourceProblems(secretEnv: SecretVariables = {}): Problem[] {
  return Object.entries(secretEnv).flatMap(([name, { secret, key, generate }]) => {
    const path = entry('secretEnv', name);
    if (generate === undefined) {
      return when(
        [secret === undefined && key === undefined, path, 'is empty', 'set secret and key, or generate: 32', 'missing'],
        [secret === undefined && key !== undefined, `${path}.secret`, 'is missing', 'set it to the name of the Secret', 'missing'],
        [secret !== undefined && key === undefined, `${path}.key`, 'is missing', 'set it to a key of the Secret', 'missing'],
      );
    }
    const other = secret !== undefined ? 'secret' : 'key';
    const fault = dataKey(name);
    return [
      ...when([secret ?? key, `${path}.generate`, `cannot be combined with ${other}`, 'remove generate, or both secret and key']),
      ...fault ? [{ ...fault, path, hint: `${fault.hint}, as the name is also that of the key in the Secret` }] : [],
    ];
  });
}

/**
 * Whether variables with the same generated value have it in the same length.
 *
 * @param sources the variables, by the path of the prop that has them
 */
export function generatedProblems(sources: { readonly [path: string]: SecretVariables | undefined }): Problem[] {
  const first = new Map<string, { readonly path: string; readonly generate: number }>();
  return Object.entries(sources).flatMap(([path, variables = {}]) => Object.entries(variables).flatMap(([name, { generate }]) => {
    if (generate === undefined) return [];
    const here = `${entry(path, name)}.generate`;
    const other = first.get(name);
    if (!other) first.set(name, { path: here, generate });
    return when([other && other.generate !== generate, here,
      `is ${generate}, but ${other?.path} is ${other?.generate}, and both are the same value`, 'use the same length, or another variable']);
  }));
}
