import { inBytes, quantity, SIZES } from '../../../../src/internal';
import type { AppDraft, Steps } from '../draft';
import type { Reader } from '../reader';

/** What one instance has on another platform. */
export interface Amounts {
  /** Bytes of memory. */
  readonly memory?: number;

  /** CPUs. */
  readonly cpu?: number;
}

const NAMES = ['xs', 's', 'm', 'l', 'xl', 'xxl'] as const;

const memoryOf = (name: typeof NAMES[number]) => quantity(SIZES[name].memory)!;

/** A little less is not worth twice the memory: platforms count megabytes in several ways. */
const TOLERANCE = 0.95;

/**
 * Sets the smallest size with enough memory. CPU is not compared: sizes reserve CPU and do not limit it, and platforms sell shared CPUs.
 *
 * @param steps where the process is: empty for the app itself
 * @param what it is called there: `shared-cpu-1x, 512 MiB`
 */
export function setSize(app: AppDraft, steps: Steps, { memory, cpu }: Amounts, what: string, ...sources: readonly Reader[]): void {
  const enough = NAMES.find(name => memory !== undefined && memoryOf(name) >= memory * TOLERANCE)
    ?? NAMES.find(name => memory === undefined && cpu !== undefined && quantity(SIZES[name].cpu)! >= cpu * TOLERANCE);
  if (enough === undefined) {
    const resources = {
      ...cpu === undefined ? {} : { cpu: cpu >= 1 ? String(cpu) : `${Math.round(cpu * 1000)}m` },
      ...memory === undefined ? {} : { memory: inBytes(Math.ceil(memory / 1024 ** 2) * 1024 ** 2) },
    };
    for (const [name, amount] of Object.entries(resources)) app.set([...steps, 'resources', name], amount);
    for (const at of sources) {
      app.cameFrom(at, [...steps, 'resources']);
      at.taken(app.shown([...steps, 'resources']));
    }
    return;
  }
  const target = [...steps, 'size'];
  const { cpu: reserved, memory: has } = SIZES[enough];
  const reason = `size ${enough} is ${has} of memory and reserves ${reserved} CPU, which is not a limit; it was ${what}`;
  for (const at of sources) {
    app.cameFrom(at, target);
    at.changed(app.shown(target), reason);
  }
  app.set(target, enough, `It was ${what}.`);
}
