import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { COMMANDS } from './commands/commands';
import { addExamples } from './commands/shared/examples';
import { EXIT, Failure } from './ui/failure';
import type { World } from './ui/world';

/**
 * Runs a command line.
 *
 * @returns the exit code
 */
export async function webapp(words: readonly string[], world: World): Promise<number> {
  try {
    const called = words.filter(word => !word.startsWith('-'));
    const program = await programOf(called[0] === 'help' ? called.slice(1, 2) : called.slice(0, 1), world);
    await program.parseAsync(words, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has printed the error
    if (!(error instanceof Failure)) throw error;
    if (error.message) world.err(`${error.message}\n`);
    return error.exitCode;
  }
}

/** The program with the flags of all commands. */
export async function wholeProgram(world: World): Promise<Command> {
  return programOf(Object.keys(COMMANDS), world);
}

/**
 * The program. It has the names of all commands.
 *
 * @param defined the commands whose flags it has too
 */
async function programOf(defined: readonly string[], world: World): Promise<Command> {
  const program = new Command('webapp');
  program
    .description('Deploy web apps to Kubernetes from a file of a few lines.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', "print a command's help")
    .showSuggestionAfterError()
    .enablePositionalOptions() // a flag after the name of a command is that command's, also where the one above it has the same
    .configureOutput({ writeOut: text => world.out(text), writeErr: text => world.err(text) })
    .exitOverride();
  addExamples(program,
    ['Create a webapp.yaml for the program in this folder', 'webapp init'],
    ['Check it', 'webapp check'],
    ['Print the Kubernetes objects', 'webapp synth'],
    ['Deploy it, and wait until it is ready', 'webapp deploy'],
  );
  const complete = async () => wholeProgram(world);
  for (const [name, { summary, alias, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).summary(summary).copyInheritedSettings(program);
    if (alias !== undefined) command.alias(alias);
    if (defined.some(one => one === name || one === alias)) (await load()).define(command, world, complete);
  }
  return program;
}
