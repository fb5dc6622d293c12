/** What `webapp secrets` does with the values that the file generates, and with keys of the Secrets that it names. */
import { connectToApp, connectToCluster } from './cluster-flags';
import { configOptions } from './file-flags';
import type { ChangeFlags } from './settings';
import { loadFor, planApps } from '../../config/app-plan';
import { withPlaceholders } from '../../config/unbuilt';
import { createMissing, generatedReference, otherLengths, replaceValues } from '../../engine/generated';
import { ensureNamespace } from '../../engine/namespace';
import { withExplanation } from '../../engine/operation';
import { currentRelease, listReleases } from '../../engine/release-store';
import { restart } from '../../engine/restart';
import { setKeys } from '../../engine/secret-keys';
import type { Variables } from '../../engine/settings';
import { Failure } from '../../ui/failure';
import { formatted } from '../../ui/format';
import { interruptible } from '../../ui/interruptible';
import { TerminalProgress } from '../../ui/terminal-progress';
import type { World } from '../../ui/world';

/** Creates the values that the apps of the file generate and that do not exist, and deploys nothing. */
export async function createGenerated(flags: ChangeFlags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const config = withPlaceholders(await loadFor(cluster, configOptions(flags), world), []);
  const plans = await planApps(config, flags.app === undefined ? [] : [flags.app]);
  const generating = plans.filter(({ synthesized: { generated } }) => Object.keys(generated).length > 0);
  if (generating.length === 0) {
    throw new Failure(`${flags.file} generates no values: write secretEnv: { SESSION_KEY: { generate: 32 } }, or name a variable`);
  }
  const progress = new TerminalProgress(world);
  const results: object[] = [];
  for (const { app, synthesized: { generated } } of generating) {
    const { namespace } = app;
    if (flags.createNamespace) await withExplanation(ensureNamespace({ cluster, progress }, namespace), namespace);
    const { before, created } = await withExplanation(createMissing(cluster, app, generated), namespace);
    const secret = generatedReference(app).name;
    const where = `Secret ${secret} in namespace ${namespace}`;
    progress.done(created.length > 0 ? `Generated ${created.join(', ')} in ${where}` : `${where} has all values`);
    for (const text of otherLengths(before ?? {}, generated)) progress.warn(text);
    results.push({ ...app, secret, generated: created });
  }
  if (flags.output) world.out(formatted(results, flags.output));
}

/**
 * Replaces those of some variables whose values the file generates, and the pods, which have the old ones.
 *
 * @param length how long the new values are to be, if the command line says that
 * @returns the other variables
 */
export async function replaceGenerated(
  names: readonly string[], length: number | undefined, flags: ChangeFlags, world: World,
): Promise<readonly string[]> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const current = currentRelease(await withExplanation(listReleases(cluster, app), app.namespace));
  const { generated = {} } = current ?? {};
  const own = names.filter(name => Object.hasOwn(generated, name));
  if (own.length === 0) return names;
  const other = own.find(name => length !== undefined && generated[name] !== length);
  if (other !== undefined) {
    throw new Failure(`the file says that ${other} has ${generated[other]} characters; remove --length, or change it there and deploy`);
  }
  const progress = new TerminalProgress(world);
  const { timeout } = flags;
  await interruptible(world, progress, async signal => {
    const operation = { cluster, app, progress, signal, timeout };
    const lengths = Object.fromEntries(own.map(name => [name, generated[name]]));
    await withExplanation(replaceValues(operation, lengths), app.namespace);
    progress.done(`Replaced ${own.join(', ')} in Secret ${generatedReference(app).name}`);
    await withExplanation(restart(operation), app.namespace);
  });
  const rest = names.filter(name => !own.includes(name));
  if (rest.length === 0 && flags.output) world.out(formatted({ ...app, replaced: own }, flags.output));
  return rest;
}

/** Sets keys of a Secret that the file names. */
export async function setSecretKeys(secret: string, values: Variables, flags: ChangeFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const { namespace } = app;
  const progress = new TerminalProgress(world);
  if (flags.createNamespace) await withExplanation(ensureNamespace({ cluster, progress }, namespace), namespace);
  const result = await withExplanation(setKeys({ cluster, app }, secret, values), namespace);
  const keys = Object.keys(values);
  progress.done(`${result} Secret ${secret} in namespace ${namespace} (${keys.join(', ')})`);
  if (result === 'Updated') progress.warn(`pods that run keep the values that they have; webapp restart ${app.name} replaces them`);
  if (flags.output) world.out(formatted({ ...app, secret, keys }, flags.output));
}
