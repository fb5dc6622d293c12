import { dump } from 'js-yaml';

/** An output format for programs. */
export type Format = 'json' | 'yaml';

/** A value in a format. What is undefined is omitted, as YAML cannot express it. */
export function formatted(value: unknown, format: Format): string {
  return format === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : dump(value, { noRefs: true, lineWidth: -1, skipInvalid: true });
}
