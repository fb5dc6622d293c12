import { LONGEST_CRON_JOB } from './formats';
import { RESERVED } from './resolve';
import { HASH_LENGTH } from '../../kube/content-hash';
import type { AppModel } from '../../model/app';
import { LONGEST_NAME } from '../../validation/names';
import { entry, quoted } from '../../validation/problem';
import type { Problem } from '../../validation/problem';
import { when } from '../../validation/rule';
import type { Rule } from '../../validation/rule';

/** What runs beside the web process: whether its names are free, and whether what it says fits together. */
export const processRules: Rule = (app, props) => {
  const { workers = {}, cronJobs = {} } = props;
  return [
    ...Object.entries(workers).flatMap(([name, { command }]) => (
      ownProblems(app, entry('workers', name), { name, longest: LONGEST_NAME, command }))),
    ...Object.entries(cronJobs).flatMap(([name, { command }]) => {
      const path = entry('cronJobs', name);
      return [
        ...when([Object.hasOwn(workers, name), path, 'has the same name as a worker', 'choose another']),
        ...ownProblems(app, path, { name, longest: LONGEST_CRON_JOB, command }),
      ];
    }),
  ];
};

interface Named {
  readonly name: string;
  /** The most characters of its name together with that of the app. */
  readonly longest: number;
  readonly command: readonly string[];
}

function ownProblems(app: AppModel, path: string, { name, longest, command }: Named): Problem[] {
  return [
    ...nameProblems(app, path, name, longest),
    ...when([command.length === 0, `${path}.command`, 'is empty', 'set it to the program to run']),
  ];
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
export const releaseRules: Rule = ({ name, connections, platform }, { releaseCommand: release }) => {
  if (release === undefined) return [];
  const made = [...connections.databases, ...connections.externalSecrets].map(({ connection }) => connection);
  return when(
    [name.length > LONGEST_WITH_RELEASE, 'name',
      `has ${name.length} characters, but the name of its release Job would have more than 63`,
      `use at most ${LONGEST_WITH_RELEASE}`, 'range'],
    [release.command.length === 0, 'releaseCommand.command',
      'is empty',
      'set it to the program to run, such as [\'npm\', \'run\', \'migrate\']', 'range'],
    [platform.helmHooks && made.length > 0, 'releaseCommand', `needs the connection ${made.join(', ')}, which Helm creates only after it`,
      'use an existing Secret: the first installation would never finish otherwise'],
  );
};
