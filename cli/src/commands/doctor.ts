import { Option } from 'commander';
import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description(`Prints what the cluster has and lacks of what apps need, and the way to each thing that is lacking.

With an app's name, it sends the app a request, follows it along its whole way, and says where it ends and why. That wakes the app.
The exit code is 1 if anything is lacking.`)
    .argument('[app]', 'the app that a request is followed to')
    .addOption(new Option('-o, --output <format>', 'print it for a program').choices(['json', 'yaml']))
    .action(async (name: string | undefined, options) => {
      const { examineAll } = await import('./run-doctor');
      await examineAll(requestOf(options), name, clusterOf(options), options.output, world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp doctor', 'is KEDA there, may I deploy'],
    ['webapp doctor web', 'why does web not answer'],
  );
};
