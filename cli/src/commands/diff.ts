import { Option } from 'commander';
import { addClusterOptions, clusterOf } from './cluster-options';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addFileOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Shows what a deploy would change in the cluster, and changes nothing. The cluster itself is asked, so that its defaults are no differences.\n\nThe exit code is 2 if anything would change.')
    .argument('[app...]', 'which apps of the file (default: all)')
    .addOption(new Option('-o, --output <format>', 'print the changes for a program').choices(['json', 'yaml']))
    .action(async (names: string[], options) => {
      const { diffFile } = await import('./run-diff');
      await diffFile(requestOf(options), names, clusterOf(options), options.output, world);
    });
  addFileOptions(command);
  addClusterOptions(command);
  addExamples(command,
    ['webapp diff', 'compare webapp.yaml with the cluster'],
    ['webapp diff --image ghcr.io/acme/web:1.5.0', 'with another image'],
  );
};
