import { chmodSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { POD, SECRET, SERVICE } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import type { World } from '../../src/ui/world';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { deployment, TestCluster } from '../kube/test-cluster';

type Env = readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];

const fromSecret = (name: string, from: string, key: string) => ({ name, valueFrom: { secretKeyRef: { name: from, key } } });

const DB: Env = [
  ...['uri', 'host', 'port', 'username', 'password', 'dbname'].map((key, i) => (
    fromSecret(`DB_${['URL', 'HOST', 'PORT', 'USER', 'PASSWORD', 'DATABASE'][i]}`, 'web-db-app', key))),
  fromSecret('JDBC_URL', 'web-db-app', 'jdbc-uri'),
];
const DATABASE_URL = fromSecret('DATABASE_URL', 'web-db-app', 'uri');
const PRICES = { name: 'PRICES_URL', value: 'http://prices-proxy.shop.svc.cluster.local:8080' };

let cluster: TestCluster;
let folder: Folder;
beforeEach(() => {
  cluster = new TestCluster();
  folder = new Folder({});
  secret('web-db-app', {
    'uri': 'postgresql://app:s3cret@web-db-rw.shop:5432/app',
    'host': 'web-db-rw',
    'port': '5432',
    'username': 'app',
    'password': 's3cret',
    'dbname': 'app',
    'jdbc-uri': 'jdbc:postgresql://web-db-rw.shop:5432/app?password=s3cret&user=app',
  });
  service('web-db-rw', { ports: [{ port: 5432, targetPort: 'postgresql' }] });
  pod('web-db-1');
});

function secret(name: string, data: { readonly [key: string]: string }): void {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  cluster.api.put({ ...SECRET, metadata: { name, namespace: 'shop' }, data: Object.fromEntries(encoded) } as Manifest);
}

function service(name: string, spec: object, namespace = 'shop'): void {
  cluster.api.put({ ...SERVICE, metadata: { name, namespace }, spec: { selector: { role: name }, ...spec } } as Manifest);
}

function pod(name: string, { role = 'web-db-rw', ready = true, namespace = 'shop' } = {}): void {
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] };
  const spec = { containers: [{ name: 'main', ports: [{ name: 'postgresql', containerPort: 5432 }] }] };
  cluster.api.put({ ...POD, metadata: { name, namespace, labels: { role } }, spec, status } as Manifest);
}

async function app(env: Env, envFrom: readonly object[] = []): Promise<void> {
  const manifest = deployment('web:1') as Manifest & { spec: { template: { spec: { containers: object[] } } } };
  const [container] = manifest.spec.template.spec.containers;
  manifest.spec.template.spec.containers = [{ ...container, env, envFrom }];
  await cluster.apply(manifest);
}

/** A program on the PATH that writes its arguments and some variables to a file. */
function program(name: string, ...variables: readonly string[]): void {
  const lines = variables.map(variable => `echo "${variable}=\${${variable}-unset}"`);
  folder.write(name, `#!/bin/sh\n{ echo "$0 $*" | sed 's|.*/||'; ${[...lines, ''].join('; ')}} > printed\nexit \${EXIT:-0}\n`);
  chmodSync(`${folder.path}/${name}`, 0o755);
}

const printed = () => folder.read('printed').trim().split('\n');
/** The port of the tunnel is another one each time. */
const shown = (lines: readonly string[]) => lines.map(line => line.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:N').replace(/(PORT)=\d+$/, '$1=N')
  .replace(/--port=\d+/, '--port=N').replace(/-p \d+/, '-p N'));

const run = async (line: string, more: Partial<World> = {}): Promise<Called> => (
  call(['connect', '--app', 'web', ...line.split(' ').filter(word => word !== '')], {
    cwd: folder.path, cluster, env: { PATH: `${folder.path}:/bin:/usr/bin` }, ...more,
  }));

/** Without the clients that this computer may have. */
const bare = { env: { PATH: '/nowhere' } };

