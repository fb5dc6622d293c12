import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, get, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

type Step = { name: string; seconds: number };
type Finding = { name: string; status: string; message: string; fix?: string; steps?: Step[] };

async function findings(app: AppFolder, ...words: string[]): Promise<Finding[]> {
  return JSON.parse((await app.call('doctor', ...words, '--output', 'json')).out);
}

const apply = (...items: object[]) => (
  kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items })));

describeWithAddon('webapp doctor', () => {
  const namespace = temporaryNamespace('doctor');
  const app = new AppFolder(namespace);
  function replace(kind: string, path: string, value: string): void {
    const patch = JSON.stringify([{ op: 'replace', path, value }]);
    kubectl(['patch', kind, 'web', '--namespace', namespace, '--type', 'json', '--patch', patch]);
  }

  test('lists what is installed in the cluster', async () => {
    expect(await findings(app)).toEqual(expect.arrayContaining([
      expect.objectContaining({ name: 'Kubernetes', status: 'ok' }),
      expect.objectContaining({ name: 'KEDA', status: 'ok' }),
      expect.objectContaining({ name: 'HTTP add-on', status: 'ok' }),
      expect.objectContaining({ name: 'permissions', status: 'ok' }),
    ]));
  });

  test('lists what is missing, and exits with code 1', async () => {
    const other = new AppFolder(namespace, {}, { ingress: { className: 'nowhere' }, httpAddon: { namespace: 'default' } });
    const { code, out } = await other.call('doctor');
    expect(out).toMatch(/✗ HTTP add-on: .*namespace default[^]*✗ entry: the cluster has no IngressClass nowhere/);
    expect(code).toBe(1);
  });

  test('follows a request to an app that is scaled to zero', async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    await eventually(async () => findings(app, 'web'), found => found.some(({ name, status }) => name === 'HPA' && status === 'ok'));
    const found = await findings(app, 'web');
    expect(found.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual(['DNS']);
    expect(found).toContainEqual(expect.objectContaining({ name: 'interceptor', message: expect.stringMatching(/returned 200 in/) }));
  });

  test('shows how long each step of a cold start takes, and how the pod of an app that is awake started', async () => {
    const isAsleep = () => get(namespace, 'deployment', 'web').status.replicas === undefined;
    await eventually(isAsleep, Boolean);
    const coldStart = async () => (await findings(app, 'web')).find(({ name }) => name === 'cold start')!;
    const { message, steps = [] } = await coldStart();
    expect(message).toMatch(/^\d+\.\d s from the request to the response$/);
    expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(['interceptor, scaler, KEDA', 'process, health check']));
    expect(steps.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(parseFloat(message), 0);
    expect((await coldStart()).message).toMatch(/ s from the creation of the oldest pod to its readiness/);
  });

  test('reports a host that the InterceptorRoute lacks', async () => {
    replace('interceptorroute', '/spec/rules/0/hosts/0', 'other.example.com');
    expect(await findings(app, 'web')).toContainEqual(expect.objectContaining({
      name: 'InterceptorRoute web',
      status: 'failed',
      message: expect.stringContaining(`it lacks web.${namespace}.example.com`),
    }));
  });

  test('reports an Ingress that bypasses the interceptor', async () => {
    replace('ingress', '/spec/rules/0/http/paths/0/backend/service/name', 'web');
    expect((await findings(app, 'web')).map(({ message }) => message).join('\n')).toContain('bypasses the interceptor');
  });
});

