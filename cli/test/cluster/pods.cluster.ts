import { AppFolder } from './in-cluster';
import { IMAGE, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

describe('an app whose pods mount keys of Secrets and have a sidecar', () => {
  const namespace = temporaryNamespace('command-pods');
  const small = { cpu: '10m', memory: '64Mi' };
  const appWith = (key: string) => new AppFolder(namespace, {
    resources: small,
    scaling: { replicas: 1 },
    internal: true,
    secretFiles: { '/etc/app/tls.key': { secret: 'app-tls', key } },
    sidecars: { helper: { image: IMAGE, env: { PORT: '9000' }, port: 9000, resources: small } },
  });
  const deploy = (key: string) => appWith(key).call('deploy', '--timeout', '60s');

  test('gets an error that names the missing Secret or key, and can be deployed once they exist', async () => {
    const missing = `Secret app-tls does not exist in namespace ${namespace}`;
    expect(await deploy('tls.key')).toMatchObject({ code: 1, err: expect.stringContaining(missing) });
    kubectl(['create', 'secret', 'generic', 'app-tls', '--namespace', namespace, '--from-literal=tls.key=secret key']);
    expect(await deploy('tls.kye')).toMatchObject({ code: 1, err: expect.stringContaining('Secret app-tls has no key tls.kye') });
    expect(await deploy('tls.key')).toMatchObject({ code: 0, err: expect.stringContaining('web is ready (1/1 replicas)') });
  });

  test('can run a command that reads them, which exits even though the sidecar keeps running', async () => {
    expect(await appWith('tls.key').call('run', '--', 'cat', '/etc/app/tls.key')).toMatchObject({ code: 0, out: 'secret key' });
  });
});

describe('an app that is larger than any node', () => {
  const resources = { cpu: '900', memory: '64Mi' };
  const app = new AppFolder(temporaryNamespace('command-large'), { resources, scaling: { replicas: 1 }, internal: true });

  test('gets an error that says so, and what its pod requests, in the status too', async () => {
    const message = 'no node has enough CPU for the pod, which requests 900 CPU and 64Mi of memory: ';
    expect(await app.call('deploy', '--timeout', '5s')).toMatchObject({ code: 1, err: expect.stringContaining(message) });
    expect((await app.call('status')).out).toMatch(new RegExp(`! web: ${message}.*\n    choose a smaller size`));
  });
});
