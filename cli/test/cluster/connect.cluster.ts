import { connect } from 'node:net';
import { createAccount, DOCUMENTED, kubeconfigOf, without } from './account';
import { AppFolder } from './in-cluster';
import { throughTunnel } from './tunnel';
import { eventually, IMAGE, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

/** Says which pod it is, and then all that it gets. */
const ECHO = `require("node:net").createServer({ allowHalfOpen: true }, socket => {
  socket.on("error", () => {});
  socket.write(process.env.HOSTNAME + " ");
  socket.pipe(socket);
}).listen(6379);
process.on("SIGTERM", () => process.exit());`;

/** A connection to a port of this computer. */
class Client {
  public got = '';
  public isClosed = false;
  private readonly socket;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', text => this.got += text.toString()).on('error', () => undefined);
    for (const event of ['end', 'close']) this.socket.on(event, () => this.isClosed = true);
  }

  public write(text: string): this {
    this.socket.write(text);
    return this;
  }

  public end(): void {
    this.socket.end();
  }

  public close(): void {
    this.socket.destroy();
  }

  public async gets(end: string): Promise<string> {
    return eventually(() => this.got, got => got.endsWith(end));
  }
}

describe('an account with the permissions in docs/deploy.md', () => {
  const namespace = temporaryNamespace('connect');
  const app = new AppFolder(namespace, { connections: { cache: { type: 'redis', secret: 'redis' } } });
  const flags = () => ['--kubeconfig', kubeconfigOf(namespace, 'deployer')];
  const server = (labels: object) => ({
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        terminationGracePeriodSeconds: 1,
        containers: [{
          name: 'main',
          image: IMAGE,
          command: ['node', '-e', ECHO],
          ports: [{ name: 'redis', containerPort: 6379 }],
          readinessProbe: { tcpSocket: { port: 'redis' }, periodSeconds: 1 },
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        }],
      },
    },
  });

  beforeAll(async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    const labels = { app: 'cache' };
    const metadata = { name: 'cache', namespace };
    const ports = [{ name: 'redis', port: 6379, targetPort: 'redis' }, { name: 'other', port: 6380 }];
    const items = [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'redis', namespace }, stringData: { uri: 'redis://:s3cret@cache' } },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: server(labels) },
    ];
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    kubectl(['apply', '--server-side', '--filename', '-'], (await app.call('synth')).out);
    kubectl(['rollout', 'status', 'deployment/cache', '--namespace', namespace, '--timeout', '120s']);
  });

  const through = async (act: (port: number) => Promise<unknown>) => throughTunnel(app, ['cache', ...flags()], act);

  test('has a tunnel for many connections at the same time, with bytes of all sizes both ways', async () => {
    const { code, err } = await through(async port => {
      const clients = Array.from({ length: 5 }, () => new Client(port));
      const large = 'x'.repeat(2_000_000);
      clients.forEach((client, i) => client.write(`${i} ${i === 0 ? large : ''}end ${i}`));
      const answers = await Promise.all(clients.map(async (client, i) => client.gets(`end ${i}`)));
      expect(answers.map(text => text.replace(/^cache-\S+ /, '').length)).toEqual([2_000_007, 7, 7, 7, 7]);
      expect(new Set(answers.map(text => text.split(' ')[0])).size).toBe(1);
      clients.forEach(client => client.close());
    });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^✓ Connected to cache \(Redis in pod cache-\S+\)\n/) });
  });

  test('gets the answer to what was sent before the end of a connection', async () => {
    await through(async port => {
      const client = new Client(port).write('PING');
      client.end();
      await client.gets('PING');
      await eventually(() => client.isClosed, isClosed => isClosed);
    });
  });

  test('is connected to another pod when that is gone, and told so', async () => {
    const { err } = await through(async port => {
      const before = new Client(port).write('one');
      const [pod] = (await before.gets('one')).split(' ');
      kubectl(['delete', 'pod', pod, '--namespace', namespace]);
      await eventually(() => before.isClosed, isClosed => isClosed);
      const after = new Client(port).write('two');
      expect((await after.gets('two')).split(' ')[0]).not.toBe(pod);
      after.close();
    });
    expect(err).toMatch(/! cache-\S+ is gone; connected to cache-\S+\n/);
  });

  test('is told that nothing listens', async () => {
    kubectl(['patch', 'secret', 'redis', '--namespace', namespace, '--patch', '{"stringData":{"uri":"redis://:s3cret@cache:6380"}}']);
    const { err } = await through(async port => {
      const client = new Client(port).write('one');
      await eventually(() => client.isClosed, isClosed => isClosed);
      expect(client.got).toBe('');
    });
    expect(err).toMatch(/! nothing listens on port 6380 of pod cache-\S+\n/);
  });

  test('lacks a right that is named', async () => {
    createAccount(namespace, 'no-forward', without('pods/portforward', 'get', 'create'));
    expect(await app.call('connect', '--url', '--kubeconfig', kubeconfigOf(namespace, 'no-forward'))).toMatchObject(
      { code: 1, err: expect.stringContaining(`not allowed to get, create pods/portforward in namespace ${namespace}`) });
  });
});
