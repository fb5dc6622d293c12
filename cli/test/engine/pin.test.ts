import { Pins } from '../../src/engine/pin';
import type { ImageReference } from '../../src/registry/reference';
import type { Answer, PullSecrets, Registries } from '../../src/registry/registries';
import type { Manifest } from '../../src/render/synthesis';
import { buildRun, deployment, job, service, TestCluster } from '../kube/test-cluster';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const A = digest('a');

let cluster: TestCluster;
let asked: string[];
let answers: { [repository: string]: Answer };
let warnings: string[];
let secrets: PullSecrets | undefined;

beforeEach(() => {
  cluster = new TestCluster();
  [asked, answers, warnings, secrets] = [[], {}, [], undefined];
});

/** Registries whose images all have one digest, except those of a test. */
const registries: Registries = {
  find: async ({ registry, repository, tag }: ImageReference, pullSecrets) => {
    asked.push(`${registry}/${repository}:${tag}`);
    secrets = await pullSecrets();
    return answers[repository] ?? { state: 'found', digest: A };
  },
  remove: async () => {},
  credentials: async () => ({}),
  check: async () => true,
};

const pins = (context = 'production', always?: boolean) => new Pins({
  cluster: { ...cluster, objects: cluster.objects, entry: { name: context } } as unknown as TestCluster,
  registries,
  always,
  warn: text => void warnings.push(text),
});

const pin = async (...objects: Manifest[]) => (await pins().pin([{ name: 'web', objects }]))[0].objects;

interface Containers {
  readonly [list: string]: readonly object[];
}

function workload(kind: string, pod: object): Manifest {
  const template = { spec: pod };
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name: 'web', namespace: 'shop' },
    spec: kind === 'CronJob' ? { schedule: '@daily', jobTemplate: { spec: { template } } } : { replicas: 1, template },
  };
}

const images = (objects: readonly Manifest[]) => [...JSON.stringify(objects).matchAll(/"image":"([^"]*)"/g)].map(([, image]) => image);

