import { boundsRules } from './bounds/rules';
import { accessRules } from './features/access/rules';
import { buildRules } from './features/build/rules';
import { connectionRules } from './features/connections/rules';
import { containerRules } from './features/containers/rules';
import { httpRules } from './features/http/rules';
import { metricsRules } from './features/monitoring/rules';
import type { Process } from './features/processes/props';
import { releaseRules, processRules } from './features/processes/rules';
import { argoRules } from './features/rollout/argo-rules';
import { rolloutRules } from './features/rollout/rules';
import { ROUTING_RULES } from './features/routing/rules';
import { scalingProblems, scalingRules } from './features/scaling/rules';
import { lengthProblems, limitProblems, resourceProblems } from './features/workload/limits';
import { podMountProblems, volumeProblems } from './features/workload/mounts';
import { securityProblems, WORKLOAD_RULES } from './features/workload/rules';
import type { AppModel } from './model/app';
import { containersOf } from './model/app';
import type { PodSet } from './model/component';
import type { Place } from './resolve-app';
import { resolveApp } from './resolve-app';
import { SHAPES } from './shapes';
import type { Problem } from './validation/problem';
import { below, entry, topOf } from './validation/problem';
import type { Rule } from './validation/rule';
import { about } from './validation/rule';
import { isWithin, sift } from './validation/sift';
import type { WebAppProps } from './web-app-props';
import { withoutWebRules } from './without-web';

/** What workers and jobs say as apps do. */
const processPartRules = about(['workers', 'cronJobs', 'releaseCommand'], (app, { workers = {}, cronJobs = {}, releaseCommand }) => [
  ...Object.entries(workers).flatMap(([name, worker], i) => below(entry('workers', name), [
    ...podProblems(app, app.workers[i], worker), ...scalingProblems(app.workers[i], worker.scaling, app.connections),
  ])),
  ...Object.entries(cronJobs).flatMap(([name, job], i) => below(entry('cronJobs', name), podProblems(app, app.cronJobs[i], job))),
  ...releaseCommand ? below('releaseCommand', podProblems(app, app.release!, releaseCommand)) : [],
]);

function podProblems(app: AppModel, pods: PodSet, own: Process): Problem[] {
  return [...limitProblems(app, pods, own), ...volumeProblems(pods.name, own.volumes), ...podMountProblems(pods, false)];
}

/** What other containers say as apps do. */
const containerPartRules = about(['sidecars', 'initContainers'], (app, { sidecars = {}, initContainers = {} }) => {
  const models = new Map(containersOf(app).map(container => [container.containerName, container]));
  return Object.entries({ sidecars, initContainers }).flatMap(([prop, containers]) => Object.entries(containers).flatMap(([name, own]) => {
    const { runAsUser, capabilities = [], privileged = false } = own.security ?? {};
    const model = models.get(name);
    return below(entry(prop, name), [
      ...lengthProblems(own),
      ...securityProblems(app, { runAsUser, capabilities, privileged }),
      ...model ? resourceProblems(model.resources) : [],
    ]);
  }));
});

/** Whether the props of an app fit together. */
const RULES: readonly Rule[] = [
  buildRules,
  ...WORKLOAD_RULES,
  scalingRules,
  ...ROUTING_RULES,
  httpRules,
  accessRules,
  metricsRules,
  connectionRules,
  processRules,
  processPartRules,
  releaseRules,
  containerRules,
  containerPartRules,
  rolloutRules,
  argoRules,
  boundsRules,
];

/** Those that are of requests, which only a web process gets. */
const OF_WEB = new Set([scalingRules, ...ROUTING_RULES, httpRules, accessRules, metricsRules, rolloutRules, argoRules]);

function rulesFor({ runsWeb }: AppModel): readonly Rule[] {
  return runsWeb ? RULES : [...RULES.filter(rule => !OF_WEB.has(rule)), withoutWebRules];
}

/**
 * All that is wrong with an app's props, and the app as it would be without what is wrong: so that the tree is built to its end,
 * and the next app's problems come to light as well.
 */
export function checkWebApp(props: WebAppProps, place: Place): { readonly app: AppModel; readonly problems: Problem[] } {
  const { sound, removed, problems } = sift(SHAPES, 'WebAppProps', props?.name === undefined ? { ...props, name: place.id } : props);
  const known: WebAppProps = sound.name === undefined ? { ...sound, name: 'unnamed' } : sound;
  const app = resolveApp(known, place);
  const rules = rulesFor(app).flatMap(rule => rule(app, known));
  return { app, problems: [...problems, ...rules.filter(({ path }) => !mayFollow(path, removed))] };
}

/**
 * Whether a problem may only follow from the lack of a prop that was removed for a problem of its own: reporting both would be confusing.
 */
function mayFollow(path: string, removed: readonly string[]): boolean {
  const lacks = (prop: string) => removed.some(other => topOf(other) === prop);
  return removed.some(other => isWithin(path, other))
    || (path === 'image' && lacks('buildFrom'))
    || (path.endsWith('.connection') && lacks('connections'))
    || (path.includes('.volumes') && lacks('volumes'));
}
