import { dump } from 'js-yaml';

/** What a program reads. */
export type Format = 'json' | 'yaml';

export function formatted(value: unknown, format: Format): string {
  return format === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : dump(value, { noRefs: true, lineWidth: -1 });
}
