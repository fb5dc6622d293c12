import { createAccount, DOCUMENTED, kubeconfigOf } from './account';
import { AppFolder } from './in-cluster';
import { describeMetrics, describeWithAddon, eventually, server, temporaryNamespace } from '../../../test/cluster/cluster';

const json = (text: string) => JSON.parse(text);

describe('an account with the permissions in docs/deploy.md', () => {
  const namespace = temporaryNamespace('figures');
  const app = new AppFolder(namespace, { scaling: { min: 1, cooldownPeriod: '300s' }, command: server('"hello"') });
  const call = async (...words: string[]) => app.call(...words, '--kubeconfig', kubeconfigOf(namespace, 'deployer'));
  beforeAll(async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
  });

  test('sees the replicas of its app, and is told what the rest needs', async () => {
    const { code, out } = await call('metrics');
    expect(code).toBe(0);
    expect(out).toMatch(/^REPLICAS +1 now$/m);
    expect(out).toMatch(/^! requests, errors and latency: .*get of pods\/proxy/m);
  });

  test('sees what an hour of its app costs', async () => {
    expect(json((await call('cost', 'web', '--output', 'json')).out).processes).toMatchObject(
      [{ process: 'web', requested: { cpu: 0.1, memory: 0.25 } }]);
  });

  describeMetrics()('where there is metrics-server', () => {
    test('sees what the pods of its app use', async () => {
      const measured = async () => json((await call('top', 'web', '--output', 'json')).out)[0];
      const web = await eventually(measured, ({ usage }) => usage !== undefined, 90);
      expect(web).toMatchObject({ process: 'web', ready: 1, wanted: 1, requests: { cpu: 0.1, memory: 256 * 1024 ** 2 } });
      expect(web.usage.memory).toBeGreaterThan(1024 ** 2);
      expect((await call('top', '--namespace', namespace)).out).toMatch(/^web +web +1\/1 +\d+m +\d+% +\d+Mi +\d+%$/m);
    });
  });
});

describeWithAddon('a cluster administrator', () => {
  const namespace = temporaryNamespace('requests');
  const app = new AppFolder(namespace, { command: server('"hello"') });

  test('sees the requests that the interceptor counted', async () => {
    expect(await app.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
    expect(await app.call('wake', '--timeout', '90s')).toMatchObject({ code: 0 });
    const { out } = await app.call('metrics', '--output', 'json');
    expect(json(out)).toMatchObject({ source: 'cluster', errors: 0, latency: { p50: expect.any(Number) } });
    expect(json(out).requests).toBeGreaterThan(0);
  });
});
