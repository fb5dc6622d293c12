import { lstat, stat } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import type { Copied } from './archive';
import { archiveOf, unpack } from './archive';
import type { Copy } from './place';
import type { DeployOperation } from '../engine/operation';
import type { Place } from '../engine/session';
import { runningPod } from '../engine/session';
import type { ExecRequest } from '../kube/api';
import { ApiError, startError } from '../kube/errors';
import type { Pod } from '../kube/types';
import { Failure } from '../ui/failure';
import { size } from '../ui/size';

/** A container whose files are copied. */
interface Container {
  readonly operation: DeployOperation;
  readonly pod: Pod;
  readonly container: string;
}

/**
 * Copies a file or folder to a running pod of an app, or from there. Like `cp`, it goes into the target if that is a folder, and else
 * gets its name. The image needs `sh` and `tar`.
 *
 * @param cwd the folder that paths here are relative to
 * @throws Failure if something is missing, or cannot be written
 */
export async function copyFiles(operation: DeployOperation, { from, to }: Copy, place: Place, cwd: string): Promise<Copied> {
  const source = { operation, ...await runningPod(operation, place) };
  return to.isRemote ? send(source, resolve(cwd, from.path), to.path) : receive(source, from.path, resolve(cwd, to.path));
}

async function send(to: Container, from: string, target: string): Promise<Copied> {
  await lstat(from).catch(() => {
    throw new Failure(`${from} does not exist`);
  });
  const isFolder = await run(to, { command: ['sh', '-c', 'test -d "$1"', 'sh', target] }) === 0;
  const path = isFolder ? posix.join(target, basename(from)) : target.replace(/\/+$/, '');
  let copied: Copied = { files: 0, bytes: 0, skipped: [] };
  const stdin = archiveOf(from, posix.basename(path), now => {
    copied = now;
    showProgress(to, now);
  });
  const errors = new Errors();
  const command = ['tar', '-xf', '-', '-C', posix.dirname(path)];
  if (await run(to, { command, stdin, onOutput: bytes => errors.add(bytes) }) === 0) return copied;
  throw new Failure(`cannot write ${path} in ${to.pod.metadata.name}: ${errors.text}
  only /tmp and the volumes of an app are writable; see docs/configuration.md`);
}

async function receive(from: Container, source: string, to: string): Promise<Copied> {
  const path = source.length > 1 ? source.replace(/\/+$/, '') : source;
  const isFolder = await stat(to).then(found => found.isDirectory(), () => false);
  const unpacking = unpack(isFolder ? join(to, posix.basename(path)) : to, now => showProgress(from, now));
  const errors = new Errors();
  const command = ['tar', '-cf', '-', '-C', posix.dirname(path), posix.basename(path)];
  const onOutput = async (bytes: Uint8Array, stream: 'stdout' | 'stderr') => (
    stream === 'stderr' ? errors.add(bytes) : unpacking.write(bytes));
  try {
    const code = await run(from, { command, onOutput });
    // What tar says is more than that its archive is not complete.
    const copied = await unpacking.end().catch((error: Error) => error);
    if (code !== 0) throw new Failure(`cannot read ${path} in ${from.pod.metadata.name}: ${errors.text}`);
    if (copied instanceof Error) throw copied;
    return copied;
  } finally {
    unpacking.stop();
  }
}

async function run(
  { operation: { cluster, signal }, pod, container }: Container, request: Omit<ExecRequest, 'container'>,
): Promise<number> {
  try {
    return (await cluster.api.exec(pod, { ...request, container, signal })).exitCode;
  } catch (error) {
    const reason = error instanceof ApiError ? startError(error.message) : undefined;
    throw reason === undefined ? error : new Failure(`the image of ${container} needs sh and tar to copy files: ${reason}`);
  }
}

function showProgress({ operation: { progress } }: Container, { files, bytes }: Copied): void {
  progress.waiting(`copying: ${files} files, ${size(bytes)}`);
}

/** What `tar` writes when it fails. */
class Errors {
  private written = '';

  public add(bytes: Uint8Array): void {
    if (this.written.length < 2000) this.written += Buffer.from(bytes).toString();
  }

  /** The first line, which has the cause. */
  public get text(): string {
    return this.written.split('\n').find(line => line !== '') ?? 'no reason given';
  }
}
