import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { COMMANDS } from './commands/commands';
import { addExamples } from './commands/examples';
import { EXIT, Failure } from './ui/failure';
import type { World } from './ui/world';

/**
 * Does what the words of a command line say.
 *
 * @returns the exit code
 */
export async function webapp(words: readonly string[], world: World): Promise<number> {
  try {
    const called = words.filter(word => !word.startsWith('-'));
    const program = await programOf(called[0] === 'help' ? called.slice(1, 2) : called.slice(0, 1), world);
    await program.parseAsync(words, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // it has said what is wrong
    if (!(error instanceof Failure)) throw error;
    if (error.message) world.err(`${error.message}\n`);
    return error.exitCode;
  }
}

/**
 * The program. Of most commands it knows the name alone.
 *
 * @param defined those whose options it knows too
 */
export async function programOf(defined: readonly string[], world: World): Promise<Command> {
  const program = new Command('webapp');
  program
    .description('Web apps on Kubernetes, from a file of a few lines.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', "print a command's help")
    .showSuggestionAfterError()
    .configureOutput({ writeOut: text => world.out(text), writeErr: text => world.err(text) })
    .exitOverride();
  addExamples(program,
    ['webapp init', 'write a webapp.yaml for the program in this folder'],
    ['webapp check', 'say what is wrong with it'],
    ['webapp synth', 'print what becomes of it'],
    ['webapp deploy', 'make it run in a cluster'],
  );
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).summary(summary).copyInheritedSettings(program);
    if (defined.includes(name)) (await load()).define(command, world);
  }
  return program;
}
