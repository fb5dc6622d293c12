import { Argument } from 'commander';
import type { Define } from './command';
import { addExamples } from './shared/examples';

export const define: Define = (command, world) => {
  command
    .description(`Print the JSON Schema of a file, with which editors complete, explain and check it.

webapp init writes a comment with its URL to webapp.yaml, which the YAML language server reads.`)
    .addArgument(new Argument('[file]', 'the file').choices(['webapp', 'platform']).default('webapp'))
    .action(async (file: 'webapp' | 'platform') => {
      const schema = file === 'webapp' ? import('../../schema/webapp.schema.json') : import('../../schema/platform.schema.json');
      world.out(`${JSON.stringify((await schema).default, undefined, 2)}\n`);
    });
  addExamples(command,
    ['Save the schema, to use it offline', 'webapp schema > webapp.schema.json'],
    ['Print the schema of platform.yaml', 'webapp schema platform'],
  );
};
