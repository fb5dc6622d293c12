import type { Define } from './command';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags, configOptions } from './shared/file-flags';
import { Config } from '../config/config';
import type { World } from '../ui/world';

interface SynthFlags extends FileFlags {
  readonly output?: string;
}

export const define: Define = (command, world) => {
  command
    .description(`Print the Kubernetes objects of the apps in webapp.yaml, for kubectl, Argo CD or Flux.

The same file always gives the same bytes.`)
    .option('-o, --output <folder>', 'write one file per app to a folder instead; other files in it are kept')
    .action(async (flags: SynthFlags) => synth(flags, world));
  addFileFlags(command);
  addExamples(command,
    ['Print the objects of webapp.yaml', 'webapp synth'],
    ['Apply them with kubectl', 'webapp synth | kubectl apply --server-side -f -'],
    ['Write one file per app for the staging environment', 'webapp synth --env staging --output deploy/'],
    ['Use another image', 'webapp synth --image ghcr.io/acme/web:1.5.0'],
  );
};

async function synth(flags: SynthFlags, world: World): Promise<void> {
  const [config, { yamlOf }] = await Promise.all([Config.load(configOptions(flags), world), import('../render/text')]);
  const apps = await config.plan();
  await config.failOnSteps();
  for (const { name, warnings } of apps) for (const warning of warnings) world.err(`warning: ${name}: ${warning}\n`);
  if (flags.output === undefined) return world.out(yamlOf(apps.flatMap(({ objects }) => objects)));
  const { writeApps } = await import('../render/folder');
  for (const file of writeApps(apps, flags.output, world)) world.err(`Wrote ${file}\n`);
}
