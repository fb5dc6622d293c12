import { inOrder, Mistake, sentence } from './mistake';
import { Paint } from '../ui/paint';

/**
 * Mistakes as the person who made them reads them: each with its place, which editors and terminals make a link of, and the line itself.
 *
 * @param textOf the text of a file
 */
export function report(mistakes: readonly Mistake[], textOf: (file: string) => string, paint: Paint): string {
  return inOrder(mistakes).map(mistake => {
    const { place } = mistake;
    const said = `${paint.red('error')}: ${sentence(mistake)}`;
    if (!place) return said;
    const line = textOf(place.file).split(/\r?\n/)[place.line - 1] ?? '';
    const margin = ' '.repeat(String(place.line).length);
    // Tabs stay what they are, so that the mark stands under what it means.
    const indent = line.slice(0, place.column - 1).replace(/[^\t]/g, ' ');
    const mark = '^'.repeat(Math.max(1, Math.min(place.length, line.length - place.column + 1)));
    return [
      `${paint.bold(`${place.file}:${place.line}:${place.column}`)}: ${said}`,
      `  ${paint.dim(`${place.line} |`)} ${line}`,
      `  ${paint.dim(`${margin} |`)} ${indent}${paint.red(mark)}`,
    ].join('\n');
  }).join('\n');
}
