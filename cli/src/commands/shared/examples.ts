import type { Command } from 'commander';

/** Adds examples to a command's help: what each does, as a comment, above what to type. */
export function addExamples(command: Command, ...examples: [comment: string, ...lines: string[]][]): void {
  const text = examples.map(([comment, ...lines]) => [`  # ${comment}`, ...lines.map(line => `  $ ${line}`)].join('\n')).join('\n\n');
  command.addHelpText('after', `\nExamples:\n${text}`);
}