describe('images are pinned to their digests', () => {
  test.each(['Deployment', 'Rollout', 'Job', 'CronJob'])('in all containers of a %s, which stays the same otherwise', async kind => {
    const pod = (suffix = ''): Containers => ({
      initContainers: [{ name: 'wait', image: `busybox:1${suffix}`, command: ['true'] }],
      containers: [{ name: 'web', image: `ghcr.io/acme/web:1${suffix}`, env: [] }, { name: 'proxy', image: `ghcr.io/acme/proxy${suffix}` }],
    });
    expect(JSON.stringify(await pin(workload(kind, pod())))).toBe(JSON.stringify([workload(kind, pod(`@${A}`))]));
    expect(asked).toEqual(['docker.io/library/busybox:1', 'ghcr.io/acme/web:1', 'ghcr.io/acme/proxy:undefined']);
  });

  test('as well as the image of the canary', async () => {
    const canary = { image: 'web:2', weight: 10 };
    const [app] = await pins().pin([{ name: 'web', objects: [deployment('web:1'), deployment('web:2', { name: 'web-canary' })], canary }]);
    expect(app.canary).toEqual({ image: `web:2@${A}`, weight: 10 });
  });

  test('once for each image, however often it is deployed', async () => {
    const same = pins();
    const plan = { name: 'web', objects: [deployment('web:1'), deployment('web:1', { name: 'web-worker' })] };
    await same.pin([plan, { ...plan, name: 'api' }]);
    answers['library/web'] = { state: 'found', digest: digest('b') };
    expect(images((await same.pin([plan]))[0].objects)).toEqual([`web:1@${A}`, `web:1@${A}`]);
    expect(asked).toHaveLength(1);
  });

  test('with the Secrets with which the pods pull them', async () => {
    const auths = { 'ghcr.io': { username: 'ann', password: 'secret' } };
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64');
    const secret = (name: string, data: object) => (
      cluster.api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop' }, data }));
    secret('new', { '.dockerconfigjson': encoded({ auths }) });
    secret('old', { '.dockercfg': encoded(auths) });
    secret('hidden', {});
    cluster.api.intercept = (_, path) => (path.endsWith('/hidden') ? { status: 403, headers: {}, text: '' } : undefined);
    const names = ['new', 'old', 'gone', 'hidden'];
    await pin(workload('Deployment', { containers: [{ name: 'web', image: 'web:1' }], imagePullSecrets: names.map(name => ({ name })) }));
    expect(secrets).toEqual({ configs: [{ auths }, { auths }], unreadable: ['hidden'] });
  });
});

describe('an image stays as it is', () => {
  test.each<[string, Manifest[]]>([
    ['that has a digest', [deployment(`web:1@${digest('b')}`)]],
    ['that is never pulled', [workload('Deployment', { containers: [{ name: 'web', image: 'web:1', imagePullPolicy: 'Never' }] })]],
    ['that podman built, and that is in no registry', [deployment('localhost/web:dev')]],
    ['that this deploy builds', [buildRun('ghcr.io/acme/web:1'), deployment('ghcr.io/acme/web:1')]],
  ])('%s', async (_, objects) => {
    expect(await pin(...objects)).toEqual(objects);
    expect(asked).toEqual([]);
  });

  test.each(['kind-dev', 'k3d-dev', 'minikube', 'docker-desktop', 'rancher-desktop', 'colima', 'orbstack'])(
    'in the local cluster %s, unless it is in a registry on this computer', async context => {
      const objects = [deployment('ghcr.io/acme/web:1'), deployment('localhost:5001/web:1', { name: 'web-worker' })];
      const pinned = async (always?: boolean) => images((await pins(context, always).pin([{ name: 'web', objects }]))[0].objects);
      expect(await pinned()).toEqual(['ghcr.io/acme/web:1', `localhost:5001/web:1@${A}`]);
      expect(await pinned(true)).toEqual([`ghcr.io/acme/web:1@${A}`, `localhost:5001/web:1@${A}`]);
    });

  test('where its registry cannot be asked, with one warning for each registry', async () => {
    answers['acme/web'] = { state: 'unknown', why: 'getaddrinfo ENOTFOUND ghcr.io' };
    answers['acme/api'] = answers['acme/web'];
    const unknown = ['ghcr.io/acme/web:1', 'ghcr.io/acme/api:1', 'quay.io/acme/web:1'];
    expect(images(await pin(...[...unknown, 'web:1'].map(image => deployment(image))))).toEqual([...unknown, `web:1@${A}`]);
    expect(warnings).toEqual([
      'images from ghcr.io are not pinned to a digest: getaddrinfo ENOTFOUND ghcr.io',
      'images from quay.io are not pinned to a digest: getaddrinfo ENOTFOUND ghcr.io',
    ]);
  });

  test('in objects that have no pods', async () => {
    expect(await pin(service())).toEqual([service()]);
  });
});

test('images that a registry does not have are reported together', async () => {
  answers['acme/web'] = { state: 'missing', part: 'tag' };
  answers['acme/wbe'] = { state: 'missing', part: 'repository' };
  const plans = [
    { name: 'web', objects: [deployment('ghcr.io/acme/web:9'), deployment('ghcr.io/acme/wbe:1', { name: 'web-worker' })] },
    { name: 'api', objects: [deployment('ghcr.io/acme/api:1')] },
  ];
  await expect(pins().pin(plans)).rejects.toThrow(`\
image ghcr.io/acme/web:9 of web does not exist: ghcr.io has no tag 9 of acme/web
image ghcr.io/acme/wbe:1 of web does not exist: ghcr.io has no repository acme/wbe
  push it, or check its name and tag; --no-pin does not ask the registry
nothing was changed`);
});

describe('the Job of a release command', () => {
  const named = async (name: string) => (await pin(job('migrate', name)))[0].metadata.name;

  test('has another name if its tag has another digest, so that it runs again, and the same name with the same digest', async () => {
    const first = await named('web-release-0123456789');
    expect(first).toMatch(/^web-release-[0-9a-f]{10}$/);
    expect(await named('web-release-0123456789')).toBe(first);
    answers['library/web'] = { state: 'found', digest: digest('b') };
    const second = await named('web-release-0123456789');
    expect(second).toMatch(/^web-release-[0-9a-f]{10}$/);
    expect(new Set(['web-release-0123456789', first, second]).size).toBe(3);
  });

  test('keeps a name that has no hash, and the name that it has without a digest', async () => {
    expect(await named('web-release')).toBe('web-release');
    answers['library/web'] = { state: 'unknown', why: 'no route' };
    expect(await named('web-release-0123456789')).toBe('web-release-0123456789');
  });
});
