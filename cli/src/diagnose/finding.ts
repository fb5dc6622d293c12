/** One thing that was looked at, and what was found. */
export interface Finding {
  /** What was looked at, in a word or three. */
  readonly what: string;

  /** `unknown` is what is not to be seen from here, or by who asks. */
  readonly state: 'well' | 'lacking' | 'unknown';

  readonly found: string;

  /** The command that puts it right, or what to do. */
  readonly fix?: string;
}

export function well(what: string, found: string): Finding {
  return { what, state: 'well', found };
}

export function lacking(what: string, found: string, fix?: string): Finding {
  return { what, state: 'lacking', found, fix };
}

export function unknown(what: string, found: string): Finding {
  return { what, state: 'unknown', found };
}
