import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import type { ClusterBuilds } from '../../src/build/build-run';
import { buildInCluster } from '../../src/build/in-cluster';
import type { BuildRequest } from '../../src/build/request';
import type { SourceEntry } from '../../src/build/source';
import { ApiError, UnreachableError } from '../../src/kube/errors';
import { BUILD_RUN, CLUSTER_BUILD_STRATEGY, SECRET } from '../../src/kube/types';
import { Behavior, digestOf, runControllers } from '../kube/controllers';
import type { ExecCommand } from '../kube/in-memory-api';
import { APP, TestCluster } from '../kube/test-cluster';

const REPOSITORY = 'registry.example.com/acme/web';
const IMAGE = `${REPOSITORY}@${digestOf('web-aaaa')}`;
const BUILDS: ClusterBuilds = { strategies: { buildpacks: 'buildpacks-v3', dockerfile: 'buildkit' }, cache: 'registry' };
const PARAMETERS = ['build-args', 'cache', 'dockerfile', 'platforms', 'secrets', 'target'];

const file = (path: string, text: string): SourceEntry => ({ path, type: 'file', mode: 0o644, size: text.length, modified: 0, text });

function request(own: Partial<BuildRequest> = {}, ...files: SourceEntry[]): BuildRequest {
  const entries = files.length > 0 ? files : [file('Dockerfile', 'FROM scratch\n')];
  const source = { root: '/nowhere', entries, bytes: entries.reduce((sum, { size }) => sum + size, 0), digest: 'digest' };
  return { app: APP, source, strategy: 'dockerfile', env: {}, secrets: {}, platforms: [], repository: REPOSITORY, hash: 'aaaa', ...own };
}

function start(behavior: Behavior = {}, parameters = PARAMETERS): TestCluster {
  const cluster = new TestCluster();
  runControllers(cluster, behavior);
  for (const name of ['buildkit', 'buildpacks-v3']) {
    const own = name === 'buildkit' ? parameters : [];
    cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name }, spec: { parameters: own.map(parameter => ({ name: parameter })) } });
  }
  putSecret(cluster, 'registry');
  putSecret(cluster, 'npm', 'token');
  return cluster;
}

function putSecret({ api }: TestCluster, name: string, ...keys: string[]): void {
  api.put({ ...SECRET, metadata: { name, namespace: 'shop' }, data: Object.fromEntries(keys.map(key => [key, 'eA=='])) });
}

async function namesIn(archive: Buffer): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

const buildOf = (cluster: TestCluster, name = 'web-aaaa', namespace?: string) => cluster.api.find(BUILD_RUN, name, namespace);
const specOf = (cluster: TestCluster): any => buildOf(cluster)?.spec.build.spec;

