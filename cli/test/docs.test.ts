import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Folder } from './folder';
import { COMMANDS } from '../src/commands/commands';

const page = readFileSync(join(__dirname, '../../docs/command.md'), 'utf8');
const files = (name: string) => [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text).filter(text => text.startsWith(`# ${name}\n`));

describe('docs/command.md', () => {
  test.each(files('webapp.yaml'))('shows a valid file: %s', async text => {
    expect(await new Folder({ 'webapp.yaml': text, 'platform.yaml': files('platform.yaml')[0] }).call('check')).toMatchObject({ code: 0, out: '' });
  });

  test('lists every command', () => {
    for (const name of Object.keys(COMMANDS)) expect(page).toContain(`| \`webapp ${name}`);
  });
});
