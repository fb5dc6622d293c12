import type { Command } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import type { ChangeFlags, ListFlags } from './shared/settings';
import { addChangeFlags, addListFlags, addNamespaceFlag, changeVariables, printVariables, readEnvFile } from './shared/settings';
import { settingsValues } from '../engine/change-settings';
import type { Variables } from '../engine/settings';
import { setVariables, unsetVariables } from '../engine/settings-change';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

interface SetFlags extends ChangeFlags {
  /** A `.env` file. */
  readonly from?: string;
}

interface GetFlags extends FileFlags, ClusterFlags {
  readonly app?: string;
}

export const define: Define = (command, world) => {
  command
    .description(`List the environment variables of an app, and where they come from. The values of secrets are not shown.

webapp config set changes those that no file sets. Each change is a release, which webapp rollback takes back.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .action(async (name: string | undefined, flags: ListFlags) => printVariables(name, flags, world, () => true));
  addListFlags(command);
  defineSet(command, world);
  defineUnset(command, world);
  defineGet(command, world);
  addExamples(command,
    ['List the variables of the app of webapp.yaml', 'webapp config'],
    ['List those of its worker mailer', 'webapp config --worker mailer'],
    ['Set two variables, and deploy the app with them', 'webapp config set LOG_LEVEL=debug REGION=eu-west-1'],
    ['Remove one', 'webapp config unset LOG_LEVEL'],
  );
};

function defineSet(config: Command, world: World): void {
  const command = config.command('set').copyInheritedSettings(config)
    .description(`Set environment variables of an app, and deploy its current release with them. Before the first deploy, they are
stored for it.

For passwords and tokens, use webapp secrets set: the values set here are shown by webapp config.`)
    .argument('[KEY=VALUE...]', 'the variables')
    .option('--from <file>', 'also set those of a .env file; - reads standard input')
    .action(async (words: string[], flags: SetFlags) => {
      if (words.length === 0 && flags.from === undefined) command.error('error: write KEY=VALUE, or --from FILE');
      const ofFile = flags.from === undefined ? {} : await readEnvFile(flags.from, world);
      await changeVariables(setVariables('config', { ...ofFile, ...assignments(words) }), flags, world);
    });
  addNamespaceFlag(command);
  addChangeFlags(command);
  addExamples(command,
    ['Set a variable', 'webapp config set LOG_LEVEL=debug'],
    ['Set those of a .env file', 'webapp config set --from .env.production'],
    ['Set one of an app without a file', 'webapp config set LOG_LEVEL=debug --app web --namespace shop'],
  );
}

function defineUnset(config: Command, world: World): void {
  const command = config.command('unset').copyInheritedSettings(config)
    .description('Remove environment variables that webapp config set has set, and deploy the current release without them.')
    .argument('<KEY...>', 'the variables')
    .action(async (names: string[], flags: ChangeFlags) => changeVariables(unsetVariables('config', names), flags, world));
  addChangeFlags(command);
  addExamples(command, ['Remove a variable', 'webapp config unset LOG_LEVEL']);
}

function defineGet(config: Command, world: World): void {
  const command = config.command('get').copyInheritedSettings(config)
    .description('Print the value of an environment variable that webapp config set has set.')
    .argument('<KEY>', 'the variable')
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .action(async (name: string, flags: GetFlags) => printValue(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command, ['Use the value in a script', 'curl "$(webapp config get API_URL)"']);
}

async function printValue(name: string, flags: GetFlags, world: World): Promise<void> {
  const { config, secrets } = await settingsValues(await connectToApp(flags, flags.app, world));
  if (Object.hasOwn(config, name)) return world.out(`${config[name]}\n`);
  if (Object.hasOwn(secrets, name)) throw new Failure(`${name} is a secret, whose value is not shown; webapp run -- printenv ${name} does`);
  const known = Object.keys(config).join(', ');
  throw new Failure(`webapp config has no ${name}; ${known ? `it has ${known}` : 'it has none'}`);
}

function assignments(words: readonly string[]): Variables {
  return Object.fromEntries(words.map(word => {
    const end = word.indexOf('=');
    if (end < 1) throw new Failure(`${word} is not KEY=VALUE; write, for example, LOG_LEVEL=debug`);
    return [word.slice(0, end), word.slice(end + 1)];
  }));
}
