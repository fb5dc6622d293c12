import type { Bounds } from './props';
import { atMost } from './sizes';
import type { Scaling } from '../features/scaling/props';
import type { AppModel } from '../model/app';
import type { ScalingModel } from '../model/scaling';
import type { Problem } from '../validation/problem';
import { below, entry } from '../validation/problem';
import { problem } from '../validation/rule';
import type { WebAppProps } from '../web-app-props';

/** Processes with more replicas than the platform allows, or with some that never sleep. */
export function scalingProblems(bounds: Bounds, app: AppModel, { scaling, ports, workers = {} }: WebAppProps): Problem[] {
  if (bounds.scaling === undefined) return [];
  const asked = app.runsWeb && (scaling !== undefined || ports !== undefined);
  return [
    ...asked ? [...numberProblems(bounds, scaling), ...keptProblems(bounds, scaling, app.active.scaling)] : [],
    ...Object.entries(workers).flatMap(([name, { scaling: own }], i) => below(entry('workers', name), [
      ...numberProblems(bounds, own), ...keptProblems(bounds, own, app.workers[i].scaling),
    ])),
  ];
}

/** Numbers that are too large. */
export function numberProblems({ scaling: { min, max } = {} }: Bounds, own: Scaling = {}): Problem[] {
  const kept = min ?? max;
  const rows: [path: string, value: number | undefined, most: number | undefined][] = [
    ['min', own.min, kept],
    ['replicas', own.replicas, kept],
    ['max', own.max, max],
    ['fallback', own.fallback, max],
    ...(own.schedule ?? []).flatMap((times, i): typeof rows => [
      [`schedule[${i}].replicas`, times.replicas, max], [`schedule[${i}].max`, times.max, max],
    ]),
  ];
  return rows.flatMap(([path, value, most]) => value !== undefined && most !== undefined && value > most
    ? [atMost(`scaling.${path}`, value, most)] : []);
}

/** What keeps running although no prop says how many replicas do. */
function keptProblems({ scaling: { min } = {} }: Bounds, own: Scaling = {}, { replicas, min: lowest }: ScalingModel): Problem[] {
  const kept = replicas ?? lowest;
  if (min === undefined || own.min !== undefined || own.replicas !== undefined || kept <= min) return [];
  return [problem('scaling',
    `keeps ${kept} ${kept === 1 ? 'replica' : 'replicas'} running, but the platform allows at most ${min} while there is nothing to do`,
    'scale by something that wakes it, such as requests or a trigger, or ask your platform team', 'range')];
}
