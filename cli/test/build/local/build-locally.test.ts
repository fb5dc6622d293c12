import { existsSync } from 'node:fs';
import { CLASSIC_DOCKER, docker, ELSEWHERE, NERDCTL, PACK, PODMAN } from './fake-builders';
import { FakePrograms } from './fake-programs';
import { DIGEST, HASH, REPOSITORY, requestOf, TestBuild } from './local-build';
import { findLocally } from '../../../src/build/local/build-locally';
import { readSource } from '../../../src/build/read-source';
import { SYSTEM_CLOCK } from '../../../src/kube/clock';
import { Folder } from '../../folder';

const SOURCE = readSource(new Folder({ 'Dockerfile': 'FROM scratch', 'src/main.js': 'start()' }).path);
const IMAGE = `${REPOSITORY}:${HASH}`;
const BUILDX = `docker buildx build --progress plain --file Dockerfile --tag ${IMAGE}`;
const PUSH = '--push --metadata-file TMP/metadata.json';
const PROVENANCE = '--attest type=provenance,mode=min';

/** What is true of the image of a source, and not of one that was built once more. */
const onlyFirst = <T>(value: T) => async (image: string) => (image.endsWith('-2') ? undefined : value) as T;

/** A podman that does something else in a build. */
const onBuild = (script: string) => `case "$*" in "build "*) ${script};; *) ${PODMAN};; esac`;

/** Docker whose BuildKit can push more than one manifest. */
const REMOTE = { driver: 'docker-container', status: 'inactive' };

describe('an image is built and pushed by the first program that works', () => {
  test.each([
    ['docker with buildx', { docker: docker() }, [
      `${BUILDX} ${PUSH} -`,
    ]],
    ['docker whose BuildKit pushes attestations', { docker: docker(REMOTE) }, [
      `${BUILDX} ${PUSH} ${PROVENANCE} -`,
    ]],
    ['docker with the containerd image store', { docker: docker({ info: '[["driver-type","io.containerd.snapshotter.v1"]]' }) }, [
      `${BUILDX} ${PUSH} ${PROVENANCE} -`,
    ]],
    ['docker without a daemon, and a BuildKit that runs elsewhere', { docker: docker(ELSEWHERE) }, [
      `${BUILDX} ${PUSH} ${PROVENANCE} -`,
    ]],
    ['docker without buildx', { docker: CLASSIC_DOCKER }, [
      `docker build --file Dockerfile --tag ${IMAGE} -`,
      `docker push ${IMAGE}`,
      `docker image inspect --format {{json .RepoDigests}} ${IMAGE}`,
    ]],
    ['podman', { docker: docker({ daemon: false }), podman: PODMAN, buildah: PODMAN }, [
      `podman build --layers --file TMP/source/Dockerfile --tag ${IMAGE} TMP/source`,
      `podman push --digestfile TMP/digest ${IMAGE}`,
    ]],
    ['buildah', { buildah: PODMAN }, [
      `buildah build --layers --file TMP/source/Dockerfile --tag ${IMAGE} TMP/source`,
      `buildah push --digestfile TMP/digest ${IMAGE}`,
    ]],
    ['nerdctl', { nerdctl: NERDCTL }, [
      `nerdctl build --progress plain --file TMP/source/Dockerfile --tag ${IMAGE} --output type=image,push=true `
      + '--iidfile TMP/digest TMP/source',
    ]],
  ])('%s', async (_, scripts, expected) => {
    const programs = new FakePrograms(scripts as { [name: string]: string });
    expect(await new TestBuild(programs, SOURCE).run()).toEqual({ image: `${REPOSITORY}@${DIGEST}`, seconds: expect.any(Number) });
    expect(programs.calls.slice(-expected.length)).toEqual(expected);
  });

  test('buildpacks are run by pack, with a cache of the app', async () => {
    const programs = new FakePrograms({ docker: docker(), pack: PACK });
    const build = new TestBuild(programs, SOURCE);
    expect(await build.run({ strategy: 'buildpacks', env: { BP_NODE_VERSION: '22' } })).toMatchObject({ image: `${REPOSITORY}@${DIGEST}` });
    expect(programs.calls.at(-1)).toBe(
      `pack build ${IMAGE} --builder paketobuildpacks/builder-jammy-full --path TMP/source --no-color `
      + '--cache type=build;format=volume;name=webapp-shop-web.build --cache type=launch;format=volume;name=webapp-shop-web.launch '
      + '--env BP_NODE_VERSION=22 --publish --report-output-dir TMP',
    );
  });

  test('pack uses the socket of podman where there is no docker', async () => {
    const podman = 'case "$*" in *RemoteSocket*) echo \'{"exists":true,"path":"/run/podman.sock"}\';; esac';
    const programs = new FakePrograms({ podman, pack: PACK });
    await new TestBuild(programs, SOURCE).run({ strategy: 'buildpacks' });
    expect(programs.calls.at(-1)).toContain(' --docker-host inherit ');
    expect(programs.read('env')).toContain('DOCKER_HOST=unix:///run/podman.sock\n');
  });

  test('docker also makes an SBOM where the generator of BuildKit can be had', async () => {
    const programs = new FakePrograms({ docker: docker(REMOTE) });
    const digestOf = async (image: string) => image.includes('buildkit-syft-scanner') ? DIGEST : undefined;
    await new TestBuild(programs, SOURCE, { digestOf }).run();
    expect(programs.calls.at(-1)).toMatch(/ --attest type=provenance,mode=min --attest type=sbom -$/);
  });

  test('the variable of buildx that switches off attestations switches off these', async () => {
    const programs = new FakePrograms({ docker: docker(REMOTE) });
    await new TestBuild(programs, SOURCE, { env: { ...programs.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } }).run();
    expect(programs.calls.at(-1)).not.toContain('--attest');
  });
});

