import type { Define } from './command';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags, configOptions } from './shared/file-flags';
import { outputOption } from './shared/values';
import { Config } from '../config/config';
import type { Diagnostic } from '../config/diagnostic';
import { inFileOrder } from '../config/diagnostic';
import { withPlaceholders } from '../config/unbuilt';
import { EXIT, Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import type { World } from '../ui/world';

interface CheckFlags extends FileFlags {
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description('Check webapp.yaml and platform.yaml in every environment. It needs no cluster.')
    .addOption(outputOption('print the problems as JSON or YAML'))
    .action(async (flags: CheckFlags) => check(flags, world));
  addFileFlags(command);
  addExamples(command,
    ['Check webapp.yaml', 'webapp check'],
    ['Check only what is deployed to staging', 'webapp check --env staging'],
    ['Print the problems as JSON, for an editor or CI', 'webapp check --output json'],
  );
};

async function check(flags: CheckFlags, world: World): Promise<void> {
  const config = await Config.load(configOptions(flags), world);
  const environments = flags.env === undefined ? [undefined, ...config.environments] : [flags.env];
  const diagnostics: Diagnostic[] = [];
  const warnings = new Set<string>();
  for (const env of environments) {
    const checked = await withPlaceholders(env === flags.env ? config : await config.inEnvironment(env)).check();
    diagnostics.push(...checked.diagnostics);
    for (const { name, warnings: own } of checked.apps) for (const warning of own) warnings.add(`${name}: ${warning}`);
  }

  if (flags.output) {
    const rows = inFileOrder(diagnostics).map(({ location, code, path, message, hint }) => ({ ...location, path, code, message, hint }));
    world.out(formatted(rows, flags.output));
    if (diagnostics.length > 0) throw new Failure('', EXIT.failed);
    return;
  }
  const { yellow, green } = paint(world.color.err);
  for (const warning of warnings) world.err(`${yellow('warning')}: ${warning}\n`);
  config.failOn(diagnostics);
  const apps = config.apps.length === 1 ? `${config.apps[0].name} is valid` : `All ${config.apps.length} apps are valid`;
  const others = environments.length - 1;
  world.err(`${green('✓')} ${apps}${others > 0 ? `, in ${others} ${others === 1 ? 'environment' : 'environments'} too` : ''}\n`);
}
