import type { ResolvedApp } from '../model/app';

/** What kind of object runs an app, for all that write it or refer to it. */
export function workloadKind({ rollout }: ResolvedApp): { readonly apiVersion: string; readonly kind: string } {
  return rollout.argo ? { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' } : { apiVersion: 'apps/v1', kind: 'Deployment' };
}
