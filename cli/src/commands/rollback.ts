import { InvalidArgumentError, Option } from 'commander';
import { addClusterOptions, clusterOf, duration } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description(`Deploys an earlier release again, as a new one, just as it was: its image, its environment, its release command.

The file stays as it is: the next webapp deploy deploys what it says.`)
    .argument('[number]', 'which release (default: the one before the one that serves)', releaseNumber)
    .option('--app <name>', 'which app (default: the one of webapp.yaml)')
    .addOption(new Option('--timeout <time>', 'how long each process may take to come up').argParser(duration).default(300, '5m'))
    .option('--force', 'take over fields that others have set in the cluster')
    .action(async (number: number | undefined, options) => {
      const { goBack } = await import('./run-releases');
      await goBack(requestOf(options), number, options.app, clusterOf(options), options, world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp rollback', 'go back to the release before'],
    ['webapp rollback 12', 'go back to release 12'],
  );
};

function releaseNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Write the number of a release; webapp releases prints them.');
  return Number(text);
}
