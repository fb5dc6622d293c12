import { listCronJobs, runCronJob } from '../../src/engine/cron';
import type { Job } from '../../src/kube/types';
import { CRON_JOB, JOB, POD } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { APP, TestCluster } from '../kube/test-cluster';

const LABELS = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };

function cronJob(name: string, spec: object = {}, status: object = {}): Manifest {
  const template = { spec: { containers: [{ name: 'main', image: 'web:1' }], restartPolicy: 'Never' } };
  const jobTemplate = { metadata: { labels: LABELS }, spec: { backoffLimit: 1, template } };
  return {
    ...CRON_JOB,
    metadata: { name: `web-${name}`, namespace: 'shop', labels: LABELS },
    spec: { schedule: '0 3 * * *', concurrencyPolicy: 'Forbid', jobTemplate, ...spec },
    status,
  };
}

let cluster: TestCluster;
let printed: string;
beforeEach(() => {
  cluster = new TestCluster();
  cluster.api.put(cronJob('nightly'));
  printed = '';
});

const onText = (text: string) => void (printed += text);
const run = async (options: object = {}, operation: object = {}) => (
  runCronJob(cluster.operation(operation), 'nightly', { onText, ...options }));
const jobs = () => cluster.api.all(JOB);

/** A pod of a Job for each exit code, one after the other; then the Job has ended. */
function runPods(...codes: readonly number[]): void {
  cluster.api.onWrite = object => {
    if (object.kind !== 'Job' || (object as unknown as Job).status) return;
    const { metadata: { name, uid } } = object as unknown as Job;
    const labels = { 'batch.kubernetes.io/controller-uid': uid };
    codes.forEach((exitCode, i) => cluster.clock.after(1 + 20 * i, () => {
      const pod = { ...POD, metadata: { name: `${name}-${i}`, namespace: 'shop', labels }, spec: { containers: [{ name: 'main' }] } };
      cluster.api.logs.set(`${name}-${i}/main`, `try ${i + 1}\n`);
      cluster.api.put({ ...pod, status: { containerStatuses: [{ name: 'main', state: { terminated: { exitCode } } }] } });
    }));
    const type = codes.at(-1) === 0 ? 'Complete' : 'Failed';
    cluster.clock.after(2 + 20 * codes.length, () => (
      cluster.api.change(object, { status: { conditions: [{ type, status: 'True', reason: 'BackoffLimitExceeded' }] } })));
  };
}

describe('webapp cron', () => {
  test('lists the cron jobs of an app, and which of them are running', async () => {
    cluster.api.put(cronJob('hourly', { suspend: true, timeZone: 'Europe/Berlin' }, { lastScheduleTime: '2026-01-01T00:00:00Z' }));
    cluster.api.put({ ...cronJob('other'), metadata: { name: 'api-other', namespace: 'shop' } });
    await run({ detach: true });
    expect(await listCronJobs(cluster, APP)).toEqual([
      { name: 'nightly', schedule: '0 3 * * *', timezone: 'UTC', suspended: false, running: [jobs()[0].metadata.name] },
      {
        name: 'hourly',
        schedule: '0 3 * * *',
        timezone: 'Europe/Berlin',
        suspended: true,
        lastRun: '2026-01-01T00:00:00Z',
        running: [],
      },
    ]);
  });
});

describe('webapp cron run', () => {
  test('creates a Job as the CronJob would, which belongs to it and is kept with its other runs', async () => {
    runPods(0);
    expect(await run()).toBe(0);
    const [{ metadata, spec }] = jobs();
    expect(metadata.name).toMatch(/^web-nightly-run-[0-9a-f]{6}$/);
    const { uid } = cluster.api.find(CRON_JOB, 'web-nightly')!.metadata;
    expect(metadata.ownerReferences).toEqual([{ ...CRON_JOB, name: 'web-nightly', uid, controller: true }]);
    expect(metadata.labels).toEqual(LABELS);
    expect(spec).toMatchObject({ backoffLimit: 1, template: { spec: { containers: [{ image: 'web:1' }] } } });
  });

  test('prints the log, and how long it took', async () => {
    runPods(0);
    await run();
    expect(printed).toBe('try 1\n');
    const started = expect.stringMatching(/^Started nightly as Job web-nightly-run-/);
    expect(cluster.output).toEqual([started, 'nightly succeeded after 22 s']);
  });

  test('returns the exit code of the last try, and prints the logs of all', async () => {
    runPods(3, 4);
    expect(await run()).toBe(4);
    expect(printed).toBe('try 1\ntry 2\n');
    expect(cluster.output.slice(1)).toEqual(['! exit code 3; waiting for the next try', '! nightly failed with exit code 4']);
  });

  test('returns 0 where a retry succeeds', async () => {
    runPods(3, 0);
    expect(await run()).toBe(0);
  });

  test('says why it failed where that is not its exit code', async () => {
    const failed = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'Job was active longer than 30 s' };
    cluster.api.onWrite = object => {
      if (object.kind !== 'Job' || object.status !== undefined) return;
      cluster.clock.after(60, () => cluster.api.change(object, { status: { conditions: [failed] } }));
    };
    await expect(run()).rejects.toThrow(/^Job web-nightly-run-\w+ failed: Job was active longer than 30 s$/);
  });

  test('only starts it with detach', async () => {
    expect(await run({ detach: true })).toBe(0);
    expect(jobs()).toHaveLength(1);
  });

  test('does not start one that is running and whose concurrency is forbid, unless told to', async () => {
    await run({ detach: true });
    const message = /nightly is running as Job web-nightly-run-\w+, and its concurrency is forbid; wait until it has ended/;
    await expect(run()).rejects.toThrow(message);
    await run({ detach: true, concurrent: true });
    expect(jobs()).toHaveLength(2);
  });

  test('starts one that is running and may run twice', async () => {
    cluster.api.put(cronJob('nightly', { concurrencyPolicy: 'Allow' }));
    await run({ detach: true });
    await run({ detach: true });
    expect(jobs()).toHaveLength(2);
  });

  test('stops it when it is interrupted', async () => {
    const stop = new AbortController();
    cluster.clock.after(5, () => stop.abort());
    await expect(run({}, { signal: stop.signal })).rejects.toThrow(/^interrupted; Job web-nightly-run-\w+ was stopped$/);
    expect(jobs()).toEqual([]);
  });

  test('of an unknown name says which there are', async () => {
    await expect(runCronJob(cluster.operation(), 'nigthly', { onText })).rejects.toThrow(
      'web has no cron job nigthly in namespace shop; it has nightly');
  });
});
