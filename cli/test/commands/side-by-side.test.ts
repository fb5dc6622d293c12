import { DEPLOYMENT } from '../../src/kube/types';
import type { World } from '../../src/ui/world';
import { call } from '../call';
import { Folder } from '../folder';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { errorResponse, response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';

const BROKEN = 'ghcr.io/acme/broken:1';

let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster, { brokenImages: { [BROKEN]: { ...IMAGE_NOT_FOUND, image: BROKEN } } });
  cluster.api.proxy = () => response(200, '{}');
});

interface App {
  readonly calls?: readonly string[];
  readonly image?: string;
  readonly more?: string;
}

/** A file of apps, by name. */
function fileOf(apps: { readonly [name: string]: App }): string {
  return Object.entries(apps).map(([name, { calls = [], image = `ghcr.io/acme/${name}:1`, more = '' }]) => [
    `name: ${name}\nnamespace: shop\nimage: ${image}\nscaling: { min: 1 }\ninternal: true\n${more}`,
    ...calls.length > 0 ? [`connections: { ${calls.map(one => `${one}: { type: web-app, app: ${one} }`).join(', ')} }\n`] : [],
  ].join('')).join('---\n');
}

async function run(apps: { readonly [name: string]: App }, line: string, other: Partial<World> = {}) {
  const folder = new Folder({ 'webapp.yaml': fileOf(apps) });
  return call(line.split(' '), { cwd: folder.path, cluster, ...other });
}

/** What was applied last, for each app in the order in which that happened. */
function finished(): string[] {
  const applied = cluster.api.requests.flatMap(request => /^PATCH .*\/scaledobjects\/([\w-]+)$/.exec(request)?.[1] ?? []);
  return [...new Set(applied.reverse())].reverse();
}

const titles = (err: string) => [...err.matchAll(/^(\S+) in namespace shop of test$/gm)].map(([, name]) => name);

