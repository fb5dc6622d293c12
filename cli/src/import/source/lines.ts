import type { SourceFile, SourceNode } from './node';
import { mapNode } from './node';

/** A file of lines, each a value named by its number, without those that say nothing. */
export function linesOf({ text }: Pick<SourceFile, 'text'>, saysNothing: RegExp): SourceNode {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
    .map((line, i): [string, SourceNode] => [`line ${i + 1}`, { line: i + 1, value: line, text: line }]);
  return mapNode(new Map(lines.filter(([, { text: line }]) => !saysNothing.test(line!))), 1);
}
