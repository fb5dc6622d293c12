import type { Draft } from './draft';
import type { Ledger, Unknown } from './ledger';
import { Reader } from './reader';
import type { SourceFile, SourceNode } from './source/node';
import type { Table } from './table';

/** What a converter gets and writes to. */
export class Conversion {
  /** @param unknown what the report says of keys that no rule is about, by the title and the documentation of the format */
  constructor(
    public readonly draft: Draft, private readonly ledger: Ledger, private readonly unknown: (title: string, url: string) => Unknown,
  ) {}

  /** A reader of a value of a file, whose values are all in the report. */
  public read(file: SourceFile, node: SourceNode, format: Format, path = ''): Reader {
    return Reader.root(this.ledger, file.name, node, this.unknown(format.title, format.documentation), path);
  }
}

/** A format that can be imported. */
export interface Format {
  /** For `--format`. */
  readonly name: string;

  /** What people call it. */
  readonly title: string;

  /** Where the keys of its tables are documented. */
  readonly documentation: string;

  /** Whether a file is of this format: by its name, and by its content where others have the name too. */
  readonly recognizes: (file: SourceFile) => boolean;

  /** What becomes of its keys. Converters read the rest themselves: lists, and keys that users choose. */
  readonly tables: readonly Table<never>[];

  /**
   * Reads all files of the format.
   *
   * @throws Failure if one of them cannot be understood
   */
  readonly convert: (files: readonly SourceFile[], conversion: Conversion) => void;
}
