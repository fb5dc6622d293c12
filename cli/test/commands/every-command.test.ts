/** What holds for all commands, so that who knows one of them knows the others. */
import type { Command, Option } from 'commander';
import { wholeProgram } from '../../src/webapp';
import { call, world } from '../call';

interface Leaf {
  /** As it is called: `cron run`. */
  readonly name: string;
  readonly command: Command;
}

/** All commands that do something, and those of a group that do so themselves. */
async function leaves(): Promise<Leaf[]> {
  const program = await wholeProgram(world());
  const below = (command: Command, path: readonly string[]): Leaf[] => {
    const acts = (command as unknown as { _actionHandler?: unknown })._actionHandler;
    const own = acts && path.length > 0 ? [{ name: path.join(' '), command }] : [];
    return [...own, ...command.commands.filter(one => one.name() !== 'help').flatMap(one => below(one, [...path, one.name()]))];
  };
  return below(program, []);
}

/** Commands without a result for programs, and why. */
const WITHOUT_JSON: { readonly [command: string]: string } = {
  'init': 'writes a file',
  'import': 'writes a file, and --output names it',
  'setup': 'asks and installs; --output yaml has the values of the charts',
  'synth': 'prints YAML, and --output names a folder',
  'eject': 'writes files, and --output names their folder',
  'ci github': 'writes a file, and --output names it',
  'ci gitlab': 'writes a file, and --output names it',
  'schema': 'prints JSON',
  'completion': 'prints a script',
  'operator manifest': 'prints YAML',
  'operator install': 'what it installs is that of operator manifest',
  'operator adopt': '--dry-run prints YAML',
  'operator run': 'runs until it is stopped, with a log of JSON lines',
  'run': 'has the outputs of the program',
  'exec': 'has the outputs of the program',
  'shell': 'has the outputs of the program',
  'connect': 'has the outputs of the program',
  'cron run': 'has the output of the run',
  'config get': 'prints the value alone',
};

/** Flags that many commands have, and that docs/command.md and docs/deploy.md explain. */
const OBVIOUS = [
  '--help', '--file', '--platform', '--env', '--namespace', '--image', '--kubeconfig', '--context', '--app', '--output', '--timeout',
  '--yes', '--force', '--dry-run', '--create-namespace', '--pin', '--no-pin', '--build', '--rebuild', '--concurrency', '--all-namespaces',
];

const flagsOf = (command: Command) => command.options.filter(({ hidden }) => !hidden);
const long = ({ long: flag }: Option) => flag!;

/** The lines of a command's examples. */
async function examplesOf(name: string): Promise<string[]> {
  const { out } = await call(['help', ...name.split(' ').slice(0, 1)]);
  const { out: own } = await call([...name.split(' '), '--help']);
  expect(out).toContain('Usage: webapp');
  const [, text = ''] = own.split('\nExamples:\n');
  return [...text.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line);
}

let all: Leaf[];
beforeAll(async () => void (all = await leaves()));

describe('every command', () => {
  test('prints its result as JSON, or is listed here with the reason why not', () => {
    const hasJson = ({ command }: Leaf) => flagsOf(command).some(flag => long(flag) === '--output' && flag.argChoices?.includes('json'));
    expect(all.filter(leaf => !hasJson(leaf)).map(({ name }) => name).sort()).toEqual(Object.keys(WITHOUT_JSON).sort());
  });

  test('has examples', async () => {
    const without: string[] = [];
    for (const { name } of all) if ((await examplesOf(name)).length === 0) without.push(name);
    expect(without).toEqual(['operator run']); // what pods run
  });

  test('has an example for each flag that is not one of those of many commands', async () => {
    const missing: string[] = [];
    for (const { name, command } of all.filter(one => one.name !== 'operator run')) {
      const examples = (await examplesOf(name)).map(line => ` ${line.replace(/[()]/g, ' ')} `);
      for (const flag of flagsOf(command).filter(one => !OBVIOUS.includes(long(one)))) {
        const forms = [flag.long, flag.short].filter(form => form !== undefined);
        if (!examples.some(line => forms.some(form => line.includes(` ${form} `)))) missing.push(`${name} ${flag.long}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test('has examples of commands and flags that there are', async () => {
    const problems: string[] = [];
    for (const { name } of all) {
      for (const line of await examplesOf(name)) {
        for (const called of callsIn(line)) {
          const leaf = [...all].sort((a, b) => b.name.length - a.name.length).find(one => `${called} `.startsWith(`webapp ${one.name} `));
          const known = leaf ? flagsOf(leaf.command).flatMap(({ long: a, short: b }) => [a, b]) : [];
          const [own] = called.split(' -- ');
          const flags = own.split(' ').slice(1).filter(word => /^--?[a-zA-Z]/.test(word));
          if (!leaf || flags.some(flag => !known.includes(flag))) problems.push(`${name}: ${called}`);
        }
      }
    }
    expect(problems).toEqual([]);
  });

  test('that asks for confirmation says so, and takes --yes', async () => {
    // It asks whether to overwrite a file, and does not ask with all that it asks for.
    const others = ['init', 'setup', 'ci github', 'ci gitlab', 'promote'];
    const asks = all.filter(({ command }) => command.description().includes('Asks for confirmation.')).map(({ name }) => name);
    const takesYes = all.filter(({ command }) => flagsOf(command).some(flag => long(flag) === '--yes')).map(({ name }) => name);
    expect(asks.sort()).toEqual(takesYes.filter(name => !others.includes(name)).sort());
    expect(asks).toEqual(expect.arrayContaining(['destroy', 'builds prune', 'preview down', 'preview prune', 'db restore', 'db copy']));
  });
});

/** The calls of webapp in a line of a shell. */
function callsIn(line: string): string[] {
  return line.split(/ \| | && |"\$\(|\$\(/).map(part => part.replace(/\).*$/, '').trim()).filter(part => part.startsWith('webapp '));
}