describe('webapp connect', () => {
  test('opens the client with the credentials in its environment, and exits with its exit code', async () => {
    await app([...DB, DATABASE_URL]);
    program('psql', 'PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE');
    const env = { PATH: `${folder.path}:/bin:/usr/bin`, EXIT: '3', PGHOSTADDR: '192.0.2.1' };
    expect(await run('db', { env })).toEqual({ code: 3, out: '', err: '✓ Connected to db (PostgreSQL in pod web-db-1)\n' });
    expect(shown(printed())).toEqual(['psql ', 'PGHOST=127.0.0.1', 'PGPORT=N', 'PGUSER=app', 'PGPASSWORD=s3cret', 'PGDATABASE=app']);
  });

  test.each<[string, string, string, string[]]>([
    ['MySQL', 'mysql://shop:s3cret@web-db-rw/orders', 'mysql', [
      'mysql --protocol=TCP --host=127.0.0.1 --port=N --user=shop --database=orders', 'SECRET=s3cret',
    ]],
    ['MariaDB', 'mysql://shop:s3cret@web-db-rw/orders', 'mariadb', [
      'mariadb --protocol=TCP --host=127.0.0.1 --port=N --user=shop --database=orders', 'SECRET=s3cret',
    ]],
    ['Redis', 'redis://:s3cret@web-db-rw:5432/2', 'redis-cli', ['redis-cli -h 127.0.0.1 -p N -n 2', 'SECRET=s3cret']],
    ['Redis with TLS and a user', 'rediss://ann:s3cret@web-db-rw:5432', 'redis-cli', [
      'redis-cli -h 127.0.0.1 -p N --user ann --tls --insecure', 'SECRET=s3cret',
    ]],
    ['Valkey', 'redis://:s3cret@web-db-rw:5432', 'valkey-cli', ['valkey-cli -h 127.0.0.1 -p N', 'SECRET=s3cret']],
    ['MongoDB', 'mongodb://ann:s3cret@web-db-rw:5432/shop', 'mongosh', [
      'mongosh --nodb --shell --eval db = connect(process.env.MONGODB_URI)',
      'SECRET=mongodb://ann:s3cret@127.0.0.1:N/shop?directConnection=true',
    ]],
  ])('opens the client of %s', async (_, url, name, expected) => {
    await app([fromSecret('DB_URL', 'other', 'uri')]);
    secret('other', { uri: url });
    service('web-db-rw', { ports: [{ port: 5432, targetPort: 'postgresql' }, { port: 3306, targetPort: 3306 }] });
    const variable = { 'mysql': 'MYSQL_PWD', 'mariadb': 'MYSQL_PWD', 'redis-cli': 'REDISCLI_AUTH', 'mongosh': 'MONGODB_URI' }[name];
    program(name, variable ?? 'VALKEYCLI_AUTH');
    // Only the programs that the script itself needs: this computer may have clients.
    const shell = new Folder({});
    for (const tool of ['sh', 'sed']) {
      shell.write(tool, `#!/bin/sh\nexec /bin/${tool} "$@"\n`);
      chmodSync(`${shell.path}/${tool}`, 0o755);
    }
    expect(await run('db', { env: { PATH: `${folder.path}:${shell.path}` } })).toMatchObject({ code: 0 });
    expect(shown(printed()).map(line => line.replace(`${variable ?? 'VALKEYCLI_AUTH'}=`, 'SECRET='))).toEqual(expected);
  });

  test('runs any other program with the variables of the connection, which have the address of the tunnel', async () => {
    await app([...DB, DATABASE_URL, PRICES, fromSecret('SESSION_KEY', 'web-db-app', 'dbname')]);
    const names = [...DB, DATABASE_URL].map(({ name }) => name);
    program('migrate', ...names, 'PGPASSWORD', 'PRICES_URL', 'SESSION_KEY');
    expect(await run('db -- migrate --all')).toMatchObject({ code: 0 });
    const url = 'postgresql://app:s3cret@127.0.0.1:N/app';
    expect(shown(printed())).toEqual([
      'migrate --all', `DB_URL=${url}`, 'DB_HOST=127.0.0.1', 'DB_PORT=N', 'DB_USER=app', 'DB_PASSWORD=s3cret', 'DB_DATABASE=app',
      'JDBC_URL=jdbc:postgresql://127.0.0.1:N/app?password=s3cret&user=app', `DATABASE_URL=${url}`, 'PGPASSWORD=s3cret', 'PRICES_URL=unset',
      'SESSION_KEY=unset',
    ]);
  });

  test('prints a URL of the pod that works until Ctrl-C', async () => {
    await app(DB);
    cluster.api.listen = async (name, port, stream) => {
      for await (const part of stream) stream.write(`${name}:${port} got ${String(part)}`);
      stream.end();
    };
    const answers: string[] = [];
    const err: string[] = [];
    let url = '';
    const onInterrupt = (stop: () => void) => {
      if (url !== '') {
        const { port } = new URL(url);
        void ask(Number(port), 'one').then(async one => answers.push(one, await ask(Number(port), 'two'))).then(stop);
      }
      return () => {};
    };
    const { code } = await run('db --url', { onInterrupt, out: text => void (url += text), err: text => void err.push(text) });
    expect({ code, err: err.join('') }).toEqual(
      { code: 0, err: '✓ Connected to db (PostgreSQL in pod web-db-1)\n✓ The URL works until Ctrl-C\n' });
    expect(url).toMatch(/^postgresql:\/\/app:s3cret@127\.0\.0\.1:\d+\/app\n$/);
    expect(answers).toEqual(['web-db-1:5432 got one', 'web-db-1:5432 got two']);
    await expect(ask(Number(new URL(url).port), 'three')).rejects.toThrow('ECONNREFUSED');
  });

  /** What a connection answers until it is closed. */
  async function ask(port: number, question: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connectTo(port, '127.0.0.1').on('data', text => answer += text.toString()).on('close', () => resolve(answer));
      socket.on('error', (error: NodeJS.ErrnoException) => error.code !== 'ECONNRESET' && reject(error));
      socket.end(question);
    });
  }

  /** Asks twice through one tunnel, and changes the cluster in between. */
  async function askTwice(change: () => void): Promise<{ answers: string[]; err: string }> {
    cluster.api.listen = async (name, _, stream) => void stream.end(`from ${name}`);
    const answers: string[] = [];
    let url = '';
    const onInterrupt = (stop: () => void) => {
      const port = url === '' ? 0 : Number(new URL(url).port);
      const both = async () => {
        answers.push(await ask(port, 'one'));
        change();
        answers.push(await ask(port, 'two'));
      };
      if (port > 0) void both().then(stop);
      return () => {};
    };
    let err = '';
    await run('db --url', { onInterrupt, out: text => void (url += text), err: text => void (err += text) });
    return { answers, err };
  }

  test('connects to another pod when that is gone, and says so', async () => {
    await app(DB);
    const { answers, err } = await askTwice(() => {
      cluster.api.delete({ ...POD, metadata: { name: 'web-db-1', namespace: 'shop' } });
      pod('web-db-2');
    });
    expect(answers).toEqual(['from web-db-1', 'from web-db-2']);
    expect(err).toContain('! web-db-1 is gone; connected to web-db-2\n');
  });

  test.each<[string, () => void, string]>([
    ['there is no pod any more', () => cluster.api.delete({ ...POD, metadata: { name: 'web-db-1', namespace: 'shop' } }),
      '! Service web-db-rw in namespace shop has no running pod\n'],
    ['nothing listens', () => cluster.api.listen = undefined, '! nothing listens on port 5432 of pod web-db-1\n'],
  ])('says that %s, and stays open', async (_, change, message) => {
    await app(DB);
    const { answers, err } = await askTwice(change);
    expect(answers).toEqual(['from web-db-1', '']);
    expect(err).toContain(message);
  });

  test.each<[string, Env, string, string]>([
    ['the only connection', DB.slice(0, 6), '', 'db'],
    ['the one of DATABASE_URL', [...DB.slice(0, 6), DATABASE_URL, fromSecret('CACHE_URL', 'redis', 'uri')], '', 'database'],
    ['one by its variable', [...DB.slice(0, 6), fromSecret('CACHE_URL', 'redis', 'uri')], 'DB_URL', 'DB_URL'],
    ['one whose variables were set by hand', [
      { name: 'POSTGRES_HOST', value: 'web-db-rw' }, { name: 'POSTGRES_PORT', value: '5432' }, { name: 'POSTGRES_DB', value: 'app' },
      { name: 'POSTGRES_USER', value: 'app' }, fromSecret('POSTGRES_PASSWORD', 'web-db-app', 'password'),
    ], 'postgres', 'postgres'],
    ['one whose URL refers to other variables', [
      { name: 'PG_HOST', value: 'web-db-rw' }, fromSecret('PG_PASSWORD', 'web-db-app', 'password'),
      { name: 'PG_URL', value: 'postgresql://app:$(PG_PASSWORD)@$(PG_HOST)/app' },
    ], 'pg', 'pg'],
  ])('takes %s', async (_, env, name, connected) => {
    await app(env);
    program('psql', 'PGUSER', 'PGPASSWORD', 'PGDATABASE');
    expect((await run(name)).err).toBe(`✓ Connected to ${connected} (PostgreSQL in pod web-db-1)\n`);
    expect(printed().slice(1)).toEqual(['PGUSER=app', 'PGPASSWORD=s3cret', 'PGDATABASE=app']);
  });

  test('takes one of a Secret all of whose keys are variables', async () => {
    await app([], [{ secretRef: { name: 'config' } }]);
    secret('config', { DATABASE_URL: 'postgres://app:s3cret@web-db-rw/app', SESSION_KEY: 'abc' });
    program('psql', 'PGPASSWORD');
    expect((await run('')).err).toContain('Connected to database');
    expect(printed()).toEqual(['psql ', 'PGPASSWORD=s3cret']);
  });

  test.each<[string, string]>([
    ['another namespace', 'redis://web-db-rw.data.svc.cluster.local:5432'],
    ['another namespace by its short name', 'redis://web-db-rw.data:5432'],
    ['a pod of a StatefulSet', 'redis://data-1.web-db-rw.data.svc:5432'],
    ['another namespace, by an alias', 'redis://alias:5432'],
  ])('finds a service in %s', async (_, url) => {
    service('web-db-rw', { clusterIP: 'None', ports: [] }, 'data');
    pod('data-1', { namespace: 'data' });
    service('alias', { type: 'ExternalName', externalName: 'web-db-rw.data.svc.cluster.local' });
    await app([{ name: 'CACHE_URL', value: url }]);
    program('redis-cli');
    expect((await run('cache')).err).toBe('✓ Connected to cache (Redis in pod data-1)\n');
  });

  test('finds one that runs beside the app', async () => {
    await app([{ name: 'DB_URL', value: 'postgresql://app@127.0.0.1:5432/app' }]);
    const labels = Object.fromEntries([['name', 'web'], ['component', 'web'], ['managed-by', 'cdk8s-webapp']].map(
      ([label, value]) => [`app.kubernetes.io/${label}`, value]));
    cluster.api.put({
      ...POD, metadata: { name: 'web-1', namespace: 'shop', labels }, spec: { containers: [] }, status: { phase: 'Running' },
    } as Manifest);
    program('psql');
    expect((await run('db')).err).toBe('✓ Connected to db (PostgreSQL in pod web-1)\n');
  });

  describe('a service outside of the cluster', () => {
    beforeEach(async () => app([fromSecret('DB_URL', 'rds', 'uri')]));
    beforeEach(() => secret('rds', { uri: 'postgresql://app:s3cret@db.example.com/app?sslmode=verify-full' }));

    test('is used directly, with its own name, if this computer can reach it', async () => {
      program('psql', 'PGHOST', 'PGPORT', 'PGSSLMODE');
      const asked: string[] = [];
      const { code, err } = await run('db', { reach: async (host, port) => void asked.push(`${host}:${port}`) });
      expect({ code, err, asked }).toEqual(
        { code: 0, err: '✓ Using db.example.com directly, as it is outside of the cluster\n', asked: ['db.example.com:5432'] });
      expect(printed()).toEqual(['psql ', 'PGHOST=db.example.com', 'PGPORT=5432', 'PGSSLMODE=verify-full']);
      expect((await run('db --url', { reach: async () => {} })).out).toBe(
        'postgresql://app:s3cret@db.example.com:5432/app?sslmode=verify-full\n');
    });

    test('that cannot be reached says why, and what can be done', async () => {
      program('psql');
      const { code, err } = await run('db');
      expect({ code, lines: err.split('\n') }).toEqual({
        code: 1,
        lines: [
          '✗ db is db.example.com:5432, which is outside of the cluster, and this computer cannot reach it: '
            + 'no network to reach db.example.com',
          '  connect to the network that can, such as a VPN, or run a client in the cluster, with webapp run -- COMMAND',
          '',
        ],
      });
    });
  });

  test.each<[string, Env, string, string, Partial<World>?]>([
    ['without a client says which to install', DB.slice(0, 6), 'db', 'psql is not on the PATH, and db is PostgreSQL\n  apt install', bare],
    ['of a kind that has none says what can be done', [{ name: 'JOBS_URL', value: 'amqp://web-db-rw:5432' }], 'jobs',
      'there is no client for RabbitMQ that webapp connect knows\n  other programs can use it: webapp connect jobs --url'],
    ['that does not exist names those that do', [...DB, DATABASE_URL, PRICES], 'bd', 'web has no connection bd; did you mean db?'],
    ['that is not named, of several, names them', [DB[0], fromSecret('CACHE_URL', 'redis', 'uri')], '',
      'web has several connections; name one of db, cache'],
    ['of an app without any says so', [{ name: 'GREETING', value: 'hi' }], '', 'web has no connections'],
    ['to Kafka says that there is no tunnel', [{ name: 'LOG_BROKERS', value: 'kafka:9092' }], 'log', 'log is Kafka, whose brokers'],
    ['to another app says how it is called', [PRICES], 'prices --url', 'prices is an app that the interceptor'],
    ['without a type asks for it', [{ name: 'DB_HOST', value: 'web-db-rw' }], 'db',
      'the variables of db do not say what it is; set --type'],
    ['without its Secret names that', [fromSecret('DB_URL', 'gone', 'uri')], 'db',
      'Secret gone does not exist in namespace shop, and DB_URL is taken from it'],
    ['without its key names that', [fromSecret('DB_URL', 'web-db-app', 'url')], 'db', 'Secret web-db-app has no key url'],
    ['without its Service names that', [{ name: 'DB_URL', value: 'postgresql://gone' }], 'db --url',
      'there is no Service gone in namespace shop'],
    ['to a port that its Service lacks says so', [{ name: 'DB_URL', value: 'postgresql://web-db-rw:99' }], 'db --url',
      'Service web-db-rw has no port 99; it has 5432'],
    ['to something else says what is known', [{ name: 'DB_URL', value: 'ldap://web-db-rw' }], 'db', 'DB_URL is not the URL of a service'],
  ])('%s', async (_, env, line, message, ...[more]) => {
    await app(env);
    service('prices-proxy', { type: 'ExternalName', externalName: 'interceptor.keda.svc.cluster.local' });
    service('interceptor', { ports: [{ port: 8080 }] }, 'keda');
    const { code, err } = await run(line, more);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(message) });
    expect(err).not.toContain('s3cret');
  });

  test('of an app that is not deployed says so', async () => {
    expect(await run('db')).toMatchObject({ code: 1, err: expect.stringContaining('web is not deployed in namespace shop') });
  });

  test.each([
    ['pods/portforward', 'you are not allowed to get, create pods/portforward in namespace shop; ask your cluster administrator'],
    ['secrets', 'you are not allowed to get secrets in namespace shop; ask your cluster administrator'],
  ])('names a right that is missing: %s', async (resource, message) => {
    await app(DB);
    cluster.api.denials.push({ resource });
    expect(await run('db --url')).toEqual({ code: 1, out: '', err: expect.stringContaining(message) });
  });

  test('does not take --url and a command together', async () => {
    expect(await run('db --url -- psql')).toMatchObject({ code: 1, err: '--url cannot be combined with a command; remove one of them\n' });
  });

  test('says that the port is in use', async () => {
    await app(DB);
    const { createServer } = await import('node:net');
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    expect((await run(`db --url --port ${port}`)).err).toContain(`port ${port} of this computer is in use`);
    other.close();
  });
});
