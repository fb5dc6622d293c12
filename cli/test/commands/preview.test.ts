import type { Secret } from '../../src/kube/types';
import { BUILD_RUN, CLUSTER_BUILD_STRATEGY, DEPLOYMENT, INGRESS, SCALED_OBJECT, SECRET } from '../../src/kube/types';
import { WEB_APP } from '../../src/operator/resources';
import type { Manifest } from '../../src/render/synthesis';
import { call, Called } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';
import { TestOperator } from '../operator/test-operator';

const DAY = 86_400_000;
const PLATFORM = 'domain: apps.example.com\ningress: { className: nginx }\n';
const WEB = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\nhosts: [shop.example.com]\n';

let cluster: TestCluster;

function files(web = WEB, more: { readonly [path: string]: string } = {}): Folder {
  return new Folder({ 'webapp.yaml': web, 'platform.yaml': PLATFORM, ...more });
}

/** Runs a command line in a folder, against the cluster. */
const run = async (folder: Folder, line: string) => call(line.split(' '), { cwd: folder.path, cluster });
const hostOf = (name: string) => cluster.api.find(INGRESS, name)?.spec.rules?.map(({ host }) => host);
const lines = ({ err }: Called) => err.trimEnd().split('\n');

beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
  cluster.api.uninstall(WEB_APP);
  cluster.api.proxy = () => response(200, '{}');
});

