import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileDocument } from './document';
import { load, read, Request } from './load';
import { synthesizeFile } from './synthesize';
import { nearest } from '../../../src/internal';
import type { Draft } from '../engine/lock';
import type { AppName } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import { activeImage } from '../kube/workload';
import type { SynthesizedApp } from '../render/synthesis';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** Changes what a file says of an app. */
export type Prepare = (document: FileDocument, app: AppName) => Promise<void>;

/** An app of a file, as it is to be in a cluster. */
export interface Target {
  readonly app: AppName;
  readonly synthesized: SynthesizedApp;
}

/**
 * What becomes of the apps of a file in a cluster.
 *
 * @param names which of them; none means all
 * @param prepare what is done with each of them before
 */
export async function targets(request: Request, cluster: Cluster, names: readonly string[], world: World, prepare?: Prepare): Promise<Target[]> {
  const home = request.namespace ?? cluster.namespace;
  const apps = await synthesizeFile({ ...request, namespace: home }, world, async app => {
    const name = String(app.name);
    if (prepare && (names.length === 0 || names.includes(name))) await prepare(app, { name, namespace: String(app.namespace ?? home) });
  });
  const chosen = choose(apps, names);
  for (const { name, warnings } of chosen) for (const warning of warnings) world.err(`warning: ${name}: ${warning}\n`);
  return chosen.map(synthesized => ({ synthesized, app: { name: synthesized.name, namespace: synthesized.namespace! } }));
}

/** What a release of an app begins with. */
export function draftOf({ app, synthesized: { objects, shared, url, canary } }: Target, action: string): Draft {
  return { action, url, objects, shared: shared.map(referenceTo), image: activeImage(objects, app.name), canary };
}

/**
 * Which app is meant by a command that asks what is in the cluster: that of the name, or the only one of the file. No file is needed where a
 * name is given.
 */
export async function meantApp(request: Request, cluster: Cluster, name: string | undefined, world: World): Promise<AppName> {
  if (name !== undefined && !existsSync(resolve(world.cwd, request.file))) return { name, namespace: cluster.namespace };
  const { apps } = await load(await read(request, world), { ...request, images: [] });
  const named = apps.map(app => ({ name: String(app.name), namespace: String(app.namespace ?? cluster.namespace) }));
  // The file need not know an app that is only in the cluster.
  if (name !== undefined) return named.find(app => app.name === name) ?? { name, namespace: cluster.namespace };
  if (named.length !== 1) throw new Failure(`${request.file} has ${named.length} apps; name one of ${named.map(app => app.name).join(', ')}`);
  return named[0];
}

function choose(apps: readonly SynthesizedApp[], names: readonly string[]): readonly SynthesizedApp[] {
  const known = apps.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new Failure(`the file has no app ${name}; ${near ? `did you mean ${near}?` : `it has ${known.join(', ')}`}`);
  }
  return names.length === 0 ? apps : apps.filter(({ name }) => names.includes(name));
}