test('the builder of buildx that BUILDX_BUILDER names is the one that counts', async () => {
  const programs = new FakePrograms({ docker: docker({ daemon: false }) });
  await expect(new TestBuild(programs, SOURCE).run()).rejects.toThrow('docker: Cannot connect to the Docker daemon');
  const build = new TestBuild(programs, SOURCE, { env: { ...programs.env, BUILDX_BUILDER: 'other' } });
  expect(await build.run()).toMatchObject({ image: `${REPOSITORY}@${DIGEST}` });
});

describe('the builder gets all that the build says', () => {
  const FULL = { dockerfile: 'web.Dockerfile', env: { VERSION: '1 2' }, target: 'web', platforms: ['linux/amd64', 'linux/arm64'] };
  const FLAGS = '--build-arg VERSION=1 2 --target web --platform linux/amd64,linux/arm64';

  test.each([
    ['docker', { docker: docker(REMOTE) }, [
      `docker buildx build --progress plain --file web.Dockerfile --tag ${IMAGE} ${FLAGS} ${PUSH} ${PROVENANCE} -`,
    ]],
    ['podman', { podman: PODMAN }, [
      `podman manifest rm ${IMAGE}`,
      `podman build --layers --file TMP/source/web.Dockerfile --manifest ${IMAGE} ${FLAGS} TMP/source`,
      `podman manifest push --all --digestfile TMP/digest ${IMAGE} docker://${IMAGE}`,
    ]],
    ['nerdctl', { nerdctl: NERDCTL }, [
      `nerdctl build --progress plain --file TMP/source/web.Dockerfile --tag ${IMAGE} ${FLAGS} --output type=image,push=true `
      + '--iidfile TMP/digest TMP/source',
    ]],
  ])('%s', async (_, scripts, expected) => {
    const programs = new FakePrograms(scripts as { [name: string]: string });
    await new TestBuild(programs, SOURCE).run(FULL);
    expect(programs.calls.slice(-expected.length)).toEqual(expected);
  });

  test('docker gets the source as an archive', async () => {
    const programs = new FakePrograms({ docker: docker() });
    await new TestBuild(programs, SOURCE).run();
    expect(programs.read('files').split('\n')).toEqual(['Dockerfile', 'src', 'src/main.js', '']);
  });

  test('other builders get it as a folder, with what is on no disk, and whatever the umask is', async () => {
    const generated = { path: 'conf/Caddyfile', type: 'file', mode: 0o755, size: 9, modified: 5000, text: ':8080\nfile' } as const;
    const link = { path: 'latest', type: 'link', mode: 0o777, size: 0, modified: 0, target: 'src' } as const;
    const programs = new FakePrograms({ podman: PODMAN });
    const source = await SOURCE;
    const umask = process.umask(0o077);
    try {
      await new TestBuild(programs, { ...source, entries: [...source.entries, generated, link] }).run();
    } finally {
      process.umask(umask);
    }
    expect(programs.read('context/conf/Caddyfile')).toBe(':8080\nfile');
    expect(programs.read('context/latest/main.js')).toBe('start()');
    expect(programs.read('files')).toMatch(/^drwxr-xr-x .* conf$/m);
    expect(programs.read('files')).toMatch(/^-rwxr-xr-x .* Caddyfile$/m);
  });

  test('a file that has changed since it was read fails the build', async () => {
    const source = await SOURCE;
    const [dockerfile, ...others] = source.entries;
    const changed = { ...source, entries: [{ ...dockerfile, size: 99 }, ...others] };
    for (const programs of [new FakePrograms({ docker: docker() }), new FakePrograms({ podman: PODMAN })]) {
      await expect(new TestBuild(programs, changed).run()).rejects.toThrow('Dockerfile changed while it was read');
    }
  });
});

