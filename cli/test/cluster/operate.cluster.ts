import { AppFolder, ended } from './in-cluster';
import { eventually, get, kubectl, pods, server, temporaryNamespace } from '../../../test/cluster/cluster';

const json = (text: string) => JSON.parse(text);

describe('an app that is deployed', () => {
  const namespace = temporaryNamespace('operate');
  const app = new AppFolder(namespace, { scaling: { min: 1 }, env: { GREETING: 'hello' } });
  beforeAll(async () => {
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
  });

  test('diff finds nothing', async () => {
    expect(await app.call('diff')).toMatchObject({ code: 0, out: '' });
  });

  test('diff shows what a deploy would change, and has an exit code of its own', async () => {
    const { code, out } = await new AppFolder(namespace, { scaling: { min: 1 }, env: { GREETING: 'bye' }, files: { '/etc/motd': 'x' } }).call('diff');
    expect(code).toBe(2);
    expect(out).toMatch(/create ConfigMap web/);
    expect(out).toMatch(/change Deployment web in namespace [^]*- +value: hello\n\+ +value: bye/);
    expect(out).not.toContain('managedFields');
  });

  test('status says how it is', async () => {
    const { code, out } = await app.call('status');
    expect(code).toBe(0);
    expect(out).toMatch(/^web .*1/m);
    expect(json((await app.call('status', '--output', 'json')).out)).toMatchObject({ processes: [{ state: 'ready' }], serving: 1, url: `http://web.${namespace}.example.com` });
  });

  test('status and logs need no file where the app is named', async () => {
    expect(await new AppFolder('elsewhere').call('status', 'web', '--file', 'none', '--namespace', namespace)).toMatchObject({ code: 0 });
  });

  test('open prints where it is', async () => {
    expect(await app.call('open')).toMatchObject({ code: 0, out: `http://web.${namespace}.example.com\n` });
  });

  test('run runs a command as the app would, ends with its exit code, and leaves nothing', async () => {
    const { code, out } = await app.call('run', '--', 'sh', '-c', 'echo $GREETING from $PORT; exit 7');
    expect({ code, out }).toEqual({ code: 7, out: 'hello from 8080\n' });
    await eventually(() => kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'name']), names => names === '');
  });

  test('logs prints what it wrote, and follows it until Ctrl-C', async () => {
    const talking = new AppFolder(namespace, {
      scaling: { min: 1 },
      command: server('"yes"', 'console.log("asked " + request.url);').map(text => text.replace('const server', 'console.log("begun"); const server')),
    });
    expect(await talking.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    await eventually(() => pods(namespace, 'web').length, count => count === 1);
    expect(await talking.call('logs')).toMatchObject({ code: 0, out: expect.stringMatching(/^begun\n(asked \/\n)*$/) });
    expect(await talking.call('logs', '--worker', 'none')).toMatchObject({ code: 1, err: expect.stringContaining('web-none') });
    const child = talking.start('logs', '-f');
    await new Promise(resolve => setTimeout(resolve, 3000));
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    await ended(child);
  });

  test('scale holds until the next deploy', async () => {
    const { code, err } = await app.call('scale', '--min', '2', '--max', '3');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(get(namespace, 'scaledobject', 'web').spec).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 3 });
    expect(await app.call('scale', '--min', '9')).toMatchObject({ code: 1, err: expect.stringContaining('--min 9') });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(get(namespace, 'scaledobject', 'web').spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 10 });
  });
});
