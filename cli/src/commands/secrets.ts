import type { Command } from 'commander';
import { Option } from 'commander';
import type { Define } from './command';
import { addExamples } from './shared/examples';
import { createGenerated, replaceGenerated, setSecretKeys } from './shared/generated';
import { PLATFORM_FLAG } from './shared/platform';
import type { ChangeFlags, ListFlags } from './shared/settings';
import { addChangeFlags, addListFlags, addNamespaceFlag, changeVariables, printVariables, readEnvFile, readStore } from './shared/settings';
import { numberFrom } from './shared/values';
import { formatOf } from '../../../src/internal';
import { isSecret } from '../diagnose/variables';
import type { Variables } from '../engine/settings';
import { randomValue, setVariables, unsetVariables } from '../engine/settings-change';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

interface GenerateFlags extends ChangeFlags {
  /** How many characters. */
  readonly length?: number;
}

interface SetFlags extends ChangeFlags {
  /** The Secret whose keys are set, in place of variables. */
  readonly secret?: string;
}

/** How many characters a value has, unless something says otherwise. */
const LENGTH = 32;

interface ImportFlags extends ChangeFlags {
  /** Whether they are in the store of the platform. */
  readonly fromStore?: boolean;
}

export const define: Define = (command, world) => {
  command
    .description(`List the secret environment variables of an app, and where they come from. Their values are never shown.

webapp secrets set changes those that no file sets. Each change is a release, which webapp rollback takes back. If the platform has a
secretStore, that store has them too.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .action(async (name: string | undefined, flags: ListFlags) => printVariables(name, flags, world, isSecret));
  addListFlags(command);
  defineSet(command, world);
  defineUnset(command, world);
  defineGenerate(command, world);
  defineImport(command, world);
  addExamples(command,
    ['List the secrets of the app of webapp.yaml', 'webapp secrets'],
    ['List those of its worker mailer', 'webapp secrets --worker mailer'],
    ['Set one, and deploy the app with it', 'webapp secrets set STRIPE_KEY'],
    ['Remove one', 'webapp secrets unset STRIPE_KEY'],
  );
};

function defineSet(secrets: Command, world: World): void {
  const command = secrets.command('set').copyInheritedSettings(secrets)
    .description(`Set secret environment variables of an app, and deploy its current release with them. Before the first deploy, they
are stored for it.

You are asked for the values, which are not shown. KEY=- reads a value from standard input. A value on the command line is refused, as your
shell would remember it, and other users of this computer could see it.`)
    .argument('<KEY...>', 'the variables; KEY=- for the value on standard input')
    .option('--secret <name>', 'set keys of this Secret, which the file names, instead of variables; nothing is deployed')
    .action(async (words: string[], { secret, ...flags }: SetFlags) => {
      const values = await valuesOf(words, world);
      return secret === undefined ? changeVariables(setVariables('secrets', values), flags, world)
        : setSecretKeys(secret, values, flags, world);
    });
  addNamespaceFlag(command);
  addChangeFlags(command);
  addExamples(command,
    ['Type a secret', 'webapp secrets set STRIPE_KEY'],
    ['Set one in a pipeline', 'printenv STRIPE_KEY | webapp secrets set STRIPE_KEY=-'],
    ['Set one that is in a file', 'webapp secrets set TLS_KEY=- < tls.key'],
    ['Set a key of a Secret that the file names', 'webapp secrets set api-key --secret stripe'],
  );
}

function defineUnset(secrets: Command, world: World): void {
  const command = secrets.command('unset').copyInheritedSettings(secrets)
    .description('Remove secret environment variables that webapp secrets has set, and deploy the current release without them.')
    .argument('<KEY...>', 'the variables')
    .action(async (names: string[], flags: ChangeFlags) => changeVariables(unsetVariables('secrets', names), flags, world));
  addChangeFlags(command);
  addExamples(command, ['Remove a secret', 'webapp secrets unset STRIPE_KEY']);
}

function defineGenerate(secrets: Command, world: World): void {
  const { minimum: least = 1, maximum: most = Infinity } = formatOf('SecretVariable', 'generate').schema;
  const command = secrets.command('generate').copyInheritedSettings(secrets)
    .description(`Set secret environment variables to random values, and deploy the current release with them.

They consist of letters and digits, and nobody sees them. If a variable has a value, it gets another one: one that the file generates gets
it in its Secret, and the pods are replaced.

Without a variable, only the values that the file generates and that do not exist are created, for a pipeline that deploys the app.`)
    .argument('[KEY...]', 'the variables (default: those that webapp.yaml generates and that do not exist)')
    .addOption(new Option('--length <characters>',
      `how long the values are, from ${least} to ${most} (default: ${LENGTH}, or what the file says)`).argParser(numberFrom(least, most)))
    .action(async (names: string[], { length, ...flags }: GenerateFlags) => {
      if (names.length === 0 && length !== undefined) command.error('error: --length requires the name of a variable');
      if (names.length === 0) return createGenerated(flags, world);
      const others = await replaceGenerated(names, length, flags, world);
      const values = Object.fromEntries(others.map(name => [name, randomValue(length ?? LENGTH)]));
      if (others.length > 0) await changeVariables(setVariables('secrets', values, 'secrets generate'), flags, world);
    });
  addNamespaceFlag(command);
  addChangeFlags(command);
  addExamples(command,
    ['Set a key for signing cookies', 'webapp secrets generate SESSION_KEY --length 64'],
    ['Create what webapp.yaml generates, before a pipeline deploys its YAML', 'webapp secrets generate'],
  );
}

function defineImport(secrets: Command, world: World): void {
  const command = secrets.command('import').copyInheritedSettings(secrets)
    .description(`Set all variables of a .env file as secrets, and deploy the current release with them. Other secrets stay.

With --from-store, they are those that the store of the platform has of the app, such as from a cluster that is gone.`)
    .argument('[file]', 'the file; - reads standard input')
    .option('--from-store', 'take them from the store of External Secrets that the platform names')
    .option(...PLATFORM_FLAG)
    .action(async (file: string | undefined, { fromStore, ...flags }: ImportFlags) => {
      if ((file === undefined) === (fromStore === undefined)) command.error('error: write a file, or --from-store');
      const values = file === undefined ? await readStore(flags, world) : await readEnvFile(file, world);
      await changeVariables(setVariables('secrets', values, 'secrets import'), flags, world);
    });
  addNamespaceFlag(command);
  addChangeFlags(command);
  addExamples(command,
    ['Set those of a file', 'webapp secrets import .env.production'],
    ['Set those of another platform', 'heroku config --shell | webapp secrets import -'],
    ['Set those that the store of the platform has', 'webapp secrets import --from-store'],
  );
}

/** The values of secrets, which are asked for or read. */
async function valuesOf(words: readonly string[], world: World): Promise<Variables> {
  const given = words.map(word => {
    const end = word.indexOf('=');
    return end === -1 ? { name: word } : { name: word.slice(0, end), value: word.slice(end + 1) };
  });
  for (const { name, value } of given) {
    if (value === undefined || value === '-') continue;
    // The value is in the history of the shell already, but not in the log of a pipeline.
    throw new Failure(`a secret on the command line stays in the history of your shell; run webapp secrets set ${name} and type the value
  or pass it on standard input: webapp secrets set ${name}=- < FILE`);
  }
  const piped = given.filter(({ value }) => value === '-');
  if (piped.length > 1) throw new Failure('standard input has one value; use webapp secrets import - for several, as NAME=value lines');
  if (piped.length < given.length && (!world.interactive || piped.length > 0)) {
    const { name } = given.find(({ value }) => value === undefined)!;
    const hint = `pass it on standard input: webapp secrets set ${name}=- < FILE`;
    throw new Failure(`there is no terminal to ask for the value of ${name}; ${hint}`);
  }
  const values: { [name: string]: string } = {};
  for (const { name, value } of given) {
    values[name] = value === '-' ? (await world.readInput()).replace(/\r?\n$/, '') : await world.askSecret(`${name}: `);
    if (values[name] === '') throw new Failure(`the value of ${name} is empty; to remove it, run webapp secrets unset ${name}`);
  }
  return values;
}
