import { checkCluster, Requirements } from '../../src/diagnose/cluster';
import { CLUSTER_ISSUER, DEPLOYMENT, GATEWAY, GATEWAY_CLASS, INGRESS_CLASS } from '../../src/kube/types';
import { scaledObject, TestCluster } from '../kube/test-cluster';

const REQUIREMENTS: Requirements = { namespace: 'shop', addonNamespace: 'keda', addonApi: 'v1beta1' };
const condition = (type: string, status: string, message?: string) => ({ conditions: [{ type, status, message }] });
const program = (name: string, availableReplicas = 1) => ({
  ...DEPLOYMENT,
  metadata: { name, namespace: 'keda' },
  spec: { template: { spec: { containers: [{ image: `${name}:1` }] } } },
  status: { availableReplicas },
});
const ingressClass = (name: string, isDefault = false) => ({
  ...INGRESS_CLASS, metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) } },
});

/** A cluster with everything that apps need. */
function completeCluster(): TestCluster {
  const cluster = new TestCluster();
  const objects = [program('keda-operator'), program('keda-add-ons-http-interceptor'), ingressClass('nginx', true)];
  for (const object of objects) cluster.api.put(object);
  return cluster;
}

async function findings(cluster: TestCluster, more: Partial<Requirements> = {}): Promise<string[]> {
  return (await checkCluster(cluster, { ...REQUIREMENTS, ...more })).map(({ name, status, message }) => `${status} ${name}: ${message}`);
}

describe('a cluster', () => {
  test('with everything that apps need is ok', async () => {
    expect(await findings(completeCluster())).toEqual([
      'ok Kubernetes: v1.36.0',
      'ok KEDA: keda-operator:1',
      'ok HTTP add-on: keda-add-ons-http-interceptor:1',
      'ok entry: IngressClass nginx',
      'ok permissions: everything that a deploy to namespace shop needs',
      'ok probing: a deploy can probe apps through the interceptor',
    ]);
  });

  test.each<[string, (cluster: TestCluster) => void, string]>([
    [
      'without KEDA',
      ({ api }) => api.absent.add('ScaledObject'),
      'failed KEDA: KEDA is not installed, or too old: the cluster does not have the kind ScaledObject of keda.sh/v1alpha1',
    ],
    [
      'whose KEDA is only partly installed',
      ({ api }) => api.delete(program('keda-operator')),
      'failed KEDA: its API is installed, but Deployment keda-operator does not exist',
    ],
    [
      'whose interceptor is not ready',
      ({ api }) => api.put(program('keda-add-ons-http-interceptor', 0)),
      'failed HTTP add-on: Deployment keda-add-ons-http-interceptor has no ready pods',
    ],
    [
      'whose Deployments the user is not allowed to list',
      ({ api }) => api.denials.push({ verb: 'list', resource: 'deployments' }),
      'unknown KEDA: its API is installed; you are not allowed to see whether it is running',
    ],
    [
      'without an ingress controller',
      ({ api }) => api.delete(ingressClass('nginx')),
      'failed entry: the cluster has no default IngressClass; it has none, so no ingress controller is installed',
    ],
    [
      'that the user is not allowed to deploy to',
      ({ api }) => api.denials.push({ verb: 'patch', resource: 'services' }, { resource: 'secrets', verb: 'create' }),
      'failed permissions: you are not allowed to patch services in namespace shop; create secrets in namespace shop',
    ],
    [
      'whose interceptor the user is not allowed to use',
      ({ api }) => api.denials.push({ resource: 'services/proxy' }),
      'unknown probing: a deploy cannot probe apps: you are not allowed to get services/proxy in namespace keda',
    ],
  ])('%s is reported', async (_, change, finding) => {
    const cluster = completeCluster();
    change(cluster);
    expect(await findings(cluster)).toContain(finding);
  });
});

