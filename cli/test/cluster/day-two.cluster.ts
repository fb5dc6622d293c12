/** The commands that a team lives with, on an app that the operator deploys, with an account that has the documented rights alone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount, DOCUMENTED, kubeconfigOf } from './account';
import { AppFolder } from './in-cluster';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import { throughTunnel } from './tunnel';
import { User } from './user';
import {
  describeMetrics, describeWithAddon, eventually, IMAGE, kubectl, NEXT_IMAGE, server, SHORT_LIVED, temporaryNamespace,
} from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import { conditionOf, DEPLOYMENT, SCALED_OBJECT } from '../../src/kube/types';
import { operatorManifest } from '../../src/operator/manifest/manifest';
import { WEB_APP } from '../../src/operator/resources';
import type { Called } from '../call';

describeWithAddon('an app that the operator deploys', () => {
  const [namespace, staging] = [temporaryNamespace('day-two'), temporaryNamespace('day-two-staging')];
  const { objects } = connect({}, { cwd: '.', env: process.env });
  const spec = {
    image: IMAGE,
    command: server('process.env.LEVEL || "hello"'),
    health: SHORT_LIVED,
    size: 'xs',
    scaling: { min: 1, max: 2, cooldownPeriod: '300s' },
    cronJobs: { nightly: { schedule: '0 3 1 1 *', command: ['sh', '-c', 'echo done'] } },
    connections: { cache: { type: 'redis', secret: 'redis' } },
  };
  // Who removes an app writes a release as well, which others may not in a namespace that is kept for a test.
  const installation = new OperatorInstallation({ namespace, namespaces: [namespace, staging], kept: [] });
  const app = new AppFolder(namespace);
  let operator: OperatorProcess;
  let kubeconfig: string;

  beforeAll(async () => {
    await installation.install();
    kubectl(['apply', '--filename', '-'], everybodyReadsPlatforms(namespace));
    operator = await OperatorProcess.start(namespace);
    // The app's own Service stands for a server of Redis: the tunnel takes any bytes.
    kubectl(['create', 'secret', 'generic', 'redis', '--namespace', namespace, '--from-literal', 'uri=redis://:s3cret@web:80']);
    await create('web', spec);
    createAccount(namespace, 'deployer', DOCUMENTED);
    kubeconfig = kubeconfigOf(namespace, 'deployer');
  });
  afterAll(async () => {
    await installation.remove(operator);
    kubectl(['delete', 'clusterrole,clusterrolebinding', `${namespace}-platforms`]);
  });

  async function create(name: string, of: object, where = namespace): Promise<void> {
    await installation.apply(of, name, where);
    await eventually(async () => objects.get({ ...WEB_APP, name, namespace: where }), found => found?.status?.release === 1, 120);
  }
  const account = () => ['--namespace', namespace, '--kubeconfig', kubeconfig];
  /** Names the app, as there is no file that does. */
  const call = async (...words: string[]): Promise<Called> => {
    const [own, program] = words.includes('--') ? [words.slice(0, words.indexOf('--')), words.slice(words.indexOf('--'))] : [words, []];
    const file = ['ls', 'top'].includes(own[0]) ? [] : ['--file', 'none.yaml'];
    return app.call(...own, ...file, ...account(), ...program);
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
    expect(await json('metrics', 'web')).toMatchObject({ source: 'cluster', points: [{ replicas: 1 }] });
    await succeed('logs', 'web', '--all', '--since', '10m');
  });

  describeMetrics()('where there is metrics-server', () => {
    test('is shown with what its pods use', async () => {
      const [web] = await eventually(async () => json('top', 'web'), ([{ usage }]) => usage !== undefined, 90);
      expect(web).toMatchObject({ process: 'web', ready: 1, wanted: 1, usage: { cpu: expect.any(Number) } });
    });
  });

  test('runs commands in its pods and in new ones, and takes and gives files', async () => {
    expect((await succeed('exec', '--app', 'web', '--', 'echo', 'hi')).out).toBe('hi\n');
    expect((await succeed('run', '--app', 'web', '--', 'echo', 'hi')).out).toBe('hi\n');
    writeFileSync(join(app.path, 'seed'), 'seed');
    expect(await json('cp', 'seed', 'web:/tmp/seed')).toMatchObject({ files: 1, bytes: 4 });
    expect((await succeed('cron', 'run', 'nightly', '--app', 'web')).out).toBe('done\n');
  });

  test('has a shell', async () => {
    const user = new User([['', 'echo $((40 + 2)); hostname\n'], ['42', 'exit 5\n']]);
    expect(await app.callIn({ streams: user }, 'shell', 'web', '--file', 'none.yaml', ...account())).toMatchObject({ code: 5 });
    expect(user.printed).toMatch(/web-run-\w+/);
  });

  test('has a tunnel to what it is connected to', async () => {
    const { code, err } = await throughTunnel(app, ['cache', '--app', 'web', '--file', 'none.yaml', ...account()], async port => {
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^✓ Connected to cache \(Redis in pod web-\S+\)\n/) });
  });

  test('sleeps when it is told to, and is woken', async () => {
    await create('lazy', { ...spec, connections: {}, cronJobs: {}, scaling: { cooldownPeriod: '300s' } });
    await eventually(async () => call('sleep', 'lazy'), ({ code }) => code === 0, 90);
    const replicas = async () => (await objects.get({ ...DEPLOYMENT, namespace, name: 'lazy' }))!.spec.replicas;
    expect(await replicas()).toBe(0);
    expect(await json('ls')).toContainEqual(expect.objectContaining({ name: 'lazy', state: 'asleep' }));
    await eventually(
      async () => objects.get({ ...WEB_APP, namespace, name: 'lazy' }),
      found => conditionOf(found!, 'Asleep')?.status === 'True' && conditionOf(found!, 'Ready')?.status === 'True');
    expect(await replicas()).toBe(0); // the operator has looked at it, and leaves it alone
    expect((await app.call('wake', 'lazy', '--file', 'none.yaml', '--namespace', namespace)).code).toBe(0);
    expect(await replicas()).toBe(1);
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

  test('is promoted from one namespace to another', async () => {
    const its = { hosts: [`web.${staging}.example.com`], connections: {} };
    await create('web', { ...spec, ...its, image: NEXT_IMAGE }, staging);
    createAccount(namespace, 'deployer', DOCUMENTED, staging);
    app.write({ ...spec, environments: { staging: { namespace: staging, ...its } } });
    const promoted = await app.call('promote', 'staging', 'default', '--yes', '--no-pin', '--kubeconfig', kubeconfig);
    expect(promoted).toMatchObject({ code: 0 });
    const { spec: { image }, status } = (await objects.get({ ...WEB_APP, namespace, name: 'web' }))!;
    expect({ image, deployed: status!.image }).toEqual({ image: NEXT_IMAGE, deployed: NEXT_IMAGE });
    expect(await latest()).toMatchObject({ action: 'promoted from staging release 1', by: expect.stringMatching(/^deployer@/) });
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
