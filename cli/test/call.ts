import type { World } from '../src/terminal/world';
import { webapp } from '../src/webapp';

/** What a call of the command ends with. */
export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Calls the command as if in a folder, with nobody at the terminal. */
export async function call(words: string[], world: Partial<World> = {}): Promise<Called> {
  const said = { out: '', err: '' };
  const code = await webapp(words, {
    cwd: '/nowhere',
    env: {},
    interactive: false,
    colour: { out: false, err: false },
    ask: async question => {
      throw new Error(`nobody is there to answer ${question}`);
    },
    onInterrupt: () => () => {},
    out: text => void (said.out += text),
    err: text => void (said.err += text),
    ...world,
  });
  return { code, ...said };
}
