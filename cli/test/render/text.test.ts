import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { isMisread } from '../../../src/internal';
import { yamlOf } from '../../src/render/text';

const written = (...objects: any[]) => yamlOf(objects);

describe('objects are written as the same YAML as by cdk8s', () => {
  const WORDS = [
    '', ' ', 'web', 'a b', ' a', 'a ', 'y', 'Y', 'No', 'on', 'TRUE', 'true ', 'null', '~',
    '1', '0x1f', '017', '1_000', '1.5', '1e3', '.5', '.inf', '1:30', '190:20:30', '2024-11-03', '2024-11-03T10:00:00Z',
    'a:', ':a', 'a: b', 'a:b', 'a #b', '#a', '-', '-a', '- a', '---', '--- a', '...', '?', '? a', '<<', '=', '%a', '@a', '`a', '!a',
    '&a', '*a', '|', '>', '{}', '[]', '{a', 'a]', 'a,b', "it's", '"q"', "'q'", 'a\\b',
    'ü', '日本', '😀', '\u0000', '\u0085', '\u2028', '\ud800', '\ufeff', '\t', 'a\tb',
    'a\nb', 'a\nb\n', 'a\n\n', '\n', '\n\na', ' a\n b', 'a\n  b\n\n\n', 'a\n ', 'a\r\nb', '# a\nb', '--- a\nb',
    '*/*', '* * * * *', '0 8 * * 1-5', 'ghcr.io/acme/web:1.4.2', 'http://a.example.com:8080/x?y=z#w', '500m', '256Mi', '100%',
    'x'.repeat(300), 'x'.repeat(1100), `${'long line of words '.repeat(20)}\n"quoted"\tand more`,
  ];

  test.each(WORDS)('if they contain the string %j', word => {
    for (const value of [word, [word], { a: word }, { [word]: 1 }, { a: { b: [word, { c: word, [word]: [word] }] } }, [[word], [[word]]]]) {
      expect(written({ of: value })).toBe(Yaml.stringify({ of: value }));
    }
  });

  test.each([
    0, -0, -1, 1, 1.5, 1e21, 1e-7, NaN, Infinity, 2 ** 53, true, false, null, undefined,
    {}, [], { a: {} }, [[]], [{}], [null], { a: undefined },
  ])('if they contain the value %p', value => {
    expect(written({ of: value, and: [value] })).toBe(Yaml.stringify({ of: value, and: [value] }));
  });

  test('whatever they contain', () => {
    const special = fc.constantFrom('a', ' ', '\n', ':', '#', '-', '"', '1', '\t');
    const anyWord = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: special }), fc.constantFrom(...WORDS));
    const word = anyWord.filter(one => !isMisread(one, Yaml.stringify));
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(word, tie('tree'), { maxKeys: 4 })),
    }));
    const anyObjects = fc.array(fc.dictionary(word, tree, { minKeys: 1, maxKeys: 4 }), { minLength: 1, maxLength: 3 });
    fc.assert(fc.property(anyObjects, objects => {
      expect(written(...objects)).toBe(Yaml.stringify(...objects));
    }), { numRuns: 2000, seed: 1 });
  });

  const MISREAD = ['0o7', '0o644', '-0O1_7', '\ta\nb', ' \n', '\n \t\nb\n'];

  test.each(MISREAD)('except that the string %j, which kubectl would misread, is in double quotes', word => {
    const object = { of: word, [word]: [word], a: { b: { [word]: word } } };
    for (const objects of [[object], [{ ...object, c: object.a }]]) {
      const text = written(...objects);
      expect(text.match(/"/g)!.length % 2).toBe(0);
      expect(text.split(JSON.stringify(word)).length - 1).toBe(JSON.stringify(objects).split(JSON.stringify(word)).length - 1);
      expect(parseAllDocuments(text).map(document => document.toJS())).toEqual(objects);
    }
  });

  test('if they contain a value twice', () => {
    const labels = { a: 'b' };
    expect(written({ metadata: { labels }, spec: { labels } })).toBe(Yaml.stringify({ metadata: { labels }, spec: { labels } }));
  });

  const folder = join(__dirname, '../../../examples');
  test.each(readdirSync(folder).filter(name => !name.includes('.')))('for the example %s', name => {
    for (const file of readdirSync(join(folder, name)).filter(found => found.endsWith('.yaml'))) {
      const values = parseAllDocuments(readFileSync(join(folder, name, file), 'utf8')).map(document => document.toJS());
      expect(written(...values)).toBe(Yaml.stringify(...values));
    }
  });
});
