import type { Command } from 'commander';

/** Adds examples to a command's help: what is typed, and what it does. */
export function addExamples(command: Command, ...examples: [typed: string, does: string][]): void {
  const width = Math.max(...examples.map(([typed]) => typed.length));
  command.addHelpText('after', `\nExamples:\n${examples.map(([typed, does]) => `  ${typed.padEnd(width)}  # ${does}`).join('\n')}`);
}
