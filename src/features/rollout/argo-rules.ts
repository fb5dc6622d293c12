import type { ArgoRollout, Rollout } from './props';
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
    [rollout.canary !== undefined, PATH, 'cannot be combined with canary', 'remove one of them'],
    [rollout.blueGreen !== undefined, PATH, 'cannot be combined with blueGreen', 'remove one of them'],
    [rollout.rollingUpdate !== undefined, 'rollout.rollingUpdate',
      'cannot be combined with argo, which replaces replicas its own way',
      'remove one of them'],
    [scaling.singleReplica, PATH,
      'is not supported, because a volume of the app can be mounted by one replica only, and a Rollout starts the next one before it '
      + 'stops the last',
      'remove it, or give the volume the accessMode read-write-many'],
  );
}

function canaryProblems({ steps, autoPromotion, previewHosts, scaleDownDelay, analysis }: ArgoRollout): Problem[] {
  return [
    ...foreign({ autoPromotion, previewHosts, scaleDownDelay, 'analysis.count': analysis?.count }, 'blue-green', 'canary'),
    ...when(
      [steps?.length === 0, `${PATH}.steps`, 'is empty, so nothing is gradual',
        'add steps such as [{ setWeight: 20 }, { pause: { duration: \'10m\' } }], or remove it'],
    ),
    ...(steps ?? []).flatMap(({ setWeight, pause }, i) => when(
      [count(setWeight, pause) !== 1, `${PATH}.steps[${i}]`,
        setWeight === undefined ? 'is empty' : 'has both setWeight and pause',
        'set either setWeight or pause', 'missing'],
    )),
  ];
}

function blueGreenProblems(app: AppModel, argo: ArgoModel, { steps, previewHosts }: ArgoRollout): Problem[] {
  const { name, route, platform } = app;
  const { entry } = platform;
  const direct = !route.interceptor && !route.internal;
  const { preview, analysis, scaleDownDelay } = argo;
  const most = 63 - proxyName(preview!).length + name.length;
  const watched = analysis && analysis.interval * (analysis.count - 1);
  return [
    ...foreign({ steps }, 'canary', 'blue-green'),
    ...when(
      [route.interceptor && platform.httpAddon.api === 'v1alpha1', `${PATH}.strategy`,
        'is blue-green, but with the add-on\'s API v1alpha1 an app has a single route',
        'use canary, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
      [direct && entry.kind === 'ingress' && entry.controller === 'alb', `${PATH}.strategy`,
        'is blue-green, but AWS\'s load balancer may lose requests when the version behind its Service changes',
        'use canary, or set scaling.concurrency, which routes requests through the interceptor', 'unsupported'],
      [name.length > most, 'name',
        `has ${name.length} characters, but ${proxyName(preview!)} would have more than 63`,
        `use at most ${most}`, 'range'],
      [watched !== undefined && scaleDownDelay !== undefined && scaleDownDelay <= watched, `${PATH}.scaleDownDelay`,
        `is ${scaleDownDelay}s, but the analysis takes ${watched}s and ends when the previous version is removed`,
        'use a longer time, or remove it'],
    ),
    ...previewHostProblems(route, previewHosts, `${PATH}.previewHosts`, 'active version'),
  ];
}

/** Props of the strategy that is not the app's. */
function foreign(props: { readonly [prop: string]: unknown }, theirs: string, ours: string): Problem[] {
  return Object.entries(props).filter(([, value]) => value !== undefined)
    .map(([prop]) => problem(
      `${PATH}.${prop}`, `belongs to the strategy ${theirs}, but this is ${ours}`, `remove it, or set strategy: ${theirs}`,
    ));
}

function analysisProblems(
  { route, platform: { entry: way, httpAddon } }: AppModel,
  { source, prometheus }: AnalysisModel,
  props: NonNullable<ArgoRollout['analysis']>,
): Problem[] {
  const path = `${PATH}.analysis`;
  const nginx = way.kind === 'ingress' && way.controller === 'nginx';
  const interceptor = 'set scaling.concurrency, which routes requests through the interceptor';
  return when(
    [count(props.successRate, props.latency) === 0, path, 'has no condition', 'set successRate or latency', 'missing'],
    [props.percentile !== undefined && props.latency === undefined, `${path}.percentile`,
      'has no effect without latency',
      'set latency, or remove it'],
    [prometheus === '', path,
      'is not supported, because the platform has no Prometheus',
      'ask your platform team to set monitoring: { prometheus: \'http://prometheus.monitoring:9090\' }', 'unsupported'],
    [source === 'interceptor' && !route.interceptor, `${path}.source`,
      'is interceptor, but the app\'s requests do not go through it',
      'remove it, or set scaling.concurrency'],
    [source === 'interceptor' && route.interceptor && httpAddon.api === 'v1alpha1', path,
      'uses the interceptor\'s metrics, but before add-on 0.14 they do not tell apps apart',
      'set the platform\'s httpAddon.api to v1beta1, or set source: entry', 'unsupported'],
    [source === 'entry' && route.internal, path,
      'uses the metrics of the ingress controller or gateway, but the app is internal',
      route.interceptor ? 'remove source' : interceptor],
    [source === 'entry' && !route.internal && !nginx, path,
      'uses the metrics of the ingress controller or gateway, but only those of ingress-nginx are supported',
      route.interceptor ? 'remove source' : interceptor, 'unsupported'],
  );
}
