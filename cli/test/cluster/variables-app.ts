/** An app whose variables tests change, and that one of them breaks. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { server, SHORT_LIVED } from '../../../test/cluster/cluster';

/** The operator is in the process of the test, which must not block. */
export const run = promisify(execFile);
const [node, flag, program] = server('process.env.HOSTNAME');
export const PROPS = {
  command: [node, flag, `if (process.env.BROKEN) process.exit(1); ${program}`],
  internal: true,
  size: 'xs',
  health: SHORT_LIVED,
  scaling: { replicas: 1 },
};

/** The variables of the app's running pod, of those that are asked for. */
export async function environment(namespace: string, ...names: string[]): Promise<{ [name: string]: string }> {
  const print = `console.log(JSON.stringify(process.env, ${JSON.stringify(names)}))`;
  const { stdout } = await run('kubectl', ['exec', '--namespace', namespace, 'deployment/web', '--', 'node', '-e', print]);
  return JSON.parse(stdout);
}

/** Types a value. */
export const typed = (value: string) => ({ readInput: async () => value });
