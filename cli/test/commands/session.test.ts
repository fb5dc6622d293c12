import { call } from '../call';
import { Folder } from '../folder';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';

/** A folder with an app, and a cluster in memory. */
class Session {
  private readonly cluster = new TestCluster();
  private readonly folder = new Folder({ 'webapp.yaml': 'name: web\nimage: ghcr.io/acme/web:1.4.2\nhosts: [web.example.com]\n' });

  constructor() {
    runControllers(this.cluster, { brokenImages: { 'ghcr.io/acme/wbe:1.6.0': IMAGE_NOT_FOUND } });
    this.cluster.api.proxy = () => response(200, 'hello', { 'x-keda-http-cold-start': 'false' });
  }

  /** The output of a command, and its exit code unless it is 0. */
  public async run(line: string): Promise<string> {
    const { code, out, err } = await call(line.split(' ').slice(1), { cwd: this.folder.path, cluster: this.cluster });
    return `${err}${out}${code === 0 ? '' : `exit code ${code}\n`}`;
  }

  public names(): string[] {
    return this.cluster.api.names('web', ['Pod', 'ReplicaSet']); // the garbage collector removes those
  }
}

describe('webapp', () => {
  const session = new Session();

  test('deploys an app, and prints what happened', async () => {
    expect(await session.run('webapp deploy --namespace web --create-namespace')).toBe(`\
web in namespace web of test
✓ Created namespace web
✓ Applied 9 objects
✓ web is ready (1/1 replicas)
✓ GET / returned 200
✓ Deployed release 1
URL: http://web.example.com
`);
  });

  test('prints why a new version fails to start, and which release is serving traffic', async () => {
    expect(await session.run('webapp deploy --namespace web --image ghcr.io/acme/wbe:1.6.0')).toBe(`\
web in namespace web of test
✓ Applied 9 objects
✗ web failed to start: cannot pull image ghcr.io/acme/wbe:1.6.0 (not found)
  check its name and tag, that it was pushed, and that the cluster may pull it (webapp registry login)
Release 1 is still serving traffic
exit code 1
`);
  });

  test('rolls back to an earlier release', async () => {
    await session.run('webapp deploy --namespace web --image ghcr.io/acme/web:1.5.0');
    expect(await session.run('webapp rollback --namespace web')).toContain('✓ Deployed release 4 (rollback to 1)\n');
  });

  test('removes the app, and leaves nothing behind', async () => {
    expect(await session.run('webapp destroy --namespace web --yes')).toMatch(/^✓ Removed web \(9 objects\)$/m);
    expect(session.names()).toEqual([]);
  });
});
