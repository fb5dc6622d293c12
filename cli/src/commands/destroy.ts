import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Removes an app from the cluster: all that its releases made, and nothing else. It asks first.')
    .argument('[app]', 'which app (default: the one of webapp.yaml)')
    .option('-y, --yes', 'do not ask')
    .option('--data', 'remove its volumes and databases too, with what is in them')
    .action(async (name: string | undefined, options) => {
      const { destroyApp } = await import('./run-releases');
      await destroyApp(requestOf(options), name, clusterOf(options), options, world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp destroy', 'ask, and remove the app of webapp.yaml'],
    ['webapp destroy web --namespace shop --yes', 'ask nothing'],
  );
};