describe('build secrets', () => {
  const SECRETS = { TOKEN: { secret: 'registry', key: 'token' } };
  const readSecret = async () => 's3cr3t';

  test.each([
    ['docker', docker()], ['podman', PODMAN], ['nerdctl', NERDCTL],
  ])('%s gets them in its environment, not in its arguments', async (name, script) => {
    const programs = new FakePrograms({ [name]: script });
    await new TestBuild(programs, SOURCE, { readSecret }).run({ secrets: SECRETS });
    expect(programs.calls.join('\n')).toContain('--secret id=TOKEN,env=WEBAPP_BUILD_SECRET_0 ');
    expect(programs.calls.join('\n')).not.toContain('s3cr3t');
    expect(programs.read('env')).toContain('WEBAPP_BUILD_SECRET_0=s3cr3t\n');
  });

  test('are taken from the environment first', async () => {
    const programs = new FakePrograms({ docker: docker() });
    await new TestBuild(programs, SOURCE, { readSecret, env: { ...programs.env, TOKEN: 'mine' } }).run({ secrets: SECRETS });
    expect(programs.read('env')).toContain('WEBAPP_BUILD_SECRET_0=mine\n');
  });

  test('that have no value are all named', async () => {
    const secrets = { ...SECRETS, NPM: { secret: 'npm', key: 'auth' } };
    await expect(new TestBuild(new FakePrograms({ docker: docker() }), SOURCE).run({ secrets })).rejects.toThrow(
      'build secrets of web have no value, with Secrets of namespace shop:\n'
      + '  TOKEN: set the environment variable TOKEN, or the key token of Secret registry\n'
      + '  NPM: set the environment variable NPM, or the key auth of Secret npm',
    );
  });

  test('are in no log', async () => {
    const script = onBuild('echo "token s3cr3t"; echo "key BEGIN-1 and BEGIN-2 }"; echo "Error: bad s3cr3t" >&2; exit 1');
    const values: { [key: string]: string } = { token: 's3cr3t', key: 'BEGIN-1\nBEGIN-2\n}' };
    const build = new TestBuild(new FakePrograms({ podman: script }), SOURCE, { readSecret: async ({ key }) => values[key] });
    const secrets = { ...SECRETS, KEY: { secret: 'tls', key: 'key' } };
    await expect(build.run({ secrets })).rejects.toThrow('building web with podman failed: bad ***');
    expect(build.output).toEqual(['| token ***', '| key *** and *** }', '| Error: bad ***']);
  });
});

