import type { World } from '../src/ui/world';
import { webapp } from '../src/webapp';

/** What a call of the command ends with. */
export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A world with nobody at the terminal. */
export function world(other: Partial<World> = {}): World {
  return {
    cwd: '/nowhere',
    env: {},
    interactive: false,
    color: { out: false, err: false },
    ask: async question => {
      throw new Error(`nobody is there to answer ${question}`);
    },
    onInterrupt: () => () => {},
    out: () => {},
    err: () => {},
    ...other,
  };
}

/** Calls the command as if in a folder, with nobody at the terminal. */
export async function call(words: string[], other: Partial<World> = {}): Promise<Called> {
  const said = { out: '', err: '' };
  const code = await webapp(words, world({ out: text => void (said.out += text), err: text => void (said.err += text), ...other }));
  return { code, ...said };
}
