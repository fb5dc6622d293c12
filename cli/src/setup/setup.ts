import { run } from './call';
import { checkDomain, checkRegistry, checkRole, checkTools } from './checks';
import { finish } from './finish';
import { lookAt } from './found';
import type { ClusterOptions } from './helm';
import { Helm } from './helm';
import { install } from './install';
import { LocalCluster } from './local';
import { PlatformFile } from './platform-file';
import type { SetupOptions } from './setup-plan';
import { hasChanges, planSetup } from './setup-plan';
import { script, summary } from './show';
import { withExplanation } from '../engine/operation';
import type { Cluster } from '../kube/connect';
import { UnreachableError } from '../kube/errors';
import { explainError } from '../kube/explain';
import { Objects } from '../kube/objects';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

/**
 * Sets up a cluster, or prints what that would do.
 *
 * @param connect connects to the cluster that the options name
 */
export async function setup(options: SetupOptions, world: World, connect: (options: ClusterOptions) => Promise<Cluster>): Promise<void> {
  const progress = new TerminalProgress(world);
  await interruptible(world, progress, async signal => withExplanation((async () => {
    const local = options.local === undefined
      ? undefined
      : await LocalCluster.find(options.local === true ? undefined : options.local, world, signal);
    const target = local ? { ...options, context: local.context } : options;
    const helm = new Helm(target, world, signal);
    await checkTools(helm, options.with, world, signal);
    await checkDomain(options.domain);
    await checkRegistry(options.registry);
    const isNew = local !== undefined && !await local.exists();
    const cluster = isNew ? undefined : await connect(target);
    if (cluster && !options.dryRun) await checkRole(cluster);
    const registry = options.registry ?? await askForRegistry(target, world);
    const plan = await planSetup({ options: { ...target, registry }, local, isNew, cluster, helm }, world);
    if (options.dryRun) {
      world.out(script(plan));
      return;
    }
    world.err(summary(plan));
    if (hasChanges(plan) && !options.yes) await confirm(world);
    if (local && isNew) {
      progress.waiting(`creating ${local.title}`);
      await run(local.creation(), world, signal);
      progress.done(`Created ${local.title}`);
    }
    const site = { cluster: cluster ?? await connect(target), world, progress, signal };
    await install(plan.steps, site);
    // The kinds of the cluster are remembered, and it has others now.
    const after = { ...site.cluster, objects: new Objects(site.cluster.api) };
    await finish(isNew ? { ...plan, found: await lookAt(after) } : plan, { ...site, cluster: after });
  })().catch(error => explainUnreachable(error, options)), ''));
}

/** Names what to do if there is no cluster, or it does not run. */
function explainUnreachable(error: unknown, { local }: SetupOptions): never {
  if (!(error instanceof UnreachableError)) throw error;
  const hint = local === undefined
    ? 'to create a cluster on this computer, run webapp setup --local'
    : 'if its containers are stopped, start them, or delete the cluster and run webapp setup --local again';
  throw new Failure(`${explainError(error)}\n  ${hint}`);
}

async function confirm(world: World): Promise<void> {
  if (!world.interactive) throw new Failure('there is no terminal to ask for confirmation; pass --yes');
  const answer = await world.ask('Continue? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('not confirmed; nothing was changed');
}

/** The registry for what the cluster builds, from a user who can be asked; the platform's file may have it already. */
async function askForRegistry(options: SetupOptions, world: World): Promise<string | undefined> {
  const { with: extras, local, yes, dryRun } = options;
  if (!extras.includes('builds') || local || yes || dryRun || !world.interactive) return undefined;
  if (PlatformFile.open(options, world).props.builds?.registry !== undefined) return undefined;
  const question = 'Registry for the images that the cluster builds, such as registry.example.com/acme (Enter to name it later): ';
  const registry = (await world.ask(question)).trim() || undefined;
  await checkRegistry(registry);
  return registry;
}
