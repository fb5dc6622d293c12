import { hostname } from 'node:os';
import { OPERATOR_NAME } from './manifest/names';
import { Operator } from './operator';
import { LeaderElection, replicaName } from './runtime/leader';
import { Claims } from './tenancy/claims';
import { Pins } from '../engine/pin';
import type { Cluster } from '../kube/connect';
import { networkRegistries } from '../registry/registries';
import type { World } from '../ui/world';

/** How the operator runs. */
export interface RunOptions {
  /** The namespace of its Lease. */
  readonly namespace: string;
}

/** Runs the operator until the process is asked to stop. */
export async function runOperator(cluster: Cluster, { namespace }: RunOptions, world: World, stop: AbortSignal): Promise<void> {
  const registries = world.registries ?? networkRegistries(world);
  const say = (text: string) => world.err(`${text}\n`);
  const operator = new Operator({
    cluster,
    pins: { find: async apps => new Pins({ cluster, registries, warn: say }).find(apps) },
    claims: new Claims(),
    policy: () => [],
    onError: (what, error) => say(`${what}: ${(error as Error).stack}`),
  });
  await operator.start(stop);
  const election = new LeaderElection(cluster, { namespace, lease: OPERATOR_NAME, identity: replicaName(hostname()) });
  await election.run(stop, async lost => operator.work(stop, lost));
}

