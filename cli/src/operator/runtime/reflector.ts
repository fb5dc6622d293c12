/**
 * Follows the objects of one kind in the cluster: lists them, then watches for changes, for as long as it runs.
 *
 * The official client's informer (`ListWatch` and `Watch` of @kubernetes/client-node 1.4) is not used, because it
 * - starts a watch that ended at once again without a pause, and stops for good at every error other than 410;
 * - asks for no bookmarks, so that a kind that rarely changes has to be listed again after each interruption;
 * - has no limit for a watch, neither `timeoutSeconds` nor a time without a byte, so that a dead connection stays unnoticed;
 * - ignores lines that it cannot parse, and with them changes;
 * - cannot tell a kind that is not installed from other errors;
 * - keeps what it receives as it is, with `managedFields`.
 *
 * https://github.com/kubernetes-client/javascript/blob/main/src/cache.ts
 * https://github.com/kubernetes-client/javascript/blob/main/src/watch.ts
 *
 * No Node library for controllers has one that does: @dot-i/k8s-operator, the most used, wraps this one in its version of 2024.
 *
 * The rules and the times are those of client-go's reflector: https://github.com/kubernetes/client-go/blob/master/tools/cache/reflector.go
 */
import type { Random } from './back-off';
import { delayAfter } from './back-off';
import type { ApiRequest } from '../../kube/api';
import { sendJson } from '../../kube/api';
import type { Cluster } from '../../kube/connect';
import { ApiError, isNotFound, UnreachableError } from '../../kube/errors';
import { selector } from '../../kube/objects';
import type { Kind, KubernetesObject } from '../../kube/types';

/** Which objects are followed. */
export interface Selection {
  readonly kind: Kind;

  /** Only objects with these labels. */
  readonly labels?: { readonly [label: string]: string };

  /** Only objects with these fields. */
  readonly fields?: { readonly [field: string]: string };

  /** Whether only the metadata of objects is read. */
  readonly metadataOnly?: boolean;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
const METADATA = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  watch: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
};

/** What a reflector tells. */
export interface ReflectorTarget {
  /** An object was created or changed, or is listed again. The receiver may change it. */
  put(object: KubernetesObject): void;

  /** An object was deleted, or is no longer selected. */
  remove(object: KubernetesObject): void;

  /** All objects are known, and there are no others than these: `NAMESPACE/NAME`. */
  listed(names: ReadonlySet<string>): void;

  /** The cluster does not have the kind. */
  absent(): void;

  /** Something failed, and will be tried again. */
  failed(error: unknown): void;
}

/** What a reflector needs of a cluster. */
export type Followed = Pick<Cluster, 'api' | 'objects' | 'clock'>;

/** How many objects a response has, as with kubectl. */
const PAGE = 500;

const BACK_OFF = { base: 800, max: 30_000 };

/** After this time without a failure the back-off begins anew, in milliseconds. */
const CALM = 120_000;

/** The server ends a watch after 5 to 10 minutes, so that not all clients return at the same time. */
const WATCH_SECONDS = 300;

/**
 * The server sends a bookmark every minute. A connection on which none of two arrives is taken for dead; if it is not, the new watch
 * costs one request.
 * https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/storage/cacher/cacher.go
 */
const SILENCE = 150_000;

/** How often a kind that the cluster does not have is looked for. */
const DISCOVERY = 30_000;

/** A kind that the cluster had is gone only if it still is after this time: an API server that starts does not know all kinds at once. */
const CONFIRMATION = 5_000;

/** A watch that the server refuses as often as this is not the problem: the version may be one that a restored server has never had. */
const REFUSALS = 5;

/** A version from which the server cannot continue: what happened since has to be found by a list. */
class Expired extends Error {}

export class Reflector {
  private failures = 0;
  private failedAt = 0;
  private wasServed = false;

  constructor(
    private readonly cluster: Followed,
    private readonly selection: Selection,
    private readonly target: ReflectorTarget,
    private readonly random: Random,
  ) {}

