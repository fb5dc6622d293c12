import { CLUSTER_BUILD_STRATEGY } from '../../src/kube/types';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';
import { comparable, replay, sessionFolder, SESSIONS } from '../sessions';

const PLATFORM = { domain: 'apps.example.com', builds: { registry: 'registry.example.com/acme' } };

describe.each(SESSIONS)('the session in %s', (_, steps) => {
  const cwd = sessionFolder('node:22-alpine', PLATFORM);
  const cluster = new TestCluster();
  runControllers(cluster);
  cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name: 'buildah-shipwright-managed-push' }, spec: {} });
  cluster.api.proxy = () => response(200, '{}', { 'x-keda-http-cold-start': 'false' });

  test.each(steps)('prints the recorded output: %s', async (command, recorded) => {
    const interactive = command === 'webapp init'; // webapp open would start a browser
    const printed = await replay([command, recorded], cwd, { cluster, interactive });
    expect(comparable(printed, 'test')).toBe(comparable(recorded));
  });
});
