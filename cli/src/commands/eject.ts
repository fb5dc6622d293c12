import type { Define } from './command';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags, configOptions } from './shared/file-flags';
import { Config } from '../config/config';

interface EjectFlags extends FileFlags {
  readonly output: string;
  readonly force?: boolean;
}

export const define: Define = (command, world) => {
  command
    .description(`Write a cdk8s project in TypeScript that gives the same objects as webapp.yaml, byte for byte.

Use it when you need code. The file is not changed.`)
    .option('-o, --output <folder>', 'the folder of the project', 'cdk8s')
    .option('--force', 'overwrite existing files')
    .action(async (flags: EjectFlags) => {
      const { eject } = await import('../eject/eject');
      await eject(await Config.load(configOptions(flags), world), { ...flags, folder: flags.output }, world);
    });
  addFileFlags(command);
  addExamples(command,
    ['Write the project to cdk8s/, and synthesize it', 'webapp eject', 'cd cdk8s && npm install && npx cdk8s synth'],
    ['Write the project of one environment', 'webapp eject --env production --output production/'],
  );
};
