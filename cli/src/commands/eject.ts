import type { Define } from './commands';
import { addExamples } from './examples';
import { addFileOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Writes a cdk8s project in TypeScript that gives the same objects as webapp.yaml, byte for byte: for when data is not enough.\n\nThe file stays as it is.')
    .option('-o, --output <folder>', 'the folder of the project', 'cdk8s')
    .option('--force', 'write over files that are there')
    .action(async options => {
      const { eject } = await import('../eject/eject');
      await eject(requestOf(options), options, world);
    });
  addFileOptions(command);
  addExamples(command,
    ['webapp eject', 'write the project into cdk8s/'],
    ['webapp eject --env production --output production/', 'as it is in one environment'],
    ['cd cdk8s && npm install && npx cdk8s synth', 'then'],
  );
};
