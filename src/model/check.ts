import type { PlatformProps, WebAppProps } from '../index';
import type { ResolvedApp } from './app';
import { Place, resolve } from './resolve';
import { buildRules } from '../features/build/rules';
import { connectionRules, platformConnectionRules } from '../features/connections/rules';
import { monitoringRules, operationsRules } from '../features/monitoring/rules';
import { releaseRules } from '../features/processes/release-rules';
import { processRules } from '../features/processes/rules';
import { argoRules } from '../features/rollout/argo-rules';
import { rolloutRules } from '../features/rollout/rules';
import { coldStartRules } from '../features/routing/cold-start-rules';
import { maintenanceRules } from '../features/routing/maintenance-rules';
import { routingRules } from '../features/routing/rules';
import { scalingRules } from '../features/scaling/rules';
import { workloadRules } from '../features/workload/rules';
import { ResolvedPlatform, resolvePlatform } from '../platform/resolve';
import { platformRules } from '../platform/rules';
import { platformFormats, webAppFormats } from '../validation/formats';
import { Problem, topOf } from '../validation/problem';
import type { Rule } from '../validation/rule';
import { checkStruct } from '../validation/shape';

/** What of an app's props fits together. */
const RULES: readonly Rule[] = [
  buildRules,
  workloadRules,
  scalingRules,
  routingRules,
  coldStartRules,
  maintenanceRules,
  operationsRules,
  connectionRules,
  processRules,
  releaseRules,
  rolloutRules,
  argoRules,
];

/**
 * All that is wrong with an app's props, and the app as it would be without what is wrong: so that the tree is built to its end,
 * and the next app's problems come to light as well.
 */
export function checkWebApp(props: WebAppProps, place: Place): { readonly app: ResolvedApp; readonly problems: Problem[] } {
  const { sound, problems } = sift('WebAppProps', webAppFormats, props?.name === undefined ? { ...props, name: place.id } : props);
  const said: WebAppProps = { ...sound, name: sound.name ?? 'unnamed' };
  const app = resolve(said, place);
  const faulty = new Set(problems.map(({ path }) => topOf(path)));
  // An idle color has not all that the props say.
  const active = app.rollout.blueGreen ? { ...app, scaling: app.rollout.blueGreen.active.scaling } : app;
  const rules = RULES.flatMap(rule => rule(active, said));
  // What follows from the lack of a value that is faulty itself would only puzzle.
  const puzzling = (path: string) => faulty.has(topOf(path))
    || (faulty.has('buildFrom') && path === 'image')
    || (faulty.has('connections') && path.endsWith('.connection'));
  return { app, problems: [...problems, ...rules.filter(({ path }) => !puzzling(path))] };
}

/** All that is wrong with a platform's props, and the platform as it would be without what is wrong. */
export function checkPlatform(props: PlatformProps): { readonly platform: ResolvedPlatform; readonly problems: Problem[] } {
  const { sound, problems } = sift('PlatformProps', platformFormats, props);
  // With a domain that is only misspelt, apps do not lack one.
  const platform = resolvePlatform({ ...sound, domain: sound.domain ?? (props?.domain === undefined ? undefined : 'example.com') });
  const rules = [...platformRules(platform, sound), ...platformConnectionRules(sound.connections), ...monitoringRules(sound)];
  return { platform, problems: [...problems, ...rules] };
}

/** The props that have the right type and form, and what is wrong with the others. */
function sift<T extends object>(struct: string, formats: (props: object) => Problem[], props: T): { sound: Partial<T>; problems: Problem[] } {
  const mistyped = checkStruct(struct, props);
  const typed = without(props, mistyped);
  const misspelt = formats(typed);
  return { sound: without(typed, misspelt), problems: [...mistyped, ...misspelt] };
}

function without<T extends object>(props: T, problems: Problem[]): Partial<T> {
  if (problems.length === 0) return props;
  const faulty = new Set(problems.map(({ path }) => topOf(path)));
  return Object.fromEntries(Object.entries(props).filter(([name]) => !faulty.has(name))) as Partial<T>;
}
