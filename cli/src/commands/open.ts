import { spawn } from 'node:child_process';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { PLATFORM_FLAG, platformFor } from './shared/platform';
import { outputOption } from './shared/values';
import { fieldsOf } from '../config/merge';
import { statusOf } from '../diagnose/status';
import { notDeployed, withExplanation } from '../engine/operation';
import { DASHBOARD } from '../figures/dashboard';
import type { AppName } from '../kube/types';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import type { World } from '../ui/world';

interface OpenFlags extends FileFlags, ClusterFlags {
  readonly dashboard?: boolean;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description('Open an app in the browser, or its dashboard, and print the URL. Without a terminal, it only prints the URL.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('--dashboard', "open the app's dashboard in the Grafana of the platform (monitoring.grafana)")
    .addOption(outputOption('print the URL as JSON or YAML, and open nothing'))
    .action(async (name: string | undefined, flags: OpenFlags) => open(name, flags, world));
  command.option(...PLATFORM_FLAG);
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Open the app of webapp.yaml', 'webapp open'],
    ['Open its dashboard', 'webapp open --dashboard'],
  );
};

async function open(name: string | undefined, flags: OpenFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  if (flags.dashboard) {
    const { monitoring } = await withExplanation(platformFor(flags, cluster, app.namespace, world), app.namespace);
    return show(app, dashboardUrl(app, fieldsOf(monitoring).grafana), flags, world);
  }
  const { url, latest } = await withExplanation(statusOf(cluster, app), app.namespace);
  if (!latest) throw notDeployed(app);
  if (!url) throw new Failure(`${app.name} has no public URL`);
  show(app, url, flags, world);
}

/** The dashboard of `webapp setup --with monitoring`, with the app chosen: https://grafana.com/docs/grafana/latest/dashboards/variables/ */
function dashboardUrl({ name, namespace }: AppName, grafana: unknown): string {
  if (typeof grafana !== 'string' || !URL.canParse(grafana)) {
    throw new Failure('the platform names no Grafana; set monitoring.grafana in platform.yaml to its URL');
  }
  const query = new URLSearchParams({ 'var-namespace': namespace, 'var-app': name });
  return `${grafana.replace(/\/$/, '')}/d/${DASHBOARD}?${query}`;
}

function show(app: AppName, url: string, { output }: OpenFlags, world: World): void {
  if (output) return world.out(formatted({ ...app, url }, output));
  world.out(`${url}\n`);
  if (!world.interactive) return;
  const [program, ...words] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform as string] ?? ['xdg-open'];
  spawn(program, [...words, url], { detached: true, stdio: 'ignore' }).on('error', () => undefined).unref(); // the URL has been printed
}
