import { App, Chart } from 'cdk8s';
import { build as builtApp, Manifests, problems, synth as withImage } from '../synth';
import { Build, BuildStrategy, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const REVISION = '3f1d2c4b5a69788796a5b4c3d2e1f00f1e2d3c4b';
const source: Build = { git: 'https://github.com/acme/web', revision: REVISION, image: 'ghcr.io/acme/web' };

/** The props of an app that is built from source and so has no image. */
function synth(build: Partial<Build> = {}, platform: PlatformProps = {}, props: Partial<WebAppProps> = {}) {
  return withImage({ image: undefined, buildFrom: { ...source, ...build }, ...props }, platform);
}

describe('an app that is built from git', () => {
  const manifests = synth();
  const tag: string = manifests.container.image.split(':')[1];

  test('has a complete Build and BuildRun, written before everything else', () => {
    expect(manifests.list.slice(0, 2)).toEqual(['Build web', `BuildRun web-${tag}`]);
    const { spec } = manifests.get('Build');
    expect(spec).toEqual({
      source: { type: 'Git', git: { url: 'https://github.com/acme/web', revision: REVISION } },
      strategy: { kind: 'ClusterBuildStrategy', name: 'webapp-buildpacks' },
      output: { image: `ghcr.io/acme/web:${tag}` },
    });
    expect(manifests.get('BuildRun').spec).toEqual({ build: { spec } });
  });

  test('comes before a release command, which needs its image, in the sync waves of Argo CD', () => {
    const waves = (props: Partial<WebAppProps>) => Object.fromEntries(synth({}, { syncWaves: true }, props).all
      .map(({ kind, metadata }) => [kind, metadata.annotations['argocd.argoproj.io/sync-wave']]));
    expect(waves({ releaseCommand: { command: ['migrate'] } })).toMatchObject({ Build: '-2', BuildRun: '-2', Job: '-1', Deployment: '0' });
    expect(waves({})).toMatchObject({ Build: '0', BuildRun: '0', Deployment: '0' });
  });

  test('runs the image of the build', () => {
    expect(tag).toMatch(/^[0-9a-f]{10}$/);
    expect(manifests.container.image).toBe(`ghcr.io/acme/web:${tag}`);
  });

  test('is built once, because the same YAML has the same BuildRun', () => {
    const env = { A: '1', B: '2' };
    expect(synth({ env }).get('BuildRun')).toEqual(synth({ env: { B: '2', A: '1' } }).get('BuildRun'));
    expect(synth({}, {}, { port: 3000 }).get('BuildRun')).toEqual(manifests.get('BuildRun'));
  });

  test.each<[string, Partial<Build>]>([
    ['revision', { revision: 'f'.repeat(40) }],
    ['build variable', { env: { BP_NODE_VERSION: '22' } }],
    ['folder', { context: 'apps/web' }],
    ['push secret, because the previous build may have failed without it', { pushSecret: 'registry' }],
  ])('is built again as a new image with another %s', (_, change) => {
    const changed = synth(change);
    expect(changed.get('BuildRun').metadata.name).not.toBe(`web-${tag}`);
    expect(changed.container.image).not.toBe(manifests.container.image);
    expect(changed.get('Build').metadata.name).toBe('web');
  });

  test.each([
    ['$HOME', '$$HOME'], ['$(HOME)', '$$(HOME)'], ['$$', '$$$$'], ['a"b\\`\'', 'a"b\\`\''],
  ])('gets its variables as they are written, whatever Kubernetes replaces: %s', (value, written) => {
    expect(synth({ env: { A: value } }).get('BuildRun').spec.build.spec.env).toEqual([{ name: 'A', value: written }]);
  });

  test('supports all properties of a build', () => {
    const { spec } = synth({
      git: 'git@github.com:acme/web.git',
      strategy: BuildStrategy.DOCKERFILE,
      context: 'apps/web',
      dockerfile: 'deploy/Dockerfile',
      pushSecret: 'registry',
      gitSecret: 'github',
      env: { GOFLAGS: '-mod=mod' },
      timeout: '15m',
    }).get('Build');
    expect(spec).toEqual({
      source: {
        type: 'Git',
        git: { url: 'git@github.com:acme/web.git', revision: REVISION, cloneSecret: 'github' },
        contextDir: 'apps/web',
      },
      strategy: { kind: 'ClusterBuildStrategy', name: 'buildah-shipwright-managed-push' },
      paramValues: [{ name: 'dockerfile', value: 'deploy/Dockerfile' }],
      env: [{ name: 'GOFLAGS', value: '-mod=mod' }],
      timeout: '900s',
      output: { image: expect.stringMatching(/^ghcr\.io\/acme\/web:[0-9a-f]{10}$/), pushSecret: 'registry' },
    });
  });

  test.each([
    [BuildStrategy.BUILDPACKS, { buildpacks: 'team-buildpacks' }, 'team-buildpacks'],
    [BuildStrategy.DOCKERFILE, { dockerfile: 'buildkit' }, 'buildkit'],
  ])('uses the platform\'s build strategy for %s', (strategy, strategies, name) => {
    expect(synth({ strategy }, { builds: { strategies } }).get('Build').spec.strategy).toEqual({ kind: 'ClusterBuildStrategy', name });
  });

  describe('with the builds of a platform', () => {
    const { image, ...unnamed } = source;
    const builds = { registry: 'registry.example.com/acme', pushSecret: 'registry', namespace: 'builds' };
    const built = (namespace: string, own: Partial<Build> = {}) => {
      const app = new App();
      new Platform(app, 'platform', { domain: 'apps.example.com', builds });
      const chart = new Chart(app, namespace, { namespace });
      new WebApp(chart, 'web', { buildFrom: { ...unnamed, ...own } });
      return new Manifests(chart);
    };

    test('is pushed to its name in the registry, with the Secret of the platform', () => {
      const { output } = built('shop').get('Build').spec;
      expect(output).toEqual({ image: expect.stringMatching(/^registry\.example\.com\/acme\/web:[0-9a-f]{10}$/), pushSecret: 'registry' });
      expect(built('shop').container.image).toBe(output.image);
    });

    test('takes its own image and Secret rather than those of the platform', () => {
      const { output } = built('shop', { image: 'ghcr.io/acme/web', pushSecret: 'own' }).get('Build').spec;
      expect(output).toEqual({ image: expect.stringMatching(/^ghcr\.io\/acme\/web:/), pushSecret: 'own' });
    });

    test('is built in the namespace of the builds, by a name that an app of another namespace does not have', () => {
      const [first, second] = ['shop', 'other'].map(namespace => built(namespace));
      for (const objects of [first, second]) {
        for (const kind of ['Build', 'BuildRun']) expect(objects.get(kind).metadata.namespace).toBe('builds');
        const { metadata: { namespace } } = objects.get('Deployment');
        expect(objects.get('BuildRun').metadata.labels['cdk8s-webapp.dev/app-namespace']).toBe(namespace);
        expect(objects.get('Deployment').metadata.namespace).not.toBe('builds');
      }
      expect(first.get('Build').metadata.name).toBe('shop-web');
      expect(first.get('BuildRun').metadata.name).not.toBe(second.get('BuildRun').metadata.name);
    });

    test('has to name its image where the platform has no registry', () => {
      expect(problems({ image: undefined, buildFrom: unnamed })).toEqual([
        'WebApp "web": buildFrom.image is missing; set it to a repository such as ghcr.io/acme/web, or set builds.registry of the Platform',
      ]);
    });
  });

  test('causes a warning if the revision is mutable', () => {
    const warnings = (revision: string) =>
      builtApp({ image: undefined, buildFrom: { ...source, revision } }).web.node.metadata.map(({ data }) => data);
    expect(warnings(REVISION)).toEqual([]);
    expect(warnings('main')).toEqual(['buildFrom.revision "main" is mutable, and new commits are not built; use a commit\'s full hash']);
  });

  test.each<[string, Partial<Build>, string, string[]]>([
    ['white space', { env: { BP_MAVEN_BUILD_ARGUMENTS: '-B package' } }, 'buildpacks-v3', ['BP_MAVEN_BUILD_ARGUMENTS']],
    ['a second =', { env: { A: 'b=c', B: 'c' } }, 'buildpacks-v3-heroku', ['A']],
    ['neither', { env: { A: '$b' } }, 'buildpacks-v3', []],
    ['white space, which another strategy may pass on', { env: { A: 'b c' } }, 'own', []],
    ['white space, which does not matter for a Dockerfile', { env: { A: 'b c' }, strategy: BuildStrategy.DOCKERFILE }, 'buildpacks-v3', []],
  ])('causes a warning if Shipwright\'s buildpacks cut a variable: %s', (_, own, buildpacks, variables) => {
    const props = { image: undefined, buildFrom: { ...source, ...own }, security: { readOnlyRoot: false } };
    const { web } = builtApp(props, { builds: { strategies: { buildpacks } } });
    expect(web.node.metadata.map(({ data }) => data)).toEqual(variables.map(name => (
      `buildFrom.env.${name} has white space or =, and Shipwright's own ${buildpacks} passes on only what is before it; `
        + 'set builds.strategies.buildpacks of the Platform to webapp-buildpacks')));
  });

  describe("by Shipwright's own buildpacks, which put the program below /tmp of the image,", () => {
    const platform = { builds: { strategies: { buildpacks: 'buildpacks-v3' } } };
    const app = { image: undefined, buildFrom: source };

    test.each<[string, Partial<WebAppProps>]>([
      ['has a /tmp of its own by default', {}],
      ['mounts a volume there', { security: { readOnlyRoot: false }, volumes: { scratch: { path: '/tmp', size: '1Gi' } } }],
    ])('is an error where the app %s', (_, props) => {
      expect(problems({ ...app, ...props }, platform)).toEqual([
        'WebApp "web": buildFrom is built by Shipwright\'s own buildpacks-v3, which puts the program below /tmp of the image, where the '
          + 'app mounts a volume; set builds.strategies.buildpacks of the Platform to webapp-buildpacks, which webapp setup --with builds '
          + 'installs, or set security.readOnlyRoot to false',
      ]);
    });

    test.each<[string, Partial<WebAppProps>, PlatformProps]>([
      ['the root is writable, and nothing is mounted there', { security: { readOnlyRoot: false } }, platform],
      ['a Dockerfile builds it', { buildFrom: { ...source, strategy: BuildStrategy.DOCKERFILE } }, platform],
      ['all processes have images of their own', { web: false, workers: { a: { image: 'ghcr.io/acme/a:1' } } }, platform],
      ['the platform has another strategy', {}, { builds: { strategies: { buildpacks: 'own' } } }],
    ])('is valid where %s', (_, props, of) => {
      expect(problems({ ...app, ...props }, of)).toEqual([]);
    });
  });

  test.each<[object, PlatformProps, string[]]>([
    [
      { image: undefined, buildFrom: { ...source, env: { A: 'a $(params.shp-output-image)', B: '$(HOME)' } } },
      {},
      ['buildFrom.env.A is "a $(params.shp-output-image)", of which Tekton replaces $(…); write the value without it'],
    ],
    [{ image: undefined }, {}, ['image is missing; set image to a reference such as ghcr.io/acme/web:1.4.2, or set buildFrom']],
    [{ buildFrom: source }, {}, ['buildFrom cannot be combined with image; remove one of them']],
    [
      { image: undefined, buildFrom: { ...source, image: 'ghcr.io/acme/web:1' } },
      {},
      ['buildFrom.image is "ghcr.io/acme/web:1", which has a tag; use ghcr.io/acme/web'],
    ],
    [
      { image: undefined, buildFrom: { ...source, image: `ghcr.io/acme/web@sha256:${'a'.repeat(64)}` } },
      {},
      [expect.stringContaining('which has a digest; use ghcr.io/acme/web')],
    ],
    [
      { image: undefined, buildFrom: { ...source, git: 'github.com/acme/web' } },
      {},
      [
        'buildFrom.git is "github.com/acme/web", which is not a valid URL of a git repository; '
          + 'use a URL such as https://github.com/acme/web or git@github.com:acme/web.git',
      ],
    ],
    [
      { image: undefined, buildFrom: { ...source, git: 'https://me:token@github.com/acme/web' } },
      {},
      ['buildFrom.git contains a user or a password; remove it from the URL, and use gitSecret'],
    ],
    [
      { image: undefined, buildFrom: { ...source, revision: '-x' } },
      {},
      ['buildFrom.revision is "-x", which is not a valid revision; use the full hash of a commit, or the name of a branch or tag'],
    ],
    [
      { image: undefined, buildFrom: { ...source, context: '../web' } },
      {},
      ['buildFrom.context is "../web", which is not a path inside the repository; use a path without a leading slash, such as apps/web'],
    ],
    [
      { image: undefined, buildFrom: { ...source, dockerfile: 'Dockerfile' } },
      {},
      ['buildFrom.dockerfile has no effect with buildpacks; set strategy: dockerfile, or remove it'],
    ],
    [
      { image: undefined, buildFrom: source, releaseCommand: { command: ['migrate'] } },
      { helmHooks: true },
      [
        'releaseCommand is a hook, which Helm runs before it starts the build of buildFrom; '
          + 'set image to one that your pipeline builds, or remove helmHooks from the Platform',
      ],
    ],
    [
      { image: undefined, buildFrom: source, name: 'a'.repeat(53) },
      {},
      ['name has 53 characters, but an app with buildFrom also needs it in longer names; use at most 52'],
    ],
  ])('%j with the platform %j is an error', (props, platform, expected) => {
    expect(problems(props, platform)).toEqual(expected.map(text => typeof text === 'string' ? `WebApp "web": ${text}` : text));
  });
});
