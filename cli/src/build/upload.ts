import { randomUUID } from 'node:crypto';
import type { Source, SourceEntry, SourceProgress } from './source';
import { tarOf } from './tar';
import type { SourceUpload } from '../engine/builds';
import type { Operation } from '../engine/operation';
import { count } from '../engine/operation';
import type { ExecRequest } from '../kube/api';
import { waitUntil } from '../kube/clock';
import { ApiError, UnreachableError } from '../kube/errors';
import type { BuildRun, Pod } from '../kube/types';
import { BUILD_RUN, POD } from '../kube/types';
import { Failure } from '../ui/failure';

/**
 * Where the pod of a build expects its source, and the program that lets the build go on.
 *
 * @see https://github.com/shipwright-io/cli/blob/main/pkg/shp/streamer/streamer.go
 */
const TARGET = '/workspace/source';
const WAITER = '/ko-app/waiter';

/** Reads all of its input also if tar fails, as only then its end is seen. */
const UNPACK = ['sh', '-c', `tar -xf - -C ${TARGET}; code=$?; cat > /dev/null; exit $code`];

/** What is sent over one connection, so that a lost one costs little: in bytes, and in entries. */
const PART_BYTES = 32 * 1024 * 1024;
const PART_ENTRIES = 5_000;

/** How often a part is sent again when its connection is lost, and how long to wait before the first time, in milliseconds. */
const ATTEMPTS = 5;
const FIRST_DELAY = 1_000;

/** How long the program that waits for the source may take to start, in seconds. */
const START_TIME = 60;

/** How often a client says that it still sends, and how long another one waits for that before it sends itself, in milliseconds. */
const RENEWAL = 5_000;
const EXPIRY = 20_000;

/** The annotation that says so. */
const SENDING = 'cdk8s-webapp.dev/upload';

/** Sends a source to the pod of a build, part by part. */
export class Upload implements SourceUpload {
  private seen?: { readonly value: string | undefined; readonly since: number };

  /** @param mark the annotations with which this client has started the build */
  constructor(
    private readonly operation: Operation, private readonly source: Source,
    public readonly mark: { readonly [annotation: string]: string } = { [SENDING]: randomUUID() },
  ) {}

  public isSentByOther({ metadata: { annotations } }: BuildRun): boolean {
    const value = annotations?.[SENDING];
    if (value === this.mark[SENDING]) return false;
    const now = this.operation.cluster.clock.now();
    if (this.seen?.value !== value || !this.seen) this.seen = { value, since: now };
    return now - this.seen.since < EXPIRY;
  }

  public async send({ metadata: { name, namespace } }: BuildRun, pod: Pod, container: string): Promise<void> {
    const { cluster: { objects, clock }, progress, signal } = this.operation;
    const { root, entries, bytes } = this.source;
    const stop = clock.every(RENEWAL, () => {
      const annotations = { [SENDING]: `${this.mark[SENDING]} ${clock.now()}` };
      objects.merge({ ...BUILD_RUN, name, namespace }, { metadata: { annotations } }).catch(() => undefined); // the next time may succeed
    });
    let before = 0;
    try {
      for (const part of partsOf(entries)) {
        const sent = before;
        const onProgress = (now: SourceProgress) => progress.waiting(`uploading ${bar(sent + now.bytes, bytes)}`);
        await this.run(pod, { container, command: UNPACK }, () => tarOf(root, part, { signal, onProgress }));
        before += part.reduce((sum, { size }) => sum + size, 0);
      }
      await this.finish(pod, container);
    } finally {
      stop();
    }
    const files = entries.filter(({ type }) => type !== 'folder').length;
    progress.done(`Uploaded ${count(files, 'file')} (${megabytes(bytes)})`);
  }

  /**
   * Lets the build go on. The program that waits for it may not have started yet, and ends as soon as it hears it, perhaps before the
   * answer comes.
   */
  private async finish(pod: Pod, container: string): Promise<void> {
    const { cluster: { api, clock, objects }, signal } = this.operation;
    const { name, namespace } = pod.metadata;
    let problem = '';
    const isDone = async () => {
      try {
        const { exitCode, output } = await api.exec(pod, { container, command: [WAITER, 'done'], signal });
        if (exitCode === 0) return true;
        problem = output.trim();
      } catch (error) {
        if (signal.aborted || !(error instanceof UnreachableError || error instanceof ApiError)) throw error;
        problem = error.message;
      }
      const live = await objects.get({ ...POD, namespace, name });
      return live?.status?.containerStatuses?.find(one => one.name === container)?.state?.terminated?.exitCode === 0;
    };
    const late = () => new Failure(`the build does not take its source: ${problem}`);
    await waitUntil(isDone, { clock, seconds: START_TIME, signal, late });
  }

  /** Runs a command, again and again if the connection is lost. */
  private async run(
    pod: Pod, command: Pick<ExecRequest, 'container' | 'command'>, stdin?: () => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { cluster: { api, clock }, progress, signal } = this.operation;
    for (let attempt = 1; ; attempt++) {
      try {
        const { exitCode, output } = await api.exec(pod, { ...command, stdin: stdin?.(), signal });
        if (exitCode === 0) return;
        throw new Failure(`the upload of the source failed: ${output.trim() || `${command.command[0]} exited with code ${exitCode}`}`);
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        if (attempt === ATTEMPTS) throw new Failure(`the upload of the source failed ${ATTEMPTS} times: ${error.message}`);
        progress.waiting(`the upload of the source was interrupted, trying again (${error.message})`);
        await clock.sleep(FIRST_DELAY * 2 ** (attempt - 1), signal);
      }
    }
  }
}

/** The entries in parts, in their order: a folder comes before what is in it. */
export function* partsOf(entries: readonly SourceEntry[]): Iterable<SourceEntry[]> {
  let part: SourceEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (part.length === PART_ENTRIES || (part.length > 0 && bytes + entry.size > PART_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(entry);
    bytes += entry.size;
  }
  if (part.length > 0) yield part;
}

const WIDTH = 20;

/** `[██████····] 48% of 64 MiB` */
function bar(sent: number, total: number): string {
  const part = total === 0 ? 1 : sent / total;
  const full = Math.round(part * WIDTH);
  return `[${'█'.repeat(full)}${'·'.repeat(WIDTH - full)}] ${Math.floor(part * 100)}% of ${megabytes(total)}`;
}

function megabytes(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MiB`;
}
