import { CORE_SCHEMA, loadAll, Type } from 'js-yaml';
import type { Diagnostic, Location } from './diagnostic';
import type { LocatedFile } from './located';

/** YAML 1.2, with `<<` to merge what an anchor names. A date is a string. */
const SCHEMA = CORE_SCHEMA.extend({ implicit: [new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: text => text === '<<' })] });

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
      values = loadAll(this.text, undefined, { schema: SCHEMA });
    } catch (error) {
      const { diagnostics } = await this.locate();
      if (diagnostics.length > 0) return { sources: [], diagnostics };
      const { reason, mark } = error as { reason: string; mark?: { line: number; column: number } };
      const location = { file: this.name, line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1, length: 1 };
      return { sources: [], diagnostics: [{ location, code: 'syntax', path: '', message: reason, hint: '' }] };
    }
    const sources = values.map((value, i) => new Source(this, i, value)).filter(({ value }) => value !== null && value !== undefined);
    return { sources, diagnostics: [] };
  }

  /** The file with the locations of everything in it. */
  public locate(): Promise<LocatedFile> {
    return this.located ??= import('./located').then(({ locate }) => locate(this.name, this.text));
  }
}

/** A document of a file. */
export class Source {
  constructor(private readonly file: SourceFile, private readonly index: number, public readonly value: unknown) {}

  /** Where a value is written, and how many of the steps lead to it: fewer than were given where the last ones do not exist. */
  public async find(steps: readonly (string | number)[]): Promise<{ readonly location: Location; readonly depth: number }> {
    return (await this.file.locate()).find(this.index, steps);
  }

  /** Where the name of a value is written. */
  public async findName(steps: readonly (string | number)[]): Promise<Location> {
    return (await this.file.locate()).findName(this.index, steps);
  }
}
