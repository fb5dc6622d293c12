import { AppFolder } from './in-cluster';
import { IMAGE, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

describe('a deploy of an app whose pods mount keys of Secrets, beside a sidecar', () => {
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

  test('says which Secret and which key do not exist, and succeeds once they do', async () => {
    const missing = `Secret app-tls does not exist in namespace ${namespace}`;
    expect(await deploy('tls.key')).toMatchObject({ code: 1, err: expect.stringContaining(missing) });
    kubectl(['create', 'secret', 'generic', 'app-tls', '--namespace', namespace, '--from-literal=tls.key=secret key']);
    expect(await deploy('tls.kye')).toMatchObject({ code: 1, err: expect.stringContaining('Secret app-tls has no key tls.kye') });
    expect(await deploy('tls.key')).toMatchObject({ code: 0, err: expect.stringContaining('web is ready (1/1 replicas)') });
  });

  test('and run, which reads them, ends although the sidecar does not', async () => {
    expect(await appWith('tls.key').call('run', '--', 'cat', '/etc/app/tls.key')).toMatchObject({ code: 0, out: 'secret key' });
  });
});
