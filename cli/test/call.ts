import { Readable } from 'node:stream';
import type { Registries } from '../src/registry/registries';
import type { Streams } from '../src/ui/streams';
import type { World } from '../src/ui/world';
import { webapp } from '../src/webapp';

/** The result of a command line. */
export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** No registry: images are what they are called. */
const NO_REGISTRIES: Registries = {
  find: async () => ({ state: 'unasked' }),
  remove: async () => {},
  credentials: async () => ({}),
  check: async registry => {
    throw new Error(`no registry ${registry}`);
  },
};

/** The world of a command without a terminal and without a network. */
export function world(other: Partial<World> = {}): World {
  return {
    cwd: '/nowhere',
    env: {},
    registries: NO_REGISTRIES,
    interactive: false,
    streams: streams(other),
    color: { out: false, err: false },
    ask: async question => {
      throw new Error(`no terminal to ask: ${question}`);
    },
    askSecret: async question => {
      throw new Error(`no terminal to ask: ${question}`);
    },
    readInput: async () => '',
    lookUp: async host => {
      throw new Error(`no name server to ask for ${host}`);
    },
    visit: async () => ({ status: 200, headers: {} }),
    reach: async host => {
      throw new Error(`no network to reach ${host}`);
    },
    onInterrupt: () => () => {},
    out: () => {},
    err: () => {},
    ...other,
  };
}

/** Standard input that is empty, and outputs that are those of a world. */
function streams({ out, err }: Partial<World>): Streams {
  const [stdout, stderr] = [new TextDecoder(), new TextDecoder()];
  return {
    isTerminal: false,
    open: () => ({ bytes: Readable.from([]), close: () => {} }),
    sizes: () => () => {},
    out: async bytes => out?.(stdout.decode(bytes, { stream: true })),
    err: async bytes => err?.(stderr.decode(bytes, { stream: true })),
  };
}

/** Runs a command line without a terminal. */
export async function call(words: string[], other: Partial<World> = {}): Promise<Called> {
  const printed = { out: '', err: '' };
  const code = await webapp(words, world({ out: text => void (printed.out += text), err: text => void (printed.err += text), ...other }));
  return { code, ...printed };
}