describe('a build of a folder in the cluster', () => {
  test('sends the source to the pod, lets it go on, and waits for the digest of the image', async () => {
    const commands: ExecCommand[] = [];
    const cluster = start({ commands });
    const files = [file('Dockerfile', 'FROM scratch'), file('server.js', '1')];
    const built = await buildInCluster(cluster.operation(), request({}, ...files), BUILDS);
    expect(built).toEqual({ image: IMAGE, seconds: expect.any(Number), build: { ...BUILD_RUN, namespace: 'shop', name: 'web-aaaa' } });
    expect(commands.map(({ container, command }) => [container, command.at(-1)])).toEqual([
      ['step-source-local', expect.stringContaining('tar -xf - -C /workspace/source')], ['step-source-local', 'done'],
    ]);
    expect(await namesIn(commands[0].input)).toEqual(['Dockerfile', 'server.js']);
    expect(cluster.output).toEqual(['Uploaded 2 files (1 KiB)']);
  });

  test('is written as Shipwright wants it', async () => {
    const cluster = start();
    await buildInCluster(cluster.operation(), request({
      dockerfile: 'deploy/Dockerfile',
      env: { VERSION: '1' },
      secrets: { NPM_TOKEN: { secret: 'npm', key: 'token' } },
      target: 'web',
      platforms: ['linux/arm64'],
      timeout: 900,
    }), { ...BUILDS, pushSecret: 'registry' });
    expect(specOf(cluster)).toEqual({
      source: { type: 'Local', local: { name: 'source', timeout: '601s' } },
      strategy: { kind: 'ClusterBuildStrategy', name: 'buildkit' },
      paramValues: [
        { name: 'dockerfile', value: 'deploy/Dockerfile' },
        { name: 'build-args', values: [{ value: 'VERSION=1' }] },
        { name: 'secrets', values: [{ secretValue: { name: 'npm', key: 'token', format: 'NPM_TOKEN=${SECRET_VALUE}' } }] },
        { name: 'target', value: 'web' },
        { name: 'platforms', values: [{ value: 'linux/arm64' }] },
      ],
      timeout: '900s',
      output: { image: `${REPOSITORY}:latest`, pushSecret: 'registry' },
      retention: { ttlAfterFailed: '24h' },
    });
  });

  test.each<[string, Partial<BuildRequest>, Partial<ClusterBuilds>, object]>([
    ['nothing else', {}, {}, {}],
    [
      'variables, as environment', { env: { BP_NODE_VERSION: '22', BPL_A: '' } }, {},
      { env: [{ name: 'BP_NODE_VERSION', value: '22' }, { name: 'BPL_A', value: '' }] },
    ],
    ['a timeout', { timeout: 900 }, {}, { timeout: '900s' }],
    ['a tag of its own', {}, { cache: 'none' }, { output: { image: `${REPOSITORY}:aaaa` } }],
    ['credentials', {}, { pushSecret: 'registry' }, { output: { image: `${REPOSITORY}:latest`, pushSecret: 'registry' } }],
    [
      'other buildpacks', {}, { strategies: { ...BUILDS.strategies, buildpacks: 'buildpacks-v3-heroku' } },
      { strategy: { kind: 'ClusterBuildStrategy', name: 'buildpacks-v3-heroku' } },
    ],
    ['a rebuild, as they have no parameter for a cache', { rebuild: true }, {}, {}],
  ])('is written for the buildpacks of Shipwright, which need no parameter: with %s', async (_, own, builds, expected) => {
    const cluster = start();
    const parameters = [{ name: 'platform-api-version', default: '0.13' }, { name: 'insecure-registries', type: 'array', defaults: [] }];
    for (const name of ['buildpacks-v3', 'buildpacks-v3-heroku']) {
      cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name }, spec: { parameters } });
    }
    await buildInCluster(cluster.operation(), request({ strategy: 'buildpacks', dockerfile: undefined, ...own }), { ...BUILDS, ...builds });
    expect(specOf(cluster)).toEqual({
      source: { type: 'Local', local: { name: 'source', timeout: '601s' } },
      strategy: { kind: 'ClusterBuildStrategy', name: 'buildpacks-v3' },
      output: { image: `${REPOSITORY}:latest` },
      retention: { ttlAfterFailed: '24h' },
      ...expected,
    });
  });

  test('has a tag of its own without a cache', async () => {
    const cluster = start();
    await buildInCluster(cluster.operation(), request(), { ...BUILDS, cache: 'none' });
    expect(specOf(cluster)).toMatchObject({ output: { image: `${REPOSITORY}:aaaa` }, paramValues: [{ name: 'cache', value: 'disabled' }] });
  });

  test('is in the namespace of the builds, by a name that an app of another namespace does not have', async () => {
    const cluster = start();
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'builds' } });
    const { build } = await buildInCluster(cluster.operation(), request(), { ...BUILDS, namespace: 'builds' });
    expect(build).toMatchObject({ namespace: 'builds', name: expect.stringMatching(/^web-[0-9a-f]{10}$/) });
    expect(buildOf(cluster, build.name, 'builds')?.metadata.labels).toMatchObject({ 'cdk8s-webapp.dev/app-namespace': 'shop' });
  });

  test.each<[string, Partial<ClusterBuilds>, readonly string[]]>([
    ['in the namespace of the app', {}, [
      'Secret push does not exist in namespace shop; the app needs it for pushing its image',
      '  webapp registry login registry.example.com --for push --secret push --namespace shop',
      'Secret npm has no key auth in namespace shop; the app needs it for build.secrets',
      '  webapp secrets set auth --secret npm --app web --namespace shop',
    ]],
    ['in a namespace of their own', { namespace: 'builds' }, [
      'Secret push does not exist in namespace builds; the app needs it for pushing its image',
      '  webapp registry login registry.example.com --for push --secret push --namespace shop',
      'Secret npm does not exist in namespace builds; the app needs it for build.secrets',
      '  kubectl create secret generic npm --namespace builds --from-file=auth=FILE --dry-run=client -o yaml '
      + '| kubectl apply --server-side -f -',
    ]],
  ])('does not begin without the Secrets that it needs, %s', async (_, builds, lines) => {
    const cluster = start();
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'builds' } });
    const secrets = { NPM_TOKEN: { secret: 'npm', key: 'auth' } };
    await expect(buildInCluster(cluster.operation(), request({ secrets }), { ...BUILDS, pushSecret: 'push', ...builds }))
      .rejects.toThrow(lines.join('\n'));
    expect(await cluster.objects.list(BUILD_RUN, {})).toEqual([]);
  });

  test('begins where the user may not see the Secrets in the namespace of the builds: it says itself what it lacks', async () => {
    const cluster = start();
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'builds' } });
    cluster.api.denials.push({ verb: 'get', resource: 'secrets' });
    const builds = { ...BUILDS, pushSecret: 'push', namespace: 'builds' };
    expect(await buildInCluster(cluster.operation(), request(), builds)).toMatchObject({ seconds: expect.any(Number) });
    expect(cluster.output.filter(line => line.startsWith('!'))).toEqual([]);
  });

  test('that is complete is not run again, and nothing is uploaded', async () => {
    const commands: ExecCommand[] = [];
    const cluster = start({ commands });
    await buildInCluster(cluster.operation(), request(), BUILDS);
    commands.length = 0;
    expect(await buildInCluster(cluster.operation(), request(), BUILDS)).toMatchObject({ image: IMAGE, seconds: undefined });
    expect(commands).toEqual([]);
  });

  test.each<[string, ClusterBuilds, string]>([
    ['with the registry as its cache', BUILDS, `${REPOSITORY}:latest`],
    ['with a tag of its own', { ...BUILDS, cache: 'none' }, `${REPOSITORY}:aaaa-2`],
  ])('that is complete is built again on demand, without a cache, and is then the one of its source: %s', async (_, builds, output) => {
    const cluster = start();
    const first = await buildInCluster(cluster.operation(), request(), builds);
    const second = await buildInCluster(cluster.operation(), request({ rebuild: true }), builds);
    expect(second).toMatchObject({ image: `${REPOSITORY}@${digestOf('web-aaaa-2')}`, build: { name: 'web-aaaa-2' } });
    expect(buildOf(cluster, 'web-aaaa-2')?.spec.build.spec).toMatchObject({
      output: { image: output }, paramValues: [{ name: 'cache', value: 'disabled' }],
    });
    expect(buildOf(cluster, first.build.name)).toBeDefined(); // an earlier release may run its image
    expect(await buildInCluster(cluster.operation(), request(), builds)).toMatchObject({ image: second.image, seconds: undefined });
    cluster.api.delete({ ...BUILD_RUN, metadata: { name: 'web-aaaa' } }); // as webapp builds prune does
    expect(await buildInCluster(cluster.operation(), request(), builds)).toMatchObject({ image: second.image });
    expect(await buildInCluster(cluster.operation(), request({ rebuild: true }), builds)).toMatchObject({ build: { name: 'web-aaaa-3' } });
  });

  test('that is not there yet is built once, on demand or not', async () => {
    const cluster = start();
    expect(await buildInCluster(cluster.operation(), request({ rebuild: true }), BUILDS)).toMatchObject({ image: IMAGE });
  });

  test('on demand that failed leaves the earlier image, and is replaced by the next one', async () => {
    const behavior: { failingBuilds: Behavior['failingBuilds'] } = { failingBuilds: {} };
    const cluster = start(behavior);
    await buildInCluster(cluster.operation(), request(), BUILDS);
    behavior.failingBuilds = { [`${REPOSITORY}:latest`]: { reason: 'Failed', exitCode: 2, log: '' } };
    await expect(buildInCluster(cluster.operation(), request({ rebuild: true }), BUILDS)).rejects.toThrow('exited with code 2');
    behavior.failingBuilds = {};
    expect(await buildInCluster(cluster.operation(), request(), BUILDS)).toMatchObject({ image: IMAGE });
    expect(await buildInCluster(cluster.operation(), request({ rebuild: true }), BUILDS)).toMatchObject({ build: { name: 'web-aaaa-2' } });
  });

  test('on demand that runs is waited for, by everybody', async () => {
    const cluster = start();
    await buildInCluster(cluster.operation(), request(), BUILDS);
    const stop = new AbortController();
    cluster.clock.after(20, () => stop.abort());
    await expect(buildInCluster(cluster.operation({ signal: stop.signal }), request({ rebuild: true }), BUILDS)).rejects.toThrow('abort');
    const others = [request(), request({ rebuild: true })].map(async one => buildInCluster(cluster.operation(), one, BUILDS));
    for (const { build } of await Promise.all(others)) expect(build.name).toBe('web-aaaa-2');
  });

  test('of a source whose hash has digits alone is not taken for one that was built again', async () => {
    const cluster = start();
    await buildInCluster(cluster.operation(), request({ hash: '1234' }), BUILDS);
    const { build } = await buildInCluster(cluster.operation(), request({ hash: '1234567890' }), BUILDS);
    expect(build.name).toBe('web-1234567890');
  });

  test('is run again if it failed', async () => {
    const failing = { [`${REPOSITORY}:latest`]: { reason: 'Failed', exitCode: 2, log: 'npm error\n' } };
    const behavior: { failingBuilds: Behavior['failingBuilds'] } = { failingBuilds: failing };
    const cluster = start(behavior);
    await expect(buildInCluster(cluster.operation(), request(), BUILDS)).rejects.toThrow('step build-and-push exited with code 2');
    expect(cluster.output).toContain('| npm error');
    behavior.failingBuilds = {};
    expect(await buildInCluster(cluster.operation(), request(), BUILDS)).toMatchObject({ image: IMAGE });
  });

  test('needs a digest where all images have one tag', async () => {
    const cluster = start({ digests: false });
    await expect(buildInCluster(cluster.operation(), request(), BUILDS)).rejects.toThrow(
      'does not report its digest; set builds: { cache: none } in platform.yaml');
    const one = { ...BUILDS, cache: 'none' as const };
    expect(await buildInCluster(start({ digests: false }).operation(), request(), one)).toMatchObject({ image: `${REPOSITORY}:aaaa` });
  });

  test.each<[string, Partial<BuildRequest>, string]>([
    ['secrets', { secrets: { A: { secret: 's', key: 'k' } } }, 'build.secrets of web is not supported by the ClusterBuildStrategy'],
    ['platforms', { platforms: ['linux/amd64'] }, 'build.platforms of web is not supported by the ClusterBuildStrategy buildkit'],
    ['build-args', { env: { A: 'b' } }, 'build.env of web is not supported by the ClusterBuildStrategy buildkit, which has no parameter'],
  ])('is an error without the parameter %s, before anything is created', async (parameter, own, message) => {
    const cluster = start({}, PARAMETERS.filter(name => name !== parameter));
    await expect(buildInCluster(cluster.operation(), request(own), BUILDS)).rejects.toThrow(message);
    expect(buildOf(cluster)).toBeUndefined();
  });

  test('is an error that names the strategies of the cluster if it does not have the one of the platform', async () => {
    const strategies = { buildpacks: 'buildpacks-v3', dockerfile: 'kaniko' };
    await expect(buildInCluster(start().operation(), request(), { ...BUILDS, strategies })).rejects.toThrow(
      'no ClusterBuildStrategy kaniko; it has buildkit, buildpacks-v3\n  install those of Shipwright (webapp setup --with builds), '
      + 'or set builds.strategies.dockerfile in platform.yaml');
    const ours = { buildpacks: 'webapp-buildpacks', dockerfile: 'buildkit' };
    await expect(buildInCluster(start().operation(), request({ strategy: 'buildpacks' }), { ...BUILDS, strategies: ours })).rejects.toThrow(
      'no ClusterBuildStrategy webapp-buildpacks; it has buildkit, buildpacks-v3\n  install it (webapp setup --with builds), '
      + 'or set builds.strategies.buildpacks in platform.yaml, or write a Dockerfile');
  });

  test('is run as it is if the user may not see the strategy', async () => {
    const cluster = start();
    cluster.api.denials.push({ resource: 'clusterbuildstrategies' });
    expect(await buildInCluster(cluster.operation(), request({ target: 'web' }), BUILDS)).toMatchObject({ image: IMAGE });
    await expect(buildInCluster(cluster.operation(), request({ env: { PRICE: '$1' } }), BUILDS)).rejects.toThrow(
      'build.env.PRICE of web has one of the characters " $ ` \\, which some strategies change, and you are not allowed to get');
    const buildpacks = request({ strategy: 'buildpacks', env: { FLAGS: 'a b' } });
    await expect(buildInCluster(cluster.operation(), buildpacks, BUILDS)).rejects.toThrow('build.env.FLAGS of web has white space or =,');
  });

  describe('with buildpacks whose script splits variables, as Shipwright\'s does,', () => {
    const build = async (env: { readonly [name: string]: string }) => {
      const cluster = start();
      const steps = [{ args: ['-c', 'ENV_DIR="/platform/env"\nenvs=($(env))\n'] }];
      cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name: 'buildpacks-v3' }, spec: { steps } });
      return buildInCluster(cluster.operation(), request({ strategy: 'buildpacks', env }), BUILDS);
    };

    test('is an error if that changes a variable, before anything is created', async () => {
      for (const value of ['-B package', 'a=b', 'two\nlines']) {
        await expect(build({ BP_MAVEN_BUILD_ARGUMENTS: value })).rejects.toThrow(
          'build.env.BP_MAVEN_BUILD_ARGUMENTS of web has white space or =, and the ClusterBuildStrategy buildpacks-v3 passes on only '
          + 'what is before it\n  remove builds.strategies.buildpacks from platform.yaml, and install the default one '
          + '(webapp setup --with builds), or write a Dockerfile');
      }
    });

    test('passes on any other', async () => {
      expect(await build({ A: '"$b"\\`*' })).toMatchObject({ image: IMAGE });
    });
  });

  describe('with buildpacks that keep the layers of the image below /tmp, as Shipwright\'s do,', () => {
    const build = async (own: Partial<BuildRequest>, ...args: string[]) => {
      const cluster = start();
      cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name: 'buildpacks-v3' }, spec: { steps: [{ args: ['-c', ...args] }] } });
      return { cluster, result: buildInCluster(cluster.operation(), request({ strategy: 'buildpacks', hidesTmp: true, ...own }), BUILDS) };
    };

    test.each([
      'LAYERS_DIR=/tmp/.shp/layers\nmkdir -p "$LAYERS_DIR"', '/cnb/lifecycle/creator -layers=/tmp/layers', 'creator -layers "/tmp"',
    ])('is an error if the app mounts a volume there, before anything is created: %s', async script => {
      const { cluster, result } = await build({}, script);
      await expect(result).rejects.toThrow('the ClusterBuildStrategy buildpacks-v3 puts the program of web below /tmp of the image, '
        + 'where the app mounts a volume\n  remove builds.strategies.buildpacks from platform.yaml, and install the default one '
        + '(webapp setup --with builds), or set security: { readOnlyRoot: false }');
      expect(buildOf(cluster)).toBeUndefined();
    });

    test('is built if the app mounts none, or they are elsewhere, or the user may not see the strategy', async () => {
      expect(await (await build({ hidesTmp: false }, 'LAYERS_DIR=/tmp/.shp/layers')).result).toMatchObject({ image: IMAGE });
      expect(await (await build({}, 'LAYERS_DIR=/layers\nCACHE_DIR=/tmp/cache')).result).toMatchObject({ image: IMAGE });
      const cluster = start();
      cluster.api.denials.push({ resource: 'clusterbuildstrategies' });
      const own = request({ strategy: 'buildpacks', hidesTmp: true });
      expect(await buildInCluster(cluster.operation(), own, BUILDS)).toMatchObject({ image: IMAGE });
    });
  });

  test('is an error with a variable of Tekton in one of buildpacks', async () => {
    await expect(buildInCluster(start().operation(), request({ strategy: 'buildpacks', env: { A: '$(context.task.name)' } }), BUILDS))
      .rejects.toThrow('build.env.A of web has a part $(…) that Tekton replaces');
  });

  test.each<[string, Partial<BuildRequest>, string[], object]>([
    ['by Kubernetes', { env: { A: '$(HOME) $$ "' } }, [], { paramValues: [{ values: [{ value: 'A=$$(HOME) $$$$ "' }] }] }],
    ['by Kubernetes, of buildpacks', { env: { A: '$(HOME)' }, strategy: 'buildpacks' }, [], { env: [{ name: 'A', value: '$$(HOME)' }] }],
    [
      "by the script of Shipwright's buildkit", { env: { A: '$B "`\\' } }, ['echo "--opt=\\"build-arg:${a}\\" \\\\" >> /tmp/run.sh'],
      { paramValues: [{ values: [{ value: 'A=\\$$B \\"\\`\\\\' }] }] },
    ],
  ])('has the variables that webapp.yaml says, which are not replaced %s', async (_, own, args, expected) => {
    const cluster = start();
    const parameters = PARAMETERS.map(name => ({ name }));
    cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name: 'buildkit' }, spec: { parameters, steps: [{ args }] } });
    await buildInCluster(cluster.operation(), request(own), BUILDS);
    expect(specOf(cluster)).toMatchObject(expected);
  });
});

