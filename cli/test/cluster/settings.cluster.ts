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
  const installation = new OperatorInstallation({ namespace });
  let operator: OperatorProcess;

  beforeAll(async () => {
    await installation.install();
    operator = await OperatorProcess.start(namespace);
    await installation.apply({ image: IMAGE, ...PROPS });
  });
  afterAll(async () => installation.remove(operator));

  test('are deployed, and rolled back', async () => {
    expect(await app.callIn(typed('hunter2'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await app.call('config', 'set', 'A=1')).toMatchObject({ code: 0, err: expect.stringContaining('(config set A)') });
    expect(await environment(namespace, 'A', 'TOKEN')).toEqual({ A: '1', TOKEN: 'hunter2' });
    expect(await app.call('rollback')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'A', 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('are deleted with the resource', async () => {
    await run('kubectl', ['delete', 'webapp', 'web', '--namespace', namespace]);
    await eventually(async () => stored(namespace), count => count === 0);
  });
});
