import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Site } from './site';
import { partsOf } from '../../src/setup/parts';

const page = readFileSync(join(__dirname, '../../../docs/setup.md'), 'utf8');

describe('docs/setup.md', () => {
  test('shows what the command prints', async () => {
    const [, shown] = /^\$ webapp setup\n([^]*?)```/m.exec(page)!;
    const site = new Site();
    let printed = '';
    const write = (text: string) => void (printed += text);
    const ask = async (question: string) => {
      write(`${question}y\n`);
      return 'y';
    };
    await site.call('setup', { interactive: true, ask, err: write });
    expect(printed.replace(/^test /, 'production ')).toBe(shown);
  });

  test.each((['traefik', 'envoy-gateway'] as const).flatMap(entry => partsOf({ entry, with: ['builds', 'postgres', 'monitoring'] })))(
    'has the version and the chart of $title', ({ title, version, source, namespace }) => {
      expect(page).toContain(`| ${title} | ${version} | `);
      if (source.kind === 'release') return;
      const { name, repository, release } = source;
      const isOci = repository.startsWith('oci:');
      const chart = isOci ? `\`${repository}\` ${source.version}` : `\`${name}\` ${source.version} of \`${repository}\``;
      expect(page).toContain(`| ${chart} | \`${release}\`, \`${namespace}\` |`);
    });
});
