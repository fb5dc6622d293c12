import { isMap } from './is-map';
import type { Fault, Problem } from './problem';
import { entry, fault, quoted } from './problem';

/** `Yaml.stringify` of cdk8s: commands that write no YAML do not load it. */
export type Stringify = (value: object) => string;

const OCTAL = /^[-+]?0o[0-7_]+$/i;

/** Blank lines, and then a tab or a line of spaces. */
const BLANK_START = /^\n* *\t|^\n* +\n/;

/**
 * Whether the YAML that cdk8s writes of a string is not that string for kubectl: it takes `0o17` for a number, and refuses or changes text
 * of several lines that starts with a tab or with a line of spaces. Found by all strings of up to six of `a`, space, tab and newline, and
 * those of YAML's numbers, with `kubectl annotate --local`.
 */
export function isMisread(text: string, stringify: Stringify): boolean {
  if (OCTAL.test(text)) return true;
  return text.includes('\n') && BLANK_START.test(text) && stringify({ k: text }).startsWith('k: |');
}

/** The strings of props that kubectl would read differently from cdk8s' YAML. */
export function misread(value: unknown, stringify: Stringify, path = ''): Problem[] {
  if (typeof value === 'string') return isMisread(value, stringify) ? [{ path, ...faultOf(value) }] : [];
  if (Array.isArray(value)) return value.flatMap((item, i) => misread(item, stringify, `${path}[${i}]`));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const here = entry(path, name);
    return [...isMisread(name, stringify) ? [{ path: here, ...faultOf(name) }] : [], ...misread(item, stringify, here)];
  });
}

function faultOf(text: string): Fault {
  const hint = 'or write the app as webapp.yaml: webapp synth puts it in quotes';
  return OCTAL.test(text)
    ? fault(`has ${quoted(text)}, which kubectl reads as a number in the YAML of cdk8s`, `write it without the o, ${hint}`)
    : fault('starts with a tab or a line of spaces, which kubectl misreads in the YAML of cdk8s', `start with other text, ${hint}`);
}
