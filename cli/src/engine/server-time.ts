import { RELEASE_TYPE } from './release-store';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/errors';
import { SECRET } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/**
 * The time of the API server, in milliseconds since 1970, with which the times of objects can be compared: the clock of this machine may be
 * wrong. It is that of a Secret whose creation is only tried. Where a policy refuses that, the clock of this machine has to do.
 */
export async function serverTime({ objects, clock }: Cluster, namespace: string): Promise<number> {
  const secret = { ...SECRET, metadata: { generateName: 'webapp-time-', namespace }, type: RELEASE_TYPE } as unknown as Manifest;
  try {
    return Date.parse((await objects.create(secret, { dryRun: true })).metadata.creationTimestamp);
  } catch (error) {
    if (error instanceof ApiError) return clock.now();
    throw error;
  }
}
