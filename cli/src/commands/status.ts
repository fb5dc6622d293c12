import { Option } from 'commander';
import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Prints how an app is: asleep or awake, how many pods, requests under way, its last release, recent problems.')
    .argument('[app]', 'which app (default: the one of webapp.yaml)')
    .addOption(new Option('-o, --output <format>', 'print it for a program').choices(['json', 'yaml']))
    .action(async (name: string | undefined, options) => {
      const { showStatus } = await import('./run-status');
      await showStatus(requestOf(options), name, clusterOf(options), options.output, world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp status', 'of the app of webapp.yaml'],
    ['webapp status web --namespace shop --output json', 'for a program'],
  );
};
