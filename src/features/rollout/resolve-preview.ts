import type { ResolvedRollout } from './resolved-rollout';
import { COMPONENT } from '../../kube/metadata';
import type { ResolvedApp } from '../../model/app';
import { NO_PROCESSES } from '../../model/processes';

/** The app's way in once more, for other hosts, which leads to another Service. */
export function resolvePreview(app: ResolvedApp, hosts: string[] | undefined, service: string): ResolvedApp {
  const { routing, platform: { domain } } = app;
  const name = previewName(app);
  const named = hosts ?? (domain ? [`${name}.${domain}`] : []);
  return {
    ...app,
    name,
    labels: { ...app.labels, [COMPONENT]: 'preview' },
    routing: { ...routing, service, hosts: routing.internal ? [] : named, paths: ['/'], headers: {}, maintenance: undefined },
    processes: NO_PROCESSES,
  };
}

export function previewName({ name }: ResolvedApp): string {
  return `${name}-preview`;
}

/** That way, of the forms that have one. */
export function previewOf({ blueGreen, argo }: ResolvedRollout): ResolvedApp | undefined {
  return blueGreen?.preview ?? argo?.preview;
}
