import type { Bounds, ResourceBounds } from './props';
import type { AppModel } from '../model/app';
import type { PodModel } from '../model/component';
import type { AppSize, Resources } from '../model/props';
import { SIZES } from '../model/sizes';
import type { Problem } from '../validation/problem';
import { below, entry } from '../validation/problem';
import { problem } from '../validation/rule';
import { quantity } from '../validation/units';
import type { AppDefaults, WebAppProps } from '../web-app-props';

/** What a process or container itself says of its size. */
interface OwnSize {
  readonly size?: AppSize;
  readonly resources?: Resources;
  readonly volumes?: object;
}

/** The largest amounts; undefined is unbounded. */
function largest({ size, resources = {} }: Bounds): ResourceBounds {
  return { ...size && SIZES[size], ...Object.fromEntries(Object.entries(resources).filter(([, amount]) => amount !== undefined)) };
}

/** The processes and containers that are larger than the platform allows. */
export function sizeProblems(bounds: Bounds, app: AppModel, props: WebAppProps): Problem[] {
  if (bounds.size === undefined && bounds.resources === undefined) return [];
  const { workers = {}, cronJobs = {}, sidecars = {}, initContainers = {}, connections = {}, releaseCommand } = props;
  const all: [path: string, own: OwnSize, pod?: PodModel][] = [
    ...Object.entries(workers).map(([name, own], i) => [entry('workers', name), own, app.workers[i].pod] as const),
    ...Object.entries(cronJobs).map(([name, own], i) => [entry('cronJobs', name), own, app.cronJobs[i].pod] as const),
    ...releaseCommand ? [['releaseCommand', releaseCommand, app.release!.pod] as const] : [],
    ...Object.entries(sidecars).map(([name, own]) => [entry('sidecars', name), withoutVolumes(own)] as const),
    ...Object.entries(initContainers).map(([name, own]) => [entry('initContainers', name), withoutVolumes(own)] as const),
    ...Object.entries(connections)
      .map(([name, { postgres }]) => [`${entry('connections', name)}.postgres`, { size: postgres?.size }] as const),
  ].map(([path, own, pod]) => [path, own, pod]);
  return [...ownProblems(bounds, props, app.web.pod), ...all.flatMap(([path, own, pod]) => below(path, ownProblems(bounds, own, pod)))];
}

/** Volumes of another container are those of its pod. */
function withoutVolumes({ size, resources }: OwnSize): OwnSize {
  return { size, resources };
}

/** What is too large of what a process itself says: what it inherits has a problem of its own. */
function ownProblems(bounds: Bounds, { size, resources = {}, volumes }: OwnSize, pod?: PodModel): Problem[] {
  const most = largest(bounds);
  const tooLarge = (field: 'cpu' | 'memory' | 'ephemeralStorage', amount: string | undefined) => (
    amount !== undefined && most[field] !== undefined && quantity(amount)! > quantity(most[field])!);
  const amounts = size && SIZES[size];
  const isSizeTooLarge = tooLarge('cpu', resources.cpu === undefined ? amounts?.cpu : undefined)
    || tooLarge('memory', resources.memory === undefined ? amounts?.memory : undefined);
  const memoryTooLarge = tooLarge('memory', resources.memory);
  const fromVolumes = volumes !== undefined && resources.ephemeralStorage === undefined ? pod?.resources.ephemeralStorage : undefined;
  return [
    ...isSizeTooLarge ? [sizeProblem(bounds, size!)] : [],
    ...tooLarge('cpu', resources.cpu) ? [atMost('resources.cpu', resources.cpu!, most.cpu!)] : [],
    ...memoryTooLarge ? [atMost('resources.memory', resources.memory!, most.memory!)] : [],
    ...!memoryTooLarge && tooLarge('memory', resources.memoryLimit)
      ? [atMost('resources.memoryLimit', resources.memoryLimit!, most.memory!)] : [],
    ...tooLarge('ephemeralStorage', resources.ephemeralStorage)
      ? [atMost('resources.ephemeralStorage', resources.ephemeralStorage!, most.ephemeralStorage!)] : [],
    ...tooLarge('ephemeralStorage', fromVolumes) ? [problem('volumes',
      `need ${fromVolumes} of the node's disk, with /tmp, but the platform allows at most ${most.ephemeralStorage}`,
      'make those with empty smaller, or ask your platform team', 'range')] : [],
  ];
}

function sizeProblem(bounds: Bounds, size: AppSize): Problem {
  const { cpu, memory } = largest(bounds);
  const fits = (Object.keys(SIZES) as (keyof typeof SIZES)[]).filter(name => (
    quantity(SIZES[name].cpu)! <= quantity(cpu ?? '1E')! && quantity(SIZES[name].memory)! <= quantity(memory ?? '1E')!)).at(-1);
  if (fits !== undefined) return atMost('size', size, fits);
  const amounts = [...cpu === undefined ? [] : [`${cpu} CPU`], ...memory === undefined ? [] : [`${memory} memory`]].join(' and ');
  return problem('size', `is ${size} but the platform allows at most ${amounts}`, 'remove it, or ask your platform team', 'range');
}

/** A value of a prop that is more than the platform allows. */
export function atMost(path: string, value: string | number, most: string | number): Problem {
  const hint = `set it to ${most} or less, or ask your platform team`;
  return problem(path, `is ${value} but the platform allows at most ${most}`, hint, 'range');
}

/** Sizes that apps have by default, and must not have. */
export function defaultSizeProblems(bounds: Bounds, { size, resources }: AppDefaults): Problem[] {
  const problems = ownProblems(bounds, { size: size ?? ('s' as AppSize), resources });
  const { cpu, memory, ephemeralStorage } = largest(bounds);
  const disk = resources?.ephemeralStorage === undefined && quantity(ephemeralStorage ?? '1Gi')! < quantity('1Gi')!;
  return [
    ...problems.map(({ path, message }): Problem => {
      const limit = [cpu && `${cpu} CPU`, memory && `${memory} memory`].filter(Boolean).join(' and ');
      return path === 'size' && size === undefined
        ? problem(bounds.size === undefined ? 'bounds.resources' : 'bounds.size',
          `allows at most ${limit}, but apps have size s by default`, 'set appDefaults.size too, or appDefaults.resources', 'range')
        : problem(`appDefaults.${path}`, message.replace('the platform allows', 'bounds allow'), 'use less, or raise the bound', 'range');
    }),
    ...disk ? [problem('bounds.resources.ephemeralStorage', `is ${ephemeralStorage}, but apps have 1Gi by default`,
      `set appDefaults.resources.ephemeralStorage: ${ephemeralStorage} too`, 'range')] : [],
  ];
}