describe('the Gateway of a platform', () => {
  const gateway = { name: 'public', namespace: 'keda', sectionName: 'https', httpSectionName: 'http' };
  const listeners = ['http', 'https'].map(name => ({ name, allowedRoutes: { namespaces: { from: 'All' } } }));
  const object = (spec: object = {}, status: object = condition('Programmed', 'True')) => ({
    ...GATEWAY, metadata: { name: 'public', namespace: 'keda' }, spec: { gatewayClassName: 'traefik', listeners, ...spec }, status,
  });
  const gatewayClass = {
    ...GATEWAY_CLASS, metadata: { name: 'traefik' }, spec: { controllerName: 'traefik.io/c' }, status: condition('Accepted', 'True'),
  };
  const entry = async (...objects: Parameters<TestCluster['api']['put']>[0][]) => {
    const cluster = completeCluster();
    for (const one of objects) cluster.api.put(one);
    return (await findings(cluster, { gateway })).find(finding => finding.includes(' entry: '));
  };

  test('that is programmed and has the listeners is ok', async () => {
    expect(await entry(gatewayClass, object())).toBe('ok entry: Gateway public of GatewayClass traefik');
  });

  test.each<[string, Parameters<typeof entry>, string]>([
    ['does not exist', [], 'Gateway public does not exist in namespace keda'],
    ['has no class', [object()], 'GatewayClass traefik of Gateway public does not exist'],
    [
      'has a class that no controller accepts',
      [object(), { ...gatewayClass, status: condition('Accepted', 'Unknown', 'Waiting for controller') }],
      'GatewayClass traefik of Gateway public is not accepted: Waiting for controller',
    ],
    [
      'is not programmed',
      [gatewayClass, object({}, condition('Programmed', 'False', 'no address'))],
      'Gateway public is not ready: no address',
    ],
    [
      'lacks a listener',
      [gatewayClass, object({ listeners: [listeners[0]] })],
      'Gateway public has no listener https; it has http',
    ],
    [
      'does not allow routes of the namespace of the apps',
      [gatewayClass, object({ listeners: [listeners[0], { name: 'https' }] })],
      'Gateway public does not allow routes of namespace shop at listener https',
    ],
  ])('that %s is reported', async (_, objects, message) => {
    expect(await entry(...objects)).toBe(`failed entry: ${message}`);
  });
});

describe('the ClusterIssuer of a platform', () => {
  const issuer = (status?: object) => ({ ...CLUSTER_ISSUER, metadata: { name: 'letsencrypt' }, status });
  test.each<[string, object | undefined, string]>([
    ['is ready', issuer(condition('Ready', 'True')), 'ok TLS: ClusterIssuer letsencrypt'],
    ['does not exist', undefined, 'failed TLS: ClusterIssuer letsencrypt does not exist'],
    ['is not ready', issuer(condition('Ready', 'False', 'no account')), 'failed TLS: ClusterIssuer letsencrypt is not ready: no account'],
    ['has no status', issuer(), 'failed TLS: ClusterIssuer letsencrypt is not ready: cert-manager has not reported anything'],
  ])('that %s is reported', async (_, object, finding) => {
    const cluster = completeCluster();
    if (object) cluster.api.put(object as never);
    expect(await findings(cluster, { clusterIssuer: 'letsencrypt' })).toContain(finding);
  });
});

describe('a cluster with hundreds of apps', () => {
  const many = (count: number) => {
    const cluster = completeCluster();
    for (let i = 0; i < count; i++) cluster.api.put(scaledObject(`app-${i}`));
    return cluster;
  };
  const tuned = (container: object) => ({ ...program('keda-operator'), spec: { template: { spec: { containers: [container] } } } });
  const args = ['--kube-api-qps=100'];
  const env = [{ name: 'KEDA_SCALEDOBJECT_CTRL_MAX_RECONCILES', value: '20' }];

  test('is told what KEDA lacks', async () => {
    const lacks = 'the argument --kube-api-qps and the variable KEDA_SCALEDOBJECT_CTRL_MAX_RECONCILES';
    const message = `there are 400 ScaledObjects, and Deployment keda-operator does not have ${lacks}: apps wake and sleep late`;
    expect(await findings(many(400))).toContain(`failed KEDA tuning: ${message}`);
  });

  test.each([
    { what: 'has fewer', cluster: () => many(399) },
    { what: 'has a KEDA with both settings', cluster: () => put(many(400), tuned({ image: 'keda-operator:1', args, env })) },
    { what: 'hides its ScaledObjects', cluster: () => deny(many(400)) },
  ])('is told nothing if it $what', async ({ cluster }) => {
    expect((await findings(cluster())).filter(line => line.includes('tuning'))).toEqual([]);
  });

  function put(cluster: TestCluster, object: Parameters<TestCluster['api']['put']>[0]): TestCluster {
    cluster.api.put(object);
    return cluster;
  }

  function deny(cluster: TestCluster): TestCluster {
    cluster.api.denials.push({ verb: 'list', resource: 'scaledobjects' });
    return cluster;
  }
});