describe('webapp deploy of a file with several apps', () => {
  test('deploys each app after those that it connects to', async () => {
    const { code, err } = await run({ shop: { calls: ['api', 'mail'] }, api: { calls: ['db'] }, mail: {}, db: {} }, 'deploy');
    expect({ code, titles: titles(err) }).toEqual({ code: 0, titles: ['mail', 'db', 'api', 'shop'] });
    expect(finished().indexOf('db')).toBeLessThan(finished().indexOf('api'));
    expect(finished().at(-1)).toBe('shop');
  });

  test('takes as many times less time as apps are deployed together', async () => {
    const apps = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`app-${i}`, {}]));
    const seconds = async (concurrency: number) => {
      cluster = new TestCluster();
      runControllers(cluster);
      cluster.api.proxy = () => response(200, '{}');
      const send = cluster.api.send.bind(cluster.api);
      cluster.api.send = async (...request) => {
        await cluster.clock.sleep(20); // of the network
        return send(...request);
      };
      const start = cluster.clock.now();
      expect(await run(apps, `deploy --concurrency ${concurrency}`)).toMatchObject({ code: 0 });
      return (cluster.clock.now() - start) / 1000;
    };
    expect(await seconds(1) / await seconds(5)).toBeGreaterThan(4);
  });

  test('prints a block for each app, in which there is nothing of the others', async () => {
    const { err } = await run({ a: {}, b: {}, c: {} }, 'deploy');
    const block = (name: string) => `${name} in namespace shop of test
✓ Applied 8 objects
✓ ${name} is ready (1/1 replicas)
✓ GET / returned 200
✓ Deployed release 1
In-cluster URL: http://${name}-proxy.shop.svc.cluster.local:8080
`;
    expect(err).toBe(['a', 'b', 'c'].map(block).join(''));
  });

  test('deploys apps that call each other in the order of the file', async () => {
    const { code, err } = await run({ b: { calls: ['a'] }, a: { calls: ['b'] } }, 'deploy');
    expect({ code, titles: titles(err) }).toEqual({ code: 0, titles: ['b', 'a'] });
  });

  test.each([1, 2, 3])('deploys at most %i at the same time with --concurrency', async most => {
    const open = new Set<string>();
    let found = 0;
    cluster.api.intercept = (method, path, { body }) => {
      const [, app] = /\/secrets\/webapp-(\w)-1$/.exec(path) ?? [];
      const isRelease = method === 'POST' && path.endsWith('/secrets') && JSON.stringify(body).includes('webapp-');
      if (isRelease) open.add(/webapp-(\w)-1/.exec(JSON.stringify(body))![1]);
      found = Math.max(found, open.size);
      if (method === 'PUT' && app !== undefined) open.delete(app);
      return undefined;
    };
    const { code } = await run({ a: {}, b: {}, c: {}, d: {} }, `deploy --concurrency ${most}`);
    expect({ code, found }).toEqual({ code: 0, found: most });
  });

  test.each(['0', '-1', 'many'])('refuses --concurrency %s', async value => {
    const { code, err } = await run({ a: {} }, `deploy --concurrency ${value}`);
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('Write a number of at least 1.') });
  });

  test('where one fails, completes those that do not need it, and leaves out the others', async () => {
    const apps = { api: { image: BROKEN }, shop: { calls: ['api'] }, admin: { calls: ['shop'] }, blog: {} };
    const { code, err } = await run(apps, 'deploy');
    expect(code).toBe(1);
    expect(err).toContain('✗ api failed to start: cannot pull image');
    expect(err.endsWith(`✗ Deployed 1 of 4 apps
  api: failed
  shop: not deployed, because it needs api
  admin: not deployed, because it needs shop
`)).toBe(true);
    expect(titles(err).sort()).toEqual(['api', 'blog']);
    expect(cluster.api.all(DEPLOYMENT).map(({ metadata }) => metadata.name).sort()).toEqual(['api', 'blog']);
  });

  test('after Ctrl-C, says of each app what has become of it, and leaves no lock', async () => {
    let interrupt = () => {};
    cluster.api.onWrite = object => {
      if (object.kind === 'Deployment') interrupt(); // its pods never become ready
    };
    const apps = { a: {}, b: {}, c: {} };
    const { code, err } = await run(apps, 'deploy --concurrency 2', {
      onInterrupt: stop => {
        interrupt = stop;
        return () => {};
      },
    });
    expect(code).toBe(1);
    expect(err.match(/✗ interrupted\nRelease 1 is incomplete: run webapp deploy to continue/g)).toHaveLength(2);
    expect(err.endsWith(`✗ Deployed 0 of 3 apps
  a: failed
  b: failed
  c: not deployed, because of the interruption
`)).toBe(true);
    runControllers(cluster);
    const next = Object.fromEntries(Object.keys(apps).map(name => [name, { image: `ghcr.io/acme/${name}:2` }]));
    expect(await run(next, 'deploy')).toMatchObject({ code: 0 });
  });

  test('prints the results in the order of the file with --output json', async () => {
    const { out, err } = await run({ shop: { calls: ['api'] }, api: {} }, 'deploy --output json');
    const results = JSON.parse(out).map(({ name, release }: { name: string; release: number }) => [name, release]);
    expect(results).toEqual([['shop', 1], ['api', 1]]);
    expect(titles(err)).toEqual(['api', 'shop']);
  });

  test('creates a namespace once', async () => {
    cluster.api.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } as never);
    const { code, err } = await run({ a: {}, b: {} }, 'deploy --create-namespace');
    expect({ code, created: err.match(/Created namespace shop/g) }).toEqual({ code: 0, created: ['Created namespace shop'] });
  });

  test('deploys an app after the one whose volume it uses', async () => {
    const volume = (more: string) => `volumes: { data: { path: /data, accessMode: read-write-many, ${more} } }\n`;
    const { code, err } = await run({
      reader: { more: volume('claim: writer-data') },
      writer: { more: volume('size: 1Gi') },
    }, 'deploy');
    expect({ code, titles: titles(err) }).toEqual({ code: 0, titles: ['writer', 'reader'] });
  });

  test('fails as a whole where the cluster does not answer, and not silently', async () => {
    cluster.api.intercept = (method, path) => (
      method === 'PATCH' && path.includes('/deployments/b') ? errorResponse(500, 'InternalError', 'broken') : undefined);
    const { code, err } = await run({ a: {}, b: {} }, 'deploy');
    expect(code).toBe(1);
    expect(err).toContain('✗ Deployed 1 of 2 apps\n  b: failed\n');
    expect(cluster.api.all(DEPLOYMENT)).toHaveLength(1);
  });
});

describe('an app behind a gateway in another namespace than the interceptor', () => {
  test('has the ReferenceGrant that it shares with others, also if it is deployed alone', async () => {
    const platform = 'domain: example.com\ngateway: { name: public, namespace: gateways }\n';
    const app = (name: string) => `name: ${name}\nnamespace: shop\nimage: ghcr.io/acme/${name}:1\n`;
    const folder = new Folder({ 'webapp.yaml': `${app('a')}---\n${app('b')}`, 'platform.yaml': platform });
    cluster.api.proxy = () => response(200, 'hello', { 'x-keda-http-cold-start': 'false' });
    const { code } = await call(['deploy', 'b'], { cwd: folder.path, cluster });
    expect(code).toBe(0);
    expect(cluster.api.names('keda')).toContain('ReferenceGrant http-routes-from-shop');
    expect((await call(['synth'], { cwd: folder.path, cluster })).out.match(/kind: ReferenceGrant/g)).toHaveLength(1);
  });
});