describe('webapp preview up', () => {
  test('deploys a copy of the app at a host of its own, and says when it is removed', async () => {
    const called = await run(files(), 'preview up pr-12 --image ghcr.io/acme/web:pr-12');
    expect(called).toMatchObject({ code: 0, out: '' });
    expect(called.err).toBe(`web-pr-12 in namespace shop of test
✓ Applied 9 objects
✓ web-pr-12 is ready (1/1 replicas)
✓ GET / returned 200
✓ Deployed release 1
URL: http://web-pr-12.apps.example.com
It is removed in 7 d, unless it is deployed again; webapp preview down pr-12 removes it now
`);
    expect(hostOf('web-pr-12')).toEqual(['web-pr-12.apps.example.com']);
    expect(cluster.api.find(DEPLOYMENT, 'web-pr-12')!.spec.template.spec!.containers[0].image).toBe('ghcr.io/acme/web:pr-12');
    expect(cluster.api.find(DEPLOYMENT, 'web')).toBeUndefined();
  });

  test('has variables that were set for it before', async () => {
    const given = files();
    expect((await run(given, 'config set A=1 --app web-pr-12 --namespace shop')).err).toContain('for its first deploy');
    expect(await run(given, 'preview up pr-12 --image ghcr.io/acme/web:pr-12')).toMatchObject({ code: 0 });
    expect((await run(given, 'config get A --app web-pr-12 --namespace shop')).out).toBe('1\n');
    await run(given, 'preview up pr-12 --image ghcr.io/acme/web:pr-12');
    expect((await run(given, 'config get A --app web-pr-12 --namespace shop')).out).toBe('1\n');
  });

  test('is scaled to zero, whatever keeps the app awake', async () => {
    const scaling = 'scaling: { min: 2, max: 5, cpu: 70, schedule: [{ start: 0 8 * * *, end: 0 18 * * *, replicas: 3 }] }\n';
    await run(files(`${WEB}${scaling}`), 'preview up pr-12');
    expect(cluster.api.find(SCALED_OBJECT, 'web-pr-12')!.spec).toMatchObject({
      minReplicaCount: 0, maxReplicaCount: 5, triggers: [{ type: 'external-push' }],
    });
  });

  test('is scaled by requests where the app has a fixed number of replicas', async () => {
    await run(files(`${WEB}scaling: { replicas: 3 }\n`), 'preview up pr-12');
    expect(cluster.api.find(SCALED_OBJECT, 'web-pr-12')!.spec).toMatchObject({ minReplicaCount: 0 });
  });

  test('does without workers, cron jobs and TCP ports, and says so', async () => {
    const more = 'workers: { mailer: { command: [mail] } }\ncronJobs: { clean: { command: [c], schedule: 0 3 * * * } }\n'
      + 'ports: { git: { port: 2222 }, admin: { port: 9000, paths: [/admin] } }\n';
    const called = await run(files(`${WEB}${more}`), 'preview up pr-12');
    const list = 'worker mailer, cron job clean, port git';
    expect(lines(called)[1]).toBe(`Not included: ${list}; to include them, name them in environments.preview`);
    expect(cluster.api.names().filter(name => /mailer|clean/.test(name))).toEqual([]);
  });

  test('has those of them that the environment of previews names', async () => {
    const more = 'workers: { mailer: { command: [mail] }, other: { command: [o] } }\n'
      + 'environments: { preview: { workers: { mailer: {} } } }\n';
    const called = await run(files(`${WEB}${more}`), 'preview up pr-12');
    expect(lines(called)[1]).toBe('Not included: worker other; to include them, name them in environments.preview');
    expect(cluster.api.names()).toContain('Deployment web-pr-12-mailer');
  });

  test('has what the environment named preview says, or the one of --env', async () => {
    const more = 'environments: { preview: { env: { MODE: p }, scaling: { min: 1 } }, staging: { env: { MODE: s } } }\n';
    const mode = (name: string) => cluster.api.find(DEPLOYMENT, name)!.spec.template.spec!.containers[0].env!
      .find(one => one.name === 'MODE')?.value;
    await run(files(`${WEB}${more}`), 'preview up a');
    await run(files(`${WEB}${more}`), 'preview up b --env staging');
    expect([mode('web-a'), mode('web-b')]).toEqual(['p', 's']);
    expect(cluster.api.find(SCALED_OBJECT, 'web-a')!.spec.minReplicaCount).toBe(1);
  });

  test('has a database of its own, of one server and without backups', async () => {
    const postgres = '{ instances: 3, storage: 20Gi, backups: { objectStore: s3 } }';
    const written = files(`${WEB}connections: { db: { type: postgres, postgres: ${postgres} }, logs: { type: postgres } }\n`);
    written.write('platform.yaml', 'domain: apps.example.com\ndatabaseBackups: { objectStore: backups }\n');
    await run(written, 'preview up pr-12');
    const { spec } = cluster.api.find({ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' }, 'web-pr-12-db') as { spec?: object };
    expect(spec).toMatchObject({ instances: 1, storage: { size: '20Gi' } });
    expect(spec).not.toHaveProperty('plugins');
    expect(cluster.api.names().filter(name => name.startsWith('ScheduledBackup'))).toEqual([]);
  });

  test('has a name that objects and hosts can have, of any branch', async () => {
    await run(files(), 'preview up feature/New_Cart');
    expect(hostOf('web-feature-new-cart')).toEqual(['web-feature-new-cart.apps.example.com']);
    const long = `feature/${'x'.repeat(100)}`;
    expect(await run(files(), `preview up ${long}1`)).toMatchObject({ code: 0 });
    expect(await run(files(), `preview up ${long}2`)).toMatchObject({ code: 0 });
    const { out } = await run(files(), 'preview ls --output json');
    const names = (JSON.parse(out) as { name: string }[]).map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(40);
  });

  test('of several apps connects them with each other, and shares a host where they do', async () => {
    const apps = `${WEB}connections: { api: { type: web-app, app: api }, prices: { type: web-app, app: prices } }\n---
name: api\nnamespace: shop\nimage: ghcr.io/acme/api:1\nhosts: [shop.example.com]\npaths: [/api]\n`;
    const called = await run(files(apps), 'preview up pr-12');
    expect(called.code).toBe(0);
    const env = cluster.api.find(DEPLOYMENT, 'web-pr-12')!.spec.template.spec!.containers[0].env!;
    expect(env.filter(({ name }) => /URL$/.test(name)).map(({ value }) => value)).toEqual([
      'http://api-pr-12-proxy.shop.svc.cluster.local:8080', 'http://prices-proxy.shop.svc.cluster.local:8080',
    ]);
    expect(hostOf('api-pr-12')).toEqual(['web-pr-12.apps.example.com']);
  });

  test('of some apps leaves the others as they are', async () => {
    const apps = `${WEB}connections: { api: { type: web-app, app: api } }\n---\nname: api\nnamespace: shop\nimage: ghcr.io/acme/api:1\n`;
    await run(files(apps), 'preview up pr-12 web');
    const env = cluster.api.find(DEPLOYMENT, 'web-pr-12')!.spec.template.spec!.containers[0].env!;
    expect(env.find(({ name }) => name === 'API_URL')?.value).toBe('http://api-proxy.shop.svc.cluster.local:8080');
    expect(cluster.api.names()).not.toContain('Deployment api-pr-12');
  });

  test('skips apps of which nothing would be left', async () => {
    const apps = `${WEB}---\nname: mailer\nnamespace: shop\nimage: m:1\nweb: false\nworkers: { mail: { command: [mail] } }\n`;
    const called = await run(files(apps), 'preview up pr-12');
    expect(called.code).toBe(0);
    expect(lines(called)[0]).toBe('mailer is not part of the preview: it would have no processes');
  });

  test('again updates it, and its time begins anew', async () => {
    const folder = files();
    await run(folder, 'preview up pr-12 --ttl 3d');
    await cluster.clock.sleep(2 * DAY);
    const { out } = await run(folder, 'preview up pr-12 --ttl 3d --image ghcr.io/acme/web:2 --output json');
    expect(JSON.parse(out)).toMatchObject([
      { preview: 'pr-12', of: 'web', name: 'web-pr-12', namespace: 'shop', release: 2, image: 'ghcr.io/acme/web:2' },
    ]);
    const listed = await run(folder, 'preview ls --output json');
    const [{ created, expires }] = JSON.parse(listed.out) as { created: string; expires: string }[];
    expect(Date.parse(expires) - Date.parse(created)).toBeGreaterThan(4.9 * DAY);
  });

  test('stays a preview after a rollback', async () => {
    const folder = files();
    await run(folder, 'preview up pr-12');
    await run(folder, 'preview up pr-12 --image ghcr.io/acme/web:2');
    expect(await run(folder, 'rollback --app web-pr-12')).toMatchObject({ code: 0 });
    expect((await run(folder, 'preview ls')).out).toMatch(/^pr-12 +web-pr-12 .* ghcr.io\/acme\/web:1 /m);
  });

  test('is known to the commands for apps by the name of its app', async () => {
    const folder = files();
    await run(folder, 'preview up pr-12');
    expect((await run(folder, 'status web-pr-12')).out).toContain('URL:      http://web-pr-12.apps.example.com');
    expect((await run(folder, 'releases web-pr-12')).out).toContain('serving');
  });

  test.each(['0m', '3', '3w', '400d'])('refuses a ttl of %s', async ttl => {
    const called = await run(files(), `preview up pr-12 --ttl ${ttl}`);
    expect(called).toMatchObject({ code: 64, err: expect.stringContaining('Write a time such as 3d, 12h or 90m') });
  });

  test('lives as long as the resource in the file says, unless --ttl says otherwise', async () => {
    const resource = `apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nmetadata: { name: web, namespace: shop }
spec: { image: ghcr.io/acme/web:1, ttl: 48h, deletionPolicy: delete }\n`;
    expect((await run(files(resource), 'preview up a')).err).toContain('It is removed in 2 d');
    expect((await run(files(resource), 'preview up b --ttl 5h')).err).toContain('It is removed in 5 h');
    const manual = await run(files(resource.replace('deletionPolicy: delete', 'rollback: manual')), 'preview up c');
    expect(manual.err).toBe('rollback of web is for the operator, which this cluster does not have; remove it from the file\n');
  });

  test.each([
    ['ttl: 48h\n', 'ttl is not a known property; it is a field of resources; deploy a preview with webapp preview up --ttl'],
    ['', 'ttl is for the operator, and web has no WebApp resource in namespace shop\n'
      + '  create it with kubectl apply, or with webapp preview up, or remove ttl from the file'],
  ])('is meant where webapp deploy finds a ttl: %#', async (ttl, message) => {
    const resource = `apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nmetadata: { name: web, namespace: shop }
spec: { image: ghcr.io/acme/web:1, ttl: 48h }\n`;
    expect((await run(files(ttl ? `${WEB}${ttl}` : resource), 'deploy')).err).toContain(message);
    expect(cluster.api.names()).toEqual([]);
  });

  test.each(['---', '_'])('refuses the name %s', async name => {
    const called = await run(files(), `preview up -- ${name}`);
    expect(called).toMatchObject({ code: 1, err: expect.stringContaining('is not the name of a preview') });
  });

  test('needs a domain', async () => {
    const folder = new Folder({ 'webapp.yaml': WEB });
    const called = await run(folder, 'preview up pr-12');
    expect(called.err).toBe('previews are at hosts below the domain of the platform, which has none; set domain in platform.yaml\n');
  });
});

describe('a preview never touches what is not its own', () => {
  const untouched = async (folder: Folder, line = 'preview up pr-12') => {
    const called = await run(folder, line);
    expect(called.code).toBe(1);
    expect(cluster.api.requests.filter(request => /^(PATCH|POST|PUT|DELETE) .*\/namespaces\/shop\//.test(request))).toEqual([]);
    return called.err;
  };

  test.each([
    ['secretEnv: { STRIPE_KEY: { secret: stripe, key: key } }', 'secretEnv.STRIPE_KEY.secret is "stripe", a Secret of the app itself'],
    ['envFromSecrets: [web]', 'envFromSecrets[0] is "web", a Secret of the app itself'],
    ['secretFiles: { /etc/key: { secret: web, key: k } }', 'secretFiles["/etc/key"].secret is "web", a Secret of the app itself'],
    ['connections: { db: { type: postgres, secret: db } }', 'connections.db.secret is "db", a Secret of the app itself'],
    ['connections: { cache: { type: redis, secret: redis } }', 'connections.cache.secret is "redis", a Secret of the app itself'],
    ['connections: { pay: { type: external-secret, store: { name: vault }, external: { KEY: { key: prod/pay } } } }',
      'connections.pay.external has values of the app itself'],
    ['volumes: { uploads: { path: /files, claim: uploads } }', 'volumes.uploads.claim is "uploads", a volume of the app itself'],
    ['serviceAccount: { name: web-sa }', 'serviceAccount.name is "web-sa", with the rights of the app itself'],
    ['releaseCommand: { command: [m], volumes: { up: { path: /f, claim: up } } }', 'releaseCommand.volumes.up.claim is "up", a volume'],
    ['sidecars: { s: { image: s, secretEnv: { A: { secret: s, key: k } } } }', 'sidecars.s.secretEnv.A.secret is "s", a Secret'],
    ['env: { DATABASE_URL: "postgres://db.prod:5432/shop" }', 'env.DATABASE_URL is the address of a service of the app itself'],
    ['env: { SEARCH: "https://user:pw@search.prod/" }', 'env.SEARCH is the address of a service of the app itself'],
    ['annotations: { external-dns.alpha.kubernetes.io/hostname: "shop.example.com" }', 'annotations has shop.example.com, a host of'],
  ])('by accident: %s', async (props, message) => {
    expect(await untouched(files(`${WEB}${props}\n`))).toContain(message);
  });

  const putSecret = (name: string, namespace = 'shop') => (
    cluster.api.put({ ...SECRET, metadata: { name, namespace }, data: { key: 'eA==' } } as Manifest));

  test.each([
    ['secretEnv: { KEY: { secret: stripe, key: key } }', 'secretEnv: { KEY: { secret: stripe-test } }'],
    ['secretEnv: { KEY: { secret: stripe, key: key } }', 'secretEnv: { KEY: { secret: null, key: null, generate: 32 } }'],
    ['secretEnv: { KEY: { secret: stripe, key: key } }', 'secretEnv: { KEY: { secret: stripe } }'],
    ['secretEnv: { KEY: { secret: stripe, key: key } }', 'secretEnv: null, env: { KEY: x }'],
    ['envFromSecrets: [web]', 'envFromSecrets: [web-preview]'],
    ['connections: { db: { type: postgres, secret: db } }', 'connections: { db: { secret: null } }'],
    ['env: { DATABASE_URL: "postgres://db.prod:5432/shop" }', 'env: { DATABASE_URL: "postgres://db.test:5432/shop" }'],
    ['volumes: { uploads: { path: /files, claim: uploads } }', 'volumes: { uploads: { claim: null, size: 1Gi } }'],
  ])('unless its environment says so: %s with %s', async (props, preview) => {
    for (const name of ['stripe', 'stripe-test', 'web-preview']) putSecret(name);
    const called = await run(files(`${WEB}${props}\nenvironments: { preview: { ${preview} } }\n`), 'preview up pr-12');
    expect(called).toMatchObject({ code: 0, err: expect.stringContaining('✓ Deployed release 1') });
  });

  test('and has generated values of its own, which are removed with it', async () => {
    const given = files(`${WEB}secretEnv: { SESSION_KEY: { generate: 32 } }\n`);
    expect(await run(given, 'deploy --no-pin')).toMatchObject({ code: 0 });
    expect(await run(given, 'preview up pr-12')).toMatchObject({ code: 0 });
    const value = (name: string) => cluster.api.find<Secret>(SECRET, name)?.data?.SESSION_KEY;
    expect(value('web-pr-12-generated')).toEqual(expect.any(String));
    expect(value('web-pr-12-generated')).not.toBe(value('web-generated'));
    expect(await run(given, 'preview down pr-12 --yes')).toMatchObject({ code: 0 });
    expect([value('web-pr-12-generated'), value('web-generated')]).toEqual([undefined, expect.any(String)]);
  });

  test('but Secrets of a namespace for previews are theirs', async () => {
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop-previews' } });
    putSecret('web', 'shop-previews');
    const props = 'envFromSecrets: [web]\nenvironments: { preview: { namespace: shop-previews } }\n';
    expect(await run(files(`${WEB}${props}`), 'preview up pr-12')).toMatchObject({ code: 0 });
    expect(cluster.api.names('shop-previews')).toContain('Deployment web-pr-12');
    expect((await run(files(`${WEB}${props}`), 'preview ls')).out).toContain('web-pr-12');
    expect((await run(files(`${WEB}${props}`), 'status web-pr-12')).out).toContain('web-pr-12 in namespace shop-previews');
  });

  test('nor the connection types of the platform', async () => {
    const folder = files(`${WEB}connections: { db: { type: orders } }\n`);
    folder.write('platform.yaml', `${PLATFORM}connections: { orders: { type: postgres, secret: orders } }\n`);
    expect(await untouched(folder)).toContain('connections.db.secret is "orders", a Secret of the app itself');
  });

  test('nor has the hosts that its environment names, as there may be many previews', async () => {
    const hosts = 'environments: { preview: { hosts: [preview.example.com] } }\n';
    expect(await untouched(files(`${WEB}${hosts}`))).toContain('hosts is in environments.preview, and a host can be that of one preview');
  });

  test('nor another app of the file that has the name', async () => {
    const apps = `${WEB}---\nname: web-api\nnamespace: shop\nimage: ghcr.io/acme/api:1\n`;
    expect(await untouched(files(apps), 'preview up api')).toContain('would be named web-api, as another app of webapp.yaml is');
  });

  test('nor an app of the cluster that has the name', async () => {
    await run(files(WEB.replace('name: web', 'name: web-api').replace('shop.example', 'api.example')), 'deploy');
    const called = await run(files(), 'preview up api');
    expect(called.err).toContain('web-api in namespace shop is an app, and not a preview; choose another name');
    expect(hostOf('web-api')).toEqual(['api.example.com']);
    expect((await run(files(), 'preview down api --yes')).err).toBe('There is no preview api of web in namespace shop\n');
    expect(cluster.api.names()).toContain('Deployment web-api');
  });
});

describe('the preview of code in a folder', () => {
  const IMAGE = 'registry.example.com/acme/web';
  const CODE = {
    'Dockerfile': 'FROM node\n',
    'webapp.yaml': 'name: web\nnamespace: shop\n',
    'platform.yaml': `${PLATFORM}builds: { registry: registry.example.com/acme }\n`,
  };
  beforeEach(() => {
    for (const name of ['buildah-shipwright-managed-push', 'webapp-buildpacks']) {
      cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name }, spec: { parameters: [{ name: 'dockerfile' }] } });
    }
  });
  const imageOf = (name: string) => cluster.api.find(DEPLOYMENT, name)!.spec.template.spec!.containers[0].image;

  test('runs an image of the app, which a deploy of the same code need not build again', async () => {
    const folder = new Folder(CODE);
    const called = await run(folder, 'preview up pr-12');
    expect(called.err).toContain('Building web from . (Dockerfile) in the cluster\n');
    expect(imageOf('web-pr-12')).toContain(`${IMAGE}@sha256:`);
    expect((await run(folder, 'deploy')).err).toContain(`✓ Found ${IMAGE}`);
    expect(imageOf('web')).toBe(imageOf('web-pr-12'));
  });

  test('keeps its build while it exists', async () => {
    const folder = new Folder(CODE);
    await run(folder, 'preview up pr-12');
    folder.write('server.js', '1');
    await run(folder, 'deploy');
    expect((await run(folder, 'builds')).out).toMatch(/ web-pr-12$/m);
    expect((await run(folder, 'builds prune --yes')).err).toBe('All builds of web are needed\n');
    await run(folder, 'preview down pr-12 --yes');
    expect(cluster.api.all(BUILD_RUN)).toHaveLength(2);
    expect((await run(folder, 'builds prune --dry-run')).out).toContain('BuildRun');
  });
});

describe('where the operator is installed', () => {
  let operator: TestOperator;
  let stop: () => void;
  beforeEach(() => {
    operator = new TestOperator();
    ({ cluster } = operator);
    cluster.api.proxy = () => response(200, '{}');
    operator.setPlatform({ domain: 'previews.example.com', ingress: { className: 'nginx' } });
    start();
  });
  afterEach(() => stop());

  function start(): void {
    stop = cluster.clock.every(500, () => {
      for (const { metadata: { name } } of cluster.api.all(WEB_APP)) void operator.reconcile(name);
    });
  }

  /** The operator has nothing to do meanwhile. */
  async function wait(milliseconds: number): Promise<void> {
    stop();
    await cluster.clock.sleep(milliseconds);
    start();
    await cluster.clock.sleep(2000);
  }

  const resource = () => cluster.api.find(WEB_APP, 'web-pr-12');

  test('a preview is a resource with a ttl, at the domain of the Platform of the cluster', async () => {
    const called = await run(files(`${WEB}cronJobs: { clean: { command: [c], schedule: 0 3 * * * } }\n`), 'preview up pr-12 --ttl 3d');
    expect(called.code).toBe(0);
    expect(lines(called)).toEqual([
      'web-pr-12 in namespace shop of test',
      'Not included: cron job clean; to include them, name them in environments.preview',
      '✓ Applied WebApp web-pr-12',
      '✓ web-pr-12 is ready (1/1 replicas)',
      '✓ Deployed release 1',
      'URL: http://web-pr-12.previews.example.com',
      'It is removed in 3 d, unless it is deployed again; webapp preview down pr-12 removes it now',
    ]);
    expect(resource()).toMatchObject({
      metadata: { labels: { 'cdk8s-webapp.dev/preview': 'pr-12', 'cdk8s-webapp.dev/preview-of': 'web' } },
      spec: { image: 'ghcr.io/acme/web:1', ttl: '72h', scaling: { min: 0 } },
    });
    expect(resource()!.spec).not.toHaveProperty('hosts');
  });

  test('a preview is deployed from here with --no-resource, unless it has one', async () => {
    expect((await run(files(), 'preview up pr-13 --no-resource')).err).toContain('URL: http://web-pr-13.apps.example.com');
    expect(cluster.api.all(WEB_APP)).toEqual([]);
    await run(files(), 'preview up pr-12');
    const called = await run(files(), 'preview up pr-12 --no-resource');
    expect(called.err).toContain('web-pr-12 has a WebApp resource, which the operator deploys; remove --no-resource');
  });

  test('is renewed by another up, even of the same version', async () => {
    await run(files(), 'preview up pr-12 --ttl 3d');
    const before = resource()!.status!.expires!;
    await wait(DAY);
    await run(files(), 'preview up pr-12 --ttl 3d');
    await wait(0);
    expect(Date.parse(resource()!.status!.expires!) - Date.parse(before)).toBeGreaterThanOrEqual(DAY);
  });

  test('is deleted by the operator, not only by prune', async () => {
    await run(files(), 'preview up pr-12 --ttl 1d');
    await wait(DAY);
    expect(resource()).toBeUndefined();
  });

  test('stays a preview after a rollback', async () => {
    await run(files(), 'preview up pr-12');
    await run(files(), 'preview up pr-12 --image ghcr.io/acme/web:2');
    expect(await run(files(), 'rollback --app web-pr-12')).toMatchObject({ code: 0 });
    expect(resource()).toMatchObject({
      metadata: { labels: { 'cdk8s-webapp.dev/preview': 'pr-12' } }, spec: { image: 'ghcr.io/acme/web:1', ttl: '168h' },
    });
  });

  test('is listed and removed as the others are', async () => {
    await run(files(), 'preview up pr-12');
    expect((await run(files(), 'preview ls')).out).toMatch(/^pr-12 +web-pr-12 +http:\/\/web-pr-12.previews.example.com .* in 7 d$/m);
    const called = await run(files(), 'preview down pr-12 --yes');
    expect(lines(called)[0]).toBe('✓ Removed WebApp web-pr-12');
    expect(called.code).toBe(0);
    expect(cluster.api.names('shop', ['Event', 'Pod', 'ReplicaSet'])).toEqual([]);
  });

  test('never replaces an app that stays', async () => {
    operator.apply({ image: 'ghcr.io/acme/web:1', internal: true }, 'web-pr-12');
    expect((await run(files(), 'preview up pr-12 --force')).err).toContain('is an app, and not a preview');
    expect((await run(files(), 'preview down pr-12 --yes')).err).toBe('There is no preview pr-12 of web in namespace shop\n');
  });
});

describe('webapp preview ls', () => {
  test('lists the previews of the apps of the file, with their URL, age and time left', async () => {
    await run(files(), 'preview up pr-12 --ttl 3d');
    await cluster.clock.sleep(DAY);
    await run(files(), 'preview up pr-13 --ttl 12h');
    await run(files(WEB.replace('name: web', 'name: blog')), 'preview up pr-12');
    await cluster.clock.sleep(60_000);
    const { out } = await run(files(), 'preview ls');
    expect(out).toBe(`PREVIEW  APP        URL                                IMAGE               AGE    EXPIRES
pr-12    web-pr-12  http://web-pr-12.apps.example.com  ghcr.io/acme/web:1  1 d    in 2 d
pr-13    web-pr-13  http://web-pr-13.apps.example.com  ghcr.io/acme/web:1  1 min  in 12 h
`);
  });

  test('lists all of a namespace without a file, and all with --all-namespaces', async () => {
    await run(files(), 'preview up pr-12');
    await run(files(WEB.replace('name: web', 'name: blog')), 'preview up pr-12');
    for (const line of ['preview ls', 'preview ls --all-namespaces']) {
      const { out } = await run(new Folder({}), line);
      expect(out.match(/^pr-12 .*/gm)).toHaveLength(2);
    }
  });

  test('says where there are none', async () => {
    expect((await run(files(), 'preview ls')).err).toBe('There are no previews of web in namespace shop\n');
    expect((await run(files(), 'preview ls --output json')).out).toBe('[]\n');
  });
});

describe('webapp preview down', () => {
  test('removes everything of a preview, its data and releases too', async () => {
    const folder = files(`${WEB}connections: { db: { type: postgres } }\nvolumes: { uploads: { path: /f, size: 1Gi } }\n`);
    await run(folder, 'deploy');
    const before = cluster.api.names('shop', ['Pod', 'ReplicaSet']);
    await run(folder, 'preview up pr-12');
    const called = await run(folder, 'preview down pr-12 --yes');
    expect(called).toMatchObject({ code: 0, err: expect.stringMatching(/^✓ Removed web-pr-12 \(\d+ objects\)\n$/) });
    expect(cluster.api.names('shop', ['Pod', 'ReplicaSet'])).toEqual(before);
  });

  test('succeeds where there is nothing to remove, as in a pipeline that closes a pull request', async () => {
    const err = 'There is no preview pr-12 of web in namespace shop\n';
    expect(await run(files(), 'preview down pr-12 --yes')).toMatchObject({ code: 0, err });
  });

  test('without a file asks which app is meant', async () => {
    await run(files(), 'preview up pr-12');
    await run(files(WEB.replace('name: web', 'name: blog')), 'preview up pr-12');
    expect(await run(new Folder({}), 'preview down pr-12 --yes')).toMatchObject({
      code: 1, err: 'pr-12 is a preview of blog and of web; name the apps to remove it of\n',
    });
    expect(await run(new Folder({}), 'preview down pr-12 blog --yes')).toMatchObject({ code: 0 });
    expect(cluster.api.names()).toContain('Deployment web-pr-12');
    expect(cluster.api.names()).not.toContain('Deployment blog-pr-12');
  });
});

describe('what removes previews', () => {
  /** @returns what the user was asked */
  async function answering(line: string, answer: string): Promise<Called & { readonly asked: string }> {
    let asked = '';
    const ask = async (question: string) => {
      asked += question;
      return answer;
    };
    return { ...await call(line.split(' '), { cwd: files().path, cluster, interactive: true, ask }), asked };
  }

  test.each([
    ['down pr-12', 'pr-12'],
    ['prune', 'prune'],
  ])('asks before, and has to be told so without a terminal: %s', async (line, word) => {
    await run(files(), 'preview up pr-12 --ttl 1h');
    await cluster.clock.sleep(DAY);
    expect(await run(files(), `preview ${line}`)).toMatchObject({ code: 1, err: expect.stringContaining('pass --yes') });
    expect(await answering(`preview ${line}`, 'no')).toMatchObject({ code: 1, err: expect.stringContaining('nothing was removed') });
    expect(cluster.api.names()).toContain('Deployment web-pr-12');
    const { code, asked, out } = await answering(`preview ${line} --output json`, word);
    expect({ code, asked }).toEqual({ code: 0, asked: `To remove all of this, type ${word}: ` });
    expect(JSON.parse(out)).toEqual([{ preview: 'pr-12', of: 'web', name: 'web-pr-12', namespace: 'shop' }]);
    expect(cluster.api.names()).not.toContain('Deployment web-pr-12');
  });
});

describe('webapp preview prune', () => {
  test('removes the previews whose time is over, and no others', async () => {
    await run(files(), 'preview up old --ttl 1d');
    await run(files(), 'preview up new --ttl 3d');
    await run(files(), 'deploy');
    await cluster.clock.sleep(2 * DAY);
    expect((await run(files(), 'preview prune --dry-run')).out).toBe('web-old (old)\n');
    expect((await run(files(), 'preview prune --yes')).err).toMatch(/^✓ Removed web-old/);
    expect(cluster.api.names().filter(name => name.startsWith('Deployment'))).toEqual(['Deployment web', 'Deployment web-new']);
    expect((await run(files(), 'preview prune --yes')).err).toBe('No preview of web in namespace shop has expired\n');
  });

  test('goes by the clock of the API server', async () => {
    await run(files(), 'preview up pr-12 --ttl 1d');
    const real = cluster.clock.now.bind(cluster.clock);
    (cluster.api as unknown as { now: () => number }).now = real;
    const ahead = jest.spyOn(cluster.clock, 'now').mockImplementation(() => real() + 5 * DAY);
    const called = await run(files(), 'preview prune --yes');
    ahead.mockRestore();
    expect(called.err).toBe('No preview of web in namespace shop has expired\n');
  });

  test('removes the others where one cannot be removed, and fails', async () => {
    await run(files(), 'preview up a --ttl 1h');
    await run(files(), 'preview up b --ttl 1h');
    await cluster.clock.sleep(DAY);
    const forbidden = JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'no' });
    cluster.api.intercept = (method, path) => (
      method === 'DELETE' && path.endsWith('/deployments/web-a') ? response(403, forbidden) : undefined);
    expect(await run(files(), 'preview prune --yes')).toMatchObject({ code: 1 });
    expect(cluster.api.names().filter(name => name.startsWith('Deployment'))).toEqual(['Deployment web-a']);
  });
});
