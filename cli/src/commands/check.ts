import { Option } from 'commander';
import type { Define } from './commands';
import { addExamples } from './examples';
import { addFileOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Checks webapp.yaml and platform.yaml, every environment of them, and does nothing else. It needs no cluster.')
    .addOption(new Option('-o, --output <format>', 'print what is wrong for a program').choices(['json', 'yaml']))
    .action(async options => {
      const { checkFile } = await import('../config/check');
      await checkFile(requestOf(options), options.output, world);
    });
  addFileOptions(command);
  addExamples(command,
    ['webapp check', 'check webapp.yaml'],
    ['webapp check --env staging', 'check what is deployed to staging alone'],
    ['webapp check --output json', 'for an editor, or CI'],
  );
};
