import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Props } from './in-cluster';
import { AppFolder } from './in-cluster';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import { throughTunnel } from './tunnel';
import { BACKUPS, describeCloudNativePg, eventually, get, IMAGE, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';
import { connect as connectToCluster } from '../../src/kube/connect';
import { WEB_APP } from '../../src/operator/resources';

/** What asks a server of PostgreSQL for TLS: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** What a server of PostgreSQL says when it is asked for TLS. */
async function firstBytes(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(SSL_REQUEST);
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return bytes.toString();
}

/** A release command that connects to the database, and is not tried again; nodes may learn only seconds later that a Service has pods. */
const CONNECT = `const end = Date.now() + 5000;
  const connect = () => require("node:net").connect(5432, new URL(process.env.DB_URL).hostname, () => process.exit()).on("error", error => {
    if (Date.now() < end) return setTimeout(connect, 200);
    console.log(error.message);
    process.exit(1);
  });
  connect();`;

const APP = {
  internal: true,
  scaling: { replicas: 1 },
  connections: { db: { type: 'postgres', postgres: { storage: '1Gi' } } },
};

/** An app with a database of its own. */
class DatabaseApp extends AppFolder {
  constructor(private readonly app: string, private readonly inNamespace: string, props: Props = {}, platform: Props = {}) {
    super(inNamespace, { name: app, ...APP, ...props }, platform);
  }

  public async deploy(): Promise<void> {
    const { code, err } = await this.call('deploy', '--timeout', '300s');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining(`✓ Cluster ${this.app}-db is ready\n`) });
  }

  public sql(statement: string): string {
    const { currentPrimary } = get(this.inNamespace, 'clusters.postgresql.cnpg.io', `${this.app}-db`).status;
    const words = ['psql', '-U', 'postgres', '-d', 'app', '--quiet', '-Atc', statement];
    return kubectl(['exec', currentPrimary, '--namespace', this.inNamespace, '--container', 'postgres', '--', ...words]).trim();
  }

  /** The rows of the table, and who owns it. */
  public get rows(): string {
    return this.sql("SELECT string_agg(x, ' ' ORDER BY x) || ' of ' || (SELECT tableowner FROM pg_tables WHERE tablename = 't') FROM t");
  }
}

describeCloudNativePg()('databases that CloudNativePG runs', () => {
  const namespace = temporaryNamespace('postgres');
  const web = new DatabaseApp('web', namespace, { releaseCommand: { retries: 0, command: ['node', '-e', CONNECT] } });
  const api = new DatabaseApp('api', namespace);

  beforeAll(async () => {
    await web.deploy(); // its release command needs the database
    await api.deploy();
    web.sql("SET ROLE app; CREATE TABLE t(x text PRIMARY KEY); INSERT INTO t VALUES ('one')");
  });

  test('are connected to through a tunnel', async () => {
    let answer = '';
    const { code, out, err } = await throughTunnel(web, ['db'], async port => {
      answer = await firstBytes(port);
    });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('✓ Connected to db (PostgreSQL in pod web-db-1)\n') });
    expect(out).toMatch(/^postgresql:\/\/app:\w+@127\.0\.0\.1:\d+\/app\n$/);
    expect(answer).toBe('S'); // it has TLS
  });

  test('have no backups unless something says where to', async () => {
    expect(await web.call('db', 'backup', 'db')).toMatchObject({ code: 1, err: expect.stringContaining('db of web has no backups') });
  });

  test('are copied from one app to another', async () => {
    api.sql('SET ROLE app; CREATE TABLE old(x text); SELECT lo_create(0)');
    expect(await api.call('db', 'copy', `${namespace}/web`, 'api', '--yes')).toMatchObject(
      { code: 0, err: expect.stringMatching(/✓ Copied db of web to db of api \(/) });
    expect(api.rows).toBe('one of app');
    expect(api.sql("SELECT to_regclass('old') IS NULL, count(*) FROM pg_largeobject_metadata")).toBe('t|0');
  });

  test('keep their data if a copy fails', async () => {
    api.sql("INSERT INTO t VALUES ('two')");
    // A constraint that holds in the first database, and not while its table is loaded before the other one.
    web.sql('CREATE TABLE last(); INSERT INTO last DEFAULT VALUES');
    web.sql('CREATE FUNCTION is_last() RETURNS boolean LANGUAGE sql AS $$ SELECT EXISTS (SELECT FROM public.last) $$');
    web.sql('CREATE TABLE first(x int CHECK (is_last())); INSERT INTO first VALUES (1)');
    const { code, err } = await api.call('db', 'copy', `${namespace}/web`, 'api', '--yes');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('✗ psql failed in pod api-db-1:\n') });
    expect(api.rows).toBe('one two of app');
  });
});

