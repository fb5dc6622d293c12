import type { Cluster } from './connect';
import { allowed, FORBIDDEN } from './permissions';
import type { AppName } from '../engine/release-store';
import type { Manifest } from '../render/synthesis';

/** What runs pods for ever: Deployments, and where an app asks for it a Rollout of Argo Rollouts in place of its own. */
const KINDS = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
];

export function isWorkload({ apiVersion, kind }: Manifest): boolean {
  return KINDS.some(known => known.kind === kind && known.apiVersion === apiVersion);
}

/** Those of an app that are in the cluster. */
export async function workloadsOf({ objects }: Cluster, { name, namespace }: AppName): Promise<any[]> {
  const found = await Promise.all(KINDS.map(async known => {
    if (!await objects.knows(known.apiVersion, known.kind)) return [];
    const live = await unlessRollout(known.kind, async () => objects.list(known.apiVersion, known.kind, namespace, `app.kubernetes.io/name=${name}`));
    // The items of a list do not say what they are.
    return (live ?? []).map(one => ({ ...known, ...one }));
  }));
  return found.flat();
}

/** The one of a name; none where there is none. */
export async function workloadNamed({ objects }: Cluster, { name, namespace }: AppName): Promise<any | undefined> {
  for (const known of KINDS) {
    if (!await objects.knows(known.apiVersion, known.kind)) continue;
    const live = await unlessRollout(known.kind, async () => objects.get({ ...known, namespace, name }));
    if (live) return live;
  }
  return undefined;
}

/** Who may not see Rollouts has none: a role need not name what no app uses. */
async function unlessRollout<T>(kind: string, ask: () => Promise<T>): Promise<T | undefined> {
  if (kind !== 'Rollout') return ask();
  const found = await allowed(ask);
  return found === FORBIDDEN ? undefined : found;
}

/** Name of the workload that has the requests of an app: of two colors that of the active one, otherwise the app's. */
export function frontOf(objects: readonly Manifest[], app: string): string {
  const route: any = objects.find(({ kind, metadata }) => kind === 'InterceptorRoute' && metadata.name === app);
  return route?.spec.target.service ?? app;
}
