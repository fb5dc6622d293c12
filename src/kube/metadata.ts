import { ApiObjectMetadata } from 'cdk8s';
import { ResolvedApp } from '../model/app';

/** Tells an app's processes apart: the web process is `web`, a worker and a job have the name that the app gives them. */
export const COMPONENT = 'app.kubernetes.io/component';

/** Name of the container that runs a process: `web`, whatever the app is called and in each of its versions, or that of the worker or job. */
export function containerName({ selector, process }: Pick<ResolvedApp, 'selector' | 'process'>): string {
  return process.port === undefined ? selector[COMPONENT] : 'web';
}

/**
 * The steps in which Argo CD creates an app's objects, when the platform asks for it. The add-on's route must exist before the
 * ScaledObject: created first, KEDA falls back to a CPU metric.
 *
 * A release command runs before the rest, and after what it needs; without one, nothing needs to come first.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 */
const WAVES = { needs: '-2', release: '-1', workload: '0', route: '1', scaling: '2', entry: '3' };

/** Metadata of an object of an app, which bears the app's name unless another is given. */
export function objectMetadata(app: ResolvedApp, wave: keyof typeof WAVES = 'workload', name = app.name): ApiObjectMetadata & { name: string } {
  return {
    name,
    labels: app.labels,
    annotations: orNothing({ ...app.annotations, ...(app.platform.wait ? { 'argocd.argoproj.io/sync-wave': waveOf(app, wave) } : {}) }),
  };
}

function waveOf(app: ResolvedApp, wave: keyof typeof WAVES): string {
  return wave === 'needs' && !app.release ? WAVES.workload : WAVES[wave];
}

/** Metadata of an app's pods. */
export function podMetadata(app: ResolvedApp): ApiObjectMetadata {
  return { labels: app.labels, annotations: orNothing(app.annotations) };
}

/** A map, or nothing where it would be empty, so that no `{}` is written. */
export function orNothing<T extends object>(map: T): T | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}

/** A list likewise, so that no `[]` is written. */
export function orNone<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}
