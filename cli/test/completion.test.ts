import { execFileSync, spawnSync } from 'node:child_process';
import { call } from './call';
import { COMMANDS } from '../src/commands/commands';

const script = async (shell: string) => (await call(['completion', shell])).out;

/** What bash offers for the last of some words. */
async function offered(...words: string[]): Promise<string[]> {
  const list = words.map(word => `'${word}'`).join(' ');
  const text = execFileSync('bash', ['-c', `${await script('bash')}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _webapp; printf '%s\\n' "\${COMPREPLY[@]}"`], { encoding: 'utf8' });
  return text.trim().split('\n');
}

describe('completion', () => {
  test('of commands', async () => {
    expect(await offered('webapp', 'sy')).toEqual(['synth']);
    expect(await offered('webapp', 'help', 'sy')).toEqual(['synth']);
  });

  test('of options and their values', async () => {
    expect(await offered('webapp', 'synth', '--out')).toEqual(['--output']);
    expect(await offered('webapp', 'check', '--output', 'j')).toEqual(['json']);
    expect(await offered('webapp', 'schema', 'p')).toEqual(['platform']);
  });

  test.each(['bash', 'zsh', 'fish'])('for %s names every command, in a script that the shell can read', async shell => {
    const text = await script(shell);
    for (const name of Object.keys(COMMANDS)) expect(text).toContain(name);
    const { error, status, stderr } = spawnSync(shell, shell === 'fish' ? ['--no-execute'] : ['-n'], { input: text, encoding: 'utf8' });
    if (!error) expect({ status, stderr }).toEqual({ status: 0, stderr: '' }); // the shell may not be there
  });
});

describe('help', () => {
  test.each(Object.keys(COMMANDS))('of %s has a description and examples', async name => {
    const { code, out } = await call([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain('Examples:\n  ');
    expect((await call(['help', name])).out).toBe(out);
  });
});
