import { runJob } from '../../src/engine/jobs';
import type { Job } from '../../src/kube/types';
import { runControllers } from '../kube/controllers';
import { job, TestCluster } from '../kube/test-cluster';

const condition = (type: string, reason?: string) => ({ status: { conditions: [{ type, status: 'True', reason, message: reason }] } });
const withDeadline = (seconds: number) => {
  const { spec, ...rest } = job('sleep');
  return { ...rest, spec: { ...spec as Job['spec'], activeDeadlineSeconds: seconds } };
};

describe('a Job', () => {
  let cluster: TestCluster;
  beforeEach(() => cluster = new TestCluster());

  test('runs once', async () => {
    runControllers(cluster);
    expect(await runJob(cluster.operation(), job('migrate'))).toBe(false);
    expect(await runJob(cluster.operation(), job('migrate'))).toBe(true);
  });

  test('runs again when it has changed', async () => {
    runControllers(cluster);
    await runJob(cluster.operation(), job('migrate'));
    expect(await runJob(cluster.operation(), job('migrate --all'))).toBe(false);
  });

  test('runs again after it failed', async () => {
    runControllers(cluster);
    await cluster.apply(job('migrate'));
    cluster.api.change(job('migrate'), condition('Failed'));
    expect(await runJob(cluster.operation(), job('migrate'))).toBe(false);
  });

  test('that is still running is not started again, and the deploy waits for it', async () => {
    await cluster.apply(job('migrate'));
    const { uid } = cluster.api.find({ apiVersion: 'batch/v1', kind: 'Job' }, 'web-release')!.metadata;
    cluster.clock.after(20, () => cluster.api.change(job('migrate'), condition('Complete')));
    expect(await runJob(cluster.operation(), job('migrate'))).toBe(false);
    expect(cluster.api.find({ apiVersion: 'batch/v1', kind: 'Job' }, 'web-release')!.metadata.uid).toBe(uid);
  });

  test('that fails gives an error with its exit code and the last lines of its log', async () => {
    runControllers(cluster, { failingCommands: { migrate: { exitCode: 4, log: 'connecting\nthe table is locked\n' } } });
    await expect(runJob(cluster.operation(), job('migrate'))).rejects.toThrow(
      'the release command failed: it exited with code 4\nlast log lines:\n  | connecting\n  | the table is locked');
  });

  test('that does not complete in time gives an error', async () => {
    await expect(runJob(cluster.operation({ timeout: 30 }), job('sleep'))).rejects.toThrow(
      'the release command did not complete within 30 s: it is still running');
  });

  test('that another client deletes gives an error', async () => {
    cluster.clock.after(5, () => cluster.api.delete(job('sleep')));
    await expect(runJob(cluster.operation(), job('sleep'))).rejects.toThrow('the release command failed: it was deleted');
  });

  test('that exceeds its deadline fails once its pods have terminated', async () => {
    const { api, clock } = cluster;
    clock.after(35, () => api.change(job('sleep'), condition('FailureTarget', 'DeadlineExceeded')));
    clock.after(65, () => api.change(job('sleep'), condition('Failed', 'DeadlineExceeded')));
    const began = clock.now();
    await expect(runJob(cluster.operation(), withDeadline(35))).rejects.toThrow(
      'the release command failed: it did not complete within 35 s, and was stopped\n  make it faster, or increase releaseCommand.timeout');
    expect(clock.now() - began).toBeGreaterThanOrEqual(65_000);
  });

  test('whose pods do not terminate fails for the same reason', async () => {
    cluster.clock.after(35, () => cluster.api.change(job('sleep'), condition('FailureTarget', 'DeadlineExceeded')));
    await expect(runJob(cluster.operation(), withDeadline(35))).rejects.toThrow(
      'the release command failed: it did not complete within 35 s, and was stopped');
  });

  test('whose pods are rejected gives an error with the reason', async () => {
    const involvedObject = { kind: 'Job', name: 'web-release' };
    const message = 'Error creating: pods "web-release-x" is forbidden: exceeded quota: small, requested: cpu=2, limited: cpu=1';
    cluster.api.put({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject, reason: 'FailedCreate', message });
    await expect(runJob(cluster.operation(), job('migrate'))).rejects.toThrow(
      'the release command failed to start: the quota of namespace shop is exceeded: small, requested: cpu=2, limited: cpu=1');
  });
});
