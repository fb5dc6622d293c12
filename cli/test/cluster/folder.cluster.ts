import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createAccount, DOCUMENTED, DOCUMENTED_BUILD, kubeconfigOf } from './account';
import { ended } from './in-cluster';
import {
  describeBuilds, eventually, get, IMAGE, kubectl, REGISTRY, SHORT_LIVED, temporaryNamespace, wake,
} from '../../../test/cluster/cluster';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';

const APP = (answer: string) => `require('http').createServer((_, response) => response.end('${answer}')).listen(process.env.PORT);
process.on('SIGTERM', () => process.exit());
`;
const dockerfile = (...lines: string[]) => [`FROM ${IMAGE}`, ...lines, 'COPY . /app', 'ENTRYPOINT ["node", "/app/server.js"]'].join('\n');

describeBuilds()('webapp deploy of a folder', () => {
  const namespace = temporaryNamespace('folder');
  // The pods of a build are not restricted.
  const builds = temporaryNamespace('builds');
  const name = `folder-${namespace.slice(-6)}`;
  const platform = {
    domain: `${namespace}.example.com`,
    builds: { registry: REGISTRY, namespace: builds, strategies: { dockerfile: 'buildkit' } },
  };
  const app = { name, namespace, size: 'xs', scaling: { replicas: 1 }, health: SHORT_LIVED };
  const folder = new Folder({
    'webapp.yaml': JSON.stringify(app),
    'platform.yaml': JSON.stringify(platform),
    'Dockerfile': dockerfile(),
    'server.js': APP('one'),
    '.dockerignore': 'node_modules\n',
    'node_modules/large': 'x',
  });
  const webapp = async (...words: string[]): Promise<Called> => call(words, { cwd: folder.path, env: process.env });
  const start = (...words: string[]) => (
    spawn(process.execPath, [join(__dirname, '../../lib/main.mjs'), ...words], { cwd: folder.path, stdio: 'ignore' }));
  const runs = (): any[] => JSON.parse(kubectl(['get', 'buildruns', '--namespace', builds, '--output', 'json'])).items;
  const image = () => get(namespace, 'deployment', name).spec.template.spec.containers[0].image;
  const answer = async () => (await wake(namespace, `http://${name}/`)).body;
  /** Waits for the answer of a new version: the pod of the one before it may still be asked until it has ended. */
  const answers = async (body: string) => eventually(answer, found => found === body);

  beforeAll(() => {
    kubectl(['label', 'namespace', builds, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']);
  });

  test('does not build what the cluster would reject', async () => {
    const spec = { hard: { 'count/services': '0' } };
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace }, spec };
    kubectl(['apply', '--filename', '-'], JSON.stringify(quota));
    await eventually(() => get(namespace, 'resourcequota', 'few').status, status => status?.hard !== undefined);
    const { code, err } = await webapp('deploy');
    kubectl(['delete', 'resourcequota', 'few', '--namespace', namespace]);
    expect({ code, runs: runs() }).toEqual({ code: 1, runs: [] });
    expect(err).toMatch(/Service \S+: the quota of namespace \S+ would be exceeded/);
  });

  test('builds it in the cluster, and runs the image by its digest', async () => {
    const { code, err } = await webapp('deploy');
    const order = /\(Dockerfile\) in the cluster\n✓ Uploaded 3 files [^]*✓ Built \S+ \(sha256:\w{12}\) in \d+ s\n✓ Applied/;
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(order) });
    expect(image()).toMatch(new RegExp(`^${REGISTRY}/${name}@sha256:[0-9a-f]{64}$`));
    expect(await answer()).toBe('one');
  });

  test('builds nothing if nothing has changed, and a new image after a change of a line', async () => {
    const before = image();
    expect(await webapp('deploy')).toMatchObject({ code: 0, err: expect.stringContaining('✓ Found') });
    expect([image(), runs().length]).toEqual([before, 1]);
    folder.write('server.js', APP('two'));
    expect(await webapp('diff')).toMatchObject({ code: 2, err: expect.stringContaining('would be built') });
    expect(await webapp('deploy')).toMatchObject({ code: 0 });
    expect(image()).not.toBe(before);
    await answers('two');
    expect((await webapp('logs', '--build')).out).toContain('COPY . /app');
    expect((await webapp('builds')).out.split('\n').length).toBe(4);
  });

  test('shows the log of a build that fails, and changes nothing', async () => {
    folder.write('Dockerfile', dockerfile('RUN echo there is no script build && exit 3'));
    const { code, err } = await webapp('deploy');
    expect(err).toMatch(/\| .*there is no script build/);
    expect(err).toMatch(/✗ the build of \S+ failed: step build-and-push exited with code \d+\nnothing was changed\n$/);
    expect(code).toBe(1);
    expect(await answer()).toBe('two');
  });

  test('continues where one was killed that had not sent the source, or was building', async () => {
    folder.write('Dockerfile', dockerfile('RUN sleep 5'));
    folder.write('server.js', APP('three'));
    const before = runs().length;
    const first = start('deploy');
    await eventually(runs, found => found.length > before);
    first.kill('SIGKILL');
    await ended(first);
    const second = start('deploy');
    const steps = (): any[] => JSON.parse(kubectl(['get', 'pods', '--namespace', builds, '--output', 'json'])).items
      .filter(({ status }: any) => status.phase === 'Running').flatMap(({ status }: any) => status.containerStatuses);
    const hasSource = (found: any[]) => found.some(step => step.name === 'step-source-local' && step.state.terminated?.exitCode === 0);
    await eventually(steps, hasSource, 120);
    second.kill('SIGKILL');
    await ended(second);
    const { code, err } = await webapp('deploy');
    expect({ code, err }).toMatchObject({ code: 0 });
    await answers('three');
    expect(runs().filter(({ status }) => status.conditions[0].status !== 'True').length).toBe(1);
  });

  test('passes on the stage, build arguments as they are, and secrets, whose values are not in the log', async () => {
    const [price, token] = ['$1 "net" `id` \\ $(HOME)', `token-${name}`];
    kubectl(['create', 'secret', 'generic', 'tokens', '--namespace', builds, `--from-literal=npm=${token}`]);
    const secrets = { token: { secret: 'tokens', key: 'npm' } };
    const build = { target: 'web', env: { PRICE: price }, secrets, platforms: ['linux/amd64'] };
    folder.write('webapp.yaml', JSON.stringify({ ...app, build }));
    folder.write('server.js', APP("' + process.getBuiltinModule('fs').readFileSync('/app/price') + '"));
    folder.write('Dockerfile', `FROM ${IMAGE} AS web
USER 0
ARG PRICE
RUN --mount=type=secret,id=token mkdir /app && printf %s "$PRICE" > /app/price && sha256sum /run/secrets/token
COPY . /app
USER 65534
ENTRYPOINT ["node", "/app/server.js"]
FROM web AS other
RUN exit 7
`);
    const { code, err } = await webapp('deploy');
    expect({ code, err }).toMatchObject({ code: 0 });
    await answers(price);
    const { out } = await webapp('logs', '--build');
    expect(out).toContain(createHash('sha256').update(token).digest('hex'));
    expect(out).not.toContain(token);
  });

  test('builds once where two deploys start at once, of which one deploys', async () => {
    folder.write('server.js', APP('four'));
    const before = runs().length;
    const both = await Promise.all([webapp('deploy'), webapp('deploy')]);
    const failed = both.filter(({ code }) => code !== 0);
    for (const { err } of failed) expect(err).toMatch(/is being deployed by|another deploy of \S+ has just started/);
    expect([failed.length < 2, runs().length]).toEqual([true, before + 1]);
    await answers('four');
  });

  test('removes its builds with the app', async () => {
    expect(await webapp('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(runs()).toEqual([]);
  });
});

