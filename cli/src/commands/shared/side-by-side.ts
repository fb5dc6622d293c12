/** Does something with the apps of a file at the same time, each after those that it needs. */
import type { AppPlan } from '../../config/app-plan';
import type { Config } from '../../config/config';
import { needsOf } from '../../config/needs';
import { count } from '../../engine/operation';
import type { Outcome } from '../../engine/side-by-side';
import { doSideBySide } from '../../engine/side-by-side';
import type { Block } from '../../ui/blocks';
import { Blocks } from '../../ui/blocks';
import { Failure } from '../../ui/failure';
import { interruptible } from '../../ui/interruptible';
import { paint } from '../../ui/paint';
import type { World } from '../../ui/world';

export interface AppsRequest<P extends AppPlan, T> {
  readonly config: Config;
  readonly plans: readonly P[];
  readonly concurrency: number;
  readonly world: World;

  /** What happened to an app if all went well: `Deployed`. */
  readonly verb: string;

  /** @param block where its output goes */
  readonly act: (plan: P, block: Pick<Block, 'world' | 'progress'>, signal: AbortSignal) => Promise<T>;

  /** What follows for the apps with which all went well. */
  readonly finish: (plans: readonly P[], signal: AbortSignal) => Promise<void>;
}

/**
 * Does it with all apps. If it fails for one, those that need it are left out, and the others are completed.
 *
 * @returns the results, in the order of the plans
 * @throws Failure where it failed for one
 */
export async function sideBySide<P extends AppPlan, T>(
  { config, plans, concurrency, world, verb, act, finish }: AppsRequest<P, T>,
): Promise<T[]> {
  const names = config.apps.map(({ name }) => String(name));
  const inFile = [...plans].sort((a, b) => names.indexOf(a.app.name) - names.indexOf(b.app.name));
  const blocks = new Blocks(world);
  return interruptible(world, blocks, async signal => {
    const actInBlock = async (i: number) => {
      const block = blocks.open();
      try {
        return await act(inFile[i], block, signal);
      } catch (error) {
        if (plans.length > 1) printFailure(error, signal, block);
        throw error;
      } finally {
        block.close();
      }
    };
    const outcomes = await doSideBySide({ needs: needsOf(inFile), concurrency, signal, act: actInBlock });
    const results = new Map(outcomes.flatMap((outcome, i) => outcome.state === 'done' ? [[inFile[i], outcome.result] as const] : []));
    if (!signal.aborted) await finish([...results.keys()], signal);
    failIfAnyFailed(outcomes, inFile, verb);
    return plans.map(plan => results.get(plan)!);
  });
}

function printFailure(error: unknown, signal: AbortSignal, { world }: Pick<Block, 'world'>): void {
  const message = error instanceof Failure ? error.message : signal.aborted ? 'interrupted' : undefined;
  if (message !== undefined) world.err(`${paint(world.color.err).red('✗')} ${message}\n`);
}

function failIfAnyFailed(outcomes: readonly Outcome<unknown>[], plans: readonly AppPlan[], verb: string): void {
  const failed = outcomes.flatMap(outcome => outcome.state === 'failed' ? [outcome.error] : []);
  const done = outcomes.filter(({ state }) => state === 'done').length;
  if (done === outcomes.length) return;
  // What is not a failure is a fault of the program, which has to be seen as it is.
  const fault = failed.find(error => !(error instanceof Failure));
  if (fault !== undefined || plans.length === 1) throw fault ?? failed[0] ?? new Failure('interrupted');
  const lines = outcomes.flatMap((outcome, i) => {
    const text = describe(outcome, plans, verb);
    return text === undefined ? [] : [`  ${plans[i].app.name}: ${text}`];
  });
  throw new Failure([`${verb} ${done} of ${count(plans.length, 'app')}`, ...lines].join('\n'));
}

function describe(outcome: Outcome<unknown>, plans: readonly AppPlan[], verb: string): string | undefined {
  switch (outcome.state) {
    case 'failed': return 'failed';
    case 'skipped': return `not ${verb.toLowerCase()}, because it needs ${plans[outcome.because].app.name}`;
    case 'not-started': return `not ${verb.toLowerCase()}, because of the interruption`;
    default: return undefined;
  }
}
