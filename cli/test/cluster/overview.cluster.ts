import { createAccount, DOCUMENTED, kubeconfigOf } from './account';
import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, get, kubectl, pods, server, temporaryNamespace } from '../../../test/cluster/cluster';

const json = (text: string) => JSON.parse(text);
const uids = (namespace: string) => (
  pods(namespace, 'web').filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.uid).sort());

const CRON_JOBS = {
  nightly: { schedule: '0 3 1 1 *', command: ['sh', '-c', 'echo $GREETING'], env: { GREETING: 'hello' } },
  broken: { schedule: '0 3 1 1 *', command: ['sh', '-c', 'echo oops; exit 3'], retries: 0 },
  long: { schedule: '0 3 1 1 *', command: ['sleep', '300'], terminationGracePeriod: '1s' },
};

describe('an account with the permissions in docs/deploy.md', () => {
  const namespace = temporaryNamespace('overview');
  const app = new AppFolder(namespace, { scaling: { min: 1, cooldownPeriod: '300s' }, command: server('"hello"'), cronJobs: CRON_JOBS });
  const call = async (...words: string[]) => app.call(...words, '--kubeconfig', kubeconfigOf(namespace, 'deployer'));
  beforeAll(async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
  });

  test('lists the apps of a namespace', async () => {
    const { code, out } = await call('ls', '--namespace', namespace, '--output', 'json');
    expect(code).toBe(0);
    expect(json(out)).toEqual([expect.objectContaining({
      name: 'web',
      namespace,
      state: 'ready',
      ready: 1,
      release: 1,
      url: `http://web.${namespace}.example.com`,
      since: expect.stringMatching(/^\d{4}-/),
    })]);
    expect((await call('ls', '--namespace', namespace)).out).toMatch(/^APP +STATE[^]*^web +ready +\d+ \w+ ago +1\/1 +1 /m);
  });

  test('is told to name a namespace if it wants to see all', async () => {
    expect(await call('ls', '-A')).toMatchObject({ code: 1, err: expect.stringContaining('name one with --namespace') });
  });

  test('restarts an app without downtime, and a deploy does not do it again', async () => {
    const before = uids(namespace);
    const service = `/api/v1/namespaces/${namespace}/services/web:80/proxy/`;
    let isDone = false;
    const restarted = call('restart', '--timeout', '90s').finally(() => void (isDone = true));
    const failures: string[] = [];
    while (!isDone) {
      try {
        kubectl(['get', '--raw', service]);
      } catch (error) {
        failures.push((error as Error).message);
      }
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    expect(await restarted).toMatchObject({ code: 0, err: '✓ Restarted web (1/1 replicas ready)\n' });
    expect(failures).toEqual([]);
    const after = uids(namespace);
    expect(after).not.toEqual(before);
    expect(await call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
    expect(uids(namespace)).toEqual(after);
  });

  test('shows a release, and what has changed since the one before', async () => {
    const { code, out } = await call('releases', 'info', '1', '--output', 'json');
    expect({ code, kinds: json(out).objects.map(({ kind }: { kind: string }) => kind) }).toMatchObject(
      { code: 0, kinds: expect.arrayContaining(['Deployment', 'CronJob']) });
    expect(await call('releases', 'diff', '1', '2')).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/No differences\n$/) });
  });

  test('runs a cron job now, which is kept with its other runs', async () => {
    expect(await call('cron', 'run', 'nightly')).toEqual({
      code: 0,
      out: 'hello\n',
      err: expect.stringMatching(/^✓ Started nightly as Job web-nightly-run-\w+\n✓ nightly succeeded after \d+ s\n$/),
    });
    const [job] = json(kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'json'])).items;
    expect(job.metadata.ownerReferences[0]).toMatchObject({ kind: 'CronJob', name: 'web-nightly', controller: true });
    expect(json((await call('cron', '--output', 'json')).out)).toHaveLength(3);
  });

  test('gets the exit code of a cron job that fails', async () => {
    const err = expect.stringContaining('! broken failed with exit code 3');
    expect(await call('cron', 'run', 'broken')).toMatchObject({ code: 3, out: 'oops\n', err });
  });

  test('starts a cron job, and does not start it twice; Ctrl-C stops it', async () => {
    expect(await call('cron', 'run', 'long', '--detach')).toMatchObject({ code: 0 });
    const err = expect.stringContaining('long is running as Job web-long-run-');
    expect(await call('cron', 'run', 'long')).toMatchObject({ code: 1, err });
    const isRunning = (text: string) => json(text).find(({ name }: { name: string }) => name === 'long').running.length === 1;
    expect(isRunning((await call('cron', '--output', 'json')).out)).toBe(true);
    kubectl(['delete', 'jobs', '--all', '--namespace', namespace]);
    let interrupt = () => {};
    const running = app.callIn({
      onInterrupt: stop => {
        interrupt = stop;
        return () => {};
      },
    }, 'cron', 'run', 'long', '--kubeconfig', kubeconfigOf(namespace, 'deployer'));
    await eventually(() => kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'name']), names => names !== '');
    interrupt();
    expect(await running).toMatchObject({ code: 1, err: expect.stringMatching(/interrupted; Job web-long-run-\w+ was stopped\n$/) });
    expect(kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'name'])).toBe('');
  });

  describeWithAddon('that may not send requests', () => {
    test('does not let an app sleep that always has a pod', async () => {
      expect(await call('sleep')).toMatchObject({ code: 1, err: expect.stringContaining('web has 1 replicas or more') });
    });

    test('lets an app sleep before its cooldown period is over, and wakes it', async () => {
      app.write({ scaling: { cooldownPeriod: '300s' }, command: server('"hello"') });
      expect(await call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
      expect(await app.call('wake', '--timeout', '90s')).toMatchObject({ code: 0 }); // with a request, which counts for a while
      const asleep = await eventually(async () => call('sleep'), ({ code }) => code === 0, 90);
      expect(asleep.err).toMatch(/✓ web is asleep; the next request wakes it\n$/);
      expect(get(namespace, 'deployment', 'web').spec.replicas).toBe(0);
      expect(json((await call('ls', '--namespace', namespace, '--output', 'json')).out)).toMatchObject([{ state: 'asleep' }]);
      await new Promise(resolve => setTimeout(resolve, 35_000)); // KEDA looks at the app every 30 s
      expect(get(namespace, 'deployment', 'web').spec.replicas).toBe(0);
      expect((await call('restart')).err).toBe('✓ web is asleep, so its next pods are new\n');
      const err = expect.stringMatching(/✓ web woke up in [\d.]+ s \(1\/1/);
      expect(await call('wake', '--timeout', '90s')).toMatchObject({ code: 0, err });
      expect(await call('wake')).toMatchObject({ code: 0, err: '✓ web is awake (1/1 replicas ready)\n' });
    });
  });
});
