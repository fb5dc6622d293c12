import { API_VERSION } from '../../src/config/api-version';
import { throughApiServer } from '../../src/engine/canary-health';
import type { HostNamesOptions } from '../../src/operator/host-names';
import { Operator } from '../../src/operator/operator';
import type { ConditionType, ResourceCondition, WebAppResource } from '../../src/operator/resources';
import { WEB_APP } from '../../src/operator/resources';
import { Claims } from '../../src/operator/tenancy/claims';
import { escapes } from '../../src/operator/tenancy/escapes';
import { runControllers } from '../kube/controllers';
import { TestCluster } from '../kube/test-cluster';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

type LookUp = HostNamesOptions['lookUp'];

const RESOLVES: LookUp = async () => ['192.0.2.1'];

/** A whole operator, with its cache, its queue and its claims, on a cluster in memory. It works whenever time passes. */
export class RunningOperator {
  public readonly cluster = new TestCluster();
  public readonly errors: unknown[] = [];

  /** The addresses of a host, as the cluster resolves it. */
  public lookUp: LookUp = RESOLVES;
  private stopped = new AbortController();
  private working?: Promise<void>;

  constructor(namespaces: readonly string[] = []) {
    for (const name of namespaces) this.cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    runControllers(this.cluster);
  }

  /** Starts a process, which knows nothing of the one before it. */
  public async start(): Promise<void> {
    this.stopped = new AbortController();
    const { cluster, stopped: { signal } } = this;
    const operator = new Operator({
      cluster,
      pins: { find: async apps => apps.map(() => new Map()) },
      claims: new Claims(),
      policy: escapes,
      readMetrics: throughApiServer(cluster),
      lookUp: async host => this.lookUp(host),
      observer: { failed: (_, error) => void this.errors.push(error) },
      signal,
      onError: (_, error) => void this.errors.push(error),
      onWatchError: () => {}, // a kind that is uninstalled ends its watch
    });
    await operator.start();
    this.working = operator.work(new AbortController().signal);
  }

  public async stop(): Promise<void> {
    this.stopped.abort();
    await this.working;
  }

  public async pass(seconds: number): Promise<void> {
    await this.cluster.clock.sleep(seconds * 1000);
  }

  public setPlatform(spec: PlatformProps): void {
    this.cluster.api.put({ apiVersion: API_VERSION, kind: 'Platform', metadata: { name: 'default' }, spec });
  }

  /** Applies a resource as its author does, and lets the operator work. */
  public async apply(name: string, props: Partial<WebAppProps>, namespace = 'shop'): Promise<void> {
    const gone = Object.keys(this.find(name, namespace)?.spec ?? {}).map(prop => [prop, null]);
    const spec = { ...Object.fromEntries(gone), image: 'web:1', scaling: { replicas: 1 }, ...props };
    this.cluster.api.put({ apiVersion: API_VERSION, kind: 'WebApp', metadata: { name, namespace }, spec });
    await this.pass(5);
  }

  public async remove(name: string, namespace = 'shop'): Promise<void> {
    this.cluster.api.delete({ ...WEB_APP, metadata: { name, namespace } });
    await this.pass(5);
  }

  public find(name: string, namespace = 'shop'): WebAppResource | undefined {
    return this.cluster.api.find(WEB_APP, name, namespace);
  }

  public condition(type: ConditionType, name: string, namespace = 'shop'): ResourceCondition | undefined {
    return this.find(name, namespace)?.status?.conditions?.find(condition => condition.type === type);
  }
}
