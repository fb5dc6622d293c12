import type { Check, Problem } from './problem';
import { entry } from './problem';

/**
 * Checks of the form of single values, by the path of the prop: `scaling.schedule[].start` for each item of a list, `env{}` for
 * each value of a map, `env{key}` for each of its keys.
 */
export type Formats = { readonly [path: string]: Check };

interface Step {
  readonly prop: string;
  readonly each?: 'item' | 'value' | 'key';
}

/** The function that does all checks of a table. The paths are taken apart once, not for every app. */
export function formatCheck(formats: Formats): (props: object) => Problem[] {
  const rows = Object.entries(formats).map(([path, check]) => ({ steps: path.split('.').map(step), check }));
  return props => {
    const found: Problem[] = [];
    for (const { steps, check } of rows) {
      walk(props, '', steps, 0, (path, value) => {
        const fault = check(value);
        if (fault) found.push({ path, ...fault });
      });
    }
    return found;
  };
}

function step(text: string): Step {
  const [, prop, each] = /^(\w+)(\[\]|\{\}|\{key\})?$/.exec(text)!;
  return { prop, each: ({ '[]': 'item', '{}': 'value', '{key}': 'key' } as const)[each] };
}

function walk(value: any, path: string, steps: Step[], at: number, visit: (path: string, value: any) => void): void {
  if (at === steps.length) return visit(path, value);
  const { prop, each } = steps[at];
  const child = value[prop];
  if (child === undefined) return;
  const here = path ? `${path}.${prop}` : prop;
  if (each === undefined) return walk(child, here, steps, at + 1, visit);
  if (each === 'item') return child.forEach((item: any, i: number) => walk(item, `${here}[${i}]`, steps, at + 1, visit));
  for (const [key, item] of Object.entries(child)) walk(each === 'key' ? key : item, entry(here, key), steps, at + 1, visit);
}
