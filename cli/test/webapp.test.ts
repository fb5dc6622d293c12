import { call } from './call';

describe('the command line', () => {
  test('--help lists the commands', async () => {
    const { code, out } = await call(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('synth');
    expect(out).toContain('check');
  });

  test('webapp history is webapp releases', async () => {
    const [releases, history] = await Promise.all([call(['releases', '--help']), call(['history', '--help'])]);
    expect(history).toEqual(releases);
    expect(history.out).toContain('List the releases of an app');
    expect((await call(['help', 'history'])).out).toBe(releases.out);
  });

  test('a misspelled command is a usage error that suggests the nearest one', async () => {
    const { code, err } = await call(['snyth']);
    expect(code).toBe(64);
    expect(err).toContain('Did you mean synth?');
  });
});
