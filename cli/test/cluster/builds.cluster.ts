import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppFolder } from './in-cluster';
import { describeBuilds, get, IMAGE, kubectl, REGISTRY, server, SHORT_LIVED, temporaryNamespace } from '../../../test/cluster/cluster';

const PROBE = { tcpSocket: { port: 8080 }, periodSeconds: 1 };

/** A git repository: each Dockerfile is a commit. */
class Repository {
  private readonly path = mkdtempSync(join(tmpdir(), 'repository-'));

  constructor() {
    this.git('init', '--quiet', '--initial-branch', 'main');
  }

  /** @returns the hash of the commit */
  public commit(...dockerfile: string[]): string {
    writeFileSync(join(this.path, 'Dockerfile'), dockerfile.join('\n'));
    this.git('add', '--all');
    this.git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'change');
    return this.git('rev-parse', 'HEAD').trim();
  }

  /** Serves the repository from a pod as static files: git can clone it from any web server. */
  public serve(namespace: string): void {
    this.git('update-server-info');
    const root = join(this.path, '.git');
    const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(path => !path.startsWith('hooks') && statSync(join(root, path)).isFile());
    const files = Object.fromEntries(paths.map(path => [`/app/${path}`, readFileSync(join(root, path), 'base64')]));
    const program = `const files = ${JSON.stringify(files)}; require('http').createServer(({ url }, response) => {
      const file = files[url.split('?')[0]];
      response.writeHead(file ? 200 : 404).end(Buffer.from(file ?? '', 'base64'));
    }).listen(8080); process.on('SIGTERM', () => process.exit());`;
    const labels = { app: 'git' };
    kubectl(['apply', '--filename', '-'], JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'git', namespace }, spec: { selector: labels, ports: [{ port: 8080 }] } },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'git', namespace, labels },
          spec: { containers: [{ name: 'git', image: IMAGE, command: ['node', '-e', program], readinessProbe: PROBE }] },
        },
      ],
    }));
    kubectl(['wait', '--for=condition=Ready', 'pod/git', '--namespace', namespace, '--timeout=60s']);
    rmSync(this.path, { recursive: true });
  }

  private git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.path, encoding: 'utf8' });
  }
}

describeBuilds()('webapp deploy of an app that the cluster builds', () => {
  const namespace = temporaryNamespace('builds');
  const repository = new Repository();
  const revisions = {
    good: repository.commit(`FROM ${IMAGE}`, `RUN echo building ${Date.now()}`),
    broken: repository.commit(`FROM ${IMAGE}`, 'RUN echo there is no script build && exit 3'),
    next: repository.commit(`FROM ${IMAGE}`, `RUN echo building next ${Date.now()}`),
  };
  const app = (revision: string) => new AppFolder(namespace, {
    image: undefined,
    buildFrom: { git: `http://git.${namespace}.svc:8080/app`, revision, strategy: 'dockerfile', image: `${REGISTRY}/built-${namespace}` },
    scaling: { replicas: 1 },
    size: 'xs',
    command: server('"hello"'),
    health: SHORT_LIVED,
  }, { builds: { strategies: { dockerfile: 'buildkit' } } });
  const runs = (): any[] => JSON.parse(kubectl(['get', 'buildruns', '--namespace', namespace, '--output', 'json'])).items;
  const image = () => get(namespace, 'deployment', 'web').spec.template.spec.containers[0].image;
  let first: string;

  beforeAll(() => {
    // BuildKit is privileged.
    kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']);
    repository.serve(namespace);
  });

  test('waits for the build before it applies any object', async () => {
    const { code, err } = await app(revisions.good).call('deploy');
    const order = /✓ Started the build of [^]*✓ Built .* in \d+ s\n✓ Applied/;
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(order) });
    const [{ status }] = runs();
    expect(get(namespace, 'deployment', 'web').metadata.creationTimestamp >= status.completionTime).toBe(true);
    first = image();
  });

  test('prints the log of a build that fails, and does not change the app', async () => {
    const { code, err } = await app(revisions.broken).call('deploy');
    expect(err).toMatch(/\| .*there is no script build/);
    expect(err).toMatch(/✗ the build of .* failed: step build-and-push exited with code \d+\nRelease 1 is still serving traffic/);
    expect(code).toBe(1);
    expect(image()).toBe(first);
  });

  test('deploys an app that a pipeline has applied, whose pods are waiting for the image', async () => {
    const { out } = await app(revisions.next).call('synth');
    kubectl(['apply', '--server-side', '--field-manager', 'webapp', '--filename', '-'], out);
    const { code, err } = await app(revisions.next).call('deploy');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/✓ Found the build of [^]*✓ web is ready/) });
    expect(image()).not.toBe(first);
  });

  test('builds a revision only once, and keeps its build', async () => {
    const uids = runs().map(({ metadata }) => metadata.uid).sort();
    expect(await app(revisions.good).call('deploy')).toMatchObject({ code: 0, err: expect.stringContaining('✓ Skipped the build of') });
    expect(image()).toBe(first);
    expect(runs().map(({ metadata }) => metadata.uid).sort()).toEqual(uids);
  });

  test('deletes the builds when the app is destroyed', async () => {
    expect(await app(revisions.good).call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(runs()).toEqual([]);
  });
});
