import { RESERVED } from './beside-web';
import { LONGEST_CRON_JOB } from './formats';
import type { ResolvedApp } from '../../model/app';
import { LONGEST_NAME } from '../../validation/formats';
import { entry, Problem, quoted } from '../../validation/problem';
import { Rule, when } from '../../validation/rule';
import { scalingRules } from '../scaling/rules';
import { resourceProblems } from '../workload/rules';

/** What runs beside the web process: whether its names are free, and whether what it says fits together. */
export const processRules: Rule = (app, said) => {
  const { workers = {}, cronJobs = {} } = said;
  return [
    ...Object.entries(workers).flatMap(([name, worker], i) => {
      const path = entry('workers', name);
      const resolved = app.processes.workers[i];
      return [
        ...ownProblems(app, path, name, LONGEST_NAME, resolved),
        ...below(path, scalingRules(resolved, { image: said.image, scaling: worker.scaling })),
      ];
    }),
    ...Object.keys(cronJobs).flatMap((name, i) => {
      const path = entry('cronJobs', name);
      return [
        ...when([Object.hasOwn(workers, name), path, 'has the name of a worker', 'choose another']),
        ...ownProblems(app, path, name, LONGEST_CRON_JOB, app.processes.cronJobs[i].process),
      ];
    }),
  ];
};

function ownProblems(app: ResolvedApp, path: string, name: string, longest: number, resolved: ResolvedApp): Problem[] {
  return [
    ...nameProblems(app, path, name, longest),
    ...when([resolved.process.command?.length === 0, `${path}.command`, 'is empty', 'write the program to run']),
    ...below(path, resourceProblems(resolved)),
  ];
}

function nameProblems(app: ResolvedApp, path: string, name: string, longest: number): Problem[] {
  const whole = `${app.name}-${name}`;
  return when(
    [RESERVED.includes(name), path, `has a name that is kept for the app's own objects, as ${RESERVED.join(', ')} are`, 'choose another', 'duplicate'],
    [app.connections.databases.some(({ connection }) => connection === name), path, `has the name of a connection, whose objects are named ${quoted(whole)} too`, 'choose another', 'duplicate'],
    [whole.length > longest, path, `makes objects named ${quoted(whole)}, which has ${whole.length} characters`, `shorten the name of the app or this one, to at most ${longest} together`, 'range'],
  );
}

function below(path: string, problems: Problem[]): Problem[] {
  return problems.map(problem => ({ ...problem, path: `${path}.${problem.path}` }));
}
