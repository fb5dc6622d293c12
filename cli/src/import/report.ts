import type { Draft } from './draft';
import type { Entry, Ledger } from './ledger';
import type { Paint } from '../ui/paint';

/** What became of the sources, as text for people: what was taken over, what was changed and why, what has no counterpart. */
export function reportOf(ledger: Ledger, draft: Draft, { bold, green, yellow, red, dim }: Paint): string {
  const entries = ledger.entries();
  const next = [...draft.next, ...draft.last];
  const group = (name: Entry['outcome']['group']) => entries.filter(({ outcome }) => outcome.group === name);
  const [taken, changed, none] = [grouped(group('taken')), merged(group('changed')), merged(group('none'))];
  return [
    ...taken.length === 0 ? [] : [green('Taken over'), ...aligned(taken.map(entry => [place(entry), targetOf(entry)]))],
    ...changed.length === 0 ? [] : [yellow('Changed'), ...changed.flatMap(entry => [
      `  ${place(entry)} → ${targetOf(entry)}`,
      `    ${dim(reasonOf(entry))}`,
    ])],
    ...none.length === 0 ? [] : [red('No counterpart'), ...none.flatMap(({ outcome, ...entry }) => [
      `  ${place({ outcome, ...entry })}`,
      ...outcome.group === 'none' ? [`    ${dim(outcome.reason)}`, `    next: ${outcome.next}`] : [],
    ])],
    ...next.length === 0 ? [] : [bold('To do'), ...next.map(line => `  - ${line.replace(/\n/g, '\n    ')}`)],
  ].map(line => `${line}\n`).join('');
}

/** Where it is written: as editors and terminals turn it into a link. */
function place({ file, line, path }: Entry): string {
  const at = line === undefined ? file : `${file}:${line}`;
  return path === '' ? at : `${at} ${path}`;
}

function targetOf({ outcome }: Entry): string {
  return outcome.group === 'none' ? '' : outcome.to;
}

function reasonOf({ outcome }: Entry): string {
  return outcome.group === 'changed' ? outcome.reason : '';
}

/** Neighbors that go to the same prop are one line. */
function grouped(entries: readonly Entry[]): Entry[] {
  const lines: Entry[] = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    const isNeighbor = last && last.file === entry.file && parentOf(last.path) === parentOf(entry.path) && parentOf(entry.path) !== '';
    const common = isNeighbor ? commonTarget(targetOf(last), targetOf(entry)) : undefined;
    if (!last || common === undefined) lines.push(entry);
    else lines[lines.length - 1] = { ...last, path: `${parentOf(entry.path)}.*`, outcome: { group: 'taken', to: common } };
  }
  return lines;
}

/** `web: env` of `web: env.LOG_LEVEL` and `web: env.REGION`; undefined where nothing is the same. */
function commonTarget(first: string, second: string): string | undefined {
  if (first === second) return first;
  const [one, other] = [first, second].map(target => target.split(/(?=[.[])/));
  const common = one.slice(0, one.findIndex((step, i) => step !== other[i])).join('');
  return one.some((step, i) => step !== other[i]) && common !== '' && !common.includes(' ', common.indexOf(': ') + 2) ? common : undefined;
}

/** Neighbors of which the same is to be said are one line. */
function merged(entries: readonly Entry[]): Entry[] {
  const lines: Entry[] = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    const isSame = last && last.file === entry.file && parentOf(last.path) === parentOf(entry.path) && parentOf(entry.path) !== ''
      && JSON.stringify(last.outcome) === JSON.stringify(entry.outcome);
    if (!isSame) lines.push(entry);
    else lines[lines.length - 1] = { ...last, path: last.path.endsWith('.*') ? last.path : `${parentOf(entry.path)}.*` };
  }
  return lines;
}

function parentOf(path: string): string {
  return /^(.*)(?:\.(?:[\w$*-]+|"(?:[^"\\]|\\.)*")|\[\d+\])$/.exec(path)?.[1] ?? '';
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(60, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => `  ${left.padEnd(width)} → ${right}`);
}
