import { Option } from 'commander';
import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Prints the releases of an app that the cluster keeps: the last ten, and the one that serves.')
    .argument('[app]', 'which app (default: the one of webapp.yaml)')
    .addOption(new Option('-o, --output <format>', 'print them for a program').choices(['json', 'yaml']))
    .action(async (name: string | undefined, options) => {
      const { listReleases } = await import('./run-releases');
      await listReleases(requestOf(options), name, clusterOf(options), options.output, world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp releases', 'of the app of webapp.yaml'],
    ['webapp releases web --namespace shop', 'without the file'],
  );
};