describe('an upload', () => {
  const large = (path: string): SourceEntry => ({ ...file(path, ''), size: 20 * 1024 * 1024, text: 'a'.repeat(20 * 1024 * 1024) });

  test('sends large folders in parts, and again only the part whose connection was lost', async () => {
    const commands: ExecCommand[] = [];
    const cluster = start({ commands });
    const { run } = cluster.api;
    let losses = 2;
    cluster.api.run = command => {
      if (command.command[0] === 'sh' && commands.length === 1 && losses-- > 0) throw new UnreachableError('the connection was lost');
      return run!(command);
    };
    await buildInCluster(cluster.operation(), request({}, large('a'), large('b'), large('c')), BUILDS);
    const parts = commands.filter(({ command }) => command[0] === 'sh');
    expect(await Promise.all(parts.map(async ({ input }) => namesIn(input)))).toEqual([['a'], ['b'], ['c']]);
    expect(losses).toBeLessThan(0);
  });

  test('that fails for good is an error, and removes the build', async () => {
    const cluster = start();
    cluster.api.run = () => ({ exitCode: 2, output: 'tar: No space left on device\n' });
    await expect(buildInCluster(cluster.operation(), request(), BUILDS)).rejects.toThrow(
      'the upload of the source failed: tar: No space left on device');
    expect(buildOf(cluster)).toBeUndefined();
  });

  test('that is not allowed is an error with all permissions that are missing, and removes the build', async () => {
    const cluster = start();
    cluster.api.denials.push({ resource: 'pods/exec' });
    cluster.api.run = () => {
      throw new ApiError(403, 'pods "web-aaaa-pod" is forbidden: ');
    };
    await expect(buildInCluster(cluster.operation(), request(), BUILDS)).rejects.toThrow(
      'you are not allowed to get, create pods/exec in namespace shop, which a build of a folder needs; ask your cluster administrator');
    expect(buildOf(cluster)).toBeUndefined();
  });

  test('is given up after five lost connections', async () => {
    const cluster = start();
    let attempts = 0;
    cluster.api.run = () => {
      attempts++;
      throw new UnreachableError('the connection was lost');
    };
    await expect(buildInCluster(cluster.operation(), request(), BUILDS)).rejects.toThrow('the upload of the source failed 5 times');
    expect([attempts, buildOf(cluster)]).toEqual([5, undefined]);
  });

  test('that is interrupted removes the build, but a build that has its source goes on', async () => {
    const stop = new AbortController();
    const during = start();
    during.api.run = () => {
      stop.abort();
      throw new UnreachableError('interrupted');
    };
    await expect(buildInCluster(during.operation({ signal: stop.signal }), request(), BUILDS)).rejects.toThrow('abort');
    expect(buildOf(during)).toBeUndefined();

    const later = new AbortController();
    const after = start();
    after.clock.after(20, () => later.abort());
    await expect(buildInCluster(after.operation({ signal: later.signal }), request(), BUILDS)).rejects.toThrow('abort');
    expect(buildOf(after)).toBeDefined();
    expect(await buildInCluster(after.operation(), request(), BUILDS)).toMatchObject({ image: IMAGE });
  });

  /** A build that another client has started and has not sent its source yet. */
  async function startedByOther(commands: ExecCommand[]): Promise<TestCluster> {
    const cluster = start({ commands });
    const spec = { source: { type: 'Local', local: { name: 'source' } }, output: { image: `${REPOSITORY}:latest` } };
    const metadata = { name: 'web-aaaa', namespace: 'shop', annotations: { 'cdk8s-webapp.dev/upload': 'other' } };
    await cluster.apply({ ...BUILD_RUN, metadata, spec: { build: { spec } } });
    return cluster;
  }

  test('of another client is waited for', async () => {
    const commands: ExecCommand[] = [];
    const cluster = await startedByOther(commands);
    const live = { ...BUILD_RUN, metadata: { name: 'web-aaaa', namespace: 'shop' } };
    const renew = (at: number) => cluster.clock.after(at, () => (
      cluster.api.change(live, { metadata: { annotations: { 'cdk8s-webapp.dev/upload': `other ${at}` } } })));
    for (let at = 5; at < 60; at += 5) renew(at);
    cluster.clock.after(60, () => cluster.api.run!({ pod: 'web-aaaa-pod', container: '', command: ['done'], input: Buffer.alloc(0) }));
    expect(await buildInCluster(cluster.operation(), request(), BUILDS)).toMatchObject({ image: IMAGE });
    expect(commands.length).toBe(1);
  });

  test('of another client that was killed is done by this one', async () => {
    const commands: ExecCommand[] = [];
    const cluster = await startedByOther(commands);
    expect(await buildInCluster(cluster.operation(), request(), BUILDS)).toMatchObject({ image: IMAGE });
    expect(await namesIn(commands[0].input)).toEqual(['Dockerfile']);
  });
});