describeCloudNativePg(BACKUPS)('databases with backups', () => {
  const namespace = temporaryNamespace('backups');
  const web = new DatabaseApp('web', namespace, {}, { databaseBackups: { objectStore: 'backups' } });
  const sql = (statement: string) => web.sql(statement);
  const backups = async () => JSON.parse((await web.call('db', 'backups', 'db', '--output', 'json')).out).backups;
  const clusters = () => kubectl(['get', 'clusters.postgresql.cnpg.io', '--namespace', namespace, '--output', 'name']).trim();

  beforeAll(async () => {
    kubectl(['apply', '--namespace', namespace, '--filename', '-'], readFileSync(BACKUPS!, 'utf8'));
    await web.deploy();
    sql("CREATE ROLE reader; SET ROLE app; CREATE TABLE t(x text PRIMARY KEY); INSERT INTO t VALUES ('one'); GRANT SELECT ON t TO reader");
  });

  test('are backed up', async () => {
    expect(await web.call('db', 'backup', 'db', '--timeout', '5m')).toMatchObject(
      { code: 0, err: expect.stringMatching(/✓ Backed up web as web-db-\d{14} \(/) });
    expect(await backups()).toEqual([{
      name: expect.stringMatching(/^web-db-\d{14}$/),
      state: 'completed',
      started: expect.any(String),
      ended: expect.any(String),
      method: 'plugin',
      id: expect.any(String),
    }]);
  });

  test('are restored to a time a moment ago', async () => {
    sql("INSERT INTO t VALUES ('two')");
    await eventually(() => Date.now() % 1000, milliseconds => milliseconds < 300);
    await new Promise(resolve => setTimeout(resolve, 1000));
    const time = new Date().toISOString().replace(/\.\d+/, '');
    await new Promise(resolve => setTimeout(resolve, 2000));
    sql('DELETE FROM t');
    expect(await web.call('db', 'restore', 'db', '--to', time, '--yes', '--timeout', '5m')).toMatchObject(
      { code: 0, err: expect.stringContaining(`✓ Restored db of web to ${time} (`) });
    expect(web.rows).toBe('one two of app');
    expect(sql("SELECT has_table_privilege('reader', 't', 'SELECT')")).toBe('t');
    await eventually(clusters, found => found === 'cluster.postgresql.cnpg.io/web-db');
  });

  test('are restored to a backup', async () => {
    const [{ name }] = await backups();
    expect(await web.call('db', 'restore', 'db', name, '--yes', '--timeout', '5m')).toMatchObject(
      { code: 0, err: expect.stringContaining(`✓ Restored db of web to backup ${name} (`) });
    expect(web.rows).toBe('one of app');
  });

  test('say why they cannot be restored to a time before the first backup', async () => {
    const { code, err } = await web.call('db', 'restore', 'db', '--to', '2020-01-01T00:00:00Z', '--yes', '--timeout', '5m');
    expect({ code, err }).toMatchObject(
      { code: 1, err: expect.stringMatching(/could not be recovered, and was removed: .*no target backup/) });
    expect(web.rows).toBe('one of app');
  });
});

describeCloudNativePg(BACKUPS)('a database of an app that the operator deploys', () => {
  const namespace = temporaryNamespace('operator-postgres');
  const platform = { databaseBackups: { objectStore: 'backups' } };
  const installation = new OperatorInstallation({ namespace, kept: [], platform });
  const web = new DatabaseApp('web', namespace);
  const flags = ['--app', 'web', '--file', 'none.yaml', '--namespace', namespace];
  let operator: OperatorProcess;

  beforeAll(async () => {
    kubectl(['apply', '--namespace', namespace, '--filename', '-'], readFileSync(BACKUPS!, 'utf8'));
    await installation.install();
    operator = await OperatorProcess.start(namespace);
    const { objects } = connectToCluster({}, { cwd: '.', env: process.env });
    await installation.apply({ image: IMAGE, ...APP });
    await eventually(async () => objects.get({ ...WEB_APP, name: 'web', namespace }), found => found?.status?.release === 1, 300);
    web.sql("SET ROLE app; CREATE TABLE t(x text PRIMARY KEY); INSERT INTO t VALUES ('one')");
  });
  afterAll(async () => installation.remove(operator));

  test('is connected to through a tunnel', async () => {
    let answer = '';
    const { code, out } = await throughTunnel(web, ['db', ...flags], async port => {
      answer = await firstBytes(port);
    });
    expect({ code, out, answer }).toEqual({ code: 0, out: expect.stringMatching(/^postgresql:\/\/app:/), answer: 'S' });
  });

  test('is backed up, and restored to that backup', async () => {
    expect(await web.call('db', 'backup', 'db', ...flags, '--timeout', '5m')).toMatchObject({ code: 0 });
    const [{ name }] = JSON.parse((await web.call('db', 'backups', 'db', ...flags, '--output', 'json')).out).backups;
    web.sql("INSERT INTO t VALUES ('two')");
    expect(await web.call('db', 'restore', 'db', name, ...flags, '--yes', '--timeout', '5m')).toMatchObject(
      { code: 0, err: expect.stringContaining(`✓ Restored db of web to backup ${name} (`) });
    expect(web.rows).toBe('one of app');
  });
});
