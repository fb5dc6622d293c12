import type { AppPlan } from './app-plan';
import { isKind } from '../kube/types';

/** What an app can have for others to use, each by its name. */
const USABLE = [
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' },
  { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' },
];

/**
 * Which of the apps each app needs, by their numbers: those that it connects to, and those whose volume, database or Secret it uses.
 *
 * @param plans in the order of the file
 */
export function needsOf(plans: readonly AppPlan[]): number[][] {
  const offers = plans.map(offeredBy);
  const isAnyOffered = offers.some(names => names.size > 0);
  return plans.map(({ app: { namespace }, synthesized: { connectsTo, objects } }, i) => {
    const used = isAnyOffered ? stringsIn(objects) : new Set<string>();
    return plans.flatMap(({ app }, other) => {
      if (other === i) return [];
      const isCalled = connectsTo.some(one => one.name === app.name && one.namespace === app.namespace);
      const isUsed = namespace === app.namespace && [...offers[other]].some(name => used.has(name) && !offers[i].has(name));
      return isCalled || isUsed ? [other] : [];
    });
  });
}

/** The names of what others can use. */
function offeredBy({ synthesized: { objects } }: AppPlan): Set<string> {
  const names = new Set<string>();
  for (const object of objects) {
    const kind = USABLE.find(one => isKind(object, one))?.kind;
    if (kind === undefined) continue;
    const { name } = object.metadata;
    names.add(name);
    // CloudNativePG writes the credentials: https://cloudnative-pg.io/documentation/current/applications/#secrets
    if (kind === 'Cluster') names.add(`${name}-app`);
  }
  return names;
}

function stringsIn(value: unknown): Set<string> {
  const found = new Set<string>();
  JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'string') found.add(one);
    return one;
  });
  return found;
}
