import { buildRules } from './features/build/rules';
import { connectionRules } from './features/connections/rules';
import { metricsRules } from './features/monitoring/rules';
import { releaseRules } from './features/processes/release-rules';
import { processRules } from './features/processes/rules';
import { argoRules } from './features/rollout/argo-rules';
import { rolloutRules } from './features/rollout/rules';
import { coldStartRules } from './features/routing/cold-start-rules';
import { maintenanceRules } from './features/routing/maintenance-rules';
import { routingRules } from './features/routing/rules';
import { scalingProblems, scalingRules } from './features/scaling/rules';
import { resourceProblems, workloadRules } from './features/workload/rules';
import type { AppModel } from './model/app';
import type { Place } from './resolve-app';
import { resolveApp } from './resolve-app';
import { webAppFormats } from './validation/formats';
import type { Problem } from './validation/problem';
import { entry, topOf } from './validation/problem';
import type { Rule } from './validation/rule';
import { sift } from './validation/sift';
import type { WebAppProps } from './web-app-props';

/** What workers and jobs say as apps do. */
function processPartRules(app: AppModel, { workers = {}, cronJobs = {} }: WebAppProps): Problem[] {
  const below = (path: string, problems: Problem[]) => problems.map(problem => ({ ...problem, path: `${path}.${problem.path}` }));
  return [
    ...Object.entries(workers).flatMap(([name, { scaling }], i) => below(entry('workers', name), [
      ...resourceProblems(app.workers[i]), ...scalingProblems(app.workers[i], scaling, app.connections),
    ])),
    ...Object.keys(cronJobs).flatMap((name, i) => below(entry('cronJobs', name), resourceProblems(app.cronJobs[i]))),
  ];
}

/** Whether the props of an app fit together. */
const RULES: readonly Rule[] = [
  buildRules,
  workloadRules,
  scalingRules,
  routingRules,
  coldStartRules,
  maintenanceRules,
  metricsRules,
  connectionRules,
  processRules,
  processPartRules,
  releaseRules,
  rolloutRules,
  argoRules,
];

/**
 * All that is wrong with an app's props, and the app as it would be without what is wrong: so that the tree is built to its end,
 * and the next app's problems come to light as well.
 */
export function checkWebApp(props: WebAppProps, place: Place): { readonly app: AppModel; readonly problems: Problem[] } {
  const { sound, problems } = sift('WebAppProps', webAppFormats, props?.name === undefined ? { ...props, name: place.id } : props);
  const said: WebAppProps = { ...sound, name: sound.name ?? 'unnamed' };
  const app = resolveApp(said, place);
  const faulty = new Set(problems.map(({ path }) => topOf(path)));
  const rules = RULES.flatMap(rule => rule(app, said));
  // What follows from the lack of a value that is faulty itself would only puzzle.
  const puzzling = (path: string) => faulty.has(topOf(path))
    || (faulty.has('buildFrom') && path === 'image')
    || (faulty.has('connections') && path.endsWith('.connection'));
  return { app, problems: [...problems, ...rules.filter(({ path }) => !puzzling(path))] };
}
