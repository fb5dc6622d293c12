import type { Define } from './commands';
import { addExamples } from './examples';

export const define: Define = (command, world) => {
  command
    .description('Looks at the program in a folder and writes a small webapp.yaml for it.\n\nIt reads Dockerfile, Procfile, package.json, requirements.txt, go.mod and the like, and asks what they do not say.')
    .argument('[folder]', 'the folder with the program', '.')
    .option('-y, --yes', 'ask nothing')
    .option('--name <name>', 'the name of the app')
    .option('--image <image>', 'its image')
    .option('--host <host>', 'the host that it answers at')
    .option('-n, --namespace <namespace>', 'the namespace that it runs in')
    .option('--force', 'write over a webapp.yaml that is there')
    .action(async (folder: string, options) => {
      const { init } = await import('../init/init');
      await init(folder, options, world);
    });
  addExamples(command,
    ['webapp init', 'ask what is not clear'],
    ['webapp init --yes --image ghcr.io/acme/web:1.0.0', 'ask nothing'],
  );
};
