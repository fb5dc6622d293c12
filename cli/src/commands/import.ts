import type { Define } from './command';
import { addExamples } from './shared/examples';
import type { ImportOptions } from '../import/import';

export const define: Define = (command, world) => {
  command
    .description(`Write webapp.yaml from files of other formats: Compose, Heroku (Procfile, app.json), fly.toml, render.yaml, App Platform,
Cloud Run, Knative, App Engine, Kubernetes and Dockerfile.

It reports what was taken over, what was changed and why, and what has no counterpart. Values of secrets are not copied: the report has
the command that creates the Secret.`)
    .argument('<file...>', 'the files; - is standard input')
    .option('--format <name>', 'the format, if it cannot be recognized')
    .option('-o, --output <file>', 'where to write it; - is standard output', 'webapp.yaml')
    .option('-n, --namespace <namespace>', 'the namespace of the apps (default: the name of the first one)')
    .option('--force', 'overwrite an existing file')
    .action(async (files: string[], options: ImportOptions) => {
      const { importFiles } = await import('../import/import');
      await importFiles(files, options, world);
    });
  addExamples(command,
    ['Import a Compose file', 'webapp import docker-compose.yml'],
    ['Import an app of Heroku', 'webapp import Procfile app.json'],
    ['Import a Helm chart', 'helm template web ./chart | webapp import -'],
    ['See the result without writing it', 'webapp import docker-compose.yml --output -'],
  );
};
