import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

const findings = async (app: AppFolder, ...words: string[]) => JSON.parse((await app.call('doctor', ...words, '--output', 'json')).out) as { what: string; state: string; found: string; fix?: string }[];

describeWithAddon('webapp doctor', () => {
  const namespace = temporaryNamespace('doctor');
  const app = new AppFolder(namespace);

  test('says what the cluster has', async () => {
    expect(await findings(app)).toEqual(expect.arrayContaining([
      expect.objectContaining({ what: 'Kubernetes', state: 'well' }),
      expect.objectContaining({ what: 'KEDA', state: 'well' }),
      expect.objectContaining({ what: 'HTTP add-on', state: 'well' }),
      expect.objectContaining({ what: 'permissions', state: 'well' }),
    ]));
  });

  test('says what it lacks, and ends with an exit code', async () => {
    const other = new AppFolder(namespace, {}, { ingress: { className: 'nowhere' }, httpAddon: { namespace: 'default' } });
    expect(await other.call('doctor')).toMatchObject({ code: 1, out: expect.stringMatching(/✗ HTTP add-on: .*namespace default[^]*✗ entry: the cluster has no IngressClass nowhere/) });
  });

  test('follows a request to an app that sleeps', async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    await eventually(async () => findings(app, 'web'), found => found.some(({ what, state }) => what === 'HPA' && state === 'well'));
    const found = await findings(app, 'web');
    expect(found.filter(({ state }) => state === 'lacking').map(({ what }) => what)).toEqual(['DNS']);
    expect(found).toContainEqual(expect.objectContaining({ what: 'interceptor', found: expect.stringMatching(/answered with status 200/) }));
  });

  test('says that no rule names a host', async () => {
    kubectl(['patch', 'interceptorroute', 'web', '--namespace', namespace, '--type', 'json', '--patch', '[{"op":"replace","path":"/spec/rules/0/hosts/0","value":"other.example.com"}]']);
    expect(await findings(app, 'web')).toContainEqual(expect.objectContaining({ what: 'rules: InterceptorRoute web', state: 'lacking', found: expect.stringContaining(`no rule names web.${namespace}.example.com`) }));
  });

  test('says that an ingress goes past the interceptor', async () => {
    kubectl(['patch', 'ingress', 'web', '--namespace', namespace, '--type', 'json', '--patch', '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/name","value":"web"}]']);
    expect((await findings(app, 'web')).map(({ found }) => found).join('\n')).toContain('past the interceptor: nothing wakes the app');
  });
});
