import { AppFolder } from './in-cluster';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import { environment, PROPS, run, typed } from './variables-app';
import { eventually, IMAGE, temporaryNamespace } from '../../../test/cluster/cluster';
import { SETTINGS } from '../../src/engine/settings';
import { connect } from '../../src/kube/connect';
import { CONFIG_MAP, SECRET } from '../../src/kube/types';

/** How many objects hold settings. */
async function stored(namespace: string): Promise<number> {
  const { objects } = connect({}, { cwd: '.', env: process.env });
  const labels = { [SETTINGS]: true as const };
  return (await objects.list(CONFIG_MAP, { namespace, labels })).length + (await objects.list(SECRET, { namespace, labels })).length;
}

describe('variables outside of the file', () => {
  const namespace = temporaryNamespace('settings');
  const app = new AppFolder(namespace, PROPS);

  test('can be set before the first deploy, which has them', async () => {
    expect(await app.callIn(typed('hunter2\n'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await app.call('deploy')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('are all kept when two are set at the same time', async () => {
    const both = await Promise.all([app.call('config', 'set', 'A=1'), app.call('config', 'set', 'B=2')]);
    expect(both).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(await environment(namespace, 'A', 'B', 'TOKEN')).toEqual({ A: '1', B: '2', TOKEN: 'hunter2' });
  });

  test('are as before if the app does not start with them', async () => {
    const { code, err } = await app.call('config', 'set', 'BROKEN=1');
    expect(err).toContain('is still serving traffic');
    expect(code).toBe(1);
    expect(JSON.parse((await app.call('config', '--output', 'json')).out).map(({ name }: any) => name)).not.toContain('BROKEN');
  });

  test('are rolled back', async () => {
    expect(await app.call('rollback', '2')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'A', 'B', 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('are removed with the app', async () => {
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(await stored(namespace)).toBe(0);
  });
});

describe('variables of an app that the operator deploys', () => {
  const namespace = temporaryNamespace('operator-settings');
  const app = new AppFolder(namespace, PROPS);
  const installation = new OperatorInstallation({ namespace, kept: [] }); // the command stores a release before there is a resource
  let operator: OperatorProcess;

  beforeAll(async () => {
    await installation.install();
    operator = await OperatorProcess.start(namespace);
  });
  afterAll(async () => installation.remove(operator));

  test('can be set before there is a resource, whose first version has them', async () => {
    expect(await app.call('config', 'set', 'EARLY=1')).toMatchObject({ code: 0 });
    await installation.apply({ image: IMAGE, ...PROPS });
    await installation.untilReady();
    expect(await environment(namespace, 'EARLY')).toEqual({ EARLY: '1' });
    const replicaSets = ['get', 'replicasets', '--namespace', namespace, '--output', 'name'];
    expect((await run('kubectl', replicaSets)).stdout.trim().split('\n')).toHaveLength(1);
  });

  test('are deployed, and rolled back', async () => {
    expect(await app.callIn(typed('hunter2'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await app.call('config', 'set', 'A=1')).toMatchObject({ code: 0, err: expect.stringContaining('(config set A)') });
    expect(await environment(namespace, 'A', 'TOKEN')).toEqual({ A: '1', TOKEN: 'hunter2' });
    expect(await app.call('rollback')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'A', 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('stay with an app whose resource is deleted with deletionPolicy: orphan, and another resource takes them over', async () => {
    await installation.apply({ image: IMAGE, ...PROPS, deletionPolicy: 'orphan' });
    const finalizers = ['get', 'webapp', 'web', '--namespace', namespace, '--output', 'jsonpath={.metadata.finalizers}'];
    await eventually(async () => (await run('kubectl', finalizers)).stdout, text => text !== '');
    await run('kubectl', ['delete', 'webapp', 'web', '--namespace', namespace]);
    await new Promise(resolve => setTimeout(resolve, 5_000)); // the cluster deletes what an owner leaves behind a moment later
    expect(await environment(namespace, 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
    expect(await stored(namespace)).toBeGreaterThan(0);
    await installation.apply({ image: IMAGE, ...PROPS });
    await installation.untilReady();
    expect(await environment(namespace, 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('are deleted with the resource', async () => {
    await run('kubectl', ['delete', 'webapp', 'web', '--namespace', namespace]);
    await eventually(async () => stored(namespace), count => count === 0);
  });
});
