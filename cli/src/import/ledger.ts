import type { SourceNode } from './source/node';

/** What became of a value of a source: it was taken over as it is, changed, or has no counterpart. */
export type Outcome =
  | { readonly group: 'taken'; readonly to: string }
  | { readonly group: 'changed'; readonly to: string; readonly reason: string }
  | { readonly group: 'none'; readonly reason: string; readonly next: string };

/** A line of the report. */
export interface Entry {
  readonly file: string;
  readonly line?: number;

  /** The path in the file; empty for the file itself. */
  readonly path: string;

  /** How many values it is about. */
  readonly count: number;
  readonly outcome: Outcome;
}

/** A source whose every value is to be accounted for. */
interface Root {
  readonly file: string;
  readonly node: SourceNode;

  /** The path of the node in its file. */
  readonly path: string;
  readonly unknown: Unknown;
}

/** What the report says of a value that no rule is about. */
export type Unknown = (path: string) => { readonly reason: string; readonly next: string };

/**
 * What became of each value of the sources. A value that a converter never decided about is not forgotten: it is in the report as one
 * without a counterpart.
 */
export class Ledger {
  private readonly roots: Root[] = [];
  private readonly outcomes = new Map<string, Outcome>();

  public add(root: Root): void {
    this.roots.push(root);
  }

  /** Notes an outcome for a value and all below it that has none of its own; the last one counts. */
  public note(file: string, path: string, outcome: Outcome): void {
    this.outcomes.set(key(file, path), outcome);
  }

  public outcomeOf(file: string, path: string): Outcome | undefined {
    return this.outcomes.get(key(file, path));
  }

  /** Every value of the sources is in one of these. */
  public entries(): Entry[] {
    const all = this.roots.flatMap(root => this.below(root, root.node, root.path, undefined));
    // Several services may read one file.
    return [...new Map(all.map(entry => [JSON.stringify([entry.file, entry.path, entry.outcome]), entry])).values()];
  }

  private below(root: Root, node: SourceNode, path: string, above: Outcome | undefined): Entry[] {
    const file = node.file ?? root.file;
    const own: Outcome | undefined = node.unknown ? { group: 'none', ...node.unknown } : this.outcomes.get(key(file, path));
    const outcome = own ?? above;
    const children = childrenOf(node, path);
    const inner = children.flatMap(([name, child]) => this.below(root, child, name, outcome));
    const entry = (count: number, known: Outcome): Entry => ({ file, line: node.line, path, count, outcome: known });
    if (own) {
      // What inherits the outcome is counted in this one line.
      const different = inner.filter(({ outcome: other }) => other !== own);
      const inherited = inner.filter(({ outcome: other }) => other === own).reduce((sum, { count }) => sum + count, 0);
      return [...children.length === 0 || inherited > 0 || different.length === 0 ? [entry(inherited || 1, own)] : [], ...different];
    }
    if (outcome) return children.length === 0 ? [entry(1, outcome)] : inner;
    if (isEmpty(node) && !this.hasBelow(root.file, node, path)) return [entry(1, EMPTY)];
    const isUntouched = !this.hasBelow(root.file, node, path);
    if (!isUntouched) return inner;
    // The only value below says more of what it is.
    return children.length === 1 ? inner : [entry(leavesOf(node), { group: 'none', ...root.unknown(path) })];
  }

  private hasBelow(file: string, node: SourceNode, path: string): boolean {
    return childrenOf(node, path).some(([name, child]) => (
      child.unknown !== undefined || this.outcomes.has(key(child.file ?? file, name)) || this.hasBelow(file, child, name)));
  }
}

/** Whether it says nothing: neither does a map of empty maps. */
function isEmpty({ fields, items, value, unknown }: SourceNode): boolean {
  return (value === null || value === undefined) && unknown === undefined && [...fields?.values() ?? [], ...items ?? []].every(isEmpty);
}

/** Of a value that says nothing. */
const EMPTY: Outcome = { group: 'taken', to: 'it is empty' };

function key(file: string, path: string): string {
  return `${file}\0${path}`;
}

/** The parts of a value with their paths. */
export function childrenOf({ fields, items }: SourceNode, path: string): [path: string, node: SourceNode][] {
  return [
    ...[...fields ?? []].map(([name, child]): [string, SourceNode] => [fieldPath(path, name), child]),
    ...(items ?? []).map((child, i): [string, SourceNode] => [`${path}[${i}]`, child]),
  ];
}

export function fieldPath(path: string, name: string): string {
  const shown = /^[\w$-]+$/.test(name) ? name : JSON.stringify(name);
  return path === '' ? shown : `${path}.${shown}`;
}

function leavesOf(node: SourceNode): number {
  return childrenOf(node, '').reduce((sum, [, child]) => sum + leavesOf(child), 0) || 1;
}
