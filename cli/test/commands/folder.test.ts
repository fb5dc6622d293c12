import { BUILD_RUN, CLUSTER_BUILD_STRATEGY, DEPLOYMENT } from '../../src/kube/types';
import { RegistryError } from '../../src/registry/client';
import type { Registries } from '../../src/registry/registries';
import type { Manifest } from '../../src/render/synthesis';
import { call, Called } from '../call';
import { Folder } from '../folder';
import { Behavior, digestOf, runControllers } from '../kube/controllers';
import type { ExecCommand } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';

const REPOSITORY = 'registry.example.com/acme/web';
const PLATFORM = 'domain: example.com\ngateway: { name: public, namespace: shop }\nbuilds: { registry: registry.example.com/acme }\n';
const WEB = 'name: web\nnamespace: shop\nscaling: { min: 1 }\n';

let cluster: TestCluster;
let commands: ExecCommand[];
let behavior: Behavior & { failingBuilds?: Behavior['failingBuilds'] };

beforeEach(() => {
  cluster = new TestCluster();
  commands = [];
  behavior = { commands };
  runControllers(cluster, behavior);
  for (const name of ['buildah-shipwright-managed-push', 'webapp-buildpacks']) {
    cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name }, spec: { parameters: [{ name: 'dockerfile' }] } });
  }
});

const folderWith = (files: { readonly [path: string]: string }, webapp = WEB, platform = PLATFORM) => (
  new Folder({ 'Dockerfile': 'FROM node\n', 'webapp.yaml': webapp, 'platform.yaml': platform, ...files }));
const run = async (folder: Folder, line: string, registries?: Registries): Promise<Called> => (
  call(line.split(' '), { cwd: folder.path, cluster, ...registries ? { registries } : {} }));
const image = (name = 'web') => cluster.api.find(DEPLOYMENT, name)?.spec.template.spec!.containers[0].image;
const runs = () => cluster.api.names().filter(name => name.startsWith('BuildRun')).map(name => name.slice('BuildRun '.length));

