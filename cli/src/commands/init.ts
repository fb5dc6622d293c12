import type { Define } from './command';
import { addExamples } from './shared/examples';
import type { InitOptions } from '../init/init';

export const define: Define = (command, world) => {
  command
    .description(`Create a small webapp.yaml for the program in a folder.

It reads the Dockerfile, Procfile, package.json, requirements.txt, go.mod and similar files, and asks for what they do not say. Files of
other platforms, such as fly.toml or docker-compose.yml, are imported: see webapp help import.`)
    .argument('[folder]', 'the folder with the program', '.')
    .option('-y, --yes', 'do not ask questions')
    .option('--name <name>', 'the name of the app')
    .option('--image <image>', 'its image')
    .option('--host <host>', 'its host name')
    .option('-n, --namespace <namespace>', 'its namespace')
    .option('--force', 'overwrite an existing webapp.yaml')
    .action(async (folder: string, options: InitOptions) => {
      const { init } = await import('../init/init');
      await init(folder, options, world);
    });
  addExamples(command,
    ['Create webapp.yaml in this folder', 'webapp init'],
    ['Create it without questions', 'webapp init --yes --image ghcr.io/acme/web:1.0.0'],
    ['Say what would be asked', 'webapp init --name web --host shop.example.com'],
  );
};
