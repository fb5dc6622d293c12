import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import type { Define } from './command';
import { addExamples } from './shared/examples';
import { githubWorkflow } from '../ci/github';
import { gitlabPipeline } from '../ci/gitlab';
import type { CiPlan } from '../ci/plan';
import { ciPlanOf } from '../ci/plan';
import { Config } from '../config/config';
import { Failure } from '../ui/failure';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface Flags {
  readonly file: string;
  readonly env?: string;
  readonly promoteTo?: string;
  readonly branch?: string;
  readonly output?: string;
  readonly yes?: boolean;
}

/** A system that runs pipelines. */
interface System {
  readonly title: string;

  /** Where its file is in a repository. */
  readonly path: string;
  readonly write: (plan: CiPlan) => string;

  /** What is left to do. */
  readonly next: string;
}

const SYSTEMS: { readonly [name: string]: System } = {
  github: {
    title: 'GitHub Actions',
    path: '.github/workflows/webapp.yml',
    write: githubWorkflow,
    next: 'gh secret set KUBECONFIG < kubeconfig, with the kubeconfig of an account that may deploy and do nothing else',
  },
  gitlab: {
    title: 'GitLab CI/CD',
    path: '.gitlab-ci.yml',
    write: gitlabPipeline,
    next: 'create the CI/CD variable KUBECONFIG of type File, with the kubeconfig of an account that may deploy and do nothing else',
  },
};

export const define: Define = (command, world) => {
  command
    .description(`Write a pipeline that deploys the main branch, gives each pull request a preview, and promotes by hand.

The main branch is deployed to the environment staging, if the file has it, and promoted from there to production.`);
  for (const [name, system] of Object.entries(SYSTEMS)) defineSystem(command, name, system, world);
  addExamples(command,
    ['Write a workflow of GitHub Actions', 'webapp ci github'],
    ['Print a pipeline of GitLab', 'webapp ci gitlab --output -'],
  );
};

function defineSystem(parent: Command, name: string, system: System, world: World): void {
  const command = parent.command(name).copyInheritedSettings(parent)
    .summary(`write ${system.path}`)
    .description(`Write ${system.path}, for ${system.title}. A file that exists is not overwritten without asking.`)
    .option('-f, --file <file>', "the apps' file", 'webapp.yaml')
    .option('-e, --env <name>', 'the environment that the branch is deployed to (default: staging, if the file has it)')
    .option('--promote-to <name>', 'where it is promoted to: an environment, or default for the file without one')
    .option('--branch <name>', 'the branch that is deployed', 'main')
    .option('-o, --output <file>', `the file to write; - prints it (default: ${system.path} of the repository)`)
    .option('-y, --yes', 'overwrite an existing file without asking')
    .action(async (flags: Flags) => writePipeline(system, flags, world));
  addExamples(command,
    ['Deploy main to staging, and promote it to production by hand', `webapp ci ${name}`],
    ['For other environments and another branch', `webapp ci ${name} --env test --promote-to live --branch trunk`],
  );
}

async function writePipeline(system: System, flags: Flags, world: World): Promise<void> {
  const config = await Config.load({ file: flags.file, images: [] }, world);
  config.failIfUnreadable();
  for (const environment of [flags.env, flags.promoteTo]) rejectUnknown(environment, config);
  const file = resolve(world.cwd, flags.file);
  const root = repositoryOf(dirname(file)) ?? world.cwd;
  const folder = relative(root, dirname(file)).split(sep).join('/');
  const { env, promoteTo, branch } = flags;
  const plan = ciPlanOf(config, { folder: folder === '' ? undefined : folder, env, promoteTo, branch });
  const text = system.write(plan);
  if (flags.output === '-') return world.out(text);
  const path = flags.output === undefined ? join(root, system.path) : resolve(world.cwd, flags.output);
  const shown = relative(world.cwd, path);
  if (existsSync(path) && !flags.yes) await confirm(shown, world);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  new TerminalProgress(world).done(`Wrote ${shown}`);
  world.err(`Next: ${system.next}\n`);
}

function rejectUnknown(environment: string | undefined, { environments }: Config): void {
  if (environment === undefined || environment === 'default' || environments.includes(environment)) return;
  throw new Failure(`the file has no environment ${environment}; it has ${environments.join(', ') || 'none'}`);
}

async function confirm(file: string, world: World): Promise<void> {
  if (!world.interactive) throw new Failure(`${file} already exists; overwrite it with --yes, or name another file with --output`);
  const answer = await world.ask(`${file} already exists. Overwrite it? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('not confirmed; nothing was written');
}

/** The folder of the git repository that a folder is in. */
function repositoryOf(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  return dirname(folder) === folder ? undefined : repositoryOf(dirname(folder));
}
