import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithAddon, kubectl } from '../../../test/cluster/cluster';
import { call } from '../call';

const [, session] = /```text\n([^]*?)```/.exec(readFileSync(join(__dirname, '../../../README.md'), 'utf8'))!;
const steps = session.split(/^\$ /m).slice(1).map(text => text.split(/\n([^]*)/) as [command: string, answer: string]);

/** It was recorded with an image that only some clusters have. */
(process.env.TEST_IMAGE ? describe.skip : describeWithAddon)('the session that the README shows', () => {
  const namespace = `test-readme-${randomBytes(3).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  const cwd = join(folder, 'web');
  const context = kubectl(['config', 'current-context']).trim();
  mkdirSync(cwd);
  afterAll(() => {
    rmSync(folder, { recursive: true });
    kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  test.each(steps.filter(([command]) => command.startsWith('webapp ')))('%s', async (command, recorded) => {
    let said = '';
    const write = (text: string) => void (said += text);
    // What somebody has typed is what the record has after the question.
    const ask = async (question: string) => {
      const line = recorded.split('\n').find(one => one.startsWith(question.trim())) ?? '';
      write(`${line}\n`);
      return line.slice(question.length);
    };
    const words = command.split(' ').slice(1);
    await call(words[0] === 'init' ? [...words, '--namespace', namespace] : words, { cwd, env: process.env, interactive: true, ask, out: write, err: write });
    expect(said.replaceAll(namespace, 'web').replace(` of ${context}\n`, ' of production\n')).toBe(recorded);
  });
});
