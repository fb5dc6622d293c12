import { totalOf } from './resolve';
import type { AppModel } from '../../model/app';
import type { ContainerModel, PodModel, PodSet, ResourcesModel } from '../../model/component';
import type { AppSize, Resources } from '../../model/props';
import type { Strings } from '../../model/strings';
import type { Problem } from '../../validation/problem';
import { entry } from '../../validation/problem';
import { problem, when } from '../../validation/rule';
import { inBytes, quantity } from '../../validation/units';

/** What a process says of its own, in code and in a file; the rest is that of the app. */
export interface OwnProps {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Strings;
  readonly size?: AppSize;
  readonly resources?: Resources;
}

/**
 * Limits of Linux and Kubernetes that a process exceeds.
 *
 * @param app the app, whose own problems are not repeated for a process that inherits from it
 * @param pods the process
 * @param own what the process itself says
 */
export function limitProblems(app: AppModel, pods: PodSet, own: OwnProps): Problem[] {
  const isApp = pods === app.web;
  return [
    ...resourceProblems(pods.pod.resources),
    ...volumeSizeProblems(pods),
    ...lengthProblems(own),
    ...isApp || sizeOf(app.web.pod) <= LONGEST_OBJECT ? totalProblems(pods) : [],
  ];
}

/** Limits below what is reserved. */
export function resourceProblems(resources: ResourcesModel): Problem[] {
  return when(
    [quantity(resources.memoryLimit)! < quantity(resources.memory)!, 'resources.memoryLimit',
      `is ${resources.memoryLimit} but memory is ${resources.memory}`,
      `use ${resources.memory} or more`, 'range'],
    [resources.cpuLimit !== undefined && quantity(resources.cpuLimit)! < quantity(resources.cpu)!, 'resources.cpuLimit',
      `is ${resources.cpuLimit} but cpu is ${resources.cpu}`,
      `use ${resources.cpu} or more`, 'range'],
  );
}

/**
 * Volumes that would end their pod before they are full: the kubelet evicts it, or kills the process.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
 */
function volumeSizeProblems({ pod: { volumes, resources } }: PodSet): Problem[] {
  if (volumes.length === 0) return [];
  const [disk, memory] = [totalOf(volumes, 'empty'), totalOf(volumes, 'memory')];
  const inMemory = volumes.flatMap(({ name, source }) => source.kind === 'memory' ? [{ name, size: source.size }] : [])
    .sort((a, b) => quantity(b.size)! - quantity(a.size)!);
  const [largest] = inMemory;
  const together = inMemory.length > 1 ? `, and all volumes in memory have ${inBytes(memory)} together` : '';
  return when(
    [disk > quantity(resources.ephemeralStorage)!, 'resources.ephemeralStorage',
      `is ${resources.ephemeralStorage}, but the empty volumes have ${inBytes(disk)} together`,
      `use ${inBytes(disk)} or more, or smaller volumes`, 'range'],
    [memory >= quantity(resources.memoryLimit)!, largest ? `${entry('volumes', largest.name)}.memory` : '',
      `is ${largest?.size}${together}, but the memory limit, which includes them, is ${resources.memoryLimit}`,
      `use less, or a larger size, or set resources.memory to more than ${inBytes(memory)}`, 'range'],
  );
}

/** Of `NAME=value`, or of an argument, and the byte that ends it: https://man7.org/linux/man-pages/man2/execve.2.html */
const LONGEST_STRING = 128 * 1024;

const LONGEST_HINT = 'use less than 128 KiB, the limit of Linux, or a file';

export function lengthProblems({ command = [], args = [], env = {} }: OwnProps): Problem[] {
  const words = [...command.map((word, i) => ({ path: `command[${i}]`, word })), ...args.map((word, i) => ({ path: `args[${i}]`, word }))];
  const tooLong = (path: string, value: string) => problem(path, `has ${Buffer.byteLength(value)} bytes`, LONGEST_HINT, 'range');
  return [
    ...Object.entries(env).filter(([name, value]) => Buffer.byteLength(`${name}=${value}`) >= LONGEST_STRING)
      .map(([name, value]) => tooLong(entry('env', name), value)),
    ...words.filter(({ word }) => Buffer.byteLength(word) >= LONGEST_STRING).map(({ path, word }) => tooLong(path, word)),
  ];
}

/** Below what etcd takes, 1.5 MiB, and what Linux takes for a new process, 2 MiB: https://etcd.io/docs/v3.5/dev-guide/limit/ */
const LONGEST_OBJECT = 1024 * 1024;

function totalProblems({ pod }: PodSet): Problem[] {
  const bytes = sizeOf(pod);
  return when([bytes > LONGEST_OBJECT, 'env', `has ${bytes} bytes in total, with those of command and args`,
    'use at most 1048576: Kubernetes does not store larger objects', 'range']);
}

/** How long the variables and the command of a pod are together, in bytes. */
function sizeOf(pod: PodModel): number {
  return [pod, ...pod.initContainers, ...pod.sidecars].reduce((sum, container) => sum + containerSize(container), 0);
}

function containerSize({ env, command = [], args = [] }: Pick<ContainerModel, 'env' | 'command' | 'args'>): number {
  const words = [...env.flatMap(variable => 'value' in variable ? [variable.name, variable.value] : [variable.name]), ...command, ...args];
  return words.reduce((sum, word) => sum + Buffer.byteLength(word), 0);
}
