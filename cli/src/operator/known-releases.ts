import { keyOf } from './resources';
import type { Random } from './runtime/back-off';
import type { Followed, Selection } from './runtime/reflector';
import { Reflector } from './runtime/reflector';
import { appOfRelease, isWithoutOwner, RELEASE_TYPE } from '../engine/release-store';
import { isForbidden } from '../kube/errors';
import type { AppName, Kind, KubernetesObject } from '../kube/types';
import { SECRET } from '../kube/types';

export interface KnownReleasesOptions {
  /** An app has a release that has no owner: `webapp` has stored it, as it does without a resource. */
  readonly onForeign: (app: AppName) => void;

  /** A list or a watch failed, and is tried again. */
  readonly onError: (kind: Kind, error: unknown) => void;
  readonly random?: Random;
}

const RELEASES: Selection = { kind: SECRET, fields: { type: RELEASE_TYPE }, metadataOnly: true };

/**
 * Which apps have releases. To look them up, the API server would go through all Secrets of the namespace for each new app; this follows
 * their metadata, and none of their contents.
 */
export class KnownReleases {
  /** The Secrets of each app by name, and whether they are without an owner. */
  private readonly apps = new Map<string, Map<string, boolean>>();
  private isListed = false;

  constructor(private readonly cluster: Followed, private readonly options: KnownReleasesOptions) {}

  /** Follows the releases until the signal is aborted. */
  public async run(signal: AbortSignal): Promise<void> {
    const forbidden = new AbortController();
    const target = {
      put: (object: KubernetesObject) => this.put(object),
      remove: ({ metadata }: KubernetesObject) => this.remove(keyOf(appOfRelease(metadata)), metadata.name),
      listed: (names: ReadonlySet<string>) => this.listed(names),
      absent: () => {},
      failed: (error: unknown) => {
        // An administrator may give the operator the Secrets of some namespaces only.
        if (isForbidden(error)) forbidden.abort();
        else this.options.onError(SECRET, error);
      },
    };
    const reflector = new Reflector(this.cluster, RELEASES, target, this.options.random ?? Math.random);
    await reflector.run(AbortSignal.any([signal, forbidden.signal]));
    this.isListed = false;
    this.apps.clear();
  }

  /** Whether an app has a release, which may be a moment ago; undefined where that has to be looked up. */
  public has(app: AppName): boolean | undefined {
    return this.isListed ? this.apps.has(keyOf(app)) : undefined;
  }

  /** Whether an app has a release that has no owner, likewise. */
  public hasForeign(app: AppName): boolean | undefined {
    return this.isListed ? [...this.apps.get(keyOf(app))?.values() ?? []].includes(true) : undefined;
  }

  private put({ metadata }: KubernetesObject): void {
    const app = appOfRelease(metadata);
    const secrets = this.apps.get(keyOf(app)) ?? new Map<string, boolean>();
    const isNew = !secrets.has(metadata.name);
    const isForeign = isWithoutOwner(metadata);
    this.apps.set(keyOf(app), secrets.set(metadata.name, isForeign));
    if (isNew && isForeign && this.isListed) this.options.onForeign(app);
  }

  private listed(names: ReadonlySet<string>): void {
    for (const [key, secrets] of this.apps) {
      const [namespace] = key.split('/');
      for (const name of secrets.keys()) if (!names.has(`${namespace}/${name}`)) this.remove(key, name);
    }
    this.isListed = true;
  }

  private remove(key: string, name: string): void {
    const secrets = this.apps.get(key);
    secrets?.delete(name);
    if (secrets?.size === 0) this.apps.delete(key);
  }
}
