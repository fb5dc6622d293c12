import type { Ledger, Outcome, Unknown } from './ledger';
import { fieldPath } from './ledger';
import type { SourceNode } from './source/node';

/**
 * A value of a source that a converter reads. Reading alone does not count: each value, or one around it, gets an outcome, and what gets
 * none is in the report as a value without a counterpart.
 */
export class Reader {
  public static root(ledger: Ledger, file: string, node: SourceNode, unknown: Unknown, path = ''): Reader {
    ledger.add({ file, node, path, unknown });
    return new Reader(ledger, file, node, path);
  }

  public readonly file: string;

  private constructor(private readonly ledger: Ledger, file: string, public readonly node: SourceNode, public readonly path: string) {
    this.file = node.file ?? file;
  }

  public field(name: string): Reader | undefined {
    const node = this.node.fields?.get(name);
    return node && new Reader(this.ledger, this.file, node, fieldPath(this.path, name));
  }

  /** A value some steps below. */
  public at(...names: string[]): Reader | undefined {
    return names.reduce<Reader | undefined>((at, name) => at?.field(name), this);
  }

  public get fields(): [name: string, at: Reader][] {
    return [...this.node.fields?.keys() ?? []].map(name => [name, this.field(name)!]);
  }

  /** The items of a list, and any other value as a list of one. */
  public get items(): Reader[] {
    const { items, value } = this.node;
    if (items) return items.map((item, i) => new Reader(this.ledger, this.file, item, `${this.path}[${i}]`));
    return value === null ? [] : [this];
  }

  /** Whether the file says what it is, and does not compute it. */
  public get isKnown(): boolean {
    return this.node.unknown === undefined;
  }

  public get isMap(): boolean {
    return this.node.fields !== undefined;
  }

  public get isList(): boolean {
    return this.node.items !== undefined;
  }

  /** A scalar as it is written. */
  public get text(): string | undefined {
    return this.node.value === null ? undefined : this.node.text;
  }

  public get number(): number | undefined {
    const { text } = this;
    const number = text === undefined || text.trim() === '' ? NaN : Number(text);
    return Number.isFinite(number) ? number : undefined;
  }

  public get boolean(): boolean | undefined {
    const { value, text } = this.node;
    if (typeof value === 'boolean') return value;
    // The truth values of YAML 1.1, which many programs still read.
    if (text !== undefined && /^(true|yes|on)$/i.test(text)) return true;
    return text !== undefined && /^(false|no|off)$/i.test(text) ? false : undefined;
  }

  /** The strings of a list, or the only one. */
  public get texts(): string[] {
    return this.items.map(({ text }) => text).filter(text => text !== undefined);
  }

  /** It is now what the prop says, or what holds in any case. */
  public taken(to: string): void {
    this.note({ group: 'taken', to });
  }

  public changed(to: string, reason: string): void {
    this.note({ group: 'changed', to, reason });
  }

  /** @param next what the user can do about it */
  public none(reason: string, next: string): void {
    this.note({ group: 'none', reason, next });
  }

  private note(outcome: Outcome): void {
    this.ledger.note(this.file, this.path, outcome);
  }

  /** What became of it so far. */
  public get outcome(): Outcome | undefined {
    return this.ledger.outcomeOf(this.file, this.path);
  }
}
