import { call } from './call';

describe('the command line', () => {
  test('--help names every command', async () => {
    const { code, out } = await call(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('synth');
    expect(out).toContain('check');
  });

  test('a misspelt command is an error of usage that names the nearest', async () => {
    const { code, err } = await call(['snyth']);
    expect(code).toBe(64);
    expect(err).toContain('Did you mean synth?');
  });
});
