import { LONGEST_CRON_JOB } from './formats';
import { RESERVED } from './resolve';
import type { AppModel } from '../../model/app';
import { LONGEST_NAME } from '../../validation/names';
import type { Problem } from '../../validation/problem';
import { entry, quoted } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';

/** What runs beside the web process: whether its names are free, and whether what it says fits together. */
export const processRules: Rule = (app, said) => {
  const { workers = {}, cronJobs = {} } = said;
  return [
    ...Object.entries(workers).flatMap(([name, { command }]) => ownProblems(app, entry('workers', name), { name, longest: LONGEST_NAME, command })),
    ...Object.entries(cronJobs).flatMap(([name, { command }]) => {
      const path = entry('cronJobs', name);
      return [
        ...when([Object.hasOwn(workers, name), path, 'has the name of a worker', 'choose another']),
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
    ...when([command.length === 0, `${path}.command`, 'is empty', 'write the program to run']),
  ];
}

function nameProblems(app: AppModel, path: string, name: string, longest: number): Problem[] {
  const whole = `${app.name}-${name}`;
  return when(
    [RESERVED.includes(name), path, `has a name that is kept for the app's own objects, as ${RESERVED.join(', ')} are`, 'choose another', 'duplicate'],
    [app.connections.databases.some(({ connection }) => connection === name), path, `has the name of a connection, whose objects are named ${quoted(whole)} too`, 'choose another', 'duplicate'],
    [whole.length > longest, path, `makes objects named ${quoted(whole)}, which has ${whole.length} characters`, `shorten the name of the app or this one, to at most ${longest} together`, 'range'],
  );
}