describe('webapp deploy in a folder of code', () => {
  test('builds it, and deploys the digest', async () => {
    const { code, out, err } = await run(folderWith({ 'server.js': '1' }), 'deploy');
    const [build] = runs();
    expect({ code, out, image: image() }).toEqual({ code: 0, out: '', image: `${REPOSITORY}@${digestOf(build)}` });
    expect(err.split('\n').slice(0, 5)).toEqual([
      'web in namespace shop of test',
      'Building web from . (Dockerfile) in the cluster',
      '✓ Uploaded 2 files (1 KiB)',
      `✓ Built ${REPOSITORY} (${digestOf(build).slice(0, 19)}) in 32 s`,
      '✓ Applied 10 objects',
    ]);
    expect((await cluster.releases())[0].builds).toEqual([expect.objectContaining({ kind: 'BuildRun', name: build })]);
  });

  test.each<[string, string, number]>([
    ['is not built where the app has a /tmp of its own by default', WEB, 1],
    ['is not built where it mounts a volume', `${WEB}security: { readOnlyRoot: false }\nvolumes: { a: { path: /tmp, size: 1Gi } }\n`, 1],
    ['is built where it mounts none', `${WEB}security: { readOnlyRoot: false }\n`, 0],
  ])('by buildpacks that put the program below /tmp, %s', async (_, webapp, code) => {
    const steps = [{ args: ['LAYERS_DIR=/tmp/layers'] }];
    cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name: 'webapp-buildpacks' }, spec: { steps } });
    const result = await run(folderWith({}, `${webapp}build: { strategy: buildpacks }\n`), 'deploy');
    expect({ code: result.code, runs: runs().length }).toEqual({ code, runs: 1 - code });
    if (code !== 0) expect(result.err).toContain('puts the program of web below /tmp of the image, where the app mounts a volume\n');
  });

  test('builds nothing for the same source, whatever its files of the command say, and again for another', async () => {
    const folder = folderWith({ 'server.js': '1' });
    await run(folder, 'deploy');
    const before = image();
    folder.write('webapp.yaml', `${WEB}env: { A: b }\n`);
    expect((await run(folder, 'deploy')).err).toContain(`✓ Found ${REPOSITORY} (`);
    expect([image(), runs().length]).toEqual([before, 1]);
    folder.write('server.js', '2');
    await run(folder, 'deploy');
    expect(image()).not.toBe(before);
    expect(runs().length).toBe(2);
  });

  test.each<[string, string]>([
    ['another variable of the build', `${WEB}build: { strategy: buildpacks, env: { BP_NODE_VERSION: 22 } }\n`],
    ['another strategy', `${WEB}build: { strategy: buildpacks }\n`],
    ['another Dockerfile', `${WEB}build: { dockerfile: Other }\n`],
  ])('builds again with %s', async (_, webapp) => {
    const folder = folderWith({ Other: 'FROM node\n' });
    await run(folder, 'deploy');
    folder.write('webapp.yaml', webapp);
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    expect(runs().length).toBe(2);
  });

  test('builds the same source again with --rebuild, deploys that from then on, and can go back', async () => {
    const folder = folderWith({ 'server.js': '1' });
    await run(folder, 'deploy');
    const [first] = [image()];
    expect(await run(folder, 'deploy --rebuild')).toMatchObject({ code: 0, err: expect.stringContaining(`✓ Built ${REPOSITORY}`) });
    expect(runs()).toEqual([expect.stringMatching(/^web-\w{10}$/), expect.stringMatching(/^web-\w{10}-2$/)]);
    const second = `${REPOSITORY}@${digestOf(runs()[1])}`;
    expect(image()).toBe(second);
    await run(folder, 'deploy');
    expect(image()).toBe(second);
    expect(await run(folder, 'rollback 1')).toMatchObject({ code: 0 });
    expect(image()).toBe(first);
  });

  test('shows with --rebuild --dry-run that it would be built, and builds nothing', async () => {
    const folder = folderWith({ 'server.js': '1' });
    await run(folder, 'deploy');
    const { err, out } = await run(folder, 'deploy --rebuild --dry-run');
    expect({ err, out, runs: runs().length }).toMatchObject({
      err: expect.stringContaining('web would be built'), out: 'change Deployment web\n', runs: 1,
    });
  });

  test('has nothing to build again where all apps have images', async () => {
    const { code, err } = await run(folderWith({}, `${WEB}image: ghcr.io/acme/web:1\n`), 'deploy --rebuild');
    expect({ code, err }).toEqual({
      code: 1, err: '--rebuild builds folders, but these apps have images, or are built from git; remove it, or add --build\n',
    });
  });

  test('takes an image of the file or of --image instead, and with --build the folder', async () => {
    const folder = folderWith({}, `${WEB}image: ghcr.io/acme/web:1\n`);
    await run(folder, 'deploy');
    await run(folder, 'deploy --image ghcr.io/acme/web:2');
    expect([image(), runs()]).toEqual(['ghcr.io/acme/web:2', []]);
    expect(await run(folder, 'deploy --build')).toMatchObject({ code: 0 });
    expect(image()).toContain(`${REPOSITORY}@sha256:`);
    expect(await run(folder, 'deploy --build --image ghcr.io/acme/web:2')).toMatchObject({
      code: 1, err: '--build cannot be combined with --image of web; remove one of them\n',
    });
  });

  test('builds a folder that webapp.yaml names', async () => {
    const folder = folderWith({ 'web/Dockerfile': 'FROM node\n' }, `${WEB}build: { context: web }\n`);
    expect((await run(folder, 'deploy')).err).toContain('Building web from web (Dockerfile) in the cluster\n');
  });

  test('builds each app of the file', async () => {
    const two = `${WEB}build: { context: a }\n---\nname: api\nnamespace: shop\nscaling: { min: 1 }\nbuild: { context: b }\n`;
    const folder = folderWith({ 'a/Dockerfile': 'FROM a\n', 'b/Dockerfile': 'FROM b\n' }, two);
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    expect([image(), image('api')]).toEqual([
      expect.stringContaining('acme/web@sha256:'), expect.stringContaining('acme/api@sha256:'),
    ]);
  });

  test('shows the log of a build that fails, and changes nothing', async () => {
    const folder = folderWith({ 'server.js': '1' });
    await run(folder, 'deploy');
    const before = image();
    behavior.failingBuilds = { [`${REPOSITORY}:latest`]: { reason: 'Failed', exitCode: 2, log: 'npm error\n' } };
    folder.write('server.js', '2');
    const { code, err } = await run(folder, 'deploy');
    expect({ code, image: image() }).toEqual({ code: 1, image: before });
    expect(err).toMatch(/ {2}\| npm error\n✗ the build of web failed: step build-and-push exited with code 2\nnothing was changed\n$/);
  });

  test('checks everything else before it builds', async () => {
    const { code, err } = await run(folderWith({}, `${WEB}port: 99999\n`), 'deploy');
    expect({ code, runs: runs() }).toEqual({ code: 1, runs: [] });
    expect(err).toContain('port is 99999');
  });

  test('has the cluster check all objects before it builds', async () => {
    cluster.api.denials.push({ verb: 'patch', resource: 'networkpolicies' });
    cluster.api.admit = ({ kind }) => (kind === 'Service' ? 'services "web" is forbidden: exceeded quota: few, requested: 1' : undefined);
    const { code, err } = await run(folderWith({}), 'deploy');
    expect({ code, runs: runs(), names: cluster.api.names() }).toEqual({ code: 1, runs: [], names: [] });
    expect(err).toContain('Service web: the quota of namespace shop would be exceeded: few, requested: 1\n');
    expect(err).toContain('you are not allowed to patch networkpolicies.networking.k8s.io in namespace shop');
    expect(err).toMatch(/nothing was changed\n$/);
  });

  test('asks whether the namespace exists before it builds elsewhere', async () => {
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'builds' } });
    const folder = folderWith({}, WEB.replace('shop', 'new'), PLATFORM.replace('acme }', 'acme, namespace: builds }'));
    expect((await run(folder, 'deploy')).err).toContain('namespace new does not exist; create it with --create-namespace');
    expect(cluster.api.names('builds')).toEqual([]);
  });

  test('does not ask whether the user may do what the operator does', async () => {
    cluster.api.put({ apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', metadata: { name: 'web', namespace: 'shop' }, spec: {} });
    cluster.api.denials.push({ verb: 'patch', resource: 'deployments' });
    expect((await run(folderWith({}), 'deploy --timeout 5s')).err).toMatch(/✓ Built [^]*✓ Applied WebApp web\n/);
  });

  test('is not stopped by what rejects the image that is not built yet', async () => {
    const asked: string[] = [];
    cluster.api.admit = object => {
      if (!JSON.stringify(object).includes('unbuilt.invalid')) return undefined;
      asked.push(object.kind);
      return 'admission webhook "images.example.com" denied the request: the image has no signature';
    };
    const folder = folderWith({});
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    expect([image(), asked]).toEqual([`${REPOSITORY}@${digestOf(runs()[0])}`, expect.arrayContaining(['Deployment'])]);
    asked.length = 0;
    await run(folder, 'deploy');
    expect(asked).toEqual([]); // the image exists
  });

  test.each<[string, string, string, string]>([
    [
      'no registry', WEB, 'domain: example.com\nbuilds: { where: cluster }\n',
      'platform.yaml does not say where the cluster pushes images; set builds: { registry: registry.example.com/acme }',
    ],
    [
      'an app that is built from git', `${WEB}buildFrom: { git: "https://github.com/a/b", revision: main }\nbuild: { context: . }\n`, PLATFORM,
      'build cannot be combined with buildFrom, which builds from git; remove one of them',
    ],
    ['a wrong field', `${WEB}build: { contxt: . }\n`, PLATFORM, 'build.contxt is not a known property; did you mean context?'],
    ['a wrong platform', `${WEB}build: { platforms: [arm64] }\n`, PLATFORM, 'build.platforms[0] is "arm64", which is not a platform'],
    ['an absolute path', `${WEB}build: { context: /src }\n`, PLATFORM, 'build.context is "/src", which is not a relative path'],
    [
      'static files with a Dockerfile', `${WEB}static: dist\nbuild: { dockerfile: Dockerfile }\n`, PLATFORM,
      'build.dockerfile cannot be combined with static, which has a Dockerfile of its own',
    ],
    ['a stage of buildpacks', `${WEB}build: { strategy: buildpacks, target: a }\n`, PLATFORM, 'build.target has no effect with buildpacks'],
    ['something else than a map', `${WEB}build: yes\n`, PLATFORM, 'build is "yes"; write a map'],
    ['a folder that does not exist', `${WEB}build: { context: none }\n`, PLATFORM, 'the folder none does not exist'],
  ])('says what is wrong with %s', async (_, webapp, platform, message) => {
    const { code, err } = await run(folderWith({}, webapp, platform), 'deploy');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(message) });
    expect(cluster.api.names()).toEqual([]);
  });

  test('says that the cluster has no Shipwright', async () => {
    cluster.api.absent.add('BuildRun');
    const { err } = await run(folderWith({}, WEB, `${PLATFORM.replace('acme }', 'acme, where: cluster }')}`), 'deploy');
    expect(err).toContain('the cluster has no Shipwright, which builds images; install it with webapp setup --with builds');
  });
});

