import { AppFolder } from './in-cluster';
import { SHORT_LIVED, temporaryNamespace } from '../../../test/cluster/cluster';

/** A program that allocates memory until it is killed. */
const GREEDY = ['node', '-e', 'const all = []; setInterval(() => all.push(Buffer.alloc(16 * 1024 * 1024, 1)), 10)'];

describe('webapp deploy says why an app does not become ready', () => {
  const namespace = temporaryNamespace('memory');
  const deploy = async (props: object) => new AppFolder(namespace, { scaling: { replicas: 1 }, size: 'xs', health: SHORT_LIVED, ...props })
    .call('deploy', '--timeout', '90s');

  test('if a container exceeds its memory limit', async () => {
    const { code, err } = await deploy({ command: GREEDY });
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        'web failed to start: container web ran out of memory and was killed (OOMKilled); its limit is 128Mi\n'
        + '  set size: s (256Mi), or resources.memory\n'),
    });
  });

  test('if a release command exceeds its memory limit', async () => {
    const { code, err } = await deploy({ releaseCommand: { command: GREEDY, retries: 0 } });
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        'the release command failed: container release ran out of memory and was killed (OOMKilled); its limit is'),
    });
  });

  test('if the command of an exec probe fails', async () => {
    const probe = { exec: { command: ['sh', '-c', 'echo no such table; exit 1'] }, tcpSocket: null };
    const containers = [{ name: 'web', startupProbe: probe, readinessProbe: probe }];
    const patches = [{ kind: 'Deployment', merge: { spec: { template: { spec: { containers } } } } }];
    const { code, err } = await deploy({ patches });
    expect({ code, err }).toMatchObject({
      code: 1, err: expect.stringContaining('the health check sh -c echo no such table; exit 1 failed: no such table\n'),
    });
  });
});
