import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Opens an app in the browser, and prints its address. Where nobody sits at a terminal, it only prints it.')
    .argument('[app]', 'which app (default: the one of webapp.yaml)')
    .action(async (name: string | undefined, options) => {
      const { openApp } = await import('./run-run');
      await openApp(requestOf(options), name, clusterOf(options), world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command, ['webapp open', 'the app of webapp.yaml']);
};