describe('without building', () => {
  test('webapp check accepts a file without an image', async () => {
    expect(await run(folderWith({}), 'check')).toEqual({ code: 0, out: '', err: '✓ web is valid\n' });
  });

  test('webapp synth says how to get one', async () => {
    expect((await run(folderWith({}), 'synth')).err).toContain('image is missing; run webapp build');
  });

  test('webapp diff and deploy --dry-run show the image that would be built, or that was', async () => {
    const folder = folderWith({ 'server.js': '1' });
    await run(folder, 'deploy');
    expect(await run(folder, 'diff')).toMatchObject({ code: 0, out: '' });
    folder.write('server.js', '2');
    const { code, out, err } = await run(folder, 'diff');
    expect({ code, out }).toMatchObject({ code: 2, out: expect.stringMatching(/\+ +image: \S+\/acme\/web:[0-9a-f]{10}\n/) });
    expect(err).toContain('web would be built');
    expect((await run(folder, 'deploy --dry-run')).out).toContain('change Deployment web\n');
    expect(runs().length).toBe(1);
  });
});

describe('webapp build', () => {
  test('prints the image as --image takes it, and deploys nothing', async () => {
    const { code, out, err } = await run(folderWith({}), 'build');
    expect({ code, out }).toEqual({ code: 0, out: `${REPOSITORY}@${digestOf(runs()[0])}\n` });
    expect(err).toContain('Building web from . (Dockerfile) in the cluster\n');
    expect(cluster.api.names()).toEqual([`BuildRun ${runs()[0]}`]);
    expect(await run(folderWith({}), `deploy --image ${out.trim()}`)).toMatchObject({ code: 0 });
  });

  test('builds again with --rebuild', async () => {
    const folder = folderWith({});
    await run(folder, 'build');
    const { out } = await run(folder, 'build --rebuild');
    expect(out).toBe(`${REPOSITORY}@${digestOf(runs()[1])}\n`);
  });

  test('prints the images of several apps by their names', async () => {
    const two = `${WEB}---\nname: api\nnamespace: shop\n---\nname: other\nnamespace: shop\nimage: ghcr.io/acme/other:1\n`;
    const { out } = await run(folderWith({}, two), 'build');
    expect(out).toMatch(/^web=registry\.example\.com\/acme\/web@sha256:\w+\napi=registry\.example\.com\/acme\/api@sha256:\w+\n$/);
    expect(JSON.parse((await run(folderWith({}, two), 'build --output json')).out)).toEqual([
      { app: 'web', image: expect.any(String) }, { app: 'api', image: expect.any(String) },
    ]);
  });

  test('is an error if there is nothing to build', async () => {
    expect((await run(folderWith({}, `${WEB}image: a:1\n`), 'build')).err).toContain('all apps of the file have an image');
  });
});

