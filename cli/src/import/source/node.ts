/** A value of a file, whatever language the file is written in, with its position where the parser knows it. */
export interface SourceNode {
  /** The line of its name, or of the value itself in a list. */
  readonly line?: number;

  /** The file that it is from, where a converter has put values of several files together. */
  readonly file?: string;

  /** The value of a scalar; undefined for maps and lists. */
  readonly value?: string | number | boolean | null;

  /** A scalar as it is written: `1.20`, and not the number 1.2. */
  readonly text?: string;
  readonly fields?: ReadonlyMap<string, SourceNode>;
  readonly items?: readonly SourceNode[];

  /** Why the value is not known, of one that a program in the file computes; and what the user can do. */
  readonly unknown?: { readonly reason: string; readonly next: string };
}

/** A file that a user wants to import. */
export interface SourceFile {
  /** Its path as messages show it; `-` is standard input. */
  readonly name: string;

  /** The folder that paths in it start from. */
  readonly folder: string;
  readonly text: string;

  /**
   * Whether its lines are those that the user knows.
   *
   * @default true
   */
  readonly hasLines?: boolean;
}

/** A node of a plain value, as JSON and TOML have them. */
export function nodeOf(value: unknown, line?: number): SourceNode {
  if (Array.isArray(value)) return { line, items: value.map(item => nodeOf(item, line)) };
  if (value instanceof Date) return { line, value: value.toISOString(), text: value.toISOString() };
  if (typeof value === 'object' && value !== null) {
    return { line, fields: new Map(Object.entries(value).map(([name, field]) => [name, nodeOf(field, line)])) };
  }
  if (value === null || value === undefined) return { line, value: null, text: '' };
  const scalar = typeof value === 'bigint' ? Number(value) : value as string | number | boolean;
  return { line, value: scalar, text: String(scalar) };
}

/** A map of nodes that a converter puts together itself. */
export function mapNode(fields: ReadonlyMap<string, SourceNode>, line?: number): SourceNode {
  return { line, fields };
}

/** The plain value of a node. */
export function valueOf({ fields, items, value }: SourceNode): unknown {
  if (fields) return Object.fromEntries([...fields].map(([name, field]) => [name, valueOf(field)]));
  return items ? items.map(valueOf) : value;
}
