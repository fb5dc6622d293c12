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
    ['none that failed', [release(3, 'deployed'), release(2, 'failed'), release(1, 'deployed')], 1],
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
    ['none that destroy left', [release(3, 'deployed'), release(2, 'deployed', { objects: [] }), release(1, 'deployed')], 1],
  ])('%s', (_, releases, number) => {
    expect(chooseRelease(releases, APP).number).toBe(number);
  });

  test('the one of a number', () => {
    expect(chooseRelease([release(3, 'deployed'), release(2, 'deployed'), release(1, 'deployed')], APP, 1).number).toBe(1);
  });

  test.each<[string, Release[], number | undefined, string]>([
    ['there are no releases', [], undefined, 'web has no releases in namespace shop'],
    ['there is only the current one', [release(1, 'deployed')], undefined, 'web has no earlier release to roll back to'],
    [
      'the number is unknown',
      [release(2, 'deployed'), release(1, 'deployed')],
      9,
      'web has no release 9 to roll back to; choose one of 2, 1',
    ],
    [
      'the release of the number failed',
      [release(2, 'deployed'), release(1, 'failed')],
      1,
      'web has no release 1 to roll back to; choose one of 2',
    ],
    ['none became ready', [release(1, 'failed')], 1, 'web has no release 1 to roll back to; none of its releases became ready'],
  ])('nothing where %s', (_, releases, number, message) => {
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
  test('as a new one, with its Jobs', async () => {
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