describeBuilds()('an account with the permissions in docs/deploy.md', () => {
  const namespace = temporaryNamespace('account');
  const builds = temporaryNamespace('builds');
  const folder = new Folder({
    'webapp.yaml': JSON.stringify({ name: 'web', namespace, size: 'xs', scaling: { replicas: 1 }, health: SHORT_LIVED }),
    'platform.yaml': JSON.stringify({
      domain: 'example.com', builds: { registry: `${REGISTRY}/${namespace}`, namespace: builds, strategies: { dockerfile: 'buildkit' } },
    }),
    'Dockerfile': dockerfile(),
    'server.js': APP('one'),
  });
  const webapp = async (line: string) => (
    call([...line.split(' '), '--kubeconfig', kubeconfigOf(namespace, 'deployer')], { cwd: folder.path, env: process.env }));
  const names = () => kubectl(['get', 'buildruns', '--namespace', builds, '--output', 'name']);
  const allow = (...rules: Parameters<typeof createAccount>[2][]) => createAccount(namespace, 'deployer', rules.flat(), builds);

  beforeAll(() => {
    kubectl(['label', 'namespace', builds, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']);
    createAccount(namespace, 'deployer', DOCUMENTED);
  });

  test('is told what it lacks, and no build is left', async () => {
    allow(DOCUMENTED_BUILD.filter(({ resources }) => !resources.includes('pods/exec')));
    const { code, err } = await webapp('deploy');
    const message = `you are not allowed to get, create pods/exec in namespace ${builds}, which a build of a folder needs`;
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(message) });
    await eventually(names, found => found === '');
  });

  test('builds and deploys a folder, lists its builds, and removes them with the app', async () => {
    allow(DOCUMENTED_BUILD);
    expect(await webapp('deploy')).toMatchObject({ code: 0 });
    expect(await webapp('builds')).toMatchObject({ code: 0, out: expect.stringContaining('complete') });
    expect(await webapp('logs --build')).toMatchObject({ code: 0, out: expect.stringContaining('COPY . /app') });
    expect(await webapp('destroy --yes')).toMatchObject({ code: 0 });
    await eventually(names, found => found === '');
  });
});

describeBuilds()('webapp deploy of a folder in a restricted namespace', () => {
  const namespace = temporaryNamespace('strict');

  test('says that builds need a namespace of their own', async () => {
    const folder = new Folder({
      'webapp.yaml': JSON.stringify({ name: 'web', namespace }),
      'platform.yaml': JSON.stringify({ domain: 'example.com', builds: { registry: REGISTRY, strategies: { dockerfile: 'buildkit' } } }),
      'Dockerfile': dockerfile(),
      'server.js': APP('one'),
    });
    const { code, err } = await call(['deploy'], { cwd: folder.path, env: process.env });
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('set builds.namespace in platform.yaml to one that') });
  });
});
