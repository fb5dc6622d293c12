import { ago } from '../../src/ui/ago';
import { formatted } from '../../src/ui/format';
import { table } from '../../src/ui/table';
import { TerminalProgress } from '../../src/ui/terminal-progress';
import { diffLines, withContext } from '../../src/ui/text-diff';
import { world } from '../call';

describe('progress', () => {
  const printed = (color: boolean, act: (progress: TerminalProgress) => void) => {
    let text = '';
    act(new TerminalProgress(world({ color: { out: false, err: color }, columns: 20, err: more => void (text += more) })));
    // eslint-disable-next-line no-control-regex
    return text.replace(/\u001b\[\d+m/g, '');
  };
  const CLEAR = '\r\u001b[2K';

  test('shows the last lines of a log below what is waited for, no wider than the terminal, and clears them', () => {
    expect(printed(true, progress => {
      progress.waiting('building', ['#1 \u001b[32mdone\u001b[0m', '10 %\r20 %', 'a line that is too long']);
      progress.done('Built');
    })).toBe(`… building\n  | #1 done\n  | 20 %\n  | a line that is ${CLEAR}\u001b[1A${CLEAR}\u001b[1A${CLEAR}\u001b[1A${CLEAR}✓ Built\n`);
  });

  test('shows what is waited for on terminals alone', () => {
    expect(printed(false, progress => progress.waiting('building', ['#1']))).toBe('');
  });

  test('shows the log of what failed everywhere', () => {
    expect(printed(false, progress => progress.log(['one', '\u001b[31mtwo\u001b[0m']))).toBe('  | one\n  | two\n');
  });
});

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
