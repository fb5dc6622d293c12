import { deploy } from '../../src/engine/deploy';
import { preflight } from '../../src/engine/preflight';
import { missingReferences } from '../../src/engine/references';
import type { Reference } from '../../src/kube/objects';
import { BUILD_RUN, DEPLOYMENT, SECRET } from '../../src/kube/types';
import { placeholderOf } from '../../src/registry/reference';
import type { Manifest } from '../../src/render/synthesis';
import { synthesize } from '../../src/render/synthesis';
import { runControllers } from '../kube/controllers';
import { APP, configMap, database, deployment, draft, service, TestCluster } from '../kube/test-cluster';
import type { PlatformProps } from 'cdk8s-webapp';
import { GatewayController, IngressController } from 'cdk8s-webapp';

/** Platforms whose entries can ask for a password. */
const ENTRIES: { readonly [entry: string]: PlatformProps } = {
  'Traefik': { domain: 'example.com', ingress: { className: 'traefik' } },
  'nginx': { domain: 'example.com', ingress: { className: 'nginx' } },
  'haproxy': { domain: 'example.com', ingress: { className: 'haproxy', controller: IngressController.HAPROXY } },
  'Envoy Gateway': { domain: 'example.com', gateway: { name: 'public', controller: GatewayController.ENVOY_GATEWAY } },
};

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
});

/** A workload with these fields of its container and its pod. */
function using(container: object, pod: object = {}, name = 'web'): Manifest {
  const object = deployment('web:1', { name }) as any;
  Object.assign(object.spec.template.spec.containers[0], container);
  Object.assign(object.spec.template.spec, pod);
  return object;
}

const fromSecret = (variable: string, name: string, key: string, optional?: boolean) => (
  { name: variable, valueFrom: { secretKeyRef: { name, key, optional } } });
const put = (name: string, ...keys: string[]) => (
  cluster.api.put({ ...SECRET, metadata: { name, namespace: 'shop' }, data: Object.fromEntries(keys.map(key => [key, 'eA=='])) }));
const find = async (objects: readonly Manifest[], later: readonly Reference[] = []) => (
  missingReferences(cluster, { app: APP, objects, later, generated: { SESSION_KEY: 32 } }));
const problems = async (objects: readonly Manifest[], later?: readonly Reference[]) => (await find(objects, later)).problems;

/** A build from git with these fields of its source and its output. */
const build = (git: object, output: object = {}): Manifest => ({
  ...BUILD_RUN,
  metadata: { name: 'web-1', namespace: 'builds' },
  spec: { build: { spec: { source: { type: 'Git', git }, output: { image: 'ghcr.io/acme/web:1', ...output } } } },
} as unknown as Manifest);

