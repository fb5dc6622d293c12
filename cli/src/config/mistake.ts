/** A part of a file, for a person: counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;

  /** How many characters are meant. */
  readonly length: number;
}

/** Something that is wrong in a file, or, without a place, on the command line. */
export interface Mistake {
  readonly place?: Place;

  /** The prop as it is written in the props: `scaling.schedule[0].timezone`; empty for what is no prop. */
  readonly path: string;

  /** What is wrong: a phrase that follows the prop's name. */
  readonly message: string;

  /** What to write instead. */
  readonly hint: string;
}

/** Mistakes in the order of the file, each once. */
export function inOrder(mistakes: readonly Mistake[]): Mistake[] {
  const position = ({ place }: Mistake) => place ? place.line * 1e6 + place.column : -1;
  const known = new Map(mistakes.map(mistake => [JSON.stringify([mistake.place, sentence(mistake)]), mistake]));
  const file = ({ place }: Mistake) => place?.file ?? '';
  return [...known.values()].sort((a, b) => (file(a) < file(b) ? -1 : file(a) > file(b) ? 1 : position(a) - position(b)));
}

/** A mistake as one sentence. */
export function sentence({ path, message, hint }: Mistake): string {
  return `${path ? `${path} ` : ''}${message}${hint ? `; ${hint}` : ''}`;
}
