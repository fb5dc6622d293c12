/** Changes of the settings of an app, as functions of what they are: another process may have changed them since they were read. */
import { randomInt } from 'node:crypto';
import type { Store, Values, Variables } from './settings';
import { formatNamed } from '../../../src/internal';
import { Failure } from '../ui/failure';

export interface SettingsChange {
  /** What is done, before the names: `config set`. */
  readonly action: string;

  /** The variables that it sets. */
  readonly sets: readonly string[];

  /**
   * @returns the variables after the change, and the names of those that are not as before
   * @throws Failure where it cannot be made
   */
  readonly apply: (before: Values) => { readonly values: Values; readonly names: readonly string[] };
}

/** A variable, and each word of a command, is shorter in Linux, its name included. */
const LONGEST_VARIABLE = 128 * 1024;

/** What fits into a ConfigMap or a Secret: https://kubernetes.io/docs/concepts/configuration/configmap/#motivation */
const LARGEST_STORE = 1024 * 1024;

/**
 * Sets variables. A variable of `webapp config` can become a secret, but not the other way round: its value would be shown.
 *
 * @param action what is done, such as `secrets import`
 */
export function setVariables(store: Store, variables: Variables, action = `${store} set`): SettingsChange {
  const names = Object.keys(variables);
  checkVariables(variables);
  return {
    action,
    sets: names,
    apply: before => {
      const secret = names.find(name => store === 'config' && Object.hasOwn(before.secrets, name));
      if (secret !== undefined) {
        const hint = `set it with webapp secrets set ${secret}, or remove it first: webapp secrets unset ${secret}`;
        throw new Failure(`${secret} is a secret; ${hint}`);
      }
      const changed = names.filter(name => !Object.hasOwn(before[store], name) || before[store][name] !== variables[name]);
      const values = store === 'config'
        ? { ...before, config: { ...before.config, ...variables } }
        : { config: without(before.config, names), secrets: { ...before.secrets, ...variables } };
      checkSize(store, values[store]);
      return { values, names: changed };
    },
  };
}

/** Removes variables. */
export function unsetVariables(store: Store, names: readonly string[]): SettingsChange {
  return {
    action: `${store} unset`,
    sets: [],
    apply: before => {
      const unknown = names.filter(name => !Object.hasOwn(before[store], name));
      if (unknown.length > 0) {
        const [other] = (['config', 'secrets'] as const).filter(one => one !== store);
        const [elsewhere] = unknown.filter(name => Object.hasOwn(before[other], name));
        const known = Object.keys(before[store]).join(', ');
        const hint = elsewhere !== undefined ? `run webapp ${other} unset ${elsewhere}` : known ? `it has ${known}` : 'it has none';
        throw new Failure(`webapp ${store} has no ${unknown.join(', ')}; ${hint}`);
      }
      return { values: { ...before, [store]: without(before[store], names) }, names };
    },
  };
}

/** Letters and digits, which need no quotes anywhere. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A value that nobody can guess: of `length` letters and digits, each of which is worth almost six bits. */
export function randomValue(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

const IN_FILE = 'put it into a file of the app';

/** @throws Failure with all that is wrong; it has no values */
export function checkVariables(variables: Variables): void {
  const problems = Object.entries(variables).flatMap(([name, value]) => {
    const fault = formatNamed('envName').check(name);
    if (fault) return [`${JSON.stringify(name)} ${fault.message}; ${fault.hint}`];
    if (value.includes('\0')) return [`the value of ${name} has a NUL character, which no variable can have; ${IN_FILE}`];
    const isLong = Buffer.byteLength(`${name}=${value}`) >= LONGEST_VARIABLE;
    return isLong ? [`the value of ${name} has 128 KiB or more, which is too long for a variable; ${IN_FILE}`] : [];
  });
  if (problems.length > 0) throw new Failure(problems.join('\n'));
}

function checkSize(store: Store, variables: Variables): void {
  const size = Object.entries(variables).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size <= LARGEST_STORE) return;
  throw new Failure(`all variables of webapp ${store} together have more than 1 MiB; put large ones into files of the app`);
}

function without(variables: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !names.includes(name)));
}
