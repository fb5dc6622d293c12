import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description("Runs a command once, in a pod with the app's image, environment and files. It ends with the command's exit code; Ctrl-C ends the command too.")
    .argument('<command...>', 'the command and its words, after --')
    .option('--app <name>', 'which app (default: the one of webapp.yaml)')
    .action(async (words: string[], options) => {
      const { runCommand } = await import('./run-run');
      await runCommand(requestOf(options), options.app, clusterOf(options), words, world);
    });
  addAppOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp run -- npm run migrate', 'a command of the app'],
    ["webapp run --app web -- sh -c 'echo $PORT'", 'of one of several apps'],
  );
};
