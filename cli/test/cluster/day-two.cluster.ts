/** The commands that a team lives with, on an app that the operator deploys, with an account that has the documented rights alone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount, DOCUMENTED, kubeconfigOf } from './account';
import { AppFolder } from './in-cluster';
import { TEST_LABEL } from './operator-account';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import {
  describeWithAddon, eventually, IMAGE, kubectl, NEXT_IMAGE, server, SHORT_LIVED, temporaryNamespace,
} from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import { DEPLOYMENT, SCALED_OBJECT } from '../../src/kube/types';
import { operatorManifest } from '../../src/operator/manifest/manifest';
import { WEB_APP } from '../../src/operator/resources';
import type { Called } from '../call';

describeWithAddon('an app that the operator deploys', () => {
  const namespace = temporaryNamespace('day-two');
  const { objects } = connect({}, { cwd: '.', env: process.env });
  const spec = {
    image: IMAGE,
    command: server('process.env.LEVEL || "hello"'),
    health: SHORT_LIVED,
    size: 'xs',
    scaling: { min: 1, max: 2, cooldownPeriod: '300s' },
    cronJobs: { nightly: { schedule: '0 3 1 1 *', command: ['sh', '-c', 'echo done'] } },
  };
  // Who removes an app writes a release as well, which others may not in a namespace that is kept for a test.
  const installation = new OperatorInstallation({ namespace, kept: [`${namespace}-none`] });
  const app = new AppFolder(namespace);
  let operator: OperatorProcess;
  let kubeconfig: string;

  beforeAll(async () => {
    await installation.install();
    kubectl(['apply', '--filename', '-'], everybodyReadsPlatforms(namespace));
    operator = await OperatorProcess.start(namespace);
    const metadata = { name: 'web', namespace, labels: { [TEST_LABEL]: namespace } };
    await objects.apply({ ...WEB_APP, metadata, spec }, { manager: 'kubectl' });
    await eventually(async () => objects.get({ ...WEB_APP, name: 'web', namespace }), found => found?.status?.release === 1, 120);
    createAccount(namespace, 'deployer', DOCUMENTED);
    kubeconfig = kubeconfigOf(namespace, 'deployer');
  });
  afterAll(async () => {
    await installation.remove(operator);
    kubectl(['delete', 'clusterrole,clusterrolebinding', `${namespace}-platforms`]);
  });

  /** Names the app, as there is no file that does. */
  const call = async (...words: string[]): Promise<Called> => {
    const [own, program] = words.includes('--') ? [words.slice(0, words.indexOf('--')), words.slice(words.indexOf('--'))] : [words, []];
    const file = own[0] === 'ls' ? [] : ['--file', 'none.yaml'];
    return app.call(...own, ...file, '--namespace', namespace, '--kubeconfig', kubeconfig, ...program);
  };
  async function succeed(...words: string[]): Promise<Called> {
    const called = await call(...words);
    expect({ words, code: called.code, err: called.code === 0 ? '' : called.err }).toEqual({ words, code: 0, err: '' });
    return called;
  }
  /** `webapp doctor` exits with 1 where a check fails, such as that of DNS. */
  const json = async (...words: string[]) => (
    JSON.parse((await (words[0] === 'doctor' ? call : succeed)(...words, '--output', 'json')).out));
  const latest = async () => (await json('releases', 'web'))[0];
  const limits = async () => {
    const { minReplicaCount: min, maxReplicaCount: max } = (await objects.get({ ...SCALED_OBJECT, namespace, name: 'web' }))!.spec;
    return { min, max };
  };

  test('is shown by all commands that show something', async () => {
    expect(await json('ls')).toEqual([expect.objectContaining({ name: 'web', state: 'ready', byOperator: true, release: 1 })]);
    expect((await json('status', 'web')).resource.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    expect(await json('config', 'web')).toContainEqual(expect.objectContaining({ name: 'PORT' }));
    expect(await json('domains', 'web')).toMatchObject([{ host: `web.${namespace}.example.com` }]);
    expect(await json('open', 'web')).toMatchObject({ url: `http://web.${namespace}.example.com` });
    expect(await json('cost', 'web')).toMatchObject({ source: 'cluster' });
    const checks: { name: string; status: string }[] = await json('doctor', 'web');
    expect(checks.find(({ name }) => name === 'pods')).toMatchObject({ status: 'ok' });
    expect(await json('releases', 'info', '1', '--app', 'web')).toMatchObject({ number: 1, action: 'deploy' });
    expect(await json('cron', 'web')).toMatchObject([{ name: 'nightly' }]);
    expect(await json('maintenance', 'web')).toMatchObject({ maintenance: false });
    await succeed('logs', 'web', '--all', '--since', '10m');
  });

  test('runs commands in its pods and in new ones, and takes and gives files', async () => {
    expect((await succeed('exec', '--app', 'web', '--', 'echo', 'hi')).out).toBe('hi\n');
    expect((await succeed('run', '--app', 'web', '--', 'echo', 'hi')).out).toBe('hi\n');
    writeFileSync(join(app.path, 'seed'), 'seed');
    expect(await json('cp', 'seed', 'web:/tmp/seed')).toMatchObject({ files: 1, bytes: 4 });
    expect((await succeed('cron', 'run', 'nightly', '--app', 'web')).out).toBe('done\n');
  });

  test('gets and loses variables', async () => {
    expect(await json('config', 'set', 'LEVEL=debug', '--app', 'web')).toMatchObject({ action: 'config set LEVEL' });
    expect((await succeed('config', 'get', 'LEVEL', '--app', 'web')).out).toBe('debug\n');
    await succeed('secrets', 'generate', 'KEY', '--app', 'web');
    expect(await json('secrets', 'web')).toContainEqual(expect.objectContaining({ name: 'KEY' }));
    expect(await latest()).toMatchObject({ action: 'secrets generate KEY', by: expect.stringMatching(/^deployer@/) });
  });

  test('is scaled until the next deploy, as a release with who did it', async () => {
    expect(await json('scale', 'web', '--min', '2', '--max', '3')).toMatchObject({ process: 'web', min: 2, max: 3 });
    expect(await limits()).toEqual({ min: 2, max: 3 });
    expect(await latest()).toMatchObject({ action: 'scale --min 2 --max 3', by: expect.stringMatching(/^deployer@/) });
    expect(await call('scale', 'web', '--min', '0', '--max', '0')).toMatchObject({ code: 1 });
    expect(await limits()).toEqual({ min: 2, max: 3 });
    app.write(spec);
    const deployed = await app.call('deploy', '--image', NEXT_IMAGE, '--no-pin', '--force', '--kubeconfig', kubeconfig);
    expect({ code: deployed.code, err: deployed.code === 0 ? '' : deployed.err }).toEqual({ code: 0, err: '' });
    expect(await limits()).toEqual({ min: 1, max: 2 });
    expect(await latest()).toMatchObject({ action: 'deploy', by: expect.stringMatching(/^deployer@/), image: NEXT_IMAGE });
  });

  test('is restarted, put into maintenance, woken and rolled back', async () => {
    expect(await json('restart', 'web')).toMatchObject({ processes: [{ process: 'web', state: 'restarted' }] });
    expect(await json('maintenance', 'on', 'web')).toMatchObject({ maintenance: true });
    expect(await latest()).toMatchObject({ action: 'maintenance on' });
    await succeed('maintenance', 'off', 'web');
    expect(await json('wake', 'web')).toMatchObject({ process: 'web', ready: 1 });
    expect(await json('rollback', '1', '--app', 'web')).toMatchObject({ action: 'rollback to 1' });
    expect((await objects.get({ ...DEPLOYMENT, namespace, name: 'web' }))!.spec.template.spec!.containers[0].image).toBe(IMAGE);
  });

  test('says why a spec is refused', async () => {
    await objects.merge({ ...WEB_APP, namespace, name: 'web' }, { spec: { hosts: ['kubernetes.default.svc'] } }, 'kubectl');
    const refused = ({ out }: Called) => out.includes('! WebApp web is not accepted: hosts[0]');
    expect((await eventually(async () => call('status', 'web'), refused, 30)).code).toBe(0);
    await objects.merge({ ...WEB_APP, namespace, name: 'web' }, { spec: { hosts: null } }, 'kubectl');
  });

  test('is removed with everything', async () => {
    expect(await json('destroy', 'web', '--yes')).toMatchObject({ kept: [] });
    expect(await objects.get({ ...WEB_APP, namespace, name: 'web' })).toBeUndefined();
    await eventually(async () => objects.get({ ...DEPLOYMENT, namespace, name: 'web' }), found => found === undefined);
  });
});

/** What the installation of the operator lets everybody do, by names of the test. */
function everybodyReadsPlatforms(namespace: string): string {
  const name = `${namespace}-platforms`;
  const all = operatorManifest({ namespace, image: 'unused', replicas: 1, webhook: false }).objects;
  const items = all.filter(({ metadata }) => metadata.name === 'cdk8s-webapp-platform-view').map(object => ({
    ...object,
    metadata: { name },
    ...'roleRef' in object ? { roleRef: { ...object.roleRef as object, name } } : {},
  }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
