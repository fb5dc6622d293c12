import type { ProblemCode } from '../../../src/internal';

/** A part of a file, as editors count: the first line and column are 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;

  /** How many characters to underline. */
  readonly length: number;
}

/** A problem in a file, or, without a location, on the command line. */
export interface Diagnostic {
  readonly location?: Location;

  /** What kind of problem it is: one of the library's codes, or `syntax` for a file that is not valid YAML. */
  readonly code: ProblemCode | 'syntax';

  /** The prop as the library writes it: `scaling.schedule[0].timezone`; empty where the problem is not about one prop. */
  readonly path: string;

  /** What is wrong: a phrase that follows the prop's name. */
  readonly message: string;

  /** What to write instead. */
  readonly hint: string;
}

/** Diagnostics in the order of the files, each one once. */
export function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const position = ({ location }: Diagnostic) => location ? location.line * 1e6 + location.column : -1;
  const unique = new Map(diagnostics.map(diagnostic => [JSON.stringify([diagnostic.location, sentence(diagnostic)]), diagnostic]));
  const file = ({ location }: Diagnostic) => location?.file ?? '';
  return [...unique.values()].sort((a, b) => (file(a) < file(b) ? -1 : file(a) > file(b) ? 1 : position(a) - position(b)));
}

/** A diagnostic as one sentence. */
export function sentence({ path, message, hint }: Diagnostic): string {
  return `${path ? `${path} ` : ''}${message}${hint ? `; ${hint}` : ''}`;
}
