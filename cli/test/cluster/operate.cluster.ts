import { AppFolder, ended } from './in-cluster';
import { eventually, get, kubectl, pods, server, temporaryNamespace } from '../../../test/cluster/cluster';

const json = (text: string) => JSON.parse(text);

describe('for an app that is deployed', () => {
  const namespace = temporaryNamespace('operate');
  const app = new AppFolder(namespace, { scaling: { min: 1 }, env: { GREETING: 'hello' } });
  beforeAll(async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
  });

  test('diff prints nothing', async () => {
    expect(await app.call('diff')).toMatchObject({ code: 0, out: '' });
  });

  test('diff prints what a deploy would change, and exits with code 2', async () => {
    const changed = new AppFolder(namespace, { scaling: { min: 1 }, env: { GREETING: 'bye' }, files: { '/etc/motd': 'x' } });
    const { code, out } = await changed.call('diff');
    expect(code).toBe(2);
    expect(out).toMatch(/create ConfigMap web/);
    expect(out).toMatch(/change Deployment web in namespace [^]*- +value: hello\n\+ +value: bye/);
    expect(out).not.toContain('managedFields');
  });

  test('status prints its processes, its release and its URL', async () => {
    const { code, out } = await app.call('status');
    expect(code).toBe(0);
    expect(out).toMatch(/^web .*1/m);
    expect(json((await app.call('status', '--output', 'json')).out)).toMatchObject({
      processes: [{ state: 'ready' }],
      serving: 1,
      url: `http://web.${namespace}.example.com`,
    });
  });

  test('status needs no file if its arguments name the app', async () => {
    expect(await new AppFolder('elsewhere').call('status', 'web', '--file', 'none', '--namespace', namespace)).toMatchObject({ code: 0 });
  });

  test('open prints its URL', async () => {
    expect(await app.call('open')).toMatchObject({ code: 0, out: `http://web.${namespace}.example.com\n` });
  });

  test('run executes a command in its environment, exits with the code of the command, and leaves nothing behind', async () => {
    const { code, out } = await app.call('run', '--', 'sh', '-c', 'echo $GREETING from $PORT; exit 7');
    expect({ code, out }).toEqual({ code: 7, out: 'hello from 8080\n' });
    await eventually(() => kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'name']), names => names === '');
  });

  test('logs prints its log, and follows it with -f until Ctrl-C', async () => {
    const command = server('"yes"', 'console.log("request for " + request.url);')
      .map(code => code.replace('const server', 'console.log("started"); const server'));
    const logging = new AppFolder(namespace, { scaling: { min: 1 }, command });
    expect(await logging.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    await eventually(() => pods(namespace, 'web').length, count => count === 1);
    expect(await logging.call('logs')).toMatchObject({ code: 0, out: expect.stringMatching(/^started\n(request for \/\n)*$/) });
    expect(await logging.call('logs', '--worker', 'none')).toMatchObject({ code: 1, err: expect.stringContaining('web-none') });
    const child = logging.start('logs', '-f');
    await new Promise(resolve => setTimeout(resolve, 3000));
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    await ended(child);
  });

  test('scale lasts until the next deploy', async () => {
    const { code, err } = await app.call('scale', '--min', '2', '--max', '3');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(get(namespace, 'scaledobject', 'web').spec).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 3 });
    expect(await app.call('scale', '--min', '9')).toMatchObject({ code: 1, err: expect.stringContaining('--min 9') });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(get(namespace, 'scaledobject', 'web').spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 10 });
  });
});
