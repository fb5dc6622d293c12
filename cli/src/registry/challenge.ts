/** How a server wants to be told who is asking. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;

  /** By their names in lower case. */
  readonly parameters: { readonly [name: string]: string | undefined };
}

const SCHEME = /^\s*([!#$%&'*+.^`|~\w-]+)(?:\s+|$)/;
const PARAMETER = /^[\s,]*([!#$%&'*+.^`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/;

/**
 * The challenges in a `WWW-Authenticate` header, of which there may be several.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(header: string): Challenge[] {
  const found: Challenge[] = [];
  for (let rest = header; ;) {
    const scheme = SCHEME.exec(rest);
    if (!scheme) return found;
    rest = rest.slice(scheme[0].length);
    const parameters: { [name: string]: string } = {};
    for (let parameter = PARAMETER.exec(rest); parameter; parameter = PARAMETER.exec(rest)) {
      const [all, name, quoted, plain] = parameter;
      parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain;
      rest = rest.slice(all.length);
    }
    rest = rest.replace(/^[\s,]+/, '');
    found.push({ scheme: scheme[1].toLowerCase(), parameters });
  }
}
