import type { Diagnosis } from '../diagnose/pods';
import { diagnoseWorkload } from '../engine/rollout';
import type { Cluster } from '../kube/connect';
import type { Workload } from '../kube/workload';

/** For how long a diagnosis holds, in milliseconds. */
const FRESH = 2_000;

/** How many are remembered: those of workloads that do not start right now. */
const MOST = 1_000;

/** Why workloads do not start. An answer takes several requests, and is asked for at each change of an app. */
export class Diagnoses {
  private readonly known = new Map<string, { readonly time: number; readonly answer: Promise<Diagnosis | undefined> }>();

  constructor(private readonly cluster: Cluster) {}

  /** Why the new version of a workload does not become ready; undefined if nothing is wrong so far. */
  public async of(workload: Workload): Promise<Diagnosis | undefined> {
    const { uid, generation } = workload.metadata;
    const key = `${uid} ${generation}`;
    const now = this.cluster.clock.now();
    const last = this.known.get(key);
    if (last && now - last.time < FRESH) return last.answer;
    if (this.known.size >= MOST) this.known.clear();
    const answer = diagnoseWorkload(this.cluster, workload);
    this.known.set(key, { time: now, answer });
    return answer;
  }
}
