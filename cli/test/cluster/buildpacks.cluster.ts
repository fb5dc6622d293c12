import { cpSync } from 'node:fs';
import { join } from 'node:path';
import {
  describeBuildpacks, eventually, get, IMAGE, kubectl, LIFECYCLE, REGISTRY, SHORT_LIVED, temporaryNamespace, wake,
} from '../../../test/cluster/cluster';
import { buildpacksStrategy } from '../../src/setup/buildpacks';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';

const EXIT = "process.on('SIGTERM', () => process.exit());\n";

/** Answers with what it sees. */
const SERVER = (version: string) => `const { writeFileSync } = require('node:fs');
const writes = path => {
  try {
    writeFileSync(path, '');
    return true;
  } catch ({ code }) {
    return code;
  }
};
require('node:http').createServer((_, response) => response.end(JSON.stringify({
  version: '${version}',
  built: require('./built.json'),
  user: [process.getuid(), process.getgid()],
  folder: process.cwd(),
  mode: process.env.NODE_ENV,
  writes: [writes('/tmp/file'), writes('file')],
}))).listen(process.env.PORT);
${EXIT}`;

describeBuildpacks()('webapp deploy of a folder without a Dockerfile', () => {
  const namespace = temporaryNamespace('buildpacks');
  const builds = temporaryNamespace('builds');
  const name = `packs-${namespace.slice(-6)}`;
  const strategy = `buildpacks-${namespace.slice(-6)}`;
  const platform = JSON.stringify({
    domain: `${namespace}.example.com`,
    builds: { registry: REGISTRY, namespace: builds, strategies: { buildpacks: strategy, dockerfile: 'buildkit' } },
  });
  const message = 'two  words, "quotes", $HOME and a=b';
  const folder = new Folder({
    'platform.yaml': platform,
    'webapp.yaml': JSON.stringify({
      name,
      namespace,
      size: 'xs',
      scaling: { replicas: 1 },
      health: SHORT_LIVED,
      build: { env: { MESSAGE: message } },
      releaseCommand: { command: ['launcher', 'runtime release.js'] },
      workers: { worker: { command: ['/cnb/process/worker'] } },
    }),
    'package.json': JSON.stringify({ scripts: { build: 'node build.js', start: 'node absent.js' } }),
    'Procfile': 'web: node server.js\nworker: runtime worker.js\n',
    'build.js': "require('node:fs').writeFileSync('built.json', JSON.stringify(process.env.MESSAGE));\n",
    'release.js': "if (process.env.NODE_ENV !== 'production') throw new Error('not by the launcher');\n",
    'server.js': SERVER('one'),
    'worker.js': `console.log('working in', process.env.NODE_ENV);\nsetInterval(() => {}, 1000);\n${EXIT}`,
  });
  const webapp = async (...words: string[]): Promise<Called> => call(words, { cwd: folder.path, env: process.env });
  const image = () => get(namespace, 'deployment', name).spec.template.spec.containers[0].image;
  const answer = async () => JSON.parse((await wake(namespace, `http://${name}/`)).body);

  beforeAll(async () => {
    kubectl(['label', 'namespace', builds, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']);
    const builder = new Folder({
      'webapp.yaml': JSON.stringify({ name: `builder-${name}`, namespace, build: { env: { BASE: IMAGE } } }),
      'platform.yaml': platform,
    });
    for (const from of [join(__dirname, 'buildpacks'), LIFECYCLE!]) cpSync(from, builder.path, { recursive: true });
    const { code, out, err } = await call(['build'], { cwd: builder.path, env: process.env });
    expect({ code, err }).toMatchObject({ code: 0 });
    kubectl(['apply', '--filename', '-'], JSON.stringify(buildpacksStrategy({ name: strategy, builder: out.trim() })));
  });

  afterAll(() => {
    kubectl(['delete', 'clusterbuildstrategy', strategy, '--ignore-not-found']);
  });

  test('builds it with the strategy of webapp setup, and starts the processes of its Procfile', async () => {
    const { code, err } = await webapp('deploy');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(err).toContain('(buildpacks, as it has Procfile) in the cluster\n✓ Uploaded 6 files ');
    expect(err).toMatch(/✓ Built \S+ \(sha256:\w{12}\) in \d+ s\n✓ Ran the release command\n✓ Applied/);
    expect(image()).toMatch(new RegExp(`^${REGISTRY}/${name}@sha256:[0-9a-f]{64}$`));
    expect(await answer()).toEqual({
      version: 'one', built: message, user: [1000, 1000], folder: '/workspace/source', mode: 'production', writes: [true, 'EROFS'],
    });
    const log = () => kubectl(['logs', `deployment/${name}-worker`, '--namespace', namespace]);
    expect(await eventually(log, text => text !== '')).toBe('working in production\n');
  });

  test('builds nothing if nothing has changed, and a new image after a change of a line', async () => {
    const before = image();
    expect(await webapp('deploy')).toMatchObject({ code: 0, err: expect.stringContaining('✓ Found') });
    expect(image()).toBe(before);
    folder.write('server.js', SERVER('two'));
    expect(await webapp('deploy')).toMatchObject({ code: 0 });
    expect(await answer()).toMatchObject({ version: 'two' });
    expect((await webapp('logs', '--build')).out).toMatch(/Restoring data for "node:runtime" from cache\n[^]*Reusing layer 'node:runtime'/);
  });

  test('shows the log of a build that fails, and changes nothing', async () => {
    folder.write('build.js', "throw new Error('there is no such module');\n");
    const { code, err } = await webapp('deploy');
    expect(err).toMatch(/\| .*there is no such module/);
    expect(err).toMatch(/✗ the build of \S+ failed: step build-and-push exited with code \d+\nnothing was changed\n$/);
    expect(code).toBe(1);
    expect(await answer()).toMatchObject({ version: 'two' });
  });
});
