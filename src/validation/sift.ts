import type { Problem } from './problem';
import { topOf } from './problem';
import { checkStruct } from './shape';

/** The props that have the right type and form, and what is wrong with the others. */
export function sift<T extends object>(struct: string, formats: (props: object) => Problem[], props: T): { sound: Partial<T>; problems: Problem[] } {
  const mistyped = checkStruct(struct, props);
  const typed = without(props, mistyped);
  const misspelt = formats(typed);
  return { sound: without(typed, misspelt), problems: [...mistyped, ...misspelt] };
}

function without<T extends object>(props: T, problems: Problem[]): Partial<T> {
  if (problems.length === 0) return props;
  const faulty = new Set(problems.map(({ path }) => topOf(path)));
  return Object.fromEntries(Object.entries(props).filter(([name]) => !faulty.has(name))) as Partial<T>;
}
