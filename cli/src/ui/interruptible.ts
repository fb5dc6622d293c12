import { Failure } from './failure';
import { paint } from './paint';
import type { TerminalProgress } from './terminal-progress';
import type { World } from './world';

/**
 * Does something that Ctrl-C stops in an orderly way.
 *
 * @param act stops when its signal is aborted
 */
export async function interruptible<T>(
  world: World, progress: Pick<TerminalProgress, 'clear'>, act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const undo = world.onInterrupt(() => stop.abort());
  try {
    return await act(stop.signal);
  } catch (error) {
    if (error instanceof Failure) throw new Failure(`${paint(world.color.err).red('✗')} ${error.message}`, error.exitCode);
    if (stop.signal.aborted) throw new Failure('interrupted');
    throw error;
  } finally {
    progress.clear();
    undo();
  }
}
