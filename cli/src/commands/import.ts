import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { ImportOptions } from '../import/import';
import { EXIT, Failure } from '../ui/failure';
import type { World } from '../ui/world';

interface ImportFlags extends Omit<ImportOptions, 'fromCluster'>, ClusterFlags {
  readonly fromCluster?: string;
}

export const define: Define = (command, world) => {
  command
    .description(`Write webapp.yaml from files of other formats: Compose, Heroku (Procfile, app.json), fly.toml, render.yaml, App Platform,
Cloud Run, Knative, App Engine, App Runner, Elastic Beanstalk, Azure Container Apps, vercel.json, netlify.toml, score.yaml, KubeVela,
Acornfile, Kubernetes and Dockerfile.

It reports what was taken over, what was changed and why, and what has no counterpart. Values of secrets are not copied: the report has
the command that creates the Secret.`)
    .argument('[file...]', 'the files; - is standard input')
    .option('--from-cluster <deployment>', 'a Deployment in the cluster, such as deploy/web, with the objects around it')
    .option('--format <name>', 'the format, if it cannot be recognized')
    .option('-o, --output <file>', 'where to write it; - is standard output', 'webapp.yaml')
    .option('-n, --namespace <namespace>', 'the namespace of the apps (default: the name of the first one)')
    .option('--force', 'overwrite an existing file')
    .action(async (files: string[], flags: ImportFlags) => {
      if (files.length === 0 && flags.fromCluster === undefined) throw new Failure('name a file, or --from-cluster', EXIT.usage);
      const { importFiles } = await import('../import/import');
      const { fromCluster, ...options } = flags;
      const found = fromCluster === undefined ? {} : await readCluster(fromCluster, flags, world);
      await importFiles(files, { ...options, ...found }, world);
    });
  addClusterFlags(command);
  addExamples(command,
    ['Import a Compose file', 'webapp import docker-compose.yml'],
    ['Import an app of Heroku', 'webapp import Procfile app.json'],
    ['Import a Helm chart', 'helm template web ./chart | webapp import -'],
    ['Import what runs in the cluster', 'webapp import --from-cluster deploy/web --namespace shop'],
    ['Import a file whose format its name does not say', 'webapp import services.txt --format compose'],
    ['See the result without writing it', 'webapp import docker-compose.yml --output -'],
  );
};

/** What the cluster has, and the namespace that it is in. */
async function readCluster(target: string, flags: ClusterFlags, world: World): Promise<Pick<ImportOptions, 'fromCluster' | 'namespace'>> {
  const cluster = await connectToCluster(flags, world);
  const [{ readFromCluster }, { withExplanation }] = await Promise.all([import('../import/from-cluster'), import('../engine/operation')]);
  const fromCluster = await withExplanation(readFromCluster(cluster, target, world.cwd), cluster.namespace);
  return { fromCluster, namespace: cluster.namespace };
}
