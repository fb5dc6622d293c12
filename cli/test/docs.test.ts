import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Folder } from './folder';
import { COMMANDS } from '../src/commands/commands';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/command.md'), 'utf8');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`)];
const blocks = pages.flatMap(name => [...readFileSync(join(root, name), 'utf8').matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text));
const files = (name: string) => blocks.filter(text => text.startsWith(`# ${name}\n`));

/** A platform that can split traffic, as not all that pages show can. */
const GATEWAY = 'domain: apps.example.com\ngateway: { name: public, namespace: gateways }\n';

describe('the documentation', () => {
  test.each(files('webapp.yaml'))('shows a valid file: %s', async text => {
    const named = { '.env': 'LOG_LEVEL=info\n', 'conf/web.conf': 'a: 1\n', 'conf/logo.png': '\0' };
    const platform = text.includes('setWeight') ? GATEWAY : files('platform.yaml')[0];
    const called = await new Folder({ ...named, 'webapp.yaml': text, 'platform.yaml': platform }).call('check');
    expect(called).toMatchObject({ code: 0, out: '' });
  });
});

describe('docs/command.md', () => {

  test('lists every command', () => {
    for (const name of Object.keys(COMMANDS)) expect(page).toContain(`| \`webapp ${name}`);
  });
});
