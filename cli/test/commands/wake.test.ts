import { SCALED_OBJECT } from '../../src/kube/types';
import { call } from '../call';
import { Folder } from '../folder';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { errorResponse, response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';

let cluster: TestCluster;
let folder: Folder;

beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
  cluster.api.proxy = () => response(200, 'hello', { 'x-keda-http-cold-start': 'false' });
});

/** An app of webapp.yaml, which may wake another one. */
const app = (name: string, wakes?: string, more = 'internal: true\n') => `name: ${name}\nnamespace: shop\nimage: ghcr.io/acme/${name}:1\n`
  + `${wakes === undefined ? '' : `connections: { ${wakes}: { type: web-app, app: ${wakes}, wake: true } }\n`}${more}`;

function write(...apps: string[]): void {
  folder = new Folder({ 'webapp.yaml': apps.join('---\n') });
}

async function run(line: string) {
  const { code, out, err } = await call(line.split(' '), { cwd: folder.path, cluster });
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return { out, lines: err.trimEnd().split('\n') };
}

/** The routes whose requests the ScaledObject in the cluster counts. */
const routes = (name: string) => cluster.api.find(SCALED_OBJECT, name)!.spec.triggers!.map(({ metadata }) => metadata!.interceptorRoute);

const TITLE = / in namespace shop of test$/;
const deployed = (lines: string[]) => lines.filter(line => TITLE.test(line)).map(line => line.replace(TITLE, ''));
const warnings = (lines: string[]) => lines.filter(line => line.startsWith('!'));

describe('webapp deploy', () => {
  test('deploys apps after those that they wake, and completes the ScaledObjects of these', async () => {
    write(app('db'), app('other'), app('api', 'db'), app('shop', 'api'));
    const { lines } = await run('deploy');
    expect(deployed(lines)).toEqual(['db', 'other', 'api', 'shop']);
    expect(warnings(lines)).toEqual([]);
    expect(lines.slice(-2)).toEqual([
      '✓ ScaledObject db now counts the requests of InterceptorRoute api, InterceptorRoute shop',
      '✓ ScaledObject api now counts the requests of InterceptorRoute shop',
    ]);
    expect(routes('db')).toEqual(['db', 'api', 'shop']);
    expect((await run('deploy')).lines.at(-1)).toMatch(/^In-cluster URL/);
  });

  test('completes the ScaledObjects of apps that wake each other when all are deployed', async () => {
    write(app('api', 'shop'), app('shop', 'api'));
    const { lines } = await run('deploy');
    expect(deployed(lines)).toEqual(['api', 'shop']);
    expect(warnings(lines)).toEqual([]);
    expect(lines.at(-1)).toBe('✓ ScaledObject api now counts the requests of InterceptorRoute shop');
    expect([routes('api'), routes('shop')]).toEqual([['api', 'shop'], ['shop', 'api']]);
    expect((await run('deploy')).lines.at(-1)).toMatch(/^In-cluster URL/);
  });

  test('deploys one of them alone without the triggers that KEDA could not read, and completes it later', async () => {
    write(app('api'), app('shop', 'api'));
    expect(warnings((await run('deploy api')).lines)).toEqual([
      '! ScaledObject api ignores InterceptorRoute shop, which does not exist; run webapp deploy api again when it does',
    ]);
    expect(routes('api')).toEqual(['api']);
    await run('deploy shop');
    expect(warnings((await run('deploy api')).lines)).toEqual([]);
    expect(routes('api')).toEqual(['api', 'shop']);
  });

  test('keeps a formula over the triggers valid', async () => {
    const limited = 'internal: true\nscaling: { concurrency: 20, schedule: [{ start: 0 20 * * *, end: 0 6 * * *, max: 2 }] }\n';
    const formula = () => cluster.api.find(SCALED_OBJECT, 'api')!.spec.advanced!.scalingModifiers!.formula;
    write(app('api', undefined, limited), app('shop', 'api'));
    await run('deploy api');
    expect(formula()).toBe('1000000 * min(max(http1 / 20, 0 / 100), limit1 > 0 ? 2 : 10000)');
    await run('deploy');
    expect(formula()).toBe('1000000 * min(max(http1 / 20, http2 / 100), limit1 > 0 ? 2 : 10000)');
  });

  test('takes a route that the user may not read for one that exists', async () => {
    write(app('api'), app('shop', 'api'));
    cluster.api.intercept = (method, path) => (
      method === 'GET' && path.endsWith('/interceptorroutes/shop') ? errorResponse(403, 'Forbidden', 'no') : undefined);
    await run('deploy api');
    expect(routes('api')).toEqual(['api', 'shop']);
  });

  test('warns of apps that count the requests of a route which it removes', async () => {
    const hosts = 'hosts: [shop.example.com]\n';
    write(app('api'), app('shop', 'api', `${hosts}ports: { admin: { port: 9000, paths: [/admin] } }\n`));
    await run('deploy');
    expect(routes('api')).toEqual(['api', 'shop', 'shop-admin']);
    write(app('api'), app('shop', 'api', hosts));
    expect(warnings((await run('deploy shop')).lines)).toEqual([
      '! ScaledObject api names InterceptorRoute shop-admin, which was removed, so KEDA cannot scale it; run webapp deploy api',
    ]);
    await run('deploy api');
    expect(routes('api')).toEqual(['api', 'shop']);
  });
});

describe('webapp destroy', () => {
  test('warns of apps that count the requests of the app', async () => {
    write(app('api'), app('shop', 'api'));
    await run('deploy');
    expect(warnings((await run('destroy shop --yes')).lines)).toEqual([
      '! ScaledObject api names InterceptorRoute shop, which was removed, so KEDA cannot scale it; run webapp deploy api',
    ]);
    await run('deploy api');
    expect(routes('api')).toEqual(['api']);
  });
});

describe('a release that is applied again', () => {
  test('after a deploy that failed has no triggers of routes that were removed since', async () => {
    write(app('api'), app('shop', 'api'));
    await run('deploy');
    await run('destroy shop --yes');
    runControllers(cluster, { brokenImages: { 'ghcr.io/acme/wbe:1': IMAGE_NOT_FOUND } });
    expect((await call(['deploy', 'api', '--image', 'api=ghcr.io/acme/wbe:1'], { cwd: folder.path, cluster })).code).toBe(1);
    expect(routes('api')).toEqual(['api']);
  });

  test('by webapp rollback has no triggers of routes that were removed since', async () => {
    write(app('api'), app('shop', 'api'));
    await run('deploy');
    write(app('api', undefined, 'internal: true\nenv: { A: b }\n'));
    await run('deploy api');
    await run('destroy shop --yes --namespace shop');
    await run('rollback 1 --app api');
    expect(routes('api')).toEqual(['api']);
  });
});

describe('webapp synth', () => {
  test('prints the objects of apps before those of the apps that they wake, each once', async () => {
    write(app('api'), app('shop', 'api'));
    const { out } = await run('synth');
    const names = [...out.matchAll(/^kind: (\w+)\nmetadata:\n(?: {2}.*\n)*? {2}name: (\S+)/gm)].map(([, kind, name]) => `${kind} ${name}`);
    expect(names.filter(name => /^(?:InterceptorRoute|ScaledObject)/.test(name))).toEqual([
      'InterceptorRoute shop', 'ScaledObject shop', 'InterceptorRoute api', 'ScaledObject api',
    ]);
  });
});
