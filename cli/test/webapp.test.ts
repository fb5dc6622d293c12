import { call } from './call';

describe('the command line', () => {
  test('--help lists the commands', async () => {
    const { code, out } = await call(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('synth');
    expect(out).toContain('check');
  });

  test('a misspelled command is a usage error that suggests the nearest one', async () => {
    const { code, err } = await call(['snyth']);
    expect(code).toBe(64);
    expect(err).toContain('Did you mean synth?');
  });
});
