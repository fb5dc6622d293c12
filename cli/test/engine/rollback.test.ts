import { gzipSync } from 'node:zlib';
import type { Release } from '../../src/engine/release-store';
import { chooseRelease, rollback } from '../../src/engine/rollback';
import { runControllers } from '../kube/controllers';
import { APP, configMap, deployment, job, service, TestCluster } from '../kube/test-cluster';

function release(number: number, state: Release['state'], more: Partial<Release> = {}): Release {
  return { number, state, created: '', action: 'deploy', by: '', objects: [configMap('a')], shared: [], kept: [], ...more };
}

describe('rollback chooses', () => {
  test.each<[string, Release[], number]>([
    ['the release before the current one', [release(3, 'deployed'), release(2, 'deployed'), release(1, 'deployed')], 2],
    ['no release that failed', [release(3, 'deployed'), release(2, 'failed'), release(1, 'deployed')], 1],
    [
      'the one before the current one, after a deploy that failed and was rolled back',
      [release(3, 'failed'), release(2, 'deployed'), release(1, 'deployed')],
      1,
    ],
    [
      'the current one, after a deploy that was interrupted',
      [release(3, 'failed', { interrupted: true }), release(2, 'deployed'), release(1, 'deployed')],
      2,
    ],
    ['the current one, while a deploy is pending', [release(3, 'pending'), release(2, 'deployed'), release(1, 'deployed')], 2],
    [
      'no switch of maintenance, neither the last one nor one before',
      [
        release(7, 'deployed', { action: 'maintenance off' }), release(6, 'deployed', { action: 'maintenance on' }),
        release(5, 'deployed'), release(4, 'deployed', { action: 'maintenance off' }), release(3, 'deployed'),
      ],
      3,
    ],
    [
      'no release without objects, which destroy has left',
      [release(3, 'deployed'), release(2, 'deployed', { objects: [] }), release(1, 'deployed')],
      1,
    ],
  ])('%s', (_, releases, number) => {
    expect(chooseRelease(releases, APP).number).toBe(number);
  });

  test('the release with a given number', () => {
    expect(chooseRelease([release(3, 'deployed'), release(2, 'deployed'), release(1, 'deployed')], APP, 1).number).toBe(1);
  });

  test.each<{ reason: string; releases: Release[]; number?: number; message: string }>([
    {
      reason: 'there are no releases',
      releases: [],
      message: 'web has no releases in namespace shop',
    },
    {
      reason: 'there is no release before the current one',
      releases: [release(1, 'deployed')],
      message: 'web has no earlier release to roll back to',
    },
    {
      reason: 'there is no release with that number',
      releases: [release(2, 'deployed'), release(1, 'deployed')],
      number: 9,
      message: 'web has no release 9 to roll back to; choose one of 2, 1',
    },
    {
      reason: 'the release with that number failed',
      releases: [release(2, 'deployed'), release(1, 'failed')],
      number: 1,
      message: 'web has no release 1 to roll back to; choose one of 2',
    },
    {
      reason: 'no release has become ready',
      releases: [release(1, 'failed')],
      number: 1,
      message: 'web has no release 1 to roll back to; none of its releases became ready',
    },
  ])('no release if $reason', ({ releases, number, message }) => {
    expect(() => chooseRelease(releases, APP, number)).toThrow(message);
  });
});

describe('a release that an earlier version of the command stored', () => {
  test.each([
    ['it was interrupted', true],
    ['it was interrupted by a person', undefined],
    [undefined, undefined],
  ])('with the reason %j is interrupted: %j', async (why, interrupted) => {
    const cluster = new TestCluster();
    const old = { number: 1, state: 'failed', action: 'deploy', by: 'x', objects: [], shared: [], kept: [], why };
    await cluster.objects.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'webapp-web-1', namespace: 'shop', labels: { 'cdk8s-webapp.dev/app': 'web' } },
      type: 'cdk8s-webapp.dev/release',
      data: { release: gzipSync(JSON.stringify(old)).toString('base64') },
    });
    expect((await cluster.releases())[0].interrupted).toBe(interrupted);
  });
});

describe('rollback deploys a release again', () => {
  test('as a new release, with its Jobs', async () => {
    const cluster = new TestCluster();
    runControllers(cluster);
    await cluster.store(1, { objects: [service(), job('migrate'), deployment('web:1')], image: 'web:1' });
    await cluster.store(2, { objects: [service(), deployment('web:2')], image: 'web:2' });
    await cluster.apply(service(), deployment('web:2'));
    expect(await rollback(cluster.operation())).toMatchObject({ number: 3, action: 'rollback to 1', image: 'web:1', state: 'deployed' });
    expect(cluster.output).toContain('Ran the release command');
    expect(cluster.output.at(-1)).toBe('Deployed release 3 (rollback to 1)');
  });
});
