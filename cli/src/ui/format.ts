import { dump } from 'js-yaml';

/** What a program reads. */
export type Format = 'json' | 'yaml';

/** A value as such text. What is undefined is left away, in YAML too, which has no word for it. */
export function formatted(value: unknown, format: Format): string {
  return format === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : dump(value, { noRefs: true, lineWidth: -1, skipInvalid: true });
}
