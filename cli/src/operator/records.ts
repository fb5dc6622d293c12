import { changeNoteOf, specHash } from './change-note';
import type { OperatorContext } from './context';
import { ownerOf } from './owner';
import { revisionOf } from './plan';
import { previewOf } from './preview';
import { nameOf, WEB_APP, writtenPropsOf } from './resources';
import type { WebAppResource } from './resources';
import type { SettingsOfApps } from './settings';
import { pointerOf } from './settings-pointer';
import { canBeOf } from './tenancy/objects';
import { isNewVersion } from '../engine/canary-health';
import { buildsOf, holdsData, isBuild, neededBy, orphans, prune, settingsOf } from '../engine/prune';
import type { Release, StoredRelease } from '../engine/release-store';
import { createRelease, currentRelease, deleteRelease, listReleases, oldReleases } from '../engine/release-store';
import { retire } from '../engine/retire';
import { isAlreadyExists } from '../kube/errors';
import { OPERATOR_MANAGER, referenceTo, unique, without } from '../kube/objects';
import { activeImage } from '../kube/workload';
import type { SynthesizedApp } from '../render/synthesis';

/** Keeps the releases of apps as the command does, so that its commands work on them. */
export class Records {
  constructor(private readonly context: OperatorContext, private readonly settings: SettingsOfApps) {}

  /** Whether the image of an app is new, so that it gets the traffic step by step. */
  public async isNew(resource: WebAppResource, image: string): Promise<boolean> {
    return isNewVersion(image, (await this.list(resource)).map(({ release }) => release));
  }

  /** The release that serves traffic, or should; undefined before the first. */
  public async current(resource: WebAppResource): Promise<Release | undefined> {
    return currentRelease(await this.list(resource));
  }

  /**
   * Removes what earlier releases had and this one does not, and stores it as deployed.
   *
   * @returns its number
   */
  public async deployed(resource: WebAppResource, app: SynthesizedApp): Promise<number> {
    if (this.settings.isUnreleased(nameOf(resource))) {
      try {
        return await this.add(resource, app, []);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        await this.settings.lookAgain(resource); // a user has deployed the app since, or given it variables
      }
    }
    return this.add(resource, app, await this.list(resource));
  }

  private async add(resource: WebAppResource, app: SynthesizedApp, releases: readonly StoredRelease[]): Promise<number> {
    const { cluster } = this.context;
    const { kept } = await this.prune(resource, app, releases);
    const latest = currentRelease(releases);
    // The operator was stopped after it had stored it.
    const isStored = latest === releases[0]?.release && latest && revisionOf(latest.objects) === revisionOf(app.objects);
    const number = isStored ? latest.number : (releases[0]?.release.number ?? 0) + 1;
    const all = isStored ? releases : [await this.create(resource, app, { number, state: 'deployed', kept, latest }), ...releases];
    await this.pruneSettings(resource, all);
    for (const old of oldReleases(all)) await deleteRelease(cluster, nameOf(resource), old.number);
    return number;
  }

  /** Stores that a release failed. */
  public async failed(resource: WebAppResource, app: SynthesizedApp, why: string): Promise<void> {
    const releases = await this.list(resource);
    const kept = releases[0]?.release.kept ?? [];
    const latest = currentRelease(releases);
    await this.create(resource, app, { number: (releases[0]?.release.number ?? 0) + 1, state: 'failed', why, kept, latest });
  }

  /** Removes the settings that only old releases have, unless a rollback to one of them has just begun. */
  private async pruneSettings(resource: WebAppResource, all: readonly StoredRelease[]): Promise<void> {
    const { cluster, live } = this.context;
    const { name, namespace } = nameOf(resource);
    const old = oldReleases(all);
    const staying = all.map(({ release }) => release).filter(release => !old.includes(release));
    const { config, secrets } = pointerOf(live.get({ ...WEB_APP, name, namespace }) ?? resource) ?? {};
    const [gone, needed] = [old, staying].map(some => settingsOf(some, namespace));
    const unneeded = without(gone, needed).filter(one => one.name !== config && one.name !== secrets);
    if (unneeded.length > 0) await prune(cluster, { name, namespace }, unneeded);
  }

  /** Removes what the app owns and its release does not have, and what only earlier releases had. */
  private async prune(resource: WebAppResource, { objects }: SynthesizedApp, releases: readonly StoredRelease[]) {
    const { cluster, live } = this.context;
    const earlier = releases.map(({ release }) => release);
    const wanted = objects.map(object => referenceTo(object));
    const old = oldReleases(releases);
    const needed = earlier.filter(release => !old.includes(release)).flatMap(neededBy);
    const known = [...orphans(earlier, objects), ...buildsOf(earlier)].filter(one => canBeOf(one, nameOf(resource)));
    const all = unique([...known, ...live.ownedBy(resource.metadata.uid)]);
    // A release that may be deployed again needs no build then. What is waking is owned, and retired by a later pass.
    const { kept } = await retire(cluster, nameOf(resource), without(all, [...wanted, ...needed.filter(isBuild)]));
    const keptBefore = earlier[0]?.kept.filter(holdsData) ?? [];
    return { kept: [...kept, ...without(keptBefore, [...wanted, ...kept])] };
  }

  private async list(resource: WebAppResource): Promise<StoredRelease[]> {
    return listReleases(this.context.cluster, nameOf(resource));
  }

  private async create(
    resource: WebAppResource, { objects, shared, url, canary, generated, secretStore, name }: SynthesizedApp,
    { latest, ...result }: Pick<Release, 'number' | 'state' | 'why' | 'kept'> & { readonly latest?: Release },
  ): Promise<StoredRelease> {
    const { settings, pointer } = await this.settings.of(resource);
    const spec = writtenPropsOf(resource);
    // The command says what was done and by whom where it has changed the settings, or the spec.
    const isSame = JSON.stringify(latest?.settings ?? {}) === JSON.stringify(settings);
    const isSameSpec = latest?.spec !== undefined && specHash(latest.spec) === specHash(spec);
    const { action = 'deploy', by = OPERATOR_MANAGER } = (!isSame ? pointer : isSameSpec ? undefined : changeNoteOf(resource)) ?? {};
    const release = {
      ...result,
      action: canary ? `canary at ${canary.weight}%` : action,
      by,
      settings,
      ...Object.keys(generated).length > 0 ? { generated } : {},
      secretStore,
      image: activeImage(objects, name),
      canary,
      url,
      objects,
      shared: shared.map(referenceTo),
      spec,
      preview: previewOf(resource),
    };
    return createRelease(this.context.cluster, nameOf(resource), release, ownerOf(resource));
  }
}
