import { InvalidArgumentError } from 'commander';
import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description("Sets between how many pods an app is scaled, at once and until the next webapp deploy: then the file's scaling counts again.")
    .argument('[app]', 'which app (default: the one of webapp.yaml)')
    .option('--min <pods>', 'the least; with 0 it may sleep', pods)
    .option('--max <pods>', 'the most', pods)
    .action(async (name: string | undefined, options) => {
      if (options.min === undefined && options.max === undefined) command.error('error: write --min, --max or both');
      const { scaleApp } = await import('./run-run');
      await scaleApp(requestOf(options), name, clusterOf(options), options, world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp scale --min 2 --max 20', 'before a rush'],
    ['webapp scale --min 0', 'let it sleep again'],
  );
};

function pods(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Write a number of pods.');
  return Number(text);
}
