import { InvalidArgumentError, Option } from 'commander';
import { addClusterOptions, clusterOf, duration } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addFileOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description(`Makes the apps of webapp.yaml run in a cluster, and waits until they do.

The release command is run first. If the new version does not come up, it says why, and the version before goes on serving.`)
    .argument('[app...]', 'which apps of the file (default: all)')
    .option('--dry-run', 'only say what would be made, changed and removed; the cluster is asked, and nothing is kept')
    .addOption(new Option('--timeout <time>', 'how long each process may take to come up').argParser(duration).default(300, '5m'))
    .addOption(new Option('--canary <percent>', 'give the new image this share of the requests, and leave the rest to the one that serves').argParser(percents))
    .addOption(new Option('--every <time>', 'go on by itself: each share of --canary 10,50 for this long, then all').argParser(duration))
    .addOption(new Option('--max-errors <percent>', 'with --every, how many of its answers may be errors (default: 5)').argParser(percent))
    .option('--force', 'take over fields that others have set in the cluster')
    .option('--create-namespace', 'make the namespace if it is missing')
    .addOption(new Option('-o, --output <format>', 'print what was done for a program').choices(['json', 'yaml']))
    .action(async (names: string[], options) => {
      const { every, canary } = options;
      if (every !== undefined && canary === undefined) command.error('error: --every is without --canary, whose shares it takes one after the other');
      if (every === undefined && canary?.length > 1) command.error('error: --canary has several shares, which need --every');
      if (every === undefined && options.maxErrors !== undefined) command.error('error: --max-errors is without --every, while which it is looked at');
      const { deployFile, deployFileGradually } = await import('./run-deploy');
      await (every === undefined ? deployFile : deployFileGradually)(requestOf(options), names, clusterOf(options), options, world);
    });
  addFileOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp deploy', 'deploy webapp.yaml'],
    ['webapp deploy --env staging --context staging', 'as it is in one environment, to its cluster'],
    ['webapp deploy --image ghcr.io/acme/web:$TAG', 'an image that CI has built'],
    ['webapp deploy --image ghcr.io/acme/web:1.5.0 --canary 10', 'a new version for one request in ten; webapp deploy --canary 50 goes on, webapp rollback goes back'],
    ['webapp deploy --image ghcr.io/acme/web:1.5.0 --canary 10,50 --every 10m', 'the same by itself: ten minutes each, then all; back at once if it is not well'],
    ['webapp deploy --dry-run', 'say what would happen'],
  );
};

function percents(text: string): number[] {
  return text.split(',').map(percent);
}

function percent(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError('Write a number from 0 to 100.');
}
