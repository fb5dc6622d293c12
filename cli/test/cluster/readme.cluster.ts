import { randomBytes } from 'node:crypto';
import { describeWithAddon, kubectl } from '../../../test/cluster/cluster';
import { call } from '../call';
import { sessionFolder, STEPS, terminal } from '../readme-session';

/** The session was recorded with the default image, so a cluster with another image skips it. */
(process.env.TEST_IMAGE ? describe.skip : describeWithAddon)('the session in the README prints the recorded output', () => {
  const namespace = `test-readme-${randomBytes(3).toString('hex')}`;
  const context = kubectl(['config', 'current-context']).trim();
  const cwd = sessionFolder();
  afterAll(() => void kubectl(['delete', 'namespace', namespace, '--wait=false']));

  test.each(STEPS)('%s', async (command, recorded) => {
    const { printed, ...user } = terminal(recorded);
    const words = command.split(' ').slice(1);
    await call(words[0] === 'init' ? [...words, '--namespace', namespace] : words, { cwd, env: process.env, interactive: true, ...user });
    expect(printed().replaceAll(namespace, 'web').replace(` of ${context}\n`, ' of production\n')).toBe(recorded);
  });
});
