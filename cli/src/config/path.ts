/**
 * The steps of a prop's path, as the library writes it: `scaling.schedule[0].start` becomes `['scaling', 'schedule', 0, 'start']`.
 *
 * A key that was too long to be written in full ends the steps: the value around it is close enough.
 */
export function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  const step = /\.?([\w-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  for (let match = step.exec(path); match; match = step.exec(path)) {
    const [, name, index, key] = match;
    steps.push(name ?? (index === undefined ? JSON.parse(key) : Number(index)));
  }
  return steps;
}
