/** A line of a `.env` file that is not valid. */
export interface EnvFileFault {
  readonly line: number;

  /** A phrase that follows the line. */
  readonly message: string;
  readonly hint: string;
}

/** What a `.env` file defines. */
export interface EnvFile {
  readonly env: { readonly [name: string]: string };
  readonly faults: readonly EnvFileFault[];
}

/** A name, and what follows the equals sign. */
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=[ \t]*(.*)$/s;

/** A quoted value that ends, and what follows it. Double quotes have escapes. */
const QUOTED: { readonly [quote: string]: RegExp } = {
  '"': /^"((?:[^"\\]|\\.)*)"(.*)$/s,
  "'": /^'([^']*)'(.*)$/s,
  '`': /^`([^`]*)`(.*)$/s,
};

/** What a backslash and a letter mean; with any other letter they stay. */
const ESCAPES: { readonly [letter: string]: string | undefined } = { 'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\', '$': '$' };

/**
 * Reads a `.env` file as Node.js and Docker do: `NAME=value` with comments, quotes and `export`. Nothing in it is replaced by other
 * variables, and what programs disagree about is a fault.
 *
 * @see https://nodejs.org/api/environment_variables.html#dotenv
 */
export function parseEnvFile(text: string): EnvFile {
  const env: { [name: string]: string } = {};
  const faults: EnvFileFault[] = [];
  const add = (line: number, message: string, hint: string) => void faults.push({ line, message, hint });
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    if (/^\s*(#|$)/.test(lines[i])) continue;
    const [, name, rest] = ASSIGNMENT.exec(lines[i]) ?? [];
    if (name === undefined) {
      add(line, 'is not NAME=value', 'write one variable a line, and comments after #');
      continue;
    }
    let value = rest;
    const quoted = QUOTED[rest[0]];
    // A quoted value goes on to the line with the other quote.
    while (quoted && !quoted.test(value) && i + 1 < lines.length) value += `\n${lines[++i]}`;
    const [, inner, after] = quoted?.exec(value) ?? [];
    if (quoted && inner === undefined) {
      add(line, 'has a quote that is not closed', `write another ${rest[0]}`);
      break;
    }
    if (quoted && !/^\s*(#|$)/.test(after)) add(line, 'has text after the closing quote', 'quote the whole value');
    if (Object.hasOwn(env, name)) add(line, `sets ${name} a second time`, 'remove one of them');
    if (rest[0] !== "'" && /\$\{\w+/.test(value)) {
      add(line, 'refers to another variable, which is not replaced here', 'write its value, or single quotes to keep it as it is');
    }
    const plain = quoted ? inner : value.replace(/(^|\s)#.*$/, '').trim();
    env[name] = rest[0] === '"' ? plain.replace(/\\(.)/gs, (whole, letter: string) => ESCAPES[letter] ?? whole) : plain;
  }
  return { env, faults };
}
