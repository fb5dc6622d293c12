import { posix } from 'node:path';
import type { IgnoreRules } from './ignore-rules';
import { Failure } from '../ui/failure';

/** A line of the file. */
interface Pattern {
  readonly text: string;

  /** Whether it starts with `!`: what it matches goes along. */
  readonly isException: boolean;
  matches(path: string): boolean;
}

/** Git's own files change with everything that Git does, so they would change the image. `!.git` in the file lets them in. */
const GIT = '**/.git';

/**
 * The rules of a .dockerignore, as BuildKit has them, which reads the file again. npm's `@balena/dockerignore` has those of Docker 19.03:
 * it takes parentheses and a plus for a regular expression, as in Next.js' folders `(shop)`, and its pattern for a folder matches only so
 * many levels above a file.
 *
 * @param file the name of the file, for errors
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 * @see https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go
 */
export function dockerIgnore(text: string, file: string): IgnoreRules {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).filter(line => !line.startsWith('#')).map(line => line.trim());
  const patterns = [GIT, ...lines.filter(line => line !== '')].map(line => {
    try {
      return patternOf(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new Failure(`${file} has the line ${JSON.stringify(line)}, which is not a valid pattern; fix or remove it`);
    }
  });
  return new DockerIgnore(patterns, patterns.map(() => false));
}

class DockerIgnore implements IgnoreRules {
  public readonly keepsEmptyFolders = true;

  /** @param ofFolder which patterns match this folder or one above it */
  constructor(private readonly patterns: readonly Pattern[], private readonly ofFolder: readonly boolean[]) {}

  public ignores(path: string): boolean {
    return this.match(path).isIgnored;
  }

  public inFolder(path: string): IgnoreRules | undefined {
    const { isIgnored, matched } = this.match(path);
    return isIgnored && !this.hasExceptionsIn(path) ? undefined : new DockerIgnore(this.patterns, matched);
  }

  /**
   * The last pattern that matches the path or a folder above it wins.
   *
   * @see https://github.com/moby/patternmatcher/blob/main/patternmatcher.go MatchesUsingParentResults
   */
  private match(path: string): { readonly isIgnored: boolean; readonly matched: readonly boolean[] } {
    let isIgnored = false;
    const matched = this.patterns.map(({ isException, matches }, i) => {
      // A pattern that would change nothing is not tried, and so does not count for what is below either.
      const does = this.ofFolder[i] || isException === isIgnored && matches(path);
      if (does) isIgnored = !isException;
      return does;
    });
    return { isIgnored, matched };
  }

  /**
   * Whether exceptions may match something in a folder that is ignored.
   *
   * @see https://github.com/tonistiigi/fsutil/blob/master/filter.go
   */
  private hasExceptionsIn(folder: string): boolean {
    const exceptions = this.patterns.filter(({ isException }) => isException).map(({ text }) => text.replace(/\/\*\*?$/, ''));
    return exceptions.some(text => /[*[\]?^\\]/.test(text) || `${text}/`.startsWith(`${folder}/`));
  }
}

/** @throws SyntaxError */
function patternOf(line: string): Pattern {
  const isException = line.startsWith('!');
  const text = clean(isException ? line.slice(1).trim() : line);
  if (line === '!' || isException && text === '/') throw new SyntaxError('nothing is excepted');
  return { text, isException, matches: matcher(text) };
}

/** Go's filepath.Clean, without the slash at the start, as all paths start at the folder. */
function clean(pattern: string): string {
  return posix.normalize(pattern).replace(/(?<=.)\/$/, '').replace(/^\/(?=.)/, '');
}

/** @see https://github.com/moby/patternmatcher/blob/main/patternmatcher.go compile */
function matcher(pattern: string): (path: string) => boolean {
  const characters = [...pattern];
  let kind: 'exact' | 'prefix' | 'suffix' | 'regexp' = 'exact';
  let source = '';
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i];
    const isFirst = i === 0;
    if (character === '*' && characters[i + 1] === '*') {
      i += characters[i + 2] === '/' ? 2 : 1;
      const isLast = i + 1 === characters.length;
      source += isLast ? '.*' : '(.*/)?';
      kind = isFirst ? 'suffix' : isLast && kind === 'exact' ? 'prefix' : 'regexp';
    } else if (character === '*' || character === '?') {
      source += character === '*' ? '[^/]*' : '[^/]';
      kind = 'regexp';
    } else if ('.+()|{}$'.includes(character)) {
      source += `\\${character}`;
    } else if (character === '\\') {
      if (++i === characters.length) throw new SyntaxError('nothing follows the backslash');
      source += `\\${characters[i]}`;
      kind = 'regexp';
    } else {
      source += character;
      if (character === '[' || character === ']') kind = 'regexp';
    }
  }
  switch (kind) {
    case 'exact': return path => path === pattern;
    case 'prefix': return path => path.startsWith(pattern.slice(0, -2));
    case 'suffix': return path => path.endsWith(pattern.slice(2)) || `/${path}` === pattern.slice(2);
    case 'regexp': {
      const regexp = new RegExp(`^${source}$`);
      return path => regexp.test(path);
    }
  }
}
