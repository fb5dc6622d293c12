import { DEPLOYMENT, POD } from '../../src/kube/types';
import type { World } from '../../src/ui/world';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { deployment, TestCluster } from '../kube/test-cluster';

const folder = new Folder({ 'webapp.yaml': 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n' });

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
  await cluster.apply(deployment('web:1'));
  put('web-1', 'web', 'GET /\nGET /cart Timeout\n');
});

/** A pod of a process, with its log. */
function put(name: string, component: string, log: string, restartCount = 0): void {
  const { matchLabels } = cluster.api.find(DEPLOYMENT, 'web')!.spec.selector;
  const labels = { ...component === 'web' ? matchLabels : {}, 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': component };
  const status = { containerStatuses: [{ name: 'main', restartCount, state: { running: {} } }] };
  cluster.api.put({ ...POD, metadata: { name, namespace: 'shop', labels }, spec: { containers: [{ name: 'main' }] }, status } as never);
  cluster.api.logs.set(`${name}/main`, log);
}

const run = async (line: string, world: Partial<World> = {}): Promise<Called> => (
  call(line.split(' '), { cwd: folder.path, cluster, ...world }));

describe('webapp logs', () => {
  test('prints those of the web process', async () => {
    put('web-mailer-1', 'mailer', 'sent\n');
    expect(await run('logs')).toEqual({ code: 0, err: '', out: 'GET /\nGET /cart Timeout\n' });
  });

  test('prints those of all processes with --all, each line with its pod', async () => {
    put('web-mailer-1', 'mailer', 'sent\n');
    expect((await run('logs --all')).out.split('\n').sort()).toEqual(
      ['', 'web-1 GET /', 'web-1 GET /cart Timeout', 'web-mailer-1 sent']);
  });

  test('colors the pods by process', async () => {
    put('web-mailer-1', 'mailer', 'sent\n');
    put('web-mailer-2', 'mailer', 'sent\n');
    const { out } = await run('logs --all', { color: { out: true, err: false } });
    const colors = new Map([...out.matchAll(/\u001b\[(\d+)m(web\S*)\u001b/g)].map(([, color, name]) => [name, color]));
    expect(colors.get('web-mailer-1')).toBe(colors.get('web-mailer-2'));
    expect(colors.get('web-mailer-1')).not.toBe(colors.get('web-1'));
  });

  test('prints the lines that match --grep', async () => {
    expect((await run('logs --grep timeout|panic')).out).toBe('GET /cart Timeout\n');
  });

  test('prints the lines that are older than --until', async () => {
    put('web-1', 'web', '2025-12-31T23:50:00.5Z early\n2025-12-31T23:58:00Z late\n');
    expect((await run('logs --until 5m')).out).toBe('early\n');
  });

  test('goes on with a container that is started again', async () => {
    let stop = () => {};
    cluster.clock.after(5, () => put('web-1', 'web', 'started again\n', 1));
    cluster.clock.after(10, () => stop());
    const { out } = await run('logs --follow', { onInterrupt: listener => (stop = listener, () => {}) });
    expect(out).toBe('web-1 GET /\nweb-1 GET /cart Timeout\nweb-1 started again\n');
  });

  test.each([
    ['--all --worker mailer', '--all cannot be combined with --worker'],
    ['--follow --until 5m', '--until cannot be combined with --follow'],
  ])('does not take %s', async (flags, message) => {
    expect(await run(`logs ${flags}`)).toMatchObject({ code: 1, err: expect.stringContaining(message) });
  });

  test('does not take a pattern that is not valid', async () => {
    expect(await run('logs --grep (')).toMatchObject({ code: 64, err: expect.stringContaining('Write a regular expression') });
  });
});
