/** An operator that sees only the apps of the benchmark: KUBECONFIG of its account, the namespace, the port of its metrics. */
import { connect } from '../../src/kube/connect';
import { Objects } from '../../src/kube/objects';
import { runOperator } from '../../src/operator/run';
import { createLogger } from '../../src/operator/runtime/log';
import type { Registries } from '../../src/registry/registries';
import { TestApi } from '../cluster/operator-account';

const [kubeconfig, namespace, port] = process.argv.slice(2);
const connected = connect({ kubeconfig }, { cwd: '.', env: {} });
const api = new TestApi(connected.api, namespace);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

/** Images are what they are called. */
const registries = { find: async () => ({ state: 'unasked' }) } as unknown as Registries;

void runOperator({ ...connected, api, objects: new Objects(api) }, {
  namespace,
  registries,
  log: createLogger({ format: 'text', level: 'warn', write: line => process.stderr.write(line), now: Date.now }),
  ports: { metrics: Number(port), health: 0, webhook: 0 },
  webhook: false,
  signal: stop.signal,
}).then(() => process.exit());
