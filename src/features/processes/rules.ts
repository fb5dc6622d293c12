import { LONGEST_CRON_JOB } from './formats';
import type { Process } from './props';
import { isShared, RESERVED } from './resolve';
import { HASH_LENGTH } from '../../kube/content-hash';
import type { AppModel } from '../../model/app';
import { processesOf } from '../../model/app';
import type { VolumeModel } from '../../model/component';
import { isExclusive } from '../../model/component';
import { LONGEST_NAME } from '../../validation/names';
import { nearest } from '../../validation/nearest';
import { entry, quoted } from '../../validation/problem';
import type { Problem } from '../../validation/problem';
import { about, problem, when } from '../../validation/rule';

/** What runs beside the web process: whether its names are free, and whether what it says fits together. */
export const processRules = about(['workers', 'cronJobs', 'releaseCommand', 'volumes'], (app, props) => {
  const { workers = {}, cronJobs = {} } = props;
  return [
    ...Object.entries(workers).flatMap(([name, worker]) => {
      const path = entry('workers', name);
      return [
        ...nameProblems(app, path, name, LONGEST_NAME),
        ...programProblems(path, worker),
        ...ownVolumeProblems(app, path, worker),
        ...when([worker.health?.command.length === 0, `${path}.health.command`, 'is empty', 'set it to the program to run', 'range']),
      ];
    }),
    ...Object.entries(cronJobs).flatMap(([name, job], i) => {
      const path = entry('cronJobs', name);
      const exclusive = app.cronJobs[i].pod.volumes.find(isExclusive);
      return [
        ...when([Object.hasOwn(workers, name), path, 'has the same name as a worker', 'choose another']),
        ...nameProblems(app, path, name, LONGEST_CRON_JOB),
        ...programProblems(path, job),
        ...ownVolumeProblems(app, path, job),
        ...when([job.concurrency === 'allow' && exclusive, `${path}.concurrency`,
          `is allow, but its volume ${quoted(exclusive?.name)} can be mounted by one run at a time only`,
          'use forbid or replace, or give the volume the accessMode read-write-many']),
      ];
    }),
    ...claimProblems(app),
  ];
});

function programProblems(path: string, { command, args = [], image }: Process): Problem[] {
  return when(
    [command?.length === 0, `${path}.command`, 'is empty', 'set it to the program to run, or remove it', 'range'],
    [command === undefined && args.length === 0 && image === undefined, path, 'does not say what to run',
      'set command, such as [\'node\', \'emails.js\'], or args for the program of the image, or an image of its own', 'missing'],
  );
}

/** Volumes that are neither the process's own nor those of the app. */
function ownVolumeProblems(app: AppModel, path: string, { volumes = {} }: Process): Problem[] {
  return Object.entries(volumes).flatMap(([name, volume]) => {
    const known = app.volumes.map(own => own.name);
    const here = entry(`${path}.volumes`, name);
    const meant = nearest(name, known);
    return when(
      [isShared(volume) && !known.includes(name), here,
        'does not say where its files are stored, and the app has no volume of that name',
        meant ? `did you mean ${meant}?` : 'set exactly one of claim, size, memory and empty', 'missing'],
      [!isShared(volume) && volume.path === undefined, `${here}.path`, 'is missing', 'set it to a path such as /data', 'missing'],
    );
  });
}

/** A volume of a process, with the prop that it comes from. */
interface Mount {
  readonly path: string;
  readonly volume: VolumeModel;
  /** Whether it is only there for others to mount: a volume of an app without a web process. */
  readonly isIdle?: boolean;
}

/**
 * Claims that two processes mount, though one node at a time can: the pods of one may be on another node than those of the other, and wait
 * there for ever. And claims that two processes create.
 */
function claimProblems(app: AppModel): Problem[] {
  const mounts: Mount[] = [
    ...app.volumes.map(volume => ({ path: entry('volumes', volume.name), volume, isIdle: !app.runsWeb })),
    ...processesOf(app).flatMap(({ path, pods }) => pods.pod.volumes.map(volume => (
      { path: entry(`${path}.volumes`, volume.name), volume }))),
  ];
  return mounts.flatMap(({ path, volume }, i) => {
    const { source } = volume;
    if (source.kind !== 'claim') return [];
    const isSame = ({ volume: { source: earlier } }: Mount) => earlier.kind === 'claim' && earlier.claim === source.claim;
    const before = mounts.slice(0, i).filter(isSame);
    const other = before.find(({ isIdle }) => !isIdle) ?? before[0];
    if (!other) return [];
    if (source.create) {
      return problem(path, `creates the claim ${quoted(source.claim)}, which ${other.path} is too`, 'choose another name', 'duplicate');
    }
    if (other.isIdle || (!isExclusive(volume) && !isExclusive(other.volume))) return [];
    return problem(path, `is the claim ${quoted(source.claim)}, which ${other.path} is too, and one node at a time can mount it`,
      'set accessMode: read-write-many if the claim has it, or use a volume of its own', 'duplicate');
  });
}

function nameProblems(app: AppModel, path: string, name: string, longest: number): Problem[] {
  const whole = `${app.name}-${name}`;
  return when(
    [RESERVED.includes(name), path, `is a reserved name; reserved names are ${RESERVED.join(', ')}`, 'choose another', 'duplicate'],
    [app.connections.databases.some(({ connection }) => connection === name), path,
      `has the same name as a connection, whose objects are named ${quoted(whole)} too`,
      'choose another', 'duplicate'],
    [whole.length > longest, path,
      `creates objects named ${quoted(whole)}, which has ${whole.length} characters`,
      `shorten this name or that of the app, to at most ${longest} characters together`, 'range'],
  );
}

/** So that `<name>-release-<hash>` fits the 63 characters of a label, which each pod of a Job has with the Job's name. */
const LONGEST_WITH_RELEASE = 63 - '-release-'.length - HASH_LENGTH;

/** Whether the release command can run where it must. */
export const releaseRules = about(['releaseCommand'], (app, { releaseCommand }) => {
  const { name, connections, platform } = app;
  const made = [...connections.databases, ...connections.externalSecrets].map(({ connection }) => connection);
  const created = [...app.volumes, ...app.release!.pod.volumes].flatMap(({ source }) => (
    source.kind === 'claim' && source.create ? [source.claim] : []));
  const unmade = app.release!.pod.volumes.find(({ source }) => source.kind === 'claim' && created.includes(source.claim));
  return [
    ...programProblems('releaseCommand', releaseCommand!),
    ...ownVolumeProblems(app, 'releaseCommand', releaseCommand!),
    ...when(
      [name.length > LONGEST_WITH_RELEASE, 'name',
        `has ${name.length} characters, but the name of its release Job would have more than 63`,
        `use at most ${LONGEST_WITH_RELEASE}`, 'range'],
      [platform.helmHooks && made.length > 0, 'releaseCommand', `needs the connection ${made.join(', ')}, which Helm creates only after it`,
        'use an existing Secret: the first installation would never finish otherwise'],
      [platform.helmHooks && unmade, `${entry('releaseCommand.volumes', unmade?.name ?? '')}`,
        'is a new claim, which Helm creates only after the release command',
        'use an existing claim: the first installation would never finish otherwise'],
    ),
  ];
});
