/** Operators for tests on a real cluster, in the process of the test, which must not block. */
import { createServer } from 'node:net';
import { kubeconfigOf } from './account';
import { TestApi } from './operator-account';
import { eventually, kubectl } from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import { Objects } from '../../src/kube/objects';
import { OPERATOR_NAME } from '../../src/operator/manifest/names';
import { runOperator } from '../../src/operator/run';
import { createLogger } from '../../src/operator/runtime/log';
import { world } from '../call';

/** An operator that runs until it is stopped or killed. */
export class OperatorProcess {
  /** @param hidden groups of the API that the operator does not see, as `GROUP/VERSION` */
  public static async start(namespace: string, hidden: readonly string[] = []): Promise<OperatorProcess> {
    const operator = new OperatorProcess(namespace);
    operator.api.hidden = hidden;
    await operator.run();
    return operator;
  }

  public readonly api: TestApi;
  private readonly signal = new AbortController();
  private metricsPort = 0;
  private ended?: Promise<void>;

  private constructor(private readonly namespace: string) {
    this.api = new TestApi(connect({ kubeconfig: kubeconfigOf(namespace, OPERATOR_NAME) }, { cwd: '.', env: {} }).api, namespace);
  }

  /** Lets it finish what it is doing. */
  public async stop(): Promise<void> {
    this.signal.abort();
    await this.ended;
  }

  /** From now on it does nothing: not even what it was about to do. Its Lease counts as expired. */
  public async kill(): Promise<void> {
    this.api.kill();
    await this.stop();
    kubectl(['delete', 'lease', OPERATOR_NAME, '--namespace', this.namespace, '--ignore-not-found']);
  }

  public async isLeader(): Promise<boolean> {
    return (await this.metrics()).get(`leader_election_master_status{name="${OPERATOR_NAME}"}`) === 1;
  }

  /** Waits until it leads, has looked at this number of apps, and has nothing to do at the moment. */
  public async settled(apps: number): Promise<void> {
    const of = (metrics: Map<string, number>, name: string) => (
      [...metrics].filter(([key]) => key.startsWith(name)).reduce((sum, [, value]) => sum + value, 0));
    await eventually(async () => this.metrics(), metrics => of(metrics, 'controller_runtime_reconcile_total') >= apps
      && of(metrics, 'workqueue_depth') === 0 && of(metrics, 'controller_runtime_active_workers') === 0);
  }

  private async run(): Promise<void> {
    const { namespace, signal: { signal } } = this;
    this.metricsPort = await freePort();
    const { clock, ...others } = connect({}, { cwd: '.', env: process.env });
    const cluster = { ...others, clock, api: this.api, objects: new Objects(this.api) };
    const write = (line: string) => void (this.api.isKilled || process.stderr.write(line));
    const log = createLogger({ format: 'text', level: 'error', write, now: () => clock.now() });
    const ports = { metrics: this.metricsPort, health: 0, webhook: 0 };
    // An operator that was killed may report that in any way.
    this.ended = runOperator(cluster, { namespace, registries: world().registries!, log, ports, webhook: false, signal }).catch(error => {
      if (!signal.aborted) throw error;
    });
    this.ended.catch(() => {}); // thrown when it is stopped
    await eventually(async () => this.metrics().then(() => true).catch(() => false), isUp => isUp);
  }

  private async metrics(): Promise<Map<string, number>> {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
    return new Map([...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
