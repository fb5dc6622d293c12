import { execFileSync, spawnSync } from 'node:child_process';
import { COMMANDS } from '../../src/commands/commands';
import { call } from '../call';

const script = async (shell: string) => (await call(['completion', shell])).out;

/** The suggestions of bash for the last word. */
async function suggested(...words: string[]): Promise<string[]> {
  const list = words.map(word => `'${word}'`).join(' ');
  const program = `${await script('bash')}
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _webapp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n');
}

describe('completion', () => {
  test('suggests the names of commands', async () => {
    expect(await suggested('webapp', 'sy')).toEqual(['synth']);
    expect(await suggested('webapp', 'help', 'sy')).toEqual(['synth']);
  });

  test('suggests flags and their values', async () => {
    expect(await suggested('webapp', 'synth', '--out')).toEqual(['--output']);
    expect(await suggested('webapp', 'check', '--output', 'j')).toEqual(['json']);
    expect(await suggested('webapp', 'schema', 'p')).toEqual(['platform']);
  });

  test('suggests the commands below a command, and their flags', async () => {
    expect(await suggested('webapp', 'registry', 'l')).toEqual(['login']);
    expect(await suggested('webapp', 'registry', 'login', '--pass')).toEqual(['--password-stdin']);
    expect(await suggested('webapp', 'registry', 'login', '--for', 'pus')).toEqual(['push']);
  });

  test.each(['bash', 'zsh', 'fish'])('for %s is a valid script with every command', async shell => {
    const text = await script(shell);
    for (const name of Object.keys(COMMANDS)) expect(text).toContain(name);
    const { error, status, stderr } = spawnSync(shell, shell === 'fish' ? ['--no-execute'] : ['-n'], { input: text, encoding: 'utf8' });
    if (!error) expect({ status, stderr }).toEqual({ status: 0, stderr: '' }); // the shell may not be installed
  });
});

describe('help', () => {
  test.each(Object.keys(COMMANDS))('for %s has examples, each with a description', async name => {
    const { code, out } = await call([name, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:\n  # [A-Z].*\n  \$ \S/);
    expect((await call(['help', name])).out).toBe(out);
  });

  test('for a command below another one has examples too', async () => {
    const { code, out } = await call(['registry', 'login', '--help']);
    expect(out).toMatch(/Usage: webapp registry login[^]*Examples:\n  # [A-Z].*\n  \$ \S/);
    expect(code).toBe(0);
  });
});
