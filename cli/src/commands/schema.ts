import { Argument } from 'commander';
import type { Define } from './commands';
import { addExamples } from './examples';

export const define: Define = (command, world) => {
  command
    .description('Prints the JSON Schema of a file: with it an editor completes, explains and checks what is typed.\n\nwebapp init writes a line into webapp.yaml that names it, which the YAML language server reads.')
    .addArgument(new Argument('[file]', 'which file').choices(['webapp', 'platform']).default('webapp'))
    .action(async (file: 'webapp' | 'platform') => {
      const { default: schema } = file === 'webapp' ? await import('../../schema/webapp.schema.json') : await import('../../schema/platform.schema.json');
      world.out(`${JSON.stringify(schema, undefined, 2)}\n`);
    });
  addExamples(command,
    ['webapp schema > webapp.schema.json', 'keep it beside the file, where there is no network'],
    ['webapp schema platform', 'that of platform.yaml'],
  );
};
