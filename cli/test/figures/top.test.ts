import { DEPLOYMENT, POD, POD_METRICS } from '../../src/kube/types';
import { call } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { errorResponse } from '../kube/in-memory-api';
import { deployment, TestCluster } from '../kube/test-cluster';

const folder = new Folder({ 'webapp.yaml': 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n' });

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
  runControllers(cluster);
  await cluster.apply(deployment('web:1', { replicas: 2 }), deployment('web:1', { name: 'web-mailer', replicas: 0 }));
});

interface PodFields {
  readonly labels?: object;
  readonly limit?: string;
  readonly sidecars?: readonly object[];
}

const selectorOf = (name: string) => cluster.api.find(DEPLOYMENT, name)!.spec.selector.matchLabels!;
const resources = (memory = '256Mi') => ({ requests: { cpu: '100m', memory: '256Mi' }, limits: { memory } });

/** A pod that runs, by default of the web process. */
function put(name: string, { labels = selectorOf('web'), limit, sidecars }: PodFields = {}): void {
  const metadata = { name, namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'cdk8s-webapp', ...labels } };
  const spec = { containers: [{ name: 'main', resources: resources(limit) }], initContainers: sidecars };
  cluster.api.put({ ...POD, metadata, spec, status: { phase: 'Running' } } as never);
}

function measure(name: string, ...usage: readonly [cpu: string, memory: string][]): void {
  const containers = usage.map(([cpu, memory], i) => ({ name: `c${i}`, usage: { cpu, memory } }));
  cluster.api.put({ ...POD_METRICS, metadata: { name, namespace: 'shop' }, containers } as never);
}

const run = async (line: string) => call(line.split(' '), { cwd: folder.path, cluster });

describe('webapp top', () => {
  test('adds up the pods of each process, beside what they request and may use', async () => {
    put('web-1');
    put('web-2');
    measure('web-1', ['12345678n', '65536Ki']);
    measure('web-2', ['37500u', '64Mi']);
    expect(await run('top')).toEqual({
      code: 0,
      err: '',
      out: `\
APP  PROCESS     REPLICAS  CPU  OF REQUEST  MEMORY  OF LIMIT
web  web         2/2       50m  25%         128Mi   25%
web  web-mailer  asleep
`,
    });
  });

  test('counts the sidecars of a pod, and not what ends before it starts', async () => {
    const proxy = { name: 'proxy', restartPolicy: 'Always', resources: resources() };
    put('web-1', { sidecars: [proxy, { name: 'init', resources: resources() }] });
    measure('web-1', ['0', '128Mi'], ['50m', '128Mi']);
    expect((await run('top')).out).toMatch(/^web +web +2\/2 +50m +25% +256Mi +50%$/m);
  });

  test('leaves out the part of a limit that a container does not have', async () => {
    put('web-1', { sidecars: [{ name: 'proxy', restartPolicy: 'Always' }] });
    measure('web-1', ['50m', '128Mi']);
    expect((await run('top')).out).toMatch(/^web +web +2\/2 +50m +128Mi$/m);
  });

  test('points out pods that are about to be killed, and those that are not measured yet', async () => {
    put('web-1');
    put('web-2');
    measure('web-1', ['50m', '250Mi']);
    expect((await run('top')).out).toContain(`\
! web-1 uses 250Mi of 256Mi of memory, and is killed at its limit; set a larger size, or resources.memory
! web: 1 of 2 pods is not measured yet
`);
  });

  test('has the jobs that run', async () => {
    put('web-nightly-1', { labels: { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'nightly' } });
    measure('web-nightly-1', ['1', '128Mi']);
    expect((await run('top')).out).toMatch(/^web +web-nightly +job +1000m +1000% +128Mi +50%$/m);
  });

  test('sorts by what is asked for', async () => {
    cluster.api.change({ ...DEPLOYMENT, metadata: { name: 'web-mailer' } }, { spec: { replicas: 1 } });
    put('web-1');
    put('web-mailer-1', { labels: selectorOf('web-mailer') });
    measure('web-1', ['50m', '100Mi']);
    measure('web-mailer-1', ['10m', '200Mi']);
    const order = async (line: string) => [...(await run(line)).out.matchAll(/^web +(\S+)/gm)].map(([, name]) => name);
    expect(await order('top --sort cpu')).toEqual(['web', 'web-mailer']);
    expect(await order('top --sort memory')).toEqual(['web-mailer', 'web']);
  });

  test('prints JSON in cores and bytes, with the pods', async () => {
    put('web-1');
    measure('web-1', ['50m', '64Mi']);
    const [web] = JSON.parse((await run('top web --output json')).out);
    const pod = {
      name: 'web-1',
      usage: { cpu: 0.05, memory: 64 * 1024 ** 2 },
      requests: { cpu: 0.1, memory: 256 * 1024 ** 2 },
      limits: { memory: 256 * 1024 ** 2 },
    };
    const { name: _, ...together } = pod;
    expect(web).toEqual({ name: 'web', namespace: 'shop', process: 'web', ready: 2, wanted: 2, ...together, pods: [pod] });
  });

  test('has the namespaces with -A', async () => {
    expect((await run('top -A')).out).toMatch(/^NAMESPACE +APP[^]*^shop +web +web +2\/2/m);
  });

  test('of an app that is not deployed says so', async () => {
    expect(await run('top api')).toEqual({ code: 1, out: '', err: 'api is not deployed in namespace shop; run webapp deploy first\n' });
  });

  test('says that there are no apps, and where others may be', async () => {
    expect(await run('top --namespace keda')).toMatchObject(
      { code: 0, err: 'There are no apps in namespace keda; webapp top -A shows those of all namespaces\n' });
  });

  test('names what to install where the cluster does not measure its pods', async () => {
    cluster.api.absent.add('PodMetrics');
    const { code, err } = await run('top');
    expect(code).toBe(1);
    expect(err).toMatch(/^metrics-server is not installed[^]*\n {2}run kubectl apply --filename https:/);
  });

  test('says where to look if what measures them does not respond', async () => {
    const unavailable = errorResponse(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
    cluster.api.intercept = (_, path) => (path.includes('metrics.k8s.io') ? unavailable : undefined);
    expect((await run('top')).err).toBe('the metrics API (metrics-server) does not respond: '
      + 'the server is currently unable to handle the request\n'
      + '  see why with: kubectl get apiservice v1beta1.metrics.k8s.io, and kubectl get pods --namespace kube-system\n');
  });

  test('names the right that is missing', async () => {
    cluster.api.denials.push({ resource: 'pods', verb: 'list' });
    expect((await run('top')).err).toContain('you are not allowed to list pods');
  });

  test('does not take an app and all namespaces', async () => {
    expect(await run('top web -A')).toMatchObject({ code: 1, err: '--all-namespaces cannot be combined with an app\n' });
  });
});
