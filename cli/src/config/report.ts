import type { Diagnostic } from './diagnostic';
import { inFileOrder, sentence } from './diagnostic';
import type { Paint } from '../ui/paint';

/**
 * Diagnostics as text: each with its location, which editors and terminals turn into a link, and the line that it is about.
 *
 * @param textOf returns the text of a file
 */
export function report(diagnostics: readonly Diagnostic[], textOf: (file: string) => string, paint: Paint): string {
  return inFileOrder(diagnostics).map(diagnostic => {
    const { location } = diagnostic;
    const error = `${paint.red('error')}: ${sentence(diagnostic)}`;
    if (!location) return error;
    const line = textOf(location.file).split(/\r?\n/)[location.line - 1] ?? '';
    const margin = ' '.repeat(String(location.line).length);
    // Tabs are kept, so that the marker lines up with the text above it.
    const indent = line.slice(0, location.column - 1).replace(/[^\t]/g, ' ');
    const marker = '^'.repeat(Math.max(1, Math.min(location.length, line.length - location.column + 1)));
    return [
      `${paint.bold(`${location.file}:${location.line}:${location.column}`)}: ${error}`,
      `  ${paint.dim(`${location.line} |`)} ${line}`,
      `  ${paint.dim(`${margin} |`)} ${indent}${paint.red(marker)}`,
    ].join('\n');
  }).join('\n');
}
