import type { EventType, State } from 'js-yaml';
import { loadAll } from 'js-yaml';
import type { Diagnostic, Location } from './diagnostic';
import type { LocatedFile } from './located';
import { fieldsOf } from './merge';
import type { Structs } from './scalar';
import { SCHEMA, typed } from './scalar';

/** How many levels deep values may be nested: with many thousands the parsers would overflow their stacks. */
const MAX_DEPTH = 100;

/** Thrown where values are nested too deep. */
class TooDeep {
  public readonly reason = `this is nested more than ${MAX_DEPTH} levels deep`;
  public readonly mark: { readonly line: number; readonly column: number };

  constructor({ line, position, lineStart }: State) {
    this.mark = { line, column: position - lineStart };
  }
}

/** The values of a file's documents. js-yaml has a limit of nesting too, but only the wording of its error tells it from others. */
function valuesOf(text: string): unknown[] {
  let depth = 0;
  const listener = (event: EventType, state: State) => {
    depth += event === 'open' ? 1 : -1;
    if (depth > MAX_DEPTH) throw new TooDeep(state);
  };
  return loadAll(text, undefined, { schema: SCHEMA, maxDepth: Infinity, listener });
}

/**
 * A YAML file. Its values are read at once. Where each is written is found only when it is asked for: that takes four times as long, and a
 * valid file does not need it.
 */
export class SourceFile {
  private located?: Promise<LocatedFile>;

  constructor(public readonly name: string, public readonly text: string) {}

  /** The documents that have a value, or why the file cannot be read. */
  public async read(): Promise<{ readonly sources: Source[]; readonly diagnostics: Diagnostic[] }> {
    let values: unknown[];
    try {
      values = valuesOf(this.text);
    } catch (error) {
      const { reason, mark } = error as { reason: string; mark?: { line: number; column: number } };
      const location = { file: this.name, line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1, length: 1 };
      const failed = (message: string): Diagnostic => ({ location, code: 'syntax', path: '', message, hint: '' });
      // The parser that finds locations would overflow its stack.
      if (error instanceof TooDeep) return { sources: [], diagnostics: [failed(reason)] };
      const { diagnostics } = await this.locate();
      return { sources: [], diagnostics: diagnostics.length > 0 ? diagnostics : [failed(reason)] };
    }
    if (values.some(value => containsItself(value))) {
      const location = { file: this.name, line: 1, column: 1, length: 1 };
      const message = 'the value of an anchor contains the anchor';
      return { sources: [], diagnostics: [{ location, code: 'syntax', path: '', message, hint: 'write out what is meant' }] };
    }
    const sources = values.flatMap((value, i) => value === null || value === undefined ? [] : [new Source(this, i, value)]);
    return { sources, diagnostics: [] };
  }

  /** The file with the locations of everything in it. */
  public locate(): Promise<LocatedFile> {
    return this.located ??= import('./located').then(({ locate }) => locate(this.name, this.text));
  }
}

/** A document of a file. */
export class Source {
  constructor(private readonly file: SourceFile, private readonly index: number, private readonly untyped: unknown) {}

  /** The value: see `typed`. */
  public as(type: string, around: Structs): unknown {
    return typed(this.untyped, type, around);
  }

  /** A field at the top, as a string if it is a scalar. */
  public field(name: string): unknown {
    return typed(fieldsOf(this.untyped)[name], 'string');
  }

  /** Where a value is written, and how many steps of the path exist: fewer than were given where the last ones do not. */
  public async find(steps: readonly (string | number)[]): Promise<{ readonly location: Location; readonly depth: number }> {
    return (await this.file.locate()).find(this.index, steps);
  }

  /** Where the name of a value is written. */
  public async findName(steps: readonly (string | number)[]): Promise<Location> {
    return (await this.file.locate()).findName(this.index, steps);
  }
}

function containsItself(value: unknown, above = new Set<unknown>(), done = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some(one => containsItself(one, above, done));
  above.delete(value);
  done.add(value);
  return found;
}
