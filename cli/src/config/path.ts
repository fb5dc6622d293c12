/**
 * The steps of a prop's path, as the library writes it: `['scaling', 'schedule', 0, 'start']` of `scaling.schedule[0].start`.
 *
 * A key that cannot be read back, as it was too long to be written out, ends the steps: what they lead to is near enough.
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
