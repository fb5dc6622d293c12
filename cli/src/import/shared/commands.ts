/** Command lines as the lists of words that Kubernetes starts programs with. */
import { parse } from 'shell-quote';
import { shellScript } from '../../init/shell';

/** Programs that only a shell has. */
const BUILTINS = new Set([
  '.', ':', 'case', 'cd', 'eval', 'exec', 'export', 'for', 'if', 'set', 'source', 'trap', 'ulimit', 'umask', 'unset', 'while',
]);

/**
 * A line that its platform runs in a shell, as a command. It is a plain list of words where no shell is needed, so that the program gets
 * SIGTERM itself; `$PORT` and other variables are then replaced by Kubernetes.
 *
 * @param variables the names of variables that the app has in any case
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 */
export function shellCommand(line: string, variables: ReadonlySet<string> = new Set(['PORT'])): string[] {
  const text = line.trim().replace(/\\\r?\n/g, ' ');
  return plainWords(text, variables) ?? ['sh', '-c', shellScript(text)];
}

/** The words of a line that needs no shell; undefined where it needs one. */
function plainWords(line: string, variables: ReadonlySet<string>): string[] | undefined {
  // What the parser would replace by something else than a shell.
  if (/[`\n]|\$\(|\$\{(?!\w+\})|\$[^A-Za-z_{]|(^|\s)~|\$$/.test(line)) return undefined;
  const used: string[] = [];
  const words = parse(line.replace(/^exec\s+/, ''), name => {
    used.push(name);
    return `$(${name})`;
  });
  const isPlain = words.length > 0 && words.every(word => typeof word === 'string') && used.every(name => variables.has(name));
  if (!isPlain || /^\w+=/.test(words[0] as string) || BUILTINS.has(words[0] as string)) return undefined;
  return words as string[];
}

/**
 * The words of a line that is split like one of a shell, but that no shell runs, as Compose and Docker do it: `&&` and `$NAME` have no
 * meaning in it.
 */
export function splitWords(line: string): string[] {
  return parse(line, name => `$${name}`).map(word => {
    if (typeof word === 'string') return word;
    if ('comment' in word) return `#${word.comment}`;
    return word.op === 'glob' ? word.pattern : word.op;
  });
}

/** Words of which Kubernetes must replace nothing. */
export function literalWords(words: readonly string[]): string[] {
  return words.map(word => word.replace(/\$+(?=\()|\${2,}/g, dollars => dollars + dollars));
}
