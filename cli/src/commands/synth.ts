import type { Define } from './commands';
import { addExamples } from './examples';
import { addFileOptions, requestOf } from './file-options';

export const define: Define = (command, world) => {
  command
    .description('Prints the Kubernetes objects of the apps in webapp.yaml: what kubectl, Argo CD and Flux take.\n\nThe same file gives the same bytes, whenever and wherever.')
    .option('-o, --output <folder>', 'write one file an app into a folder, instead of printing; files of other apps there are left alone')
    .action(async options => {
      const [{ synthesizeFile }, { yamlOf }] = await Promise.all([import('../config/synthesize'), import('../render/text')]);
      const apps = await synthesizeFile(requestOf(options), world);
      for (const { name, warnings } of apps) for (const warning of warnings) world.err(`warning: ${name}: ${warning}\n`);
      if (options.output === undefined) return world.out(yamlOf(apps.flatMap(({ objects }) => objects)));
      const { writeApps } = await import('../render/folder');
      for (const file of writeApps(apps, options.output, world)) world.err(`wrote ${file}\n`);
    });
  addFileOptions(command);
  addExamples(command,
    ['webapp synth', 'print the objects of webapp.yaml'],
    ['webapp synth | kubectl apply --server-side -f -', 'apply them'],
    ['webapp synth --env staging --output deploy/', 'write a file for each app, as it is in staging'],
    ['webapp synth --image ghcr.io/acme/web:1.5.0', 'with another image'],
  );
};
