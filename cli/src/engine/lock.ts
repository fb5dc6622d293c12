import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from './progress';
import { AppName, createRelease, INTERRUPTED, Release, releasesOf, secretName, State, Stored, updateRelease } from './release-store';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/kubernetes-api';
import { Failure } from '../ui/failure';

/** How often a running deploy says that it is alive, and how long it may be silent before another takes it for dead; in milliseconds. */
const BEAT = 2_500;
const SILENCE = 10_000;

const BEAT_ANNOTATION = 'cdk8s-webapp.dev/beat';

/** What a turn is begun with. */
export type Draft = Pick<Release, 'action' | 'image' | 'canary' | 'url' | 'objects' | 'shared'>;

/**
 * The right to change an app. One has it at a time: it is the app's latest release as long as that is `pending`, and who made the Secret
 * of that number has it. Its holder changes an annotation every few seconds; no clock is compared with another.
 */
export class Turn {
  /**
   * Takes the turn. One that was left behind by a deploy that was killed is ended first.
   *
   * @throws Failure where another has it
   */
  public static async begin(cluster: Cluster, app: AppName, draft: Draft, progress: Progress, signal?: AbortSignal): Promise<Turn> {
    const before = await releasesOf(cluster, app);
    const [latest] = before;
    if (latest?.release.state === 'pending') {
      await endIfDead(cluster, app, latest, progress, signal);
      before[0] = { ...latest, release: { ...latest.release, state: 'failed' } };
    }
    const number = (latest?.release.number ?? 0) + 1;
    const by = [cluster.user, hostname()].filter(word => word !== '').join('@');
    try {
      const stored = await createRelease(cluster, app, { ...draft, number, by, state: 'pending', kept: before[0]?.release.kept ?? [] });
      return new Turn(cluster, app, before, stored);
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'AlreadyExists') throw new Failure(`another deploy of ${app.name} began just now; wait for it`);
      throw error;
    }
  }

  private readonly lost = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private beat = Promise.resolve();

  private constructor(
    private readonly cluster: Cluster,
    private readonly app: AppName,
    /** The releases before this one, the latest first. */
    public readonly before: readonly Stored[],
    private stored: Stored,
  ) {
    this.timer = setInterval(() => this.beat = this.beat.then(async () => this.live()), BEAT).unref();
  }

  public get release(): Release {
    return this.stored.release;
  }

  /** Aborted when another has taken the turn, as it may when this machine slept. */
  public get signal(): AbortSignal {
    return this.lost.signal;
  }

  /** Ends the turn, and writes down what came of it. */
  public async end(state: State, more: Pick<Release, 'why'> & Partial<Pick<Release, 'kept'>> = {}): Promise<void> {
    await this.stop();
    this.stored = await updateRelease(this.cluster, this.app, { ...this.stored, release: { ...this.release, ...more, state } });
  }

  /** Ends the turn without a word: what is being made is gone. */
  public async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.beat;
  }

  private async live(): Promise<void> {
    const { objects } = this.cluster;
    const reference = { apiVersion: 'v1', kind: 'Secret', namespace: this.app.namespace, name: secretName(this.app.name, this.release.number) };
    try {
      const change = { metadata: { resourceVersion: this.stored.resourceVersion, annotations: { [BEAT_ANNOTATION]: String(Date.now()) } } };
      const { metadata } = await objects.merge(reference, change);
      this.stored = { ...this.stored, resourceVersion: metadata.resourceVersion };
    } catch (error) {
      // What was only not to be reached may be reached the next time.
      if (error instanceof ApiError && [404, 409].includes(error.status)) this.lost.abort(new Failure(`another deploy of ${this.app.name} has taken over`));
    }
  }
}

/** Ends a pending release that shows no sign of life. */
async function endIfDead(
  cluster: Cluster, app: AppName, { release, resourceVersion }: Stored, progress: Progress, signal?: AbortSignal,
): Promise<void> {
  const running = new Failure(`release ${release.number} of ${app.name} is being deployed by ${release.by}, since ${release.created}; wait for it`);
  for (let waited = 0; waited < SILENCE; waited += 500) {
    progress.waiting(`release ${release.number} was not finished by ${release.by}: looking whether it still goes on`);
    await sleep(500, undefined, { signal });
    const now = await cluster.objects.get({ apiVersion: 'v1', kind: 'Secret', namespace: app.namespace, name: secretName(app.name, release.number) });
    if (now?.metadata.resourceVersion !== resourceVersion) throw running;
  }
  try {
    await updateRelease(cluster, app, { resourceVersion, release: { ...release, state: 'failed', why: INTERRUPTED } });
  } catch (error) {
    throw error instanceof ApiError && error.status === 409 ? running : error;
  }
  progress.done(`release ${release.number} was interrupted; going on from there`);
}
