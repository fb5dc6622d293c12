import { CORE_SCHEMA, loadAll, Type } from 'js-yaml';
import type { Located } from './located';
import type { Mistake, Place } from './mistake';

/** YAML 1.2, with `<<` to take in what an anchor names. A date is a text. */
const SCHEMA = CORE_SCHEMA.extend({ implicit: [new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: text => text === '<<' })] });

/**
 * A YAML file. Its values are read at once; where each is written is found out when somebody asks, as that takes four times as long and
 * nobody asks while all is well.
 */
export class SourceFile {
  private located?: Promise<Located>;

  constructor(public readonly name: string, public readonly text: string) {}

  /** The values of the documents that have any, or what keeps them from being read. */
  public async read(): Promise<{ readonly sources: Source[]; readonly mistakes: Mistake[] }> {
    let values: unknown[];
    try {
      values = loadAll(this.text, undefined, { schema: SCHEMA });
    } catch (error) {
      const { mistakes } = await this.locate();
      if (mistakes.length > 0) return { sources: [], mistakes };
      const { reason, mark } = error as { reason: string; mark?: { line: number; column: number } };
      const place = { file: this.name, line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1, length: 1 };
      return { sources: [], mistakes: [{ place, path: '', message: reason, hint: '' }] };
    }
    const sources = values.map((value, i) => new Source(this, i, value)).filter(({ value }) => value !== null && value !== undefined);
    return { sources, mistakes: [] };
  }

  /** The file with the places of all that is in it. */
  public locate(): Promise<Located> {
    return this.located ??= import('./located').then(({ locate }) => locate(this.name, this.text));
  }
}

/** A document of a file. */
export class Source {
  constructor(private readonly file: SourceFile, private readonly index: number, public readonly value: unknown) {}

  /** Where a part is written, and how many of the steps there lead to it: fewer than were given where the last ones are missing. */
  public async find(steps: readonly (string | number)[]): Promise<{ readonly place: Place; readonly depth: number }> {
    return (await this.file.locate()).find(this.index, steps);
  }

  /** Where the name of a part is written, rather than its value. */
  public async findName(steps: readonly (string | number)[]): Promise<Place> {
    return (await this.file.locate()).findName(this.index, steps);
  }
}
