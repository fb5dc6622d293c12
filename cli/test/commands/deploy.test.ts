import { DEPLOYMENT } from '../../src/kube/types';
import { call, Called } from '../call';
import { Folder } from '../folder';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';

let cluster: TestCluster;

const MISSING = 'ghcr.io/acme/wbe:1';
const PLATFORM = 'domain: example.com\ngateway: { name: public, namespace: shop }\n';
const web = (image: string, more = '') => `name: web\nnamespace: shop\nimage: ${image}\nscaling: { min: 1 }\n${more}`;

/** Runs a command line in a folder, against the cluster. */
const run = async (folder: Folder, line: string) => call(line.split(' '), { cwd: folder.path, cluster });

/** The lines that are printed to standard error, without the title. */
const lines = ({ err }: Called) => err.trimEnd().split('\n').slice(1);

beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster, { brokenImages: { [MISSING]: { ...IMAGE_NOT_FOUND, image: MISSING } } });
  cluster.api.proxy = () => response(200, '{}');
});

describe('webapp deploy', () => {
  test('prints one line for each thing that happened, and the URL', async () => {
    const folder = new Folder({ 'webapp.yaml': web('ghcr.io/acme/web:1'), 'platform.yaml': PLATFORM });
    const called = await run(folder, 'deploy');
    expect(called).toMatchObject({ code: 0, out: '' });
    expect(called.err).toBe(`web in namespace shop of test
✓ Applied 10 objects
✓ web is ready (1/1 replicas)
✓ GET / returned 200
✓ Deployed release 1
URL: http://web.example.com
`);
  });

  test('prints why the app failed to start, what to check, and what is serving traffic', async () => {
    const folder = new Folder({ 'webapp.yaml': web('ghcr.io/acme/web:1'), 'platform.yaml': PLATFORM });
    await run(folder, 'deploy');
    const called = await run(folder, 'deploy --image ghcr.io/acme/wbe:1');
    expect(called.code).toBe(1);
    expect(lines(called)).toContain('✗ web failed to start: cannot pull image ghcr.io/acme/wbe:1 (not found)');
    expect(lines(called).at(-1)).toBe('Release 1 is still serving traffic');
  });

  test('prints the in-cluster URL of an internal app', async () => {
    const folder = new Folder({ 'webapp.yaml': web('ghcr.io/acme/web:1', 'internal: true\n'), 'platform.yaml': PLATFORM });
    expect(lines(await run(folder, 'deploy')).at(-1)).toMatch(/^In-cluster URL: http:\/\/web/);
  });

  test('prints the result for a program with --output json', async () => {
    const folder = new Folder({ 'webapp.yaml': web('ghcr.io/acme/web:1'), 'platform.yaml': PLATFORM });
    const { out } = await run(folder, 'deploy --output json');
    expect(JSON.parse(out)).toEqual([
      { name: 'web', namespace: 'shop', release: 1, image: 'ghcr.io/acme/web:1', url: 'http://web.example.com' },
    ]);
  });
});

describe('webapp deploy --canary 10,50 --every 10s', () => {
  const MINIMAL = { 'webapp.yaml': web('ghcr.io/acme/web:1', 'env: { GREETING: hello }\n'), 'platform.yaml': PLATFORM };
  const weights = async () => (await cluster.releases()).map(({ canary }) => canary?.weight).reverse();
  const greeting = (name: string) => {
    const { env } = cluster.api.find(DEPLOYMENT, name)!.spec.template.spec!.containers[0];
    return env!.find(variable => variable.name === 'GREETING')?.value;
  };

  test('deploys the canary with each weight, and then the new version', async () => {
    const folder = new Folder(MINIMAL);
    await run(folder, 'deploy');
    const called = await run(folder, 'deploy --image ghcr.io/acme/web:2 --canary 10,50 --every 10s');
    expect(called).toMatchObject({ code: 0, out: '' });
    expect(await weights()).toEqual([undefined, 10, 50, 50, undefined]);
    expect((await cluster.releases())[0].image).toBe('ghcr.io/acme/web:2');
  });

  test('deploys the file as it was at the start in every step, even if it is edited meanwhile', async () => {
    const folder = new Folder(MINIMAL);
    await run(folder, 'deploy');
    cluster.clock.after(5, () => {
      folder.write('webapp.yaml', web('ghcr.io/acme/web:3', 'env: { GREETING: bye }\n'));
      folder.write('platform.yaml', '- not valid\n');
    });
    const called = await run(folder, 'deploy --image ghcr.io/acme/web:2 --canary 10,50 --every 10s');
    expect(folder.read('webapp.yaml')).toContain('bye');
    expect(called.code).toBe(0);
    expect(await weights()).toEqual([undefined, 10, 50, 50, undefined]);
    expect((await cluster.releases())[0].image).toBe('ghcr.io/acme/web:2');
    expect(greeting('web')).toBe('hello');
  });
});

test('commands that find an app in the cluster need no file', async () => {
  const folder = new Folder({ 'webapp.yaml': web('ghcr.io/acme/web:1'), 'platform.yaml': PLATFORM });
  await run(folder, 'deploy');
  const { out, err } = await run(new Folder({}), 'status web --namespace shop');
  expect(err).toBe('');
  expect(out).toMatch(/^web +ready +1\/1 +1–10 +ghcr.io\/acme\/web:1$/m);
  expect(out).toMatch(/^URL: +http:\/\/web.example.com$/m);
  expect(out).toMatch(/^Serving: +release 1$/m);
});
