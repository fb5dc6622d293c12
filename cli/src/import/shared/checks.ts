import { splitWords } from './commands';

/** A request that tells whether an app is healthy. */
export interface HttpCheck {
  readonly path: string;
  readonly port?: number;
}

/** What is left of the words of a check that does not change its meaning. */
const URL_WORD = /^https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d+|\$\{?PORT\}?|\$\(PORT\)))?(\/[^\s'"]*)?$/;

/**
 * The HTTP request of a health check that runs curl, wget or httpie in the container; undefined for anything else.
 *
 * @param words the program and its arguments, or one line of shell
 */
export function httpCheckOf(words: readonly string[]): HttpCheck | undefined {
  const isShell = words.length === 1 || /^(\/bin\/)?(ba)?sh$/.test(words[0] ?? '');
  const all = isShell ? splitWords(words.at(-1) ?? '') : words;
  const program = all.find(word => /(^|\/)(curl|wget|http|https)$/.test(word));
  if (program === undefined) return undefined;
  for (const word of all.slice(all.indexOf(program) + 1)) {
    if (word === '||' || word === '&&' || word === '|') return undefined;
    const [whole, port, path = '/'] = URL_WORD.exec(word) ?? [];
    if (whole !== undefined) return { path, port: port !== undefined && /^\d+$/.test(port) ? Number(port) : undefined };
  }
  return undefined;
}