  /** Returns when the signal is aborted. */
  public async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.isServed(signal)) await this.follow(signal);
        else await this.absent(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isNotFound(error)) this.cluster.objects.forget(this.selection.kind.apiVersion);
        if (!(error instanceof Expired)) this.target.failed(error);
        await this.backOff(signal).catch(() => {}); // the signal ends the loop
      }
    }
  }

  private async isServed(signal: AbortSignal): Promise<boolean> {
    const { objects, clock } = this.cluster;
    const { kind } = this.selection;
    if (!await objects.knows(kind) && this.wasServed) {
      await clock.sleep(CONFIRMATION, signal);
      objects.forget(kind.apiVersion);
    }
    return this.wasServed = await objects.knows(kind);
  }

  private async absent(signal: AbortSignal): Promise<void> {
    this.target.absent();
    await this.cluster.clock.sleep(DISCOVERY * (1 + this.random() / 2), signal);
    this.cluster.objects.forget(this.selection.kind.apiVersion);
  }

  /** Lists, and watches for as long as that is possible. */
  private async follow(signal: AbortSignal): Promise<never> {
    const { clock } = this.cluster;
    const path = await this.cluster.objects.collectionPath(this.selection.kind);
    let version = await this.list(path, signal);
    for (let refusals = 0; ;) {
      const began = clock.now();
      const before = version;
      try {
        await this.watch(path, version, seen => version = seen, signal);
        refusals = 0;
        // A server that ends each watch at once would be asked without a pause.
        if (clock.now() - began < 1000 && version === before) await this.backOff(signal);
      } catch (error) {
        const isRefused = error instanceof ApiError;
        if (signal.aborted || error instanceof Expired || isNotFound(error)) throw error;
        if (isRefused && ++refusals >= REFUSALS) throw error;
        this.target.failed(error);
        await this.backOff(signal);
      }
    }
  }

  /** @returns the version from which to watch */
  private async list(path: string, signal: AbortSignal): Promise<string> {
    try {
      return await this.listPages(path, PAGE, signal);
    } catch (error) {
      // The server forgot the version of the first page before the last page was read.
      if (!isExpired(error)) throw error;
      return this.listPages(path, undefined, signal);
    }
  }

  private async listPages(path: string, limit: number | undefined, signal: AbortSignal): Promise<string> {
    const names = new Set<string>();
    for (let token: string | undefined; ;) {
      // Without a resourceVersion, the server answers with what is current.
      const query = { ...this.selectors, limit, continue: token };
      const accept = this.selection.metadataOnly ? METADATA.list : undefined;
      const { items, metadata }: Page = await sendJson(this.cluster.api, 'GET', path, { query, accept, signal });
      for (const item of items ?? []) {
        names.add(nameOf(item));
        this.target.put(item);
      }
      token = metadata.continue || undefined;
      if (token !== undefined) continue;
      this.target.listed(names);
      return metadata.resourceVersion;
    }
  }

  /** Returns when the server ends the watch. */
  private async watch(path: string, version: string, onVersion: (version: string) => void, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.cluster;
    const connection = new AbortController();
    const abort = () => connection.abort(signal.reason);
    signal.addEventListener('abort', abort);
    let heard = clock.now();
    const stop = clock.every(SILENCE / 5, () => {
      const silent = clock.now() - heard;
      if (silent >= SILENCE) connection.abort(new UnreachableError(`the watch is silent for ${Math.round(silent / 1000)} seconds`));
    });
    const query = {
      ...this.selectors,
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: version,
      timeoutSeconds: Math.round(WATCH_SECONDS * (1 + this.random())),
    };
    const accept = this.selection.metadataOnly ? METADATA.watch : undefined;
    const receive = lines(line => {
      const event = JSON.parse(line) as WatchEvent;
      if (event.type === 'ERROR') throw new ApiError(event.object.code, JSON.stringify(event.object));
      if (event.type === 'DELETED') this.target.remove(event.object);
      else if (event.type !== 'BOOKMARK') this.target.put(event.object);
      onVersion(event.object.metadata.resourceVersion);
    });
    try {
      signal.throwIfAborted();
      await api.stream(path, { query, accept, signal: connection.signal }, text => {
        heard = clock.now();
        receive(text);
      });
    } catch (error) {
      if (isExpired(error)) throw new Expired();
      throw connection.signal.aborted ? connection.signal.reason : error;
    } finally {
      stop();
      signal.removeEventListener('abort', abort);
    }
  }

  private get selectors(): ApiRequest['query'] {
    const { labels = {}, fields = {} } = this.selection;
    return { labelSelector: selector(labels), fieldSelector: selector(fields) };
  }

  private async backOff(signal: AbortSignal): Promise<void> {
    const { clock } = this.cluster;
    if (clock.now() - this.failedAt > CALM) this.failures = 0;
    const delay = delayAfter(this.failures++, BACK_OFF, this.random);
    this.failedAt = clock.now() + delay;
    await clock.sleep(delay, signal);
  }
}

interface Page {
  /** Null where there are no metadata. */
  readonly items: readonly KubernetesObject[] | null;
  readonly metadata: { readonly continue?: string; readonly resourceVersion: string };
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubernetesObject }
  | { readonly type: 'ERROR'; readonly object: { readonly code: number } };

function nameOf({ metadata: { namespace = '', name } }: KubernetesObject): string {
  return `${namespace}/${name}`;
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/** Collects pieces of text into lines. */
function lines(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return text => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const line of parts) if (line !== '') onLine(line);
  };
}
