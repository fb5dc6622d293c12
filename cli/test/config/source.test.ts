import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { SourceFile } from '../../src/config/source';
import { call } from '../call';
import { Folder } from '../folder';

const read = async (text: string) => (await new SourceFile('webapp.yaml', text).read()).sources.map(source => source.as('any', {}));

describe('reading YAML', () => {
  test('gives the same values as the parser that finds the locations', async () => {
    await fc.assert(fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, noNullPrototype: true }), async value => {
      const text = stringify(value);
      expect(JSON.stringify(await read(text))).toBe(JSON.stringify([parse(text)])); // as JSON, which has no -0
    }), { numRuns: 300, seed: 1 });
  });

  test.each([
    'a: yes', 'a: 2024-11-03', 'a: 12:30', 'a: 0o17', 'a: 017', 'a: 0x1f', 'a: ~', 'a:', 'a: .5', 'a: 1e3', 'a: "1"', "a: 'it''s'",
    'a: |\n  b\n  c\n', 'a: >-\n  b\n  c\n', 'a: [b, {c: d}]', 'a: &x {b: c}\nd: *x', 'a: b # c', '"a b": c', '? a\n: b', 'a: !!str 5',
  ])('gives the same value as that parser for %j', async text => {
    expect(await read(text)).toEqual([parse(text)]);
  });

  test('finds locations in a file with several documents', async () => {
    const web = 'name: web\nnamespace: shop\nimage: web:1\ninternal: true\n';
    const { err } = await new Folder({ 'webapp.yaml': `---\n# nothing\n---\n${web}---\n---\n${web}port: x\n...\n` }).call('check');
    expect(err).toContain('webapp.yaml:14:7: error: port is "x"');
  });
});

describe('color', () => {
  test('is printed only to terminals', async () => {
    const folder = new Folder({ 'webapp.yaml': 'name: web\nnamespace: shop\n' });
    const plain = await call(['check'], { cwd: folder.path });
    const colored = await call(['check'], { cwd: folder.path, color: { out: true, err: true } });
    expect(plain.err).not.toContain('\u001b');
    expect(colored.err).toContain('\u001b[31merror\u001b[39m');
    // eslint-disable-next-line no-control-regex
    expect(colored.err.replace(/\u001b\[\d+m/g, '')).toBe(plain.err);
  });
});