describe('what exists is not built again', () => {
  test.each([
    ['in no registry', {}, { image: IMAGE, isBuilt: false }],
    ['in the registry', { digestOf: onlyFirst(DIGEST) }, { image: `${REPOSITORY}@${DIGEST}`, isBuilt: true }],
    ['on no node', { cluster: { name: 'kind-dev' } }, { image: `localhost/web:${HASH}`, isBuilt: false }],
    ['on all nodes', { cluster: { name: 'kind-dev' }, hasOnNodes: onlyFirst(true) }, { image: `localhost/web:${HASH}`, isBuilt: true }],
  ])('the image is known before it is built: %s', async (_, place, expected) => {
    const nowhere = { digestOf: async () => undefined, hasOnNodes: async () => false };
    expect(await findLocally(requestOf(await SOURCE), { ...nowhere, ...place })).toMatchObject(expected);
  });

  test('an image in the registry', async () => {
    const programs = new FakePrograms();
    const asked: string[] = [];
    const build = new TestBuild(programs, SOURCE, { digestOf: async image => (asked.push(image), onlyFirst(DIGEST)(image)) });
    expect(await build.run()).toEqual({ image: `${REPOSITORY}@${DIGEST}` });
    expect([asked, programs.calls]).toEqual([[IMAGE, `${IMAGE}-2`], []]);
  });

  test('an image on all nodes of a local cluster', async () => {
    const programs = new FakePrograms();
    const build = new TestBuild(programs, SOURCE, { cluster: { name: 'kind-dev' }, hasOnNodes: onlyFirst(true) });
    expect(await build.run()).toEqual({ image: `localhost/web:${HASH}` });
    expect(programs.calls).toEqual([]);
  });

  test('an image in the store of the builder, which is loaded', async () => {
    const programs = new FakePrograms({ docker: docker({ stored: 1 }), kind: '' });
    expect(await new TestBuild(programs, SOURCE, { cluster: { name: 'kind-dev' } }).run()).toEqual({ image: `localhost/web:${HASH}` });
    expect(programs.calls.join('\n')).not.toContain('buildx build');
    expect(programs.calls.at(-1)).toBe('kind load image-archive TMP/image.tar --name dev');
  });
});

