import { AppFolder } from './in-cluster';
import { kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

const PROGRAM = 'console.log("hello from", process.env.WHO); process.on("SIGTERM", () => process.exit()); setInterval(() => {}, 1000)';

describe('an app that has only a worker', () => {
  const namespace = temporaryNamespace('no-web');
  const app = new AppFolder(namespace, {
    web: false,
    scaling: undefined,
    health: undefined,
    env: { WHO: 'worker' },
    resources: { cpu: '10m' },
    workers: { beat: { command: ['node', '-e', PROGRAM], singleton: true } },
  });

  test('is deployed, and has no URL', async () => {
    const { code, err } = await app.call('deploy', '--timeout', '90s');
    expect(err).toContain('web-beat is ready (1/1 replicas)');
    expect(err).not.toContain('URL:');
    expect(code).toBe(0);
    expect(kubectl(['get', 'service,ingress,scaledobject,interceptorroute', '--namespace', namespace, '--output', 'name'])).toBe('');
  });

  test('works with status, logs, doctor, open and scale', async () => {
    expect(await app.call('status')).toMatchObject({ code: 0, out: expect.stringMatching(/^web-beat +ready +1\/1/m) });
    expect(await app.call('logs')).toMatchObject({ code: 0, out: 'hello from worker\n' });
    const all = ['logs', '--all', '--since', '1h', '--until', '0s', '--grep'];
    expect((await app.call(...all, 'FROM worker')).out).toMatch(/^web-beat-\S+ hello from worker$/m);
    expect((await app.call(...all, 'bye')).out).toBe('');
    expect(await app.call('doctor', 'web')).toMatchObject({ code: 0, out: expect.stringContaining('pods of web-beat: 1/1 ready') });
    expect(await app.call('open')).toMatchObject({ code: 1, err: 'web has no public URL\n' });
    expect(await app.call('scale', '--max', '3')).toMatchObject({ code: 1, err: expect.stringContaining('web-beat is not autoscaled') });
  });

  test('can run a command while its singleton is running', async () => {
    expect(await app.call('run', '--', 'sh', '-c', 'echo $WHO')).toMatchObject({ code: 0, out: 'worker\n' });
  });
});
