import { ago } from '../../src/ui/ago';
import { formatted } from '../../src/ui/format';
import { table } from '../../src/ui/table';
import { diffLines, withContext } from '../../src/ui/text-diff';

test('a diff compares line by line', () => {
  const lines = diffLines(['a', 'b', 'c'], ['a', 'c', 'd']);
  expect(lines.map(line => `${line.in} ${line.text}`)).toEqual(['both a', 'before b', 'both c', 'after d']);
});

test('a diff has context around each difference, and gaps in between', () => {
  const lines = diffLines(['1', '2', '3', '4', '5', 'x'], ['1', '2', '3', '4', '5', 'y']);
  expect(withContext(lines, 1).map(line => line?.text)).toEqual([undefined, '5', 'x', 'y']);
});

test('the columns of a table are aligned', () => {
  expect(table([['A', 'B'], ['long', ''], ['x', 'y']])).toBe('A     B\nlong\nx     y\n');
});

test.each([
  [0, '0 s ago'],
  [59, '59 s ago'],
  [60, '1 min ago'],
  [7200, '2 h ago'],
  [200_000, '2 d ago'],
])('a time %i seconds ago is printed as %s', (seconds, text) => {
  expect(ago(new Date(1e12).toISOString(), 1e12 + seconds * 1000)).toBe(text);
});

test.each(['json', 'yaml'] as const)('%s output omits undefined values', format => {
  expect(formatted({ a: undefined, b: [{ c: undefined, d: 1 }] }, format)).not.toMatch(/[ac]\b|null/);
});