describe('before a deploy, the user is told', () => {
  test('which Secrets and ConfigMaps do not exist, what needs them, and the command that creates them', async () => {
    const object = using({
      env: [fromSecret('STRIPE_KEY', 'stripe', 'api-key'), fromSecret('STRIPE_HOOK', 'stripe', 'hook'),
        { name: 'CELL', valueFrom: { configMapKeyRef: { name: 'cluster', key: 'cell' } } }],
      envFrom: [{ secretRef: { name: 'payment' } }],
    }, {
      volumes: [
        { name: 'secret-files', projected: { sources: [{ secret: { name: 'tls', items: [{ key: 'tls.key', path: 'x' }] } }] } },
        { name: 'binding', secret: { secretName: 'binding' } },
      ],
    });
    expect(await problems([object])).toEqual([
      'Secret stripe does not exist in namespace shop; the app needs it for the variables STRIPE_KEY, STRIPE_HOOK\n'
      + '  webapp secrets set api-key hook --secret stripe --app web --namespace shop',
      'ConfigMap cluster does not exist in namespace shop; the app needs it for the variable CELL\n'
      + '  kubectl create configmap cluster --namespace shop --from-literal=cell=VALUE',
      'Secret payment does not exist in namespace shop; the app needs it for variables of all its keys\n'
      + '  webapp secrets set KEY --secret payment --app web --namespace shop',
      'Secret tls does not exist in namespace shop; the app needs it for its key tls.key\n'
      + '  webapp secrets set tls.key --secret tls --app web --namespace shop',
      'Secret binding does not exist in namespace shop; the app needs it\n'
      + '  webapp secrets set KEY --secret binding --app web --namespace shop',
    ]);
  });

  test('which keys a Secret lacks', async () => {
    put('stripe', 'api-key');
    expect(await problems([using({ env: [fromSecret('A', 'stripe', 'api-key'), fromSecret('B', 'stripe', 'hook')] })])).toEqual([
      'Secret stripe has no key hook in namespace shop; the app needs it for the variable B\n'
      + '  webapp secrets set hook --secret stripe --app web --namespace shop',
    ]);
  });

  test('what cron jobs, Jobs, workers, other containers and triggers need, each once', async () => {
    const { spec: { template } } = using({}, { initContainers: [{ name: 'i', env: [fromSecret('A', 'init', 'a')] }] }) as any;
    const metadata = { name: 'c', namespace: 'shop' };
    const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { jobTemplate: { spec: { template } } } };
    const trigger = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: { name: 't', namespace: 'shop' },
      spec: { secretTargetRef: [{ parameter: 'host', name: 'amqp', key: 'url' }] },
    };
    const env = [fromSecret('A', 'shared', 'a')];
    const found = await problems([using({ env }), using({ env }, {}, 'web-mails'), cronJob, trigger]);
    expect(found.map(text => text.split(';')[0])).toEqual([
      'Secret shared does not exist in namespace shop', 'Secret init does not exist in namespace shop',
      'Secret amqp does not exist in namespace shop',
    ]);
  });

  test.each<[string, object, string]>([
    ['Traefik', { password: { secret: 'visitors' } }, 'does not exist'],
    ['nginx', { password: { secret: 'visitors' } }, 'does not exist'],
    ['haproxy', { password: { secret: 'visitors' } }, 'does not exist'],
    ['Envoy Gateway', { password: { secret: 'visitors' } }, 'does not exist'],
    ['nginx', { password: { secret: 'other' } }, 'has no key auth'],
    ['Envoy Gateway', { password: { secret: 'other' } }, 'has no key .htpasswd'],
  ])('that nobody is let in without the Secret of a password: %s, %j', async (entry, access, fault) => {
    put('other', 'x');
    const { apps: [{ objects }] } = synthesize([{ ...APP, props: { image: 'web:1', access } }], ENTRIES[entry]);
    const [problem, ...others] = await problems(objects);
    expect(problem).toMatch(`${fault} in namespace shop; the app needs it for access.password\n`);
    expect(others).toEqual([]);
  });

  test.each<[string, Manifest, string, string]>([
    [
      'push the image', build({ url: 'https://github.com/acme/web' }, { pushSecret: 'push' }),
      'Secret push does not exist in namespace builds; the app needs it for pushing its image',
      'webapp registry login ghcr.io --for push --secret push --namespace shop',
    ],
    [
      'read the repository', build({ url: 'https://github.com/acme/web', cloneSecret: 'git' }),
      'Secret git does not exist in namespace builds; the app needs it for reading its repository',
      'kubectl create secret generic git --namespace builds '
      + '--type kubernetes.io/basic-auth --from-literal=username=USER --from-file=password=FILE',
    ],
    [
      'read the repository by SSH', build({ url: 'git@github.com:acme/web.git', cloneSecret: 'git' }),
      'Secret git does not exist in namespace builds; the app needs it for reading its repository',
      'kubectl create secret generic git --namespace builds --type kubernetes.io/ssh-auth --from-file=ssh-privatekey=FILE',
    ],
  ])('what a build lacks to %s, in its own namespace', async (_, object, fault, command) => {
    expect(await problems([object])).toEqual([`${fault}\n  ${command}`]);
  });

  // https://github.com/kubernetes/kubernetes/pull/117927
  test.each([
    ['ghcr.io/acme/web:1', 'webapp registry login ghcr.io --for pull --secret pull --namespace shop'],
    ['nginx', 'webapp registry login docker.io --for pull --secret pull --namespace shop'],
    [placeholderOf('web'), 'webapp registry login --for pull --secret pull --namespace shop'],
  ])('what pods cannot pull private images without, such as %s, which stops nothing, as images may be public', async (image, command) => {
    const imagePullSecrets = [{ name: 'pull' }];
    const pods = [using({ image }, { imagePullSecrets }), using({ image }, { imagePullSecrets }, 'web-mails')];
    expect(await find(pods)).toEqual({
      problems: [],
      hidden: [],
      warnings: [`Secret pull does not exist in namespace shop; the app needs it for pulling images that are not public\n  ${command}`],
    });
  });

  test('nothing of what exists, is optional, or is created with the app', async () => {
    put('stripe', 'api-key');
    const object = using({
      env: [
        fromSecret('A', 'stripe', 'api-key'), fromSecret('B', 'none', 'x', true), fromSecret('SESSION_KEY', 'web-generated', 'SESSION_KEY'),
        fromSecret('DB', 'web-db-app', 'uri'), fromSecret('E', 'web-external', 'E'), fromSecret('L', 'api-db-app', 'uri'),
        { name: 'F', valueFrom: { configMapKeyRef: { name: 'web-files', key: 'f' } } },
      ],
      envFrom: [{ secretRef: { name: 'none', optional: true } }],
    });
    const metadata = { name: 'web-external', namespace: 'shop' };
    const external = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, spec: { target: {} } };
    const later = [{ ...SECRET, namespace: 'shop', name: 'api-db-app' }];
    expect(await problems([configMap('web-files', { f: '1' }), database(), external, object], later)).toEqual([]);
  });

  test('everything at once, with what the cluster rejects, and nothing is changed', async () => {
    const object = using({ env: [fromSecret('A', 'one', 'a'), fromSecret('B', 'two', 'b')] });
    const message = await deploy(cluster.operation(), draft(service(), object)).then(() => '', (error: Error) => error.message);
    expect(message.split('\n')).toEqual([
      'Secret one does not exist in namespace shop; the app needs it for the variable A',
      '  webapp secrets set a --secret one --app web --namespace shop',
      'Secret two does not exist in namespace shop; the app needs it for the variable B',
      '  webapp secrets set b --secret two --app web --namespace shop',
      'nothing was changed',
    ]);
    expect(cluster.api.find(DEPLOYMENT, 'web')).toBeUndefined();
    expect(await cluster.releases()).toEqual([]);
  });

  test('what could not be looked at, which stops nothing', async () => {
    cluster.api.denials.push({ verb: 'get', resource: 'configmaps' });
    const warnings: string[] = [];
    const object = using({ env: [{ name: 'CELL', valueFrom: { configMapKeyRef: { name: 'cluster', key: 'cell' } } }] });
    await preflight({ cluster, app: APP, objects: [object], warn: text => void warnings.push(text) });
    expect(warnings).toEqual(['cannot check whether ConfigMap cluster exists in namespace shop: you are not allowed to get it']);
  });

  test('what objects lack that stay as they are, which stops nothing', async () => {
    const nightly = using({ env: [fromSecret('A', 'one', 'a')] }, {}, 'web-nightly');
    await cluster.apply(nightly);
    await deploy(cluster.operation(), draft(service(), nightly));
    expect(cluster.output).toContain(
      '! Secret one does not exist in namespace shop; the app needs it for the variable A\n'
      + '  webapp secrets set a --secret one --app web --namespace shop');
    expect(await cluster.releases()).toMatchObject([{ state: 'deployed' }]);
  });

  test('what objects that stay lack as well as those that change once, after one look at it', async () => {
    const nightly = using({ env: [fromSecret('A', 'one', 'a')] }, {}, 'web-nightly');
    await cluster.apply(nightly);
    const objects = [nightly, using({ env: [fromSecret('B', 'one', 'b')] })];
    const get = jest.spyOn(cluster.objects, 'get');
    await expect(preflight({ cluster, app: APP, objects })).rejects.toThrow(
      'Secret one does not exist in namespace shop; the app needs it for the variables B, A\n'
      + '  webapp secrets set b a --secret one --app web --namespace shop');
    expect(get.mock.calls.filter(([{ kind, name }]) => kind === 'Secret' && name === 'one')).toHaveLength(1);
  });

  test('nothing of what has run to its end', async () => {
    const { spec: { template } } = using({ env: [fromSecret('A', 'one', 'a')] }) as any;
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'web-release', namespace: 'shop' }, spec: { template } };
    await cluster.apply(job);
    cluster.api.put({ ...job, status: { conditions: [{ type: 'Complete', status: 'True' }] } });
    const warnings: string[] = [];
    await preflight({ cluster, app: APP, objects: [job], warn: text => void warnings.push(text) });
    expect(warnings).toEqual([]);
  });

  test('nothing where objects are only compared', async () => {
    const objects = [using({ env: [fromSecret('A', 'one', 'a')] })];
    expect(await preflight({ cluster, app: APP, objects, compare: true })).toHaveLength(1);
  });
});
