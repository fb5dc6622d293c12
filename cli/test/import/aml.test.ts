import fc from 'fast-check';
import { readAml } from '../../src/import/source/aml/aml';
import type { SourceNode } from '../../src/import/source/node';
import { valueOf } from '../../src/import/source/node';

const read = (text: string) => readAml({ name: 'Acornfile', text });
const valueAt = (text: string) => valueOf(read(text));

/** The reasons of all values that are not known, by path. */
function unknownIn(text: string): { [path: string]: string } {
  const walk = (node: SourceNode, path: string): [string, string][] => [
    ...node.unknown ? [[path, node.unknown.reason] as [string, string]] : [],
    ...[...node.fields ?? []].flatMap(([name, inner]) => walk(inner, path === '' ? name : `${path}.${name}`)),
    ...(node.items ?? []).flatMap((inner, i) => walk(inner, `${path}[${i}]`)),
  ];
  return Object.fromEntries(walk(read(text), ''));
}

const forty = (line: (i: number) => string) => Array.from({ length: 40 }, (_, i) => line(i)).join('\n');

describe('AML', () => {
  test('reads any JSON', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), value => {
      expect(valueAt(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(valueAt(JSON.stringify(value, null, 2))).toEqual(JSON.parse(JSON.stringify(value)));
    }));
  });

  test.each<[rule: string, text: string, value: unknown]>([
    ['names need no quotes, and lines no commas', 'a: 1\n"b-c": 2,\nd: 3 // one\n', { 'a': 1, 'b-c': 2, 'd': 3 }],
    ['an object with one field needs no braces', 'a: b: c: "x"\na: b: d: true', { a: { b: { c: 'x', d: true } } }],
    ['the outermost braces are optional', '{ a: null }', { a: null }],
    ['a list can end with a comma', 'a: [\n  1,\n  2,\n]', { a: [1, 2] }],
    ['numbers have units and underscores', 'a: 512Mi\nb: 1K\nc: 1_000\nd: 1.5\ne: 2e3', { a: 2 ** 29, b: 1000, c: 1000, d: 1.5, e: 2000 }],
    ['strings have escapes', String.raw`a: "x\n\t\"\\é"`, { a: 'x\n\t"\\é' }],
    ['raw strings have none', 'a: `x\\n"\\``\nb: ```\na\n``` ', { a: 'x\\n"`', b: '\na\n' }],
    ['older raw strings too', 'a: #"say "hi""#', { a: 'say "hi"' }],
    ['long strings lose the indentation of their end', 'a: """\n  x\n    "y"\n  """', { a: 'x\n  "y"' }],
    ['long strings without a common indentation stay', 'a: """\n  x\n y\n  """', { a: '\n  x\n y\n  ' }],
    ['a value is referred to by its name', 'a: b: 1\nc: a.b\nd: { e: 2, f: e }', { a: { b: 1 }, c: 1, d: { e: 2, f: 2 } }],
    ['also before it is written, and from beside it', 'a: { x: a.y, y: z.w }\nz: w: 3', { a: { x: 3, y: 3 }, z: { w: 3 } }],
    ['strings have expressions in them', 'a: 1\nb: "\\(a + 1) of \\("\\(a)")"\n"k\\(a)": 2', { a: 1, b: '2 of 1', k1: 2 }],
    ['long strings too', 'a: "x"\nb: """\n  <\\(a)>\n  """', { a: 'x', b: '<x>' }],
    ['args have their defaults', 'args: { n: 2 }\nif !args.dev { a: args.n }', { args: { n: 2 }, a: 2 }],
    ['args without any have those of all files', 'a: args.dev', { a: false }],
    ['if chooses', 'a: 1\nif a == 2 { b: 2 } else if a > 0 && a <= 1 { b: 3 } else { b: 4 }', { a: 1, b: 3 }],
    ['what if decides is referred to', 'if !args.dev { a: { b: 1 } }\nc: a.b', { a: { b: 1 }, c: 1 }],
    ['for repeats', 'for i, x in ["a", "b"] { "k\\(i)": x }\nfor x in std.range(2) { "n\\(x)": x }', { k0: 'a', k1: 'b', n0: 0, n1: 1 }],
    ['for repeats the fields of an object', 'for k, v in { a: 1 } { "\\(k)-\\(v)": true }', { 'a-1': true }],
    ['lists are made of lists', 'a: [1, 2, 3]\nb: [for x in a if x > 1 { "n\\(x)" }]', { a: [1, 2, 3], b: ['n2', 'n3'] }],
    ['let is not a field', 'let x: 1\nlet y = 2\na: x + y', { a: 3 }],
    ['objects are embedded', 'a: { b: 1 }\nc: { a, d: 2 }', { a: { b: 1 }, c: { b: 1, d: 2 } }],
    ['objects are added', 'a: { b: 1, c: d: 1 } + { b: 2, c: e: 2 }', { a: { b: 2, c: { d: 1, e: 2 } } }],
    ['operators have their precedence', 'a: 1 + 2 * 3 - (4 - 2) / 2\nb: -1 < 0 || false', { a: 6, b: true }],
    ['indexes and slices', 'a: [1, 2, 3]\nb: a[0]\nc: a[1:]\nd: a[:1]\ne: { "x-y": 1 }\nf: e["x-y"]',
      { a: [1, 2, 3], b: 1, c: [2, 3], d: [1], e: { 'x-y': 1 }, f: 1 }],
    ['defaults of types are values', 'args: { a: string || default "x", b: int | *3 }', { args: { a: 'x', b: 3 } }],
    ['functions of std are called', 'a: std.join(["x", "y"], ",")\nb: std.merge({ c: 1 }, { c: 2 })\nd: std.ifelse(1 > 2, "x", "y")',
      { a: 'x,y', b: { c: 2 }, d: 'y' }],
    ['names of keywords are names', 'default: 1\nif: 2\nmatch: 3', { default: 1, if: 2, match: 3 }],
  ])('%s', (_, text, value) => {
    expect(valueAt(text)).toEqual(value);
  });

  test.each<[what: string, text: string, unknown: object]>([
    ['a function of the file', 'f: function { args: { a: string }, return: args.a }\nb: f("x")',
      { f: 'it is a function', b: 'it calls a function of the file' }],
    ['a function that is not known', 'a: std.sha256sum("x")', { a: 'it calls std.sha256sum' }],
    ['a name that is not there', 'a: b\nc: args.d\n', { a: 'b is not defined in the file', c: 'args.d is not defined in the file' }],
    ['a value of itself', 'a: b\nb: a', { a: 'it refers to itself', b: 'it refers to itself' }],
    ['a string of something that is not known', 'a: "x\\(b)"', { a: 'b is not defined in the file' }],
    ['a condition', 'a: { if b { c: 1 }\nd: 2 }', { 'a.if b': 'its condition is not known: b is not defined in the file' }],
    ['a condition that is neither true nor false', 'if 1 { c: 1 }', { 'if 1': 'its condition is neither true nor false' }],
    ['a loop', 'for x in b { "\\(x)": 1 }', { 'for x in b': 'what it repeats is not known: b is not defined in the file' }],
    ['a pattern', 'match "web.*": { a: 1 }\n[string]: { b: 1 }\nc: 1',
      { 'match "web.*": { a: 1 }': 'it is a pattern for several names', '[string]: { b: 1 }': 'it is a pattern for several names' }],
    ['a regular expression', 'a: "x" =~ "(x+)+y"', { a: '"x" =~ "(x+)+y" is not known' }],
  ])('does not guess %s', (_, text, unknown) => {
    expect(unknownIn(text)).toEqual(unknown);
  });

  test('knows the lines of names', () => {
    const root = read('// A comment\na: {\n  b: 1\n\n  c: [\n    2,\n    3\n  ]\n}\nd: a.b\n');
    const [a, d] = [root.fields!.get('a')!, root.fields!.get('d')!];
    expect([a.line, a.fields!.get('b')!.line, a.fields!.get('c')!.items![1].line, d.line]).toEqual([2, 3, 7, 10]);
  });

  test.each([
    ['containers: my-app: image: "x"', 'Acornfile:1:19: expected a comma or a new line, found ":"; write "my-app" with quotes'],
    ['a: "x', 'Acornfile:1:4: the string does not end'],
    ['a: {\n  b: 1\n', 'Acornfile:3:1: expected "}", found the end of the file'],
    ['a: [1 2]', 'Acornfile:1:7: expected a comma, found "2"'],
    ['a: [1,', 'Acornfile:1:7: expected "]", found the end of the file'],
    ['a: 1 2', 'Acornfile:1:6: expected a comma or a new line, found "2"'],
    ['a:\n\nb: @', 'Acornfile:3:4: "@" is not AML'],
    ['a: "\\q"', 'Acornfile:1:5: \\q is not an escape of strings'],
    ['a: (1\n', 'expected ")"'],
    ['a: "\\(b"', 'the string does not end'],
    ['a: 1\na: 2', 'Acornfile: a in the lines 1 and 2 has two values'],
    ['[1, 2]', 'Acornfile is not an Acornfile: it is not a map'],
    [`a: ${'['.repeat(5000)}`, 'nested more than 100 levels deep'],
    [`a: ${'-'.repeat(5000)}1`, 'nested more than 100 levels deep'],
    [`a: ${'"\\('.repeat(5000)}`, 'nested too deep'],
    ['a: [for i in std.range(9999) { [for j in std.range(9999) { 1 }] }]', 'more than 200000 values'],
    [`a0: "xxxx"\n${forty(i => `a${i + 1}: a${i} + a${i}`)}`, 'more than 1000000 characters'],
    [`a0: [1]\n${forty(i => `a${i + 1}: [a${i}, a${i}]`)}`, 'more than 200000 values'],
  ])('fails with the place: %.40s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test('reads any text, or says why not', () => {
    const word = fc.constantFrom('a', 'b', ':', '{', '}', '[', ']', '(', ')', ',', '\n', '.', '"x"', '"\\(', '1', 'if', 'for', 'in', 'let',
      '==', '+', '!', '"""', '`', '//', 'std.range(2)', 'args.dev', '*', '|', 'default', 'function', 'match', 'else', '?', ' ');
    fc.assert(fc.property(fc.array(word, { maxLength: 40 }).map(words => words.join('')), text => {
      try {
        expect(read(text).fields).toBeDefined();
      } catch (error) {
        expect((error as Error).message).toMatch(/^Acornfile/);
      }
    }), { numRuns: 500 });
  });
});
