import { execFileSync, spawnSync } from 'node:child_process';
import { COMMANDS } from '../../src/commands/commands';
import { call } from '../call';

const script = async (shell: string) => (await call(['completion', shell])).out;

/** What bash suggests for the last word. */
async function suggested(...words: string[]): Promise<string[]> {
  const list = words.map(word => `'${word}'`).join(' ');
  const program = `${await script('bash')}
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _webapp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n');
}

describe('completion', () => {
  test('has the names of commands', async () => {
    expect(await suggested('webapp', 'sy')).toEqual(['synth']);
    expect(await suggested('webapp', 'help', 'sy')).toEqual(['synth']);
  });

  test('has flags and their values', async () => {
    expect(await suggested('webapp', 'synth', '--out')).toEqual(['--output']);
    expect(await suggested('webapp', 'check', '--output', 'j')).toEqual(['json']);
    expect(await suggested('webapp', 'schema', 'p')).toEqual(['platform']);
  });

  test.each(['bash', 'zsh', 'fish'])('for %s has every command, in a valid script', async shell => {
    const text = await script(shell);
    for (const name of Object.keys(COMMANDS)) expect(text).toContain(name);
    const { error, status, stderr } = spawnSync(shell, shell === 'fish' ? ['--no-execute'] : ['-n'], { input: text, encoding: 'utf8' });
    if (!error) expect({ status, stderr }).toEqual({ status: 0, stderr: '' }); // the shell may not be installed
  });
});

describe('help', () => {
  test.each(Object.keys(COMMANDS))('of %s has a description, and examples below what they do', async name => {
    const { code, out } = await call([name, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:\n  # [A-Z].*\n  \$ \S/);
    expect((await call(['help', name])).out).toBe(out);
  });
});
