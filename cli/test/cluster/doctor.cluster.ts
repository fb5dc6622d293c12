import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, get, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

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

describe('webapp doctor of a platform with a Gateway', () => {
  const namespace = temporaryNamespace('gateway');
  const apply = (...objects: object[]) => kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const gatewayClass = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: namespace }, spec: { controllerName: 'example.com/nobody' } };
  const gateway = (from: string) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'public', namespace },
    spec: { gatewayClassName: namespace, listeners: [{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from } } }] },
  });
  // What a controller writes; this class has none.
  const says = (kind: string, name: string, type: string) => kubectl(['patch', kind, name, '--namespace', namespace, '--subresource', 'status', '--type', 'merge', '--patch', JSON.stringify({
    status: { conditions: [{ type, status: 'True', reason: type, message: '', lastTransitionTime: new Date().toISOString() }] },
  })]);
  const app = (where: string, props: object = {}) => new AppFolder(where, {}, { gateway: { name: 'public', namespace, ...props } });
  const entry = async (folder: AppFolder) => (await findings(folder)).find(({ what }) => what === 'entry');
  afterAll(() => kubectl(['delete', 'gatewayclass', namespace, '--ignore-not-found']));

  test('says that there is no such Gateway, no such class, and no controller', async () => {
    expect(await entry(app(namespace))).toMatchObject({ state: 'lacking', found: `there is no Gateway public in namespace ${namespace}` });
    apply(gateway('Same'));
    expect(await entry(app(namespace))).toMatchObject({ state: 'lacking', found: `Gateway public is of GatewayClass ${namespace}, which is not there` });
    apply(gatewayClass);
    expect(await entry(app(namespace))).toMatchObject({ state: 'lacking', found: expect.stringContaining(`no controller has taken GatewayClass ${namespace} of Gateway public`), fix: 'is example.com/nobody installed, and does it run?' });
    says('gatewayclass', namespace, 'Accepted');
    expect(await entry(app(namespace))).toMatchObject({ state: 'lacking', found: expect.stringContaining('Gateway public is not ready') });
  });

  test('says that it has no such listener, or one that takes no routes of the apps\' namespace', async () => {
    says('gateway', 'public', 'Programmed');
    expect(await entry(app(namespace, { sectionName: 'https' }))).toMatchObject({ state: 'lacking', found: 'Gateway public has no listener https; it has http', fix: 'write http as gateway.sectionName in platform.yaml' });
    expect(await entry(app('default'))).toMatchObject({ state: 'lacking', found: expect.stringContaining('listener http of Gateway public takes no routes of other namespaces, and so none of namespace default') });
  });

  test('says that all is well', async () => {
    expect(await entry(app(namespace))).toMatchObject({ state: 'well', found: `Gateway public of GatewayClass ${namespace}` });
    apply(gateway('All'));
    says('gateway', 'public', 'Programmed');
    expect(await entry(app('default'))).toMatchObject({ state: 'well' });
  });

  describeWithAddon('follows a request to an app', () => {
    const folder = app(namespace);
    const grant = ['delete', 'referencegrant', `http-routes-from-${namespace}`, '--namespace', 'keda', '--ignore-not-found'];
    const route = async () => (await findings(folder, 'web')).find(({ what }) => what === 'entry: HTTPRoute web');
    afterAll(() => kubectl(grant));

    test('whose route a gateway takes, no more takes, or has not looked at', async () => {
      expect(await folder.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
      const watched = get(namespace, 'httproute', 'web').status?.parents?.length > 0;
      expect(await route()).toMatchObject(watched ? { state: 'well', found: 'the gateway takes it' } : { state: 'lacking', found: 'no gateway has looked at it' });
      if (!watched) return;
      kubectl(grant);
      await eventually(route, found => found?.found === 'a ReferenceGrant that lets it lead to the interceptor is not there');
    });
  });
});

describe('webapp doctor of a platform with an issuer of cert-manager', () => {
  const namespace = temporaryNamespace('issuer');
  const app = new AppFolder(namespace, { scaling: { replicas: 1 } }, { tls: { clusterIssuer: namespace } });
  const tls = async () => (await findings(app)).find(({ what }) => what === 'TLS');
  afterAll(() => kubectl(['delete', 'clusterissuer', namespace, '--ignore-not-found']));

  test('says that there is none of that name, that cert-manager does not run, and that it has not looked at it', async () => {
    expect(await tls()).toMatchObject({ state: 'lacking', found: `there is no ClusterIssuer ${namespace}` });
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: namespace }, spec: { selfSigned: {} } }));
    // Where cert-manager runs, it has soon said something.
    const programs = (await findings(app)).find(({ what }) => what === 'cert-manager')!;
    if (programs.state === 'well') return;
    expect(programs).toMatchObject({ state: 'lacking', found: 'its API is there, but no cert-manager runs', fix: 'see https://cert-manager.io/docs/installation/' });
    expect(await tls()).toMatchObject({ state: 'lacking', found: `ClusterIssuer ${namespace} is not ready: cert-manager has not looked at it` });
  });

  test('says that all is well once it is ready', async () => {
    kubectl(['patch', 'clusterissuer', namespace, '--subresource', 'status', '--type', 'merge', '--patch', '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}']);
    expect(await tls()).toMatchObject({ state: 'well', found: `ClusterIssuer ${namespace}` });
  });

  test('says of an app whether its certificate is made', async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const runs = (await findings(app)).find(({ what }) => what === 'cert-manager')!.state === 'well';
    const certificate = async () => (await findings(app, 'web')).find(({ what }) => what === 'certificate web-tls');
    await eventually(certificate, found => found?.state === (runs ? 'well' : 'lacking'));
    if (!runs) expect(await certificate()).toMatchObject({ found: 'cert-manager has not begun to make it' });
  });
});
