import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';
import { digestOf, TestRegistry } from '../registry/test-registry';

const [OLD, NEW] = ['the old manifest', 'the new manifest'];
const PLATFORM = 'domain: example.com\ngateway: { name: public, namespace: shop }\n';

let cluster: TestCluster;
let registry: TestRegistry;
let folder: Folder;

beforeEach(async () => {
  cluster = new TestCluster();
  runControllers(cluster);
  cluster.api.proxy = () => response(200, '{}');
  registry = await TestRegistry.start();
  folder = new Folder({ 'platform.yaml': PLATFORM });
  write();
  push('latest', OLD);
});
afterEach(async () => registry.stop());

/** Writes the file of an app whose image is in the registry. */
function write(more = '', image = `${registry.host}/acme/web:latest`): void {
  folder.write('webapp.yaml', `name: web\nnamespace: shop\nimage: ${image}\nscaling: { min: 1 }\n${more}`);
}

function push(tag: string, content: string): void {
  const { behavior } = registry;
  behavior.repositories = { 'acme/web': { ...behavior.repositories['acme/web'], [tag]: content } };
}

async function run(line: string): Promise<Called> {
  return call(line.split(' '), { cwd: folder.path, cluster, registries: undefined, env: { HOME: folder.path } });
}

const image = (content: string, tag = 'latest') => `${registry.host}/acme/web:${tag}@${digestOf(content)}`;
const shown = (content: string) => `${registry.host}/acme/web:latest (${digestOf(content).slice(0, 'sha256:'.length + 12)})`;
const releases = async () => (await cluster.releases()).map(one => one.image).reverse();

describe('webapp deploy', () => {
  test('runs and records the digest of a tag', async () => {
    const { code, out } = await run('deploy --output json');
    expect({ code, image: JSON.parse(out)[0].image }).toEqual({ code: 0, image: image(OLD) });
    expect(await releases()).toEqual([image(OLD)]);
    expect((await run('status')).out).toContain(shown(OLD));
    expect((await run('releases')).out).toContain(shown(OLD));
  });

  test('deploys a tag again that refers to another image, and rolls back to the first one without asking the registry', async () => {
    await run('deploy');
    push('latest', NEW);
    await run('deploy');
    registry.requests.length = 0;
    expect(await run('rollback')).toMatchObject({ code: 0 });
    expect(await releases()).toEqual([image(OLD), image(NEW), image(OLD)]);
    expect(registry.requests).toEqual([]);
  });

  test('runs the release command once for each digest', async () => {
    write('releaseCommand: { command: [sh, -c, migrate] }\n');
    expect((await run('deploy')).err).toContain('✓ Ran the release command');
    expect((await run('deploy')).err).toContain('✓ Skipped the release command, which already ran for this version');
    push('latest', NEW);
    expect((await run('deploy')).err).toContain('✓ Ran the release command');
  });

  test('changes nothing if the registry does not have the image', async () => {
    const { code, err } = await run(`deploy --image ${registry.host}/acme/web:2`);
    expect(err).toMatch(/^image \S+ of web does not exist: \S+ has no tag 2 of acme\/web$/m);
    expect(code).toBe(1);
    expect(cluster.api.names()).toEqual([]);
    expect(await run(`diff --image ${registry.host}/acme/web:2`)).toMatchObject({ code: 1, out: '' });
  });

  test('deploys the tag, with a warning, if the registry does not answer', async () => {
    const gone = registry.host;
    await registry.stop();
    const { code, err } = await run('deploy');
    expect(code).toBe(0);
    expect(err).toMatch(new RegExp(`^warning: images from ${gone} are not pinned to a digest: .*ECONNREFUSED`, 'm'));
    expect(await releases()).toEqual([`${gone}/acme/web:latest`]);
    registry = await TestRegistry.start();
  });

  test('with --no-pin deploys the tag, and asks no registry', async () => {
    expect(await run('deploy --no-pin')).toMatchObject({ code: 0 });
    expect(await releases()).toEqual([`${registry.host}/acme/web:latest`]);
    expect(registry.requests).toEqual([]);
  });
});

describe('webapp diff', () => {
  test('shows no change while a tag refers to the same image, and then the new digest', async () => {
    await run('deploy');
    expect(await run('diff')).toMatchObject({ code: 0, err: expect.stringContaining('No changes') });
    push('latest', NEW);
    const { code, out } = await run('diff');
    expect(code).toBe(2);
    expect(out).toContain(`-           image: ${image(OLD)}`);
    expect(out).toContain(`+           image: ${image(NEW)}`);
  });
});

describe('webapp deploy --canary', () => {
  beforeEach(async () => {
    await run('deploy');
    push('latest', NEW);
  });

  test('sends traffic to another image of the same tag, and keeps the current one by its digest', async () => {
    const latest = `${registry.host}/acme/web:latest`;
    const { code, err } = await run(`deploy --image ${latest} --canary 10`);
    expect(err).toContain(`(10% of the traffic goes to ${shown(NEW)}, the rest to ${shown(OLD)})`);
    expect(code).toBe(0);
    expect((await cluster.releases())[0]).toMatchObject({ image: image(OLD), canary: { image: image(NEW), weight: 10 } });

    push('latest', 'a newer manifest');
    await run('deploy --canary 50');
    expect((await cluster.releases())[0]).toMatchObject({ image: image(OLD), canary: { image: image(NEW), weight: 50 } });
  });

  test('is an error if the tag refers to the same image', async () => {
    push('latest', OLD);
    const { code, err } = await run(`deploy --image ${registry.host}/acme/web:latest --canary 10`);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(`web already runs ${shown(OLD)}`) });
  });

  test('takes over with the digest that the canary has', async () => {
    push('2', NEW);
    const called = await run(`deploy --image ${registry.host}/acme/web:2 --canary 10,50 --every 10s`);
    expect(called).toMatchObject({ code: 0 });
    const all = (await cluster.releases()).slice(0, -1).reverse();
    expect(all.map(one => [one.image, one.canary?.weight])).toEqual([
      [image(OLD), 10], [image(OLD), 50], [image(NEW, '2'), 50], [image(NEW, '2'), undefined],
    ]);
  });
});