describe('webapp doctor of a platform with a Gateway', () => {
  const namespace = temporaryNamespace('gateway');
  const gatewayClass = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: namespace },
    spec: { controllerName: 'example.com/nobody' },
  };
  const gateway = (from: string) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'public', namespace },
    spec: {
      gatewayClassName: namespace,
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from } } }],
    },
  });
  /** Sets a condition as a controller would; this class has none. */
  function setCondition(kind: string, name: string, type: string): void {
    const condition = { type, status: 'True', reason: type, message: '', lastTransitionTime: new Date().toISOString() };
    const patch = JSON.stringify({ status: { conditions: [condition] } });
    kubectl(['patch', kind, name, '--namespace', namespace, '--subresource', 'status', '--type', 'merge', '--patch', patch]);
  }
  const app = (where: string, props: object = {}) => new AppFolder(where, {}, { gateway: { name: 'public', namespace, ...props } });
  const entry = async (folder: AppFolder) => (await findings(folder)).find(({ name }) => name === 'entry');
  afterAll(() => kubectl(['delete', 'gatewayclass', namespace, '--ignore-not-found']));

  test('reports a Gateway that does not exist, a class that does not exist, and a class without a controller', async () => {
    expect(await entry(app(namespace))).toMatchObject({
      status: 'failed',
      message: `Gateway public does not exist in namespace ${namespace}`,
    });
    apply(gateway('Same'));
    expect(await entry(app(namespace))).toMatchObject({
      status: 'failed',
      message: `GatewayClass ${namespace} of Gateway public does not exist`,
    });
    apply(gatewayClass);
    expect(await entry(app(namespace))).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`GatewayClass ${namespace} of Gateway public is not accepted`),
      fix: 'check that example.com/nobody is installed and running',
    });
    setCondition('gatewayclass', namespace, 'Accepted');
    expect(await entry(app(namespace))).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('Gateway public is not ready'),
    });
  });

  test('reports a listener that does not exist, and one that does not allow routes of the app\'s namespace', async () => {
    setCondition('gateway', 'public', 'Programmed');
    expect(await entry(app(namespace, { sectionName: 'https' }))).toMatchObject({
      status: 'failed',
      message: 'Gateway public has no listener https; it has http',
      fix: 'set gateway.sectionName to http in platform.yaml',
    });
    expect(await entry(app('default'))).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('Gateway public does not allow routes of namespace default at listener http'),
    });
  });

  test('reports a Gateway that is ready', async () => {
    expect(await entry(app(namespace))).toMatchObject({ status: 'ok', message: `Gateway public of GatewayClass ${namespace}` });
    apply(gateway('All'));
    setCondition('gateway', 'public', 'Programmed');
    expect(await entry(app('default'))).toMatchObject({ status: 'ok' });
  });

  describeWithAddon('follows a request to an app', () => {
    const folder = app(namespace);
    const grant = ['delete', 'referencegrant', `http-routes-from-${namespace}`, '--namespace', 'keda', '--ignore-not-found'];
    const route = async () => (await findings(folder, 'web')).find(({ name }) => name === 'HTTPRoute web');
    afterAll(() => kubectl(grant));

    test('and says whether a Gateway has accepted its route', async () => {
      expect(await folder.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
      const watched = get(namespace, 'httproute', 'web').status?.parents?.length > 0;
      expect(await route()).toMatchObject(watched
        ? { status: 'ok', message: 'accepted by the gateway' }
        : { status: 'failed', message: 'no gateway has accepted it' });
      if (!watched) return;
      kubectl(grant);
      await eventually(route, found => found?.message === 'the ReferenceGrant for the interceptor does not exist');
    });
  });
});

describe('webapp doctor of a platform with a cert-manager issuer', () => {
  const namespace = temporaryNamespace('issuer');
  const app = new AppFolder(namespace, { scaling: { replicas: 1 } }, { tls: { clusterIssuer: namespace } });
  const tls = async () => (await findings(app)).find(({ name }) => name === 'TLS');
  afterAll(() => kubectl(['delete', 'clusterissuer', namespace, '--ignore-not-found']));

  test('reports an issuer that does not exist, cert-manager if it is not running, and an issuer without a status', async () => {
    expect(await tls()).toMatchObject({ status: 'failed', message: `ClusterIssuer ${namespace} does not exist` });
    apply({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: namespace }, spec: { selfSigned: {} } });
    // Where cert-manager is running, it soon reports a status.
    const certManager = (await findings(app)).find(({ name }) => name === 'cert-manager')!;
    if (certManager.status === 'ok') return;
    expect(certManager).toMatchObject({ status: 'failed', fix: 'run webapp setup, or see https://cert-manager.io/docs/installation/' });
    expect(await tls()).toMatchObject({
      status: 'failed',
      message: `ClusterIssuer ${namespace} is not ready: cert-manager has not reported anything`,
    });
  });

  test('reports an issuer that is ready', async () => {
    const patch = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}';
    kubectl(['patch', 'clusterissuer', namespace, '--subresource', 'status', '--type', 'merge', '--patch', patch]);
    expect(await tls()).toMatchObject({ status: 'ok', message: `ClusterIssuer ${namespace}` });
  });

  test('says whether the certificate of an app exists', async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const runs = (await findings(app)).find(({ name }) => name === 'cert-manager')!.status === 'ok';
    const certificate = async () => (await findings(app, 'web')).find(({ name }) => name === 'certificate web-tls');
    await eventually(certificate, found => found?.status === (runs ? 'ok' : 'failed'));
    if (!runs) expect(await certificate()).toMatchObject({ message: 'cert-manager has not created it' });
  });
});
