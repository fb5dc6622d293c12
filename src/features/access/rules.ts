import type { SignInService } from './props';
import { serviceOf } from './service-url';
import type { Route } from '../../model/route';
import { entryKind, supports, unsupported } from '../../platform/entry-support';
import type { PlatformModel } from '../../platform/resolve';
import { repeated } from '../../validation/hosts';
import { nearest } from '../../validation/nearest';
import type { Problem } from '../../validation/problem';
import { entry as entryOf, quoted } from '../../validation/problem';
import { about, problem, when } from '../../validation/rule';

const PROPS = ['allow', 'password', 'signIn'] as const;

/** Whether the entry can decide what the app asks for. */
export const accessRules = about(['access'], ({ route, platform }, { access = {} }) => {
  if (route.internal) {
    return [problem('access', 'cannot be combined with internal: callers inside the cluster do not pass the ingress controller or gateway',
      'remove one of them')];
  }
  const { entry } = platform;
  const used = PROPS.filter(prop => access[prop] !== undefined);
  return [
    ...when([used.length === 0, 'access', 'is empty, so everyone is let in', 'set allow, password or signIn, or remove it', 'missing']),
    ...used.flatMap(prop => unsupported(entry, `access.${prop}`)),
    ...used.includes('allow') && supports(entry, 'access.allow') ? allowProblems(route, access.allow!) : [],
    ...used.includes('signIn') && supports(entry, 'access.signIn') ? signInProblems(platform, access.signIn!) : [],
    ...when([access.password !== undefined && access.signIn !== undefined, 'access.password',
      'cannot be combined with signIn, as both use the header Authorization', 'remove one of them']),
  ];
});

/** Values that the conditions of one rule of an AWS load balancer have together. */
const MOST_ALB_VALUES = 5;

function allowProblems({ paths, exactPaths, platform: { entry } }: Route, allow: readonly string[]): Problem[] {
  // One is the host, and a path is two: itself, and all below it.
  const most = MOST_ALB_VALUES - 1 - ([...paths, ...exactPaths].every(path => path === '/') ? 1 : 2);
  return [
    ...when(
      [allow.length === 0, 'access.allow', 'is empty, so nobody is let in', 'add at least one range, or remove it', 'range'],
      [entryKind(entry) === 'alb' && allow.length > most, 'access.allow',
        `has ${allow.length} entries, but a rule of an AWS load balancer has space for ${most}`, 'use fewer and larger ranges', 'range'],
    ),
    ...repeated(allow, 'access.allow'),
  ];
}

function signInProblems({ access }: PlatformModel, name: string): Problem[] {
  if (Object.hasOwn(access, name)) return [];
  const names = Object.keys(access);
  if (names.length === 0) {
    return [problem('access.signIn', `is ${quoted(name)}, but the platform has no sign-in services`,
      'ask your platform team to set access in the Platform', 'unknown')];
  }
  const near = nearest(name, names);
  return [problem('access.signIn', `is ${quoted(name)}, which is not one of the platform's sign-in services`,
    near === undefined ? `use one of ${names.join(', ')}` : `did you mean ${near}?`, 'unknown')];
}

/** What of the platform's sign-in services its entry can use. */
export function signInRules({ entry, access }: PlatformModel): Problem[] {
  if (entryKind(entry) !== 'envoy-gateway') return [];
  return Object.entries(access).flatMap(([name, { url, signInUrl }]: [string, SignInService]) => when(
    [serviceOf(url) === undefined, `${entryOf('access', name)}.url`,
      `is ${quoted(url)}, but Envoy Gateway asks only Services of the cluster`,
      'use the URL of a Service, such as http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth', 'unsupported'],
    [signInUrl !== undefined, `${entryOf('access', name)}.signInUrl`, 'is not supported by Envoy Gateway',
      'remove it; the service at url has to redirect browsers itself', 'unsupported'],
  ));
}
