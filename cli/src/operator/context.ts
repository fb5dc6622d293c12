import type { Diagnoses } from './diagnoses';
import type { HostNames } from './host-names';
import type { KnownReleases } from './known-releases';
import type { LiveObjects } from './live-objects';
import type { ReadMetrics } from '../engine/canary-health';
import type { Pins } from '../engine/pin';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';

/** What all parts of the operator use. */
export interface OperatorContext {
  readonly cluster: Cluster;
  readonly live: LiveObjects;
  readonly releases: Pick<KnownReleases, 'has' | 'hasForeign'>;
  readonly pins: Pick<Pins, 'find'>;
  readonly diagnoses: Diagnoses;

  /** Where the hosts of apps resolve to. */
  readonly hostNames: Pick<HostNames, 'resolve' | 'forget'>;

  /** Reads what the interceptor counts. */
  readonly readMetrics: ReadMetrics;

  /** Aborted when the operator stops, or is no longer the leader. */
  readonly signal: AbortSignal;

  /** Receives what went wrong in the background. */
  onError(app: AppName, error: Error): void;
}
