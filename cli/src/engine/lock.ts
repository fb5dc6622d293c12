import type { Operation } from './operation';
import { authorOf } from './operation';
import type { Maintenance, Release, State, StoredRelease } from './release-store';
import {
  createRelease, listReleases, releaseSecret, updateRelease,
} from './release-store';
import type { SecretStoreModel } from '../../../src/internal';
import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors';
import { Failure } from '../ui/failure';

/** How often a running deploy renews its lock, in milliseconds. */
const RENEWAL = 2_500;

/** How long a lock may not be renewed before another deploy takes it over, in milliseconds. */
const EXPIRY = 10_000;

/** How often another deploy checks whether a lock is renewed, in milliseconds. */
const CHECK = 500;

/** The annotation that a renewal changes. */
const RENEWED = 'cdk8s-webapp.dev/beat';

/** A release that is about to be deployed. */
export type Draft = Pick<
  Release, 'action' | 'image' | 'canary' | 'url' | 'objects' | 'shared' | 'builds' | 'preview' | 'settings' | 'generated' | 'staged'
> & {
  /** Undefined to stay as it is; null for none. */
  readonly maintenance?: Maintenance | null;

  /** Undefined to stay as it is; null for none. */
  readonly secretStore?: SecretStoreModel | null;
};

/** Another process is changing the app. */
export class DeployInProgress extends Failure {}

/**
 * The right to change an app, which one process has at a time. The lock is the app's latest release while that is `pending`: the process
 * that creates the Secret of that number holds it. Its holder renews it by changing an annotation every few seconds; no clock is compared
 * with another one.
 */
export class DeployLock {
  /**
   * Takes the lock, and stores the draft as a pending release. The lock of a process that was killed is taken over.
   *
   * @param releases those of the app, if they have been read already
   * @throws Failure where another process holds it
   */
  public static async acquire(operation: Operation, draft: Draft, releases?: readonly StoredRelease[]): Promise<DeployLock> {
    const { cluster, app } = operation;
    const earlier = [...releases ?? await listReleases(cluster, app)];
    const [latest] = earlier;
    if (latest?.release.state === 'pending') earlier[0] = await takeOver(operation, latest);
    const number = (latest?.release.number ?? 0) + 1;
    const by = authorOf(cluster);
    try {
      const { kept = [], preview } = latest?.release ?? {};
      const maintenance = draft.maintenance ?? undefined;
      const secretStore = draft.secretStore ?? undefined;
      const release = { preview, ...draft, maintenance, secretStore, number, by, state: 'pending' as const, kept };
      return new DeployLock(operation, earlier, await createRelease(cluster, app, release));
    } catch (error) {
      if (isAlreadyExists(error)) throw new DeployInProgress(`another deploy of ${app.name} has just started; wait until it is finished`);
      throw error;
    }
  }

  private readonly lost = new AbortController();
  private readonly stopRenewal: () => void;
  private renewal = Promise.resolve();

  private constructor(
    private readonly operation: Operation,
    /** The releases before this one, the latest first. */
    public readonly earlier: readonly StoredRelease[],
    private stored: StoredRelease,
  ) {
    this.stopRenewal = operation.cluster.clock.every(RENEWAL, () => this.renewal = this.renewal.then(async () => this.renew()));
  }

  public get release(): Release {
    return this.stored.release;
  }

  /** All releases, the latest first. */
  public get releases(): readonly StoredRelease[] {
    return [this.stored, ...this.earlier];
  }

  /** Aborted when another process has taken over the lock, which it may if this machine was suspended. */
  public get signal(): AbortSignal {
    return this.lost.signal;
  }

  /** Releases the lock, and stores the result. */
  public async finish(state: State, result: Partial<Pick<Release, 'why' | 'interrupted' | 'kept'>> = {}): Promise<void> {
    await this.abandon();
    const { cluster, app } = this.operation;
    this.stored = await updateRelease(cluster, app, { ...this.stored, release: { ...this.release, ...result, state } });
  }

  /** Stops renewing the lock, and stores nothing. */
  public async abandon(): Promise<void> {
    this.stopRenewal();
    await this.renewal;
  }

  private async renew(): Promise<void> {
    const { cluster: { objects, clock }, app } = this.operation;
    try {
      const change = { metadata: { resourceVersion: this.stored.resourceVersion, annotations: { [RENEWED]: String(clock.now()) } } };
      const { metadata } = await objects.merge(releaseSecret(app, this.release.number), change);
      this.stored = { ...this.stored, resourceVersion: metadata.resourceVersion };
    } catch (error) {
      // Any other error may be gone the next time.
      if (isConflict(error) || isNotFound(error)) this.lost.abort(new Failure(`another deploy of ${app.name} has taken over`));
    }
  }
}

/**
 * Marks a pending release as failed if its lock is not renewed.
 *
 * @throws Failure where it is
 */
async function takeOver(operation: Operation, { release, resourceVersion }: StoredRelease): Promise<StoredRelease> {
  const { cluster, app, progress, signal } = operation;
  const { number, by, created } = release;
  const running = new DeployInProgress(
    `release ${number} of ${app.name} is being deployed by ${by} since ${created}; wait until it is finished`);
  for (let waited = 0; waited < EXPIRY; waited += CHECK) {
    progress.waiting(`checking whether the deploy of release ${number} by ${by} is still running`);
    await cluster.clock.sleep(CHECK, signal);
    const now = await cluster.objects.get(releaseSecret(app, number));
    if (now?.metadata.resourceVersion !== resourceVersion) throw running;
  }
  try {
    const failed = { ...release, state: 'failed' as const, why: 'interrupted', interrupted: true };
    const stored = await updateRelease(cluster, app, { resourceVersion, release: failed });
    progress.done(`Took over from release ${number}, which was interrupted`);
    return stored;
  } catch (error) {
    throw isConflict(error) ? running : error;
  }
}
