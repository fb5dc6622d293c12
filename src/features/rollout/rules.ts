import type { BlueGreen } from './props';
import { resolveRollingUpdate } from './resolve';
import type { AppModel } from '../../model/app';
import type { Strings } from '../../model/strings';
import { splitsTraffic } from '../../platform/resolve';
import { previewHostProblems } from '../../validation/hosts';
import { LONGEST_NAME } from '../../validation/names';
import type { Problem } from '../../validation/problem';
import { entry } from '../../validation/problem';
import { about, problem, when } from '../../validation/rule';
import type { WebAppProps } from '../../web-app-props';

/** What of `rollout` fits together, and whether the entry can do what it asks for. */
export const rolloutRules = about(['rollout'], (app, props) => {
  const { rollout = {} } = props;
  const rollingUpdate = resolveRollingUpdate(rollout.rollingUpdate);
  return [
    ...when(
      [zero(rollingUpdate.maxSurge) && zero(rollingUpdate.maxUnavailable), 'rollout.rollingUpdate',
        'allows neither more nor fewer replicas, so no replica can be replaced',
        'set maxSurge or maxUnavailable above 0'],
      [rollout.rollingUpdate !== undefined && app.web.scaling.singleReplica, 'rollout.rollingUpdate',
        'has no effect, because a volume of the app can be mounted by one replica only, which the new one replaces',
        'remove it'],
    ),
    ...rollout.canary && rollout.blueGreen
      ? [problem('rollout.blueGreen', 'cannot be combined with canary', 'remove one of them')]
      : [...canaryProblems(app), ...blueGreenProblems(app, props)],
  ];
});

function zero(value: number | string): boolean {
  return value === 0 || value === '0%';
}

function canaryProblems(app: AppModel): Problem[] {
  const [, canary] = app.route.backends;
  if (!canary) return [];
  const { weight, headers } = canary;
  const path = 'rollout.canary';
  return [
    ...besideProblems(app, path, canary.name),
    ...app.route.interceptor
      ? splitProblems(app, `${path}.weight`, weight)
      : directProblems(app, path, weight, Object.keys(headers).length),
    ...Object.keys(headers).filter(name => Object.keys(app.route.headers).some(own => own.toLowerCase() === name.toLowerCase()))
      .map(name => problem(
        entry(`${path}.headers`, name), 'is one of the app\'s own headers, which all its requests have', 'choose another',
      )),
  ];
}

/** Whether a second version can be there at all. */
function besideProblems({ name, active: { scaling }, platform }: AppModel, path: string, second: string): Problem[] {
  return when(
    [scaling.singleReplica, path,
      'is not supported, because a volume of the app can be mounted by one replica only, not by two versions',
      'remove it, or give the volume the accessMode read-write-many'],
    [second.length > LONGEST_NAME, 'name',
      `has ${name.length} characters, but the names of objects of ${path} would have more than ${LONGEST_NAME}`,
      `use at most ${LONGEST_NAME - second.length + name.length}`, 'range'],
    [scaling.http && platform.httpAddon.api === 'v1alpha1', path,
      'is not supported by the add-on\'s API v1alpha1, which cannot tell two versions apart',
      'remove it, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
  );
}

const WHO_CAN = 'a gateway, Traefik or ingress-nginx can';

/** Where requests pass the interceptor, which chooses by headers, but not by chance. */
function splitProblems({ route, platform: { entry: way } }: AppModel, path: string, weight: number): Problem[] {
  if (weight === 0) return [];
  const splitsByIngress = !route.internal && splitsTraffic(way) && way.kind === 'ingress';
  return when(
    [route.internal, path,
      `is ${weight}, but the app is internal, and only an ingress controller or gateway can split traffic by weight`,
      'set rollout.canary.headers'],
    [!route.internal && !splitsTraffic(way), path,
      `is ${weight}, but the platform's ingress controller cannot split traffic by weight; ${WHO_CAN}`,
      'set rollout.canary.headers, or ask your platform team for one of these', 'unsupported'],
    [splitsByIngress && way.besideInterceptor, path,
      `is ${weight}, but with the platform's ingress.interceptorBackend interceptor-namespace `
      + 'both versions are one Service to the ingress controller',
      'set rollout.canary.headers, or ask your platform team for external-name'],
    // It takes `upstream-vhost` from the first Ingress alone, so that by the Host all requests are those of the version before.
    [splitsByIngress && !way.besideInterceptor && way.controller === 'nginx' && way.upstreamHeader === undefined, path,
      `is ${weight}, but ingress-nginx does not tell the interceptor which requests are for the canary, so it would get none`,
      'ask your platform team for a gateway or for ingress.upstreamHeader, or set rollout.canary.headers'],
  );
}

/** Where they do not, all is up to the entry. */
function directProblems({ route, platform: { entry: way } }: AppModel, path: string, weight: number, headers: number): Problem[] {
  if (weight === 0 && headers === 0) return [];
  const interceptor = 'set scaling.concurrency, because the interceptor can match headers';
  if (route.internal) {
    return [problem(
      path, 'gets no requests, because the app is internal and not scaled by HTTP, so nothing can split its traffic', interceptor,
    )];
  }
  if (!splitsTraffic(way)) {
    return [problem(
      path,
      `gets no requests, because the platform's ingress controller cannot split traffic; ${WHO_CAN}`,
      `ask your platform team for one of these, or set headers and ${interceptor}`,
      'unsupported',
    )];
  }
  return when(
    [headers > 1 && way.kind === 'ingress' && way.controller === 'nginx', `${path}.headers`,
      'has more than one header, but ingress-nginx matches a single one',
      `remove the others, or ${interceptor}`],
    [way.kind === 'ingress' && way.controller === 'traefik' && isQuoted(route.backends[1]?.headers), `${path}.headers`,
      'has a backtick, which ends a value in a rule of Traefik',
      `use other characters, or ${interceptor}`, 'unsupported'],
  );
}

/** Whether headers have the character with which Traefik's rules quote: what comes after it would be part of the rule. */
function isQuoted(headers: Strings = {}): boolean {
  return Object.entries(headers).flat().some(text => text.includes('`'));
}

function blueGreenProblems(app: AppModel, { rollout, image, buildFrom }: WebAppProps): Problem[] {
  const { preview, versions: [green] } = app;
  if (!rollout?.blueGreen || !preview || !green) return [];
  const path = 'rollout.blueGreen';
  const { previewHosts } = rollout.blueGreen;
  const none = preview.hosts.length === 0 && !app.route.internal;
  return [
    ...besideProblems(app, path, green.component.name),
    ...when(
      [!app.route.interceptor, path,
        'is not supported, because the app is not scaled by HTTP, so the idle color cannot scale to zero',
        'set scaling.concurrency, or use rollout.canary'],
      [bothColors(rollout.blueGreen) && (image ?? buildFrom) !== undefined, image === undefined ? 'buildFrom' : 'image',
        'has no effect, because both colors have their own image',
        'remove it'],
      [none && previewHosts === undefined, `${path}.previewHosts`,
        'is missing, and the platform has no domain',
        'set previewHosts: [\'preview.example.com\']', 'missing'],
    ),
    ...previewHostProblems(app.route, previewHosts, `${path}.previewHosts`, 'active color'),
  ];
}

function bothColors({ blue, green }: BlueGreen): boolean {
  return blue !== undefined && green !== undefined;
}
