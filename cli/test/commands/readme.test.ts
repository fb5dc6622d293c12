import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from '../call';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';

const [, session] = /```text\n([^]*?)```/.exec(readFileSync(join(__dirname, '../../../README.md'), 'utf8'))!;
const steps = session.split(/^\$ /m).slice(1).map(text => text.split(/\n([^]*)/) as [command: string, answer: string]);

describe('the session that the README shows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  const cwd = join(folder, 'web');
  mkdirSync(cwd);
  const cluster = new TestCluster();
  runControllers(cluster);
  cluster.api.proxy = () => response(200, '{}', { 'x-keda-http-cold-start': 'false' });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(steps.filter(([command]) => command.startsWith('webapp ')))('%s prints what the README shows', async (command, recorded) => {
    let printed = '';
    const write = (text: string) => void (printed += text);
    // The user's answer is what the README has after the question.
    const ask = async (question: string) => {
      const line = recorded.split('\n').find(one => one.startsWith(question.trim())) ?? '';
      write(`${line}\n`);
      return line.slice(question.length);
    };
    const interactive = command === 'webapp init'; // webapp open would start a browser
    await call(command.split(' ').slice(1), { cwd, cluster, interactive, ask, out: write, err: write });
    expect(printed.replace(' of test\n', ' of production\n')).toBe(recorded);
  });
});
