/**
 * The Roles of docs/deploy.md are enough for the commands that a team lives with after the first deploy: with an account that has these and
 * nothing else, none fails, and none falls back to something less for want of a right.
 */
import type { Cluster } from '../../src/kube/connect';
import { Objects } from '../../src/kube/objects';
import type { Job } from '../../src/kube/types';
import { POD, POD_METRICS, SECRET, SERVICE } from '../../src/kube/types';
import { deployResource } from '../../src/operator/client';
import type { Manifest } from '../../src/render/synthesis';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { AccountApi } from '../kube/account-api';
import { DOCUMENTED, DOCUMENTED_BUILD } from '../kube/documented-roles';
import type { TestCluster } from '../kube/test-cluster';
import { TestOperator } from '../operator/test-operator';

/** What `webapp operator install` lets everybody read. */
const EVERYBODY = [{ apiGroups: ['cdk8s-webapp.dev'], resources: ['platforms'], verbs: ['get', 'list', 'watch'] }];

/** What commands ask for beyond the Roles, with what they do without it. */
const BEYOND: { readonly [right: string]: string } = {
  'get namespaces in the cluster': 'the Platform of the namespace is the default one',
  'get namespaces in shop': 'the Platform of the namespace is the default one',
  'list rollouts.argoproj.io in shop': 'there are no Rollouts to show; docs/deploy.md has the right where Argo Rollouts is used',
  'list externalsecrets.external-secrets.io in shop': 'what a killed webapp secrets import --from-store has left is not looked for',
  'list interceptorroutes.http.keda.sh in the cluster': 'webapp doctor does not see routes of other namespaces with the same host',
  'get services/proxy in shop': 'an app that no request reaches from outside is not sent one',
  'get services in keda': 'figures of the interceptor are not shown',
  'list pods in keda': 'figures of the interceptor are not shown',
  'get pods/proxy in keda': 'figures of the interceptor are not shown',
  'get services/proxy in keda': 'the app is woken by one pod in place of a request; figures of the interceptor are not shown',
  'list nodes in the cluster': 'a local cluster is not recognized by its nodes',
};

const SPEC = {
  image: 'ghcr.io/acme/web:1',
  secretEnv: { DATABASE_URL: { secret: 'shop-db', key: 'url' } },
  workers: { mailer: { args: ['mail'], scaling: { cpu: 70, min: 1 } } },
  cronJobs: { nightly: { schedule: '0 3 * * *', command: ['sh', '-c', 'report'] } },
};
const PLATFORM = { domain: 'example.com', ingress: { className: 'nginx' } };

let cluster: TestCluster;
let operator: TestOperator;
let folder: Folder;

/** A cluster with what an app needs, and a pod of its web process. */
function start(): void {
  operator = new TestOperator();
  ({ cluster } = operator);
  operator.setPlatform(PLATFORM);
  const { api } = cluster;
  const at = { namespace: 'shop' };
  const url = Buffer.from('postgresql://app:secret@shop-db.shop:5432/app').toString('base64');
  api.put({ ...SECRET, metadata: { name: 'shop-db', ...at }, data: { url } } as Manifest);
  api.put({ ...SERVICE, metadata: { name: 'shop-db', ...at }, spec: { selector: { role: 'db' }, ports: [{ port: 5432 }] } } as Manifest);
  running('shop-db-0', { role: 'db' });
  const labels = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp', 'app.kubernetes.io/component': 'web' };
  running('web-1', labels, 'web');
  api.logs.set('web-1/web', 'hello\n');
  api.put({ ...POD_METRICS, metadata: { name: 'web-1', ...at }, containers: [] } as Manifest);
  const { onWrite } = api;
  api.onWrite = (object, own) => {
    onWrite?.(object, own);
    if (object.kind === 'Job' && object.metadata.name.includes('-run-')) endAtOnce(object as unknown as Job);
  };
  folder = new Folder({
    'webapp.yaml': `${JSON.stringify({ name: 'web', namespace: 'shop', ...SPEC })}\n`,
    'platform.yaml': JSON.stringify(PLATFORM),
    'page.html': 'soon',
  });
}

function running(name: string, labels: object, container = 'main'): void {
  const containerStatuses = [{ name: container, ready: true, restartCount: 0, state: { running: {} } }];
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses };
  const spec = { containers: [{ name: container }] };
  cluster.api.put({ ...POD, metadata: { name, namespace: 'shop', labels }, spec, status } as Manifest);
}

/** The pod of a command that `webapp run` runs. */
function endAtOnce({ metadata: { name, uid } }: Job): void {
  const metadata = { name: `${name}-a`, namespace: 'shop', labels: { 'batch.kubernetes.io/controller-uid': uid } };
  const status = { containerStatuses: [{ name: 'run', state: { terminated: { exitCode: 0 } } }] };
  if (cluster.api.find(POD, metadata.name)) return;
  cluster.api.logs.set(`${name}-a/run`, 'done\n');
  cluster.api.put({ ...POD, metadata, spec: { containers: [] }, status } as Manifest);
}

/** The cluster as the account has it. */
function asAccount(): Cluster & { readonly api: AccountApi } {
  const api = new AccountApi(cluster.api, { 'shop': [...DOCUMENTED, ...DOCUMENTED_BUILD], '': EVERYBODY });
  const { context, namespace, user, entry, clock } = cluster;
  return { context, namespace, user, entry, clock, api, objects: new Objects(api) };
}

async function run(line: string): Promise<Called & { readonly denied: readonly string[] }> {
  const account = asAccount();
  const called = await call(line.split(' '), { cwd: folder.path, cluster: account });
  return { ...called, denied: [...account.api.denied].filter(right => !Object.hasOwn(BEYOND, right)) };
}

/** In an order in which each of them has something to do. */
const COMMANDS = [
  'ls', 'status', 'top', 'metrics', 'cost', 'logs', 'logs --all --since 1h', 'open', 'domains',
  'config', 'config set A=1', 'config get A', 'config unset A', 'secrets generate KEY', 'secrets', 'secrets unset KEY',
  'exec -- ls', 'run -- ls', 'connect DATABASE_URL -- true', 'cp page.html :/tmp/page.html',
  'cron', 'cron run nightly --detach', 'scale --min 1 --max 4', 'restart', 'wake', 'maintenance on', 'maintenance', 'maintenance off',
  'releases', 'history', 'releases info', 'releases diff', 'deploy --image ghcr.io/acme/web:2', 'rollback', 'destroy --yes',
];

describe.each<[string, () => Promise<() => void>]>([
  ['webapp deploy has deployed', async () => {
    expect(await run('deploy')).toMatchObject({ code: 0, denied: [] });
    return () => {};
  }],
  ['the operator deploys', async () => {
    const stop = cluster.clock.every(500, () => void operator.reconcile().catch(() => {}));
    await deployResource(cluster.operation(), SPEC);
    return stop;
  }],
])('with the documented rights, of an app that %s', (_, deploy) => {
  let stop = () => {};
  beforeAll(async () => {
    start();
    stop = await deploy();
  });
  afterAll(() => stop());

  test.each(['doctor', 'doctor web'])('webapp %s says what it finds', async line => {
    const { err, out, denied } = await run(line);
    expect(err).toBe('');
    expect(out).toMatch(/^[✓✗?] /);
    if (line === 'doctor web') expect(denied).toEqual([]);
  });

  test.each(COMMANDS)('webapp %s works, and is denied nothing', async line => {
    const { code, err, denied } = await run(line);
    expect({ code, denied, err: code === 0 ? '' : err }).toEqual({ code: 0, denied: [], err: '' });
  });
});