describe('what exists is built again on demand, from the latest base images and without a cache', () => {
  test.each([
    ['docker', { docker: docker() }, `${BUILDX.replace(HASH, `${HASH}-2`)} --pull --no-cache ${PUSH} -`],
    ['docker without buildx', { docker: CLASSIC_DOCKER }, `docker build --file Dockerfile --tag ${IMAGE}-2 --pull --no-cache -`],
    [
      'podman', { podman: PODMAN },
      `podman build --layers --file TMP/source/Dockerfile --tag ${IMAGE}-2 --pull=always --no-cache TMP/source`,
    ],
    [
      'nerdctl', { nerdctl: NERDCTL },
      `nerdctl build --progress plain --file TMP/source/Dockerfile --tag ${IMAGE}-2 --pull --no-cache --output type=image,push=true `
      + '--iidfile TMP/digest TMP/source',
    ],
  ])('%s', async (_, scripts, expected) => {
    const programs = new FakePrograms(scripts as { [name: string]: string });
    const build = new TestBuild(programs, SOURCE, { digestOf: async image => image === IMAGE ? DIGEST : undefined });
    expect(await build.run({ rebuild: true })).toMatchObject({ image: `${REPOSITORY}@${DIGEST}`, seconds: expect.any(Number) });
    expect(programs.calls).toContain(expected);
  });

  test('pack', async () => {
    const programs = new FakePrograms({ docker: docker(), pack: PACK });
    await new TestBuild(programs, SOURCE).run({ strategy: 'buildpacks', rebuild: true });
    expect(programs.calls.at(-1)).toContain(' --pull-policy always --clear-cache ');
  });

  test('the latest of these images is found from then on', async () => {
    const digests: { [image: string]: string } = { [IMAGE]: DIGEST, [`${IMAGE}-2`]: DIGEST.replace('3', '4') };
    const build = new TestBuild(new FakePrograms(), SOURCE, { digestOf: async image => digests[image] });
    expect(await build.run()).toEqual({ image: `${REPOSITORY}@${digests[`${IMAGE}-2`]}` });
  });

  test('a cluster on this computer gets an image of another name, which it would not load again otherwise', async () => {
    const programs = new FakePrograms({ docker: docker(), kind: '' });
    const build = new TestBuild(programs, SOURCE, {
      cluster: { name: 'kind-dev' }, hasOnNodes: async image => image === `localhost/web:${HASH}`,
    });
    expect(await build.run({ rebuild: true })).toEqual({ image: `localhost/web:${HASH}-2`, seconds: expect.any(Number) });
  });

  test('the latest image in the store of the builder is the one that is loaded', async () => {
    const programs = new FakePrograms({ docker: docker({ stored: 2 }), kind: '' });
    expect(await new TestBuild(programs, SOURCE, { cluster: { name: 'kind-dev' } }).run()).toEqual({ image: `localhost/web:${HASH}-2` });
    expect(programs.calls).toContain(`docker image save --output TMP/image.tar localhost/web:${HASH}-2`);
  });
});

describe('a cluster on this computer runs an image without a registry', () => {
  const LOCAL = `localhost/web:${HASH}`;
  const LOADER = 'for word in $*; do case "$word" in *.tar) grep -q archive "$word" || exit 1;; esac; done';

  test.each([
    ['kind', { name: 'kind-dev' }, 'kind load image-archive TMP/image.tar --name dev'],
    ['k3d', { name: 'k3d-dev' }, 'k3d image import TMP/image.tar --cluster dev'],
    ['minikube', { name: 'minikube' }, 'minikube image load TMP/image.tar --profile minikube'],
    ['minikube', { name: 'shop', provider: 'minikube.sigs.k8s.io' }, 'minikube image load TMP/image.tar --profile shop'],
  ])('%s loads it', async (loader, cluster, expected) => {
    const programs = new FakePrograms({ docker: docker(), [loader]: LOADER });
    const build = new TestBuild(programs, SOURCE, { cluster });
    expect(await build.run({ repository: undefined })).toEqual({ image: LOCAL, seconds: expect.any(Number) });
    expect(programs.calls.slice(-3)).toEqual([
      `docker buildx build --progress plain --file Dockerfile --tag ${LOCAL} --load -`,
      `docker image save --output TMP/image.tar ${LOCAL}`,
      expected,
    ]);
    expect(programs.read('env')).toContain('BUILDX_NO_DEFAULT_ATTESTATIONS=1\n');
  });

  test('an archive of podman is loaded too', async () => {
    const programs = new FakePrograms({ podman: PODMAN, kind: '' });
    await new TestBuild(programs, SOURCE, { cluster: { name: 'kind-dev' } }).run();
    expect(programs.calls.slice(-3)).toEqual([
      `podman build --layers --file TMP/source/Dockerfile --tag ${LOCAL} TMP/source`,
      `podman push ${LOCAL} docker-archive:TMP/image.tar:${LOCAL}`,
      'kind load image-archive TMP/image.tar --name dev',
    ]);
  });

  test.each(['docker-desktop', 'orbstack', 'rancher-desktop', 'colima', 'colima-shop'])('%s has the images of docker', async name => {
    const programs = new FakePrograms({ docker: docker() });
    expect(await new TestBuild(programs, SOURCE, { cluster: { name } }).run()).toMatchObject({ image: LOCAL });
    expect(programs.calls.at(-1)).toBe(`docker buildx build --progress plain --file Dockerfile --tag ${LOCAL} --load -`);
  });

  test.each(['rancher-desktop', 'colima'])('%s has the images of nerdctl in the namespace of Kubernetes', async name => {
    const programs = new FakePrograms({ docker: docker({ daemon: false }), nerdctl: NERDCTL });
    expect(await new TestBuild(programs, SOURCE, { cluster: { name } }).run()).toMatchObject({ image: LOCAL });
    expect(programs.calls.at(-1)).toBe(
      `nerdctl --namespace k8s.io build --progress plain --file TMP/source/Dockerfile --tag ${LOCAL} TMP/source`,
    );
  });

  test('of several platforms, it gets the one of this computer', async () => {
    const own = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
    const programs = new FakePrograms({ podman: PODMAN, kind: '' });
    await new TestBuild(programs, SOURCE, { cluster: { name: 'kind-dev' } }).run({ platforms: ['linux/s390x', own] });
    expect(programs.calls).toContain(`podman build --layers --file TMP/source/Dockerfile --tag ${LOCAL} --platform ${own} TMP/source`);
  });

  test('a loader that is not installed is named', async () => {
    const build = new TestBuild(new FakePrograms({ docker: docker() }), SOURCE, { cluster: { name: 'kind-dev' } });
    await expect(build.run()).rejects.toThrow(`loading ${LOCAL} into the kind cluster dev with kind failed: it is not installed`);
  });

  test('elsewhere there has to be a registry', async () => {
    const build = new TestBuild(new FakePrograms({ docker: docker() }), SOURCE, { cluster: { name: 'production' } });
    await expect(build.run({ repository: undefined })).rejects.toThrow(
      'there is nowhere to push the image of web to; set builds: { registry: registry.example.com/acme } in platform.yaml',
    );
  });
});

