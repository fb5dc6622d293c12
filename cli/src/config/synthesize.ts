import type { FileDocument } from './document';
import { load, Loaded, read, Request } from './load';
import type { Mistake } from './mistake';
import { report } from './report';
import { checkNamespace, Fault } from '../../../src/internal';
import { synthesize, SynthesizedApp } from '../render/synthesis';
import { Failure } from '../ui/failure';
import { paint } from '../ui/paint';
import type { World } from '../ui/world';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

/**
 * What becomes of the apps of a file.
 *
 * @param prepare what is done with an app before
 * @throws Failure with all that is wrong, each at its place
 */
export async function synthesizeFile(
  request: Request, world: World, prepare: (app: FileDocument) => Promise<void> = async () => {},
): Promise<readonly SynthesizedApp[]> {
  const loaded = await load(await read(request, world), request);
  if (loaded.mistakes.length === 0) for (const app of loaded.apps) await prepare(app);
  const { apps, mistakes } = await synthesizeLoaded(loaded, request);
  if (mistakes.length > 0) throw new Failure(report(mistakes, loaded.textOf, paint(world.color.err)));
  return apps;
}

/** What becomes of what was loaded: apps, or all that is wrong. */
export async function synthesizeLoaded(loaded: Loaded, request: Request): Promise<{ apps: readonly SynthesizedApp[]; mistakes: Mistake[] }> {
  const mistakes = [...loaded.mistakes];
  const inputs = await Promise.all(loaded.apps.map(async (app, i) => {
    const namespace = app.namespace ?? request.namespace;
    const message = namespace === undefined ? undefined : badNamespace(namespace);
    if (message) mistakes.push(await app.at({ path: 'namespace', ...message }));
    if (app.name === undefined) mistakes.push(await app.at({ code: 'missing', path: 'name', message: 'is missing', hint: 'write one such as name: web' }));
    return { name: nameOf(app, i), namespace: message ? 'unnamed' : namespace as string | undefined, props: app.props as unknown as WebAppProps };
  }));
  const { apps, problems, platformProblems } = synthesize(inputs, loaded.platform?.props as PlatformProps | undefined);
  for (const [i, app] of loaded.apps.entries()) {
    for (const problem of problems[i]) if (problem.path !== 'name' || app.name !== undefined) mistakes.push(await app.at(problem));
  }
  for (const problem of platformProblems) mistakes.push(await loaded.platform!.at(problem));
  return { apps: mistakes.length === 0 ? apps : [], mistakes };
}

/** A name to go on with, for an app without one too: so that the rest of it is checked as well. */
function nameOf({ name }: FileDocument, i: number): string {
  return typeof name === 'string' && name !== '' ? name : `unnamed-${i}`;
}

function badNamespace(namespace: unknown): Fault | undefined {
  if (typeof namespace === 'string') return checkNamespace(namespace);
  return { code: 'type', message: `is ${JSON.stringify(namespace)}`, hint: 'write a text, such as shop' };
}
