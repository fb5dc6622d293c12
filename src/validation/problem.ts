/**
 * The kinds of problems. Code decides on these; messages are for people, and their wording may change at any time.
 *
 * - `missing`: a value that is required, always or by another prop
 * - `unknown`: a prop, or a name such as that of a connection's type, that does not exist
 * - `renamed`: a prop that has another name now
 * - `type`: not the type that the prop is declared with, or not one of its values
 * - `format`: the right type, but not a valid value: not a duration, not a host name
 * - `range`: a valid value that is too small, too large, too short or too long
 * - `conflict`: two props that contradict each other
 * - `duplicate`: a name, host, path or key that something else has already
 * - `unsupported`: what the platform, or the software that it runs, cannot do or does not allow
 */
export type ProblemCode = 'missing' | 'unknown' | 'renamed' | 'type' | 'format' | 'range' | 'conflict' | 'duplicate' | 'unsupported';

/**
 * What is wrong with a value, and what to write instead: both are phrases that follow the name of the prop.
 */
export interface Fault {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string;
}

/** A fault of one prop, whose path is written as in the props: `scaling.schedule[0].timezone`. */
export interface Problem extends Fault {
  readonly path: string;
}

/** A check of one value, of which the type is already known to be right. */
export type Check = (value: any) => Fault | undefined;

export function fault(message: string, hint: string, code: ProblemCode = 'format'): Fault {
  return { code, message, hint };
}

/**
 * A problem as the person who made the mistake reads it.
 *
 * @param subject what has the prop: `WebApp "web"`
 */
export function sentence(subject: string, problem: Problem): string {
  return `${subject}: ${problem.path} ${problem.message}; ${problem.hint}`;
}

/** A value as it can stand in a sentence. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The path of a map's entry: a key with anything but letters, digits, `_` and `-` is put in brackets. */
export function entry(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${quoted(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Problems of a part of the props, with the path at which that part is. */
export function below(path: string, problems: readonly Problem[]): Problem[] {
  return problems.map(problem => ({ ...problem, path: `${path}.${problem.path}` }));
}

/** The prop at the top of a path: `scaling` of `scaling.schedule[0]`. */
export function topOf(path: string): string {
  return path.split(/[.[]/, 1)[0];
}
