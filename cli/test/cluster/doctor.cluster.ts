import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, get, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

type Finding = { name: string; status: string; message: string; fix?: string };

const findings = async (app: AppFolder, ...words: string[]) => JSON.parse((await app.call('doctor', ...words, '--output', 'json')).out) as Finding[];

describeWithAddon('webapp doctor', () => {
  const namespace = temporaryNamespace('doctor');
  const app = new AppFolder(namespace);

  test('says what the cluster has', async () => {
    expect(await findings(app)).toEqual(expect.arrayContaining([
      expect.objectContaining({ name: 'Kubernetes', status: 'ok' }),
      expect.objectContaining({ name: 'KEDA', status: 'ok' }),
      expect.objectContaining({ name: 'HTTP add-on', status: 'ok' }),
      expect.objectContaining({ name: 'permissions', status: 'ok' }),
    ]));
  });

  test('says what it lacks, and ends with an exit code', async () => {
    const other = new AppFolder(namespace, {}, { ingress: { className: 'nowhere' }, httpAddon: { namespace: 'default' } });
    expect(await other.call('doctor')).toMatchObject({ code: 1, out: expect.stringMatching(/✗ HTTP add-on: .*namespace default[^]*✗ entry: the cluster has no IngressClass nowhere/) });
  });

  test('follows a request to an app that sleeps', async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    await eventually(async () => findings(app, 'web'), found => found.some(({ name, status }) => name === 'HPA' && status === 'ok'));
    const found = await findings(app, 'web');
    expect(found.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual(['DNS']);
    expect(found).toContainEqual(expect.objectContaining({ name: 'interceptor', message: expect.stringMatching(/returned 200 in/) }));
  });

  test('says that no rule names a host', async () => {
    kubectl(['patch', 'interceptorroute', 'web', '--namespace', namespace, '--type', 'json', '--patch', '[{"op":"replace","path":"/spec/rules/0/hosts/0","value":"other.example.com"}]']);
    expect(await findings(app, 'web')).toContainEqual(expect.objectContaining({ name: 'InterceptorRoute web', status: 'failed', message: expect.stringContaining(`it lacks web.${namespace}.example.com`) }));
  });

  test('says that an ingress goes past the interceptor', async () => {
    kubectl(['patch', 'ingress', 'web', '--namespace', namespace, '--type', 'json', '--patch', '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/name","value":"web"}]']);
    expect((await findings(app, 'web')).map(({ message }) => message).join('\n')).toContain('bypasses the interceptor');
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
  const entry = async (folder: AppFolder) => (await findings(folder)).find(({ name }) => name === 'entry');
  afterAll(() => kubectl(['delete', 'gatewayclass', namespace, '--ignore-not-found']));

  test('says that there is no such Gateway, no such class, and no controller', async () => {
    expect(await entry(app(namespace))).toMatchObject({ status: 'failed', message: `Gateway public does not exist in namespace ${namespace}` });
    apply(gateway('Same'));
    expect(await entry(app(namespace))).toMatchObject({ status: 'failed', message: `GatewayClass ${namespace} of Gateway public does not exist` });
    apply(gatewayClass);
    expect(await entry(app(namespace))).toMatchObject({ status: 'failed', message: expect.stringContaining(`GatewayClass ${namespace} of Gateway public is not accepted`), fix: 'check that example.com/nobody is installed and running' });
    says('gatewayclass', namespace, 'Accepted');
    expect(await entry(app(namespace))).toMatchObject({ status: 'failed', message: expect.stringContaining('Gateway public is not ready') });
  });

  test('says that it has no such listener, or one that takes no routes of the apps\' namespace', async () => {
    says('gateway', 'public', 'Programmed');
    expect(await entry(app(namespace, { sectionName: 'https' }))).toMatchObject({ status: 'failed', message: 'Gateway public has no listener https; it has http', fix: 'set gateway.sectionName to http in platform.yaml' });
    expect(await entry(app('default'))).toMatchObject({ status: 'failed', message: expect.stringContaining('Gateway public does not allow routes of namespace default at listener http') });
  });

  test('says that all is well', async () => {
    expect(await entry(app(namespace))).toMatchObject({ status: 'ok', message: `Gateway public of GatewayClass ${namespace}` });
    apply(gateway('All'));
    says('gateway', 'public', 'Programmed');
    expect(await entry(app('default'))).toMatchObject({ status: 'ok' });
  });

  describeWithAddon('follows a request to an app', () => {
    const folder = app(namespace);
    const grant = ['delete', 'referencegrant', `http-routes-from-${namespace}`, '--namespace', 'keda', '--ignore-not-found'];
    const route = async () => (await findings(folder, 'web')).find(({ name }) => name === 'HTTPRoute web');
    afterAll(() => kubectl(grant));

    test('whose route a gateway takes, no more takes, or has not looked at', async () => {
      expect(await folder.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
      const watched = get(namespace, 'httproute', 'web').status?.parents?.length > 0;
      expect(await route()).toMatchObject(watched ? { status: 'ok', message: 'accepted by the gateway' } : { status: 'failed', message: 'no gateway has accepted it' });
      if (!watched) return;
      kubectl(grant);
      await eventually(route, found => found?.message === 'the ReferenceGrant for the interceptor does not exist');
    });
  });
});

describe('webapp doctor of a platform with an issuer of cert-manager', () => {
  const namespace = temporaryNamespace('issuer');
  const app = new AppFolder(namespace, { scaling: { replicas: 1 } }, { tls: { clusterIssuer: namespace } });
  const tls = async () => (await findings(app)).find(({ name }) => name === 'TLS');
  afterAll(() => kubectl(['delete', 'clusterissuer', namespace, '--ignore-not-found']));

  test('says that there is none of that name, that cert-manager does not run, and that it has not looked at it', async () => {
    expect(await tls()).toMatchObject({ status: 'failed', message: `ClusterIssuer ${namespace} does not exist` });
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: namespace }, spec: { selfSigned: {} } }));
    // Where cert-manager runs, it has soon said something.
    const programs = (await findings(app)).find(({ name }) => name === 'cert-manager')!;
    if (programs.status === 'ok') return;
    expect(programs).toMatchObject({ status: 'failed', fix: 'see https://cert-manager.io/docs/installation/' });
    expect(await tls()).toMatchObject({ status: 'failed', message: `ClusterIssuer ${namespace} is not ready: cert-manager has not reported anything` });
  });

  test('says that all is well once it is ready', async () => {
    kubectl(['patch', 'clusterissuer', namespace, '--subresource', 'status', '--type', 'merge', '--patch', '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}']);
    expect(await tls()).toMatchObject({ status: 'ok', message: `ClusterIssuer ${namespace}` });
  });

  test('says of an app whether its certificate is made', async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const runs = (await findings(app)).find(({ name }) => name === 'cert-manager')!.status === 'ok';
    const certificate = async () => (await findings(app, 'web')).find(({ name }) => name === 'certificate web-tls');
    await eventually(certificate, found => found?.status === (runs ? 'ok' : 'failed'));
    if (!runs) expect(await certificate()).toMatchObject({ message: 'cert-manager has not created it' });
  });
});
