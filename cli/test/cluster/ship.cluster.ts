import { createAccount, DOCUMENTED, kubeconfigOf } from './account';
import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, get, pods, request, server, temporaryNamespace } from '../../../test/cluster/cluster';

/** Real controllers apply the page without a restart, and keep it through a deploy; two namespaces are two environments. */
describeWithAddon('an app that is in maintenance, and one that is promoted', () => {
  const [namespace, staging] = [temporaryNamespace('ship'), temporaryNamespace('ship-staging')];
  const app = new AppFolder(namespace, {
    scaling: { cooldownPeriod: '300s' },
    env: { LEVEL: 'info' },
    command: server('process.env.VERSION + process.env.LEVEL'),
    environments: { staging: { namespace: staging, env: { LEVEL: 'debug' }, hosts: [`web.${staging}.example.com`] } },
  });
  const call = async (...words: string[]) => app.call(...words, '--kubeconfig', kubeconfigOf(namespace, 'deployer'));
  const url = `http://web-proxy.${namespace}.svc.cluster.local:8080/`;
  beforeAll(async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    const { code, err } = await call('deploy', '--timeout', '90s');
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  });

  test('switches maintenance on and off without a restart, and a deploy keeps it', async () => {
    const uids = () => pods(namespace, 'web').map(({ metadata }) => metadata.uid);
    const before = uids();
    expect(await call('maintenance', 'on')).toMatchObject({ code: 0 });
    const [closed] = await eventually(async () => request(namespace, url), ([{ status }]) => status === 503, 30);
    expect(closed.body).toContain('down for maintenance');
    const deployed = await call('deploy', '--timeout', '60s');
    expect(deployed).toMatchObject({ code: 0, err: expect.stringContaining('web is in maintenance since') });
    expect((await request(namespace, url))[0].status).toBe(503);
    expect(await call('maintenance', 'off')).toMatchObject({ code: 0 });
    await eventually(async () => request(namespace, url), ([{ status }]) => status === 200, 30);
    expect(uids()).toEqual(before);
  });

  test('promotes what an environment runs, with the configuration of the other one', async () => {
    const words = ['deploy', '--env', 'staging', '--image', 'ghcr.io/acme/web:1.5.0', '--no-pin', '--timeout', '90s'];
    expect(await app.call(...words)).toMatchObject({ code: 0 });
    const promoted = await app.call('promote', 'staging', 'default', '--yes', '--no-pin', '--timeout', '90s');
    expect(promoted).toMatchObject({ code: 0, err: expect.stringContaining('(promoted from staging release 1)') });
    const { image, env } = get(namespace, 'deployment', 'web').spec.template.spec.containers[0];
    expect(image).toBe('ghcr.io/acme/web:1.5.0');
    expect(env).toContainEqual({ name: 'LEVEL', value: 'info' });
  });
});