describe('a build that fails', () => {
  test('shows its whole log, and says why', async () => {
    const script = onBuild('echo "STEP 1/2"; echo "Error: no such image" >&2; echo "see the docs" >&2; exit 125');
    const build = new TestBuild(new FakePrograms({ podman: script }), SOURCE);
    await expect(build.run()).rejects.toThrow('building web with podman failed: no such image');
    expect([...build.output].sort()).toEqual(['| Error: no such image', '| STEP 1/2', '| see the docs']);
  });

  test('because it could not push says so, even if the builder exits with 0', async () => {
    const build = new TestBuild(new FakePrograms({ buildah: 'exit 0' }), SOURCE);
    await expect(build.run()).rejects.toThrow(
      `pushing ${IMAGE} with buildah failed: the builder does not say which digest the image has in the registry`,
    );
  });

  test('by its timeout is stopped', async () => {
    const programs = new FakePrograms({ podman: onBuild('echo started; sleep 60') });
    const build = new TestBuild(programs, SOURCE, { clock: SYSTEM_CLOCK });
    await expect(build.run({ timeout: 1 })).rejects.toThrow(
      'building web with podman failed: it is not complete after 1 s; increase build.timeout',
    );
    expect(build.output).toEqual(['| started']);
  });

  test('by Ctrl-C is stopped, with all that the builder has started, and leaves no files', async () => {
    const script = onBuild(`
      (trap 'echo stopped > "$RECORDS/child"; exit' TERM; echo "$*" > "$RECORDS/ready"; while :; do sleep 0.1; done) &
      wait
    `);
    const programs = new FakePrograms({ podman: script });
    const controller = new AbortController();
    const result = new TestBuild(programs, SOURCE, { signal: controller.signal }).run();
    for (let i = 0; i < 200 && programs.read('ready') === ''; i++) await SYSTEM_CLOCK.sleep(20);
    controller.abort();
    await expect(result).rejects.toThrow('This operation was aborted');
    expect(programs.read('child')).toBe('stopped\n');
    expect(existsSync(programs.read('ready').trim().split(' ').at(-1)!)).toBe(false);
  });
});
