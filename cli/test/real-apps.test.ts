import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Folder } from './folder';
import { schemaErrors } from '../../test/schemas';

const PAGE = readFileSync(join(__dirname, '../../docs/real-apps.md'), 'utf8');
const APPS = [...PAGE.matchAll(/^## (.*)\n[^]*?```yaml\n(# webapp\.yaml\n[^]*?)```/gm)].map(([, title, text]) => [title, text]);

test('docs/real-apps.md has the apps that its readers look for', () => {
  expect(APPS.map(([title]) => title)).toEqual(['Mastodon', 'Ghost', 'n8n', 'Nextcloud', 'WordPress', 'Discourse', 'Django with Celery']);
});

test.each(APPS)('%s synthesizes objects that the schemas of a real API server take, without an error', async (_, text) => {
  const { code, out, err } = await new Folder({ 'webapp.yaml': text, 'platform.yaml': 'domain: apps.example.com\n' }).call('synth');
  expect({ code, errors: err.split('\n').filter(line => !line.startsWith('warning:')).join('\n') }).toEqual({ code: 0, errors: '' });
  const objects = parseAllDocuments(out).map(document => document.toJS());
  expect(objects.map(({ kind }) => kind)).toContain('Deployment');
  expect(objects.flatMap(schemaErrors)).toEqual([]);
});

test.each(APPS)('%s has no warning but those about backups', async (_, text) => {
  const { err } = await new Folder({ 'webapp.yaml': text, 'platform.yaml': 'domain: apps.example.com\n' }).call('synth');
  expect(err.split('\n').filter(line => line.startsWith('warning:') && !/backup/.test(line))).toEqual([]);
});
