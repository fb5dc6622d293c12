import { InvalidArgumentError } from 'commander';
import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addAppOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description("Prints what an app's processes have written.")
    .argument('[app]', 'which app (default: the one of webapp.yaml)')
    .option('-f, --follow', 'go on, also with pods that come later, until Ctrl-C')
    .option('-w, --worker <name>', 'of this worker, or another version such as canary, not of the web process')
    .option('--tail <lines>', 'how many of the last lines of each pod', lines, 100)
    .option('-p, --previous', 'of the process before the last restart')
    .action(async (name: string | undefined, options) => {
      const { printLogs } = await import('./run-logs');
      await printLogs(requestOf(options), name, clusterOf(options), options, world);
    });
  addAppOptions(command, '--file <file>'); // -f follows, as it does in kubectl
  addClusterOptions(command);
  addExamples(command,
    ['webapp logs', 'the last lines of the app of webapp.yaml'],
    ['webapp logs -f --worker mailer', 'of its worker mailer, from now on'],
  );
};

function lines(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Write a number of lines.');
  return Number(text);
}
