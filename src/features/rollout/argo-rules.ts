import type { ArgoRollout } from './argo-props';
import type { Rollout } from './props';
import type { AppModel } from '../../model/app';
import type { AnalysisModel, ArgoModel } from '../../model/argo';
import { proxyName } from '../../model/names';
import { previewHostProblems } from '../../validation/hosts';
import type { Problem } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { count, problem, when } from '../../validation/rule';

const PATH = 'rollout.argo';

/** What of `rollout.argo` fits together, and whether a Rollout can be there at all. */
export const argoRules: Rule = (app, { rollout }) => {
  if (!rollout?.argo) return [];
  const { strategy } = app.web;
  const argo = strategy.type === 'argo' ? strategy.argo : undefined;
  const beside = besideProblems(app, rollout);
  if (!argo) return beside;
  return [
    ...beside,
    ...argo.strategy === 'canary' ? canaryProblems(rollout.argo) : blueGreenProblems(app, argo, rollout.argo),
    ...argo.analysis ? analysisProblems(app, argo.analysis, rollout.argo.analysis!) : [],
  ];
};

function besideProblems({ web: { scaling } }: AppModel, rollout: Rollout): Problem[] {
  return when(
    [rollout.canary !== undefined, PATH, 'is set beside canary', 'leave away either of the two'],
    [rollout.blueGreen !== undefined, PATH, 'is set beside blueGreen', 'leave away either of the two'],
    [rollout.rollingUpdate !== undefined, 'rollout.rollingUpdate', 'is set beside argo, which replaces replicas in its own way', 'leave away either of the two'],
    [scaling.singleReplica, PATH, 'is set, but a volume of the app can be mounted by one replica only, and a Rollout cannot end that before it starts the next', 'leave it away, or give the volume the accessMode read-write-many'],
  );
}

function canaryProblems({ steps, autoPromotion, previewHosts, scaleDownDelay, analysis }: ArgoRollout): Problem[] {
  return [
    ...foreign({ autoPromotion, previewHosts, scaleDownDelay, 'analysis.count': analysis?.count }, 'blue-green', 'canary'),
    ...when([steps?.length === 0, `${PATH}.steps`, 'is empty, so that nothing is gradual', 'write some, such as [{ setWeight: 20 }, { pause: { duration: \'10m\' } }], or leave it away']),
    ...(steps ?? []).flatMap(({ setWeight, pause }, i) => when(
      [count(setWeight, pause) !== 1, `${PATH}.steps[${i}]`, setWeight === undefined ? 'says nothing' : 'says two things', 'write either setWeight or pause', 'missing'],
    )),
  ];
}

function blueGreenProblems(app: AppModel, argo: ArgoModel, { steps, previewHosts }: ArgoRollout): Problem[] {
  const { name, route, platform } = app;
  const { preview, analysis, scaleDownDelay } = argo;
  const most = 63 - proxyName(preview!).length + name.length;
  const watched = analysis && analysis.interval * (analysis.count - 1);
  return [
    ...foreign({ steps }, 'canary', 'blue-green'),
    ...when(
      [route.interceptor && platform.httpAddon.api === 'v1alpha1', `${PATH}.strategy`, 'is blue-green, but with the add-on\'s API v1alpha1 an app has one way in', 'write canary, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
      [!route.interceptor && !route.internal && platform.entry.kind === 'ingress' && platform.entry.controller === 'alb', `${PATH}.strategy`,
        'is blue-green, but AWS\'s load balancer may lose requests when the version behind its Service changes', 'write canary, or add scaling.concurrency: the interceptor then stands between', 'unsupported'],
      [name.length > most, 'name', `has ${name.length} characters, and ${proxyName(preview!)} would have more than 63`, `write at most ${most}`, 'range'],
      [watched !== undefined && scaleDownDelay !== undefined && scaleDownDelay <= watched, `${PATH}.scaleDownDelay`,
        `is ${scaleDownDelay}s, but the analysis takes ${watched}s, and ends when the version before it goes`, 'write more, or leave it away'],
    ),
    ...previewHostProblems(route, previewHosts, `${PATH}.previewHosts`, 'active version'),
  ];
}

/** Props of the strategy that is not the app's. */
function foreign(props: { readonly [prop: string]: unknown }, theirs: string, ours: string): Problem[] {
  return Object.entries(props).filter(([, value]) => value !== undefined)
    .map(([prop]) => problem(`${PATH}.${prop}`, `belongs to the strategy ${theirs}, and this is ${ours}`, `leave it away, or write strategy: ${theirs}`));
}

function analysisProblems(
  { route, platform: { entry: way, httpAddon } }: AppModel, { source, prometheus }: AnalysisModel, said: NonNullable<ArgoRollout['analysis']>,
): Problem[] {
  const path = `${PATH}.analysis`;
  const nginx = way.kind === 'ingress' && way.controller === 'nginx';
  const interceptor = 'add scaling.concurrency: the interceptor then tells';
  return when(
    [count(said.successRate, said.latency) === 0, path, 'says nothing that must hold', 'write successRate or latency', 'missing'],
    [said.percentile !== undefined && said.latency === undefined, `${path}.percentile`, 'is set without latency, which it belongs to', 'add latency, or leave it away'],
    [prometheus === '', path, 'is set, but the platform names no Prometheus to ask', 'ask the platform team for monitoring: { prometheus: \'http://prometheus.monitoring:9090\' }', 'unsupported'],
    [source === 'interceptor' && !route.interceptor, `${path}.source`, 'is interceptor, but the app\'s requests do not pass there', 'leave it away, or add scaling.concurrency'],
    [source === 'interceptor' && route.interceptor && httpAddon.api === 'v1alpha1', path, 'is of the interceptor, but before 0.14 the add-on\'s metrics do not tell apps apart', 'set the platform\'s httpAddon.api to v1beta1, or write of: entry', 'unsupported'],
    [source === 'entry' && route.internal, path, 'is of the entry, but the app is internal', route.interceptor ? 'leave source away' : interceptor],
    [source === 'entry' && !route.internal && !nginx, path, 'is of the entry, but only ingress-nginx is known to tell the requests of apps apart', route.interceptor ? 'leave source away' : interceptor, 'unsupported'],
  );
}