describe('webapp builds', () => {
  /** Three builds, of which the last one failed; the releases are of the first two. */
  async function threeBuilds(): Promise<Folder> {
    const folder = folderWith({ 'server.js': '1' });
    await run(folder, 'deploy');
    folder.write('server.js', '2');
    await run(folder, 'deploy');
    behavior.failingBuilds = { [`${REPOSITORY}:latest`]: { reason: 'Failed', exitCode: 2, log: 'npm error\n' } };
    folder.write('server.js', '3');
    await run(folder, 'deploy');
    behavior.failingBuilds = {};
    return folder;
  }

  test('lists them, the latest first, with the releases that need them', async () => {
    const folder = await threeBuilds();
    const rows = JSON.parse((await run(folder, 'builds --output json')).out);
    expect(rows.map(({ state, releases, source }: any) => [state, releases, source])).toEqual([
      ['failed', [], 'folder'], ['complete', [2], 'folder'], ['complete', [1], 'folder'],
    ]);
    expect((await run(folder, 'builds')).out).toMatch(/^BUILD +STATE +STARTED +TOOK +SOURCE +IMAGE +RELEASES\nweb-\w+ +failed/);
    expect((await run(folder, 'logs --build')).out).toContain('npm error\n');
  });

  test('need Shipwright, which is named where there is none', async () => {
    cluster.api.uninstall(BUILD_RUN);
    const { code, err } = await run(folderWith({}), 'builds');
    expect(err).toMatch(/^Shipwright is not installed, or too old: .*\n {2}run webapp setup --with builds/);
    expect(code).toBe(1);
  });

  test('are needed by a release that runs their image, also if it was given as --image', async () => {
    const folder = folderWith({ 'server.js': '1' });
    const { out } = await run(folder, 'build');
    await run(folder, `deploy --image ${out.trim()}`);
    folder.write('server.js', '2');
    await run(folder, 'build');
    const rows = JSON.parse((await run(folder, 'builds --output json')).out);
    expect(rows.map(({ releases }: any) => releases)).toEqual([[], [1]]);
    expect((await run(folder, 'builds prune --yes')).err).toBe('All builds of web are needed\n');
  });

  test('prune removes those that no release needs, and their images', async () => {
    const folder = await threeBuilds();
    folder.write('server.js', '4');
    const { out } = await run(folder, 'build');
    folder.write('server.js', '5');
    await run(folder, 'build');
    const removed: string[] = [];
    const remove: Registries['remove'] = async ({ digest }) => void removed.push(digest!);
    const registries = { remove } as Partial<Registries> as Registries;
    expect((await run(folder, 'builds prune')).err).toContain('pass --yes');
    expect((await run(folder, 'builds prune --dry-run', registries)).out.split('\n').length).toBe(4);
    expect(await run(folder, 'builds prune --yes', registries)).toMatchObject({ code: 0 });
    expect(removed).toEqual([out.trim().split('@')[1]]);
    expect(runs().length).toBe(3);
    expect((await run(folder, 'builds prune --yes', registries)).err).toBe('All builds of web are needed\n');
  });

  describe('prune, where a registry does not remove an image,', () => {
    /** @returns what is printed, the number of builds that stay, and the build of the image */
    async function pruneWithout(error: RegistryError) {
      const folder = await threeBuilds();
      folder.write('server.js', '4');
      await run(folder, 'build');
      const build = runs();
      folder.write('server.js', '5');
      await run(folder, 'build');
      const remove = async () => {
        throw error;
      };
      const called = await run(folder, 'builds prune --yes', { remove } as Partial<Registries> as Registries);
      return { ...called, folder, build: build.find(name => called.err.includes(digestOf(name).slice(0, 19)))! };
    }

    test('removes its build if the registry never does', async () => {
      const { code, err } = await pruneWithout(new RegistryError('unsupported', 'it does not support deleting images'));
      expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('stays in its registry: it does not support deleting') });
      expect(runs().length).toBe(3);
    });

    test.each<[RegistryError]>([
      [new RegistryError('denied', 'it denied access')], [new RegistryError('unreachable', 'connect ECONNREFUSED')],
    ])('keeps its build, which alone knows of it, to try again: %s', async error => {
      const { code, err, folder, build } = await pruneWithout(error);
      expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(`stays in its registry: ${error.message}\n`) });
      expect(err).toMatch(new RegExp(`1 image could not be removed; kept BuildRun ${build}, so that webapp builds prune can try again\n$`));
      expect(runs()).toContain(build);
      expect(runs().length).toBe(4); // the failed one is gone
      expect(await run(folder, 'builds prune --yes')).toMatchObject({ code: 0, err: expect.stringContaining(`Removed BuildRun ${build}`) });
    });
  });

  describe('with buildpacks', () => {
    const CACHE = `${REPOSITORY}:buildpacks-cache`;
    const removed: string[] = [];
    const registries = {
      find: async ({ registry, repository, tag }) => (
        `${registry}/${repository}:${tag}` === CACHE ? { state: 'found', digest: `sha256:${'c'.repeat(64)}` } : { state: 'unasked' }),
      remove: async ({ repository, tag, digest }) => void removed.push(`${repository}:${tag ?? ''} ${digest.slice(0, 9)}`),
    } as Partial<Registries> as Registries;
    const buildpacks = () => folderWith({ 'server.js': '1' }, `${WEB}build: { strategy: buildpacks }\n`);
    beforeEach(() => void (removed.length = 0));

    test('have a cache in the registry, which goes with the app', async () => {
      const folder = buildpacks();
      await run(folder, 'deploy');
      const { code, out, err } = await run(folder, 'destroy --yes --output json', registries);
      expect({ code, removed }).toEqual({ code: 0, removed: ['acme/web:buildpacks-cache sha256:cc'] });
      expect(err).toContain(`✓ Removed ${CACHE}\n`);
      expect(JSON.parse(out)).toMatchObject({ name: 'web', namespace: 'shop', kept: [] });
      expect(JSON.parse(out).removed).toEqual(expect.arrayContaining([CACHE, 'Deployment web', expect.stringMatching(/^BuildRun web-/)]));
    });

    test('leave the cache that an app of another namespace uses too', async () => {
      const folder = buildpacks();
      await run(folder, 'deploy');
      const [own] = cluster.api.all(BUILD_RUN);
      const labels = { 'app.kubernetes.io/name': 'web', 'cdk8s-webapp.dev/app-namespace': 'staging' };
      cluster.api.put({ ...BUILD_RUN, metadata: { name: 'web-theirs', namespace: 'shop', labels }, spec: own.spec } as Manifest);
      await run(folder, 'destroy --yes', registries);
      expect(removed).toEqual([]);
    });

    test('say why a cache stays, which does not fail the command', async () => {
      const folder = buildpacks();
      await run(folder, 'deploy');
      const remove = async () => {
        throw new RegistryError('unsupported', 'it does not support deleting images');
      };
      const { code, err } = await run(folder, 'destroy --yes', { ...registries, remove });
      expect(err).toContain(`! ${CACHE} stays in its registry: it does not support`);
      expect(code).toBe(0);
    });

    test('are all pruned once the app is gone, with their images and the cache, if that is asked for', async () => {
      const folder = buildpacks();
      await run(folder, 'build');
      expect((await run(folder, 'builds prune --yes')).err).toBe('All builds of web are needed\n');
      expect((await run(folder, 'builds prune --all --dry-run', registries)).out).toContain(`  ${CACHE}\n`);
      expect(await run(folder, 'builds prune --all --yes', registries)).toMatchObject({ code: 0 });
      expect(removed).toEqual([expect.stringMatching(/^acme\/web:/), 'acme/web:buildpacks-cache sha256:cc']);
      expect(runs()).toEqual([]);
    });

    const FROM_GIT = `${WEB}buildFrom: { git: https://github.com/acme/web, revision: main, image: ${REPOSITORY} }\n`;
    test.each([
      ['builds.registry', new Folder({ 'platform.yaml': PLATFORM })],
      ['buildFrom.image', new Folder({ 'webapp.yaml': FROM_GIT })],
    ])('leave a cache once they are gone, which is where %s says', async (_, folder) => {
      const command = 'builds prune web --namespace shop --all';
      expect(await run(folder, `${command} --dry-run`, registries)).toMatchObject({ code: 0, out: `  ${CACHE}\n` });
      expect(await run(folder, `${command} --yes`, registries)).toMatchObject({ code: 0, err: `✓ Removed ${CACHE}\n` });
      expect(removed).toEqual(['acme/web:buildpacks-cache sha256:cc']);
      const find = async () => ({ state: 'missing' as const, part: 'tag' as const });
      expect(await run(folder, `${command} --yes`, { ...registries, find })).toMatchObject({
        code: 1, err: 'web has no builds in the cluster, in namespace shop\n',
      });
    });

    test('are not all pruned while the app is deployed', async () => {
      const folder = buildpacks();
      await run(folder, 'deploy');
      const { code, err } = await run(folder, 'builds prune --all --yes', registries);
      expect(err).toContain('--all is for an app that is gone, and web is deployed');
      expect(code).toBe(1);
      expect(runs()).toHaveLength(1);
    });
  });

  test('are removed with the app, those that failed too', async () => {
    const folder = await threeBuilds();
    expect(await run(folder, 'destroy --yes')).toMatchObject({ code: 0 });
    expect(runs()).toEqual([]);
  });
});
