import { schemaErrors } from '../../../test/schemas';
import type { Kind, KubernetesObject } from '../../src/kube/types';
import {
  NAMESPACE, NETWORK_POLICY, POD, POSTGRES_BACKUP, POSTGRES_CLUSTER, SCHEDULED_POSTGRES_BACKUP, SECRET, SERVICE, VOLUME_CLAIM,
} from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import type { World } from '../../src/ui/world';
import type { Called } from '../call';
import { call } from '../call';
import type { ExecCommand } from '../kube/in-memory-api';
import { deployment, TestCluster } from '../kube/test-cluster';

const PLUGIN = {
  name: 'barman-cloud.cloudnative-pg.io', isWALArchiver: true, parameters: { barmanObjectName: 's3', serverName: 'shop.web-db' },
};

let cluster: TestCluster;
let commands: ExecCommand[];

/** The last part of the log of changes that is stored. */
let archived: string;
beforeEach(() => {
  cluster = new TestCluster();
  commands = [];
  archived = '000000010000000000000007';
  cluster.api.run = command => {
    commands.push(command);
    const sql = command.command.at(-1)!;
    const output = command.command[0] === 'pg_dump' ? 'CREATE TABLE t();\n'
      : sql.includes('pg_switch_wal') ? '000000010000000000000007\n' : sql.includes('last_archived_wal') ? `${archived}\n` : '';
    return { exitCode: 0, output };
  };
});

/** An app with a database of CloudNativePG. */
async function app(name = 'web', { plugins = [PLUGIN], namespace = 'shop', user = 'app' }: {
  plugins?: readonly object[]; namespace?: string; user?: string;
} = {}): Promise<void> {
  cluster.api.put({ ...NAMESPACE, metadata: { name: namespace } } as Manifest);
  const manifest = deployment('web:1', { name }) as Manifest & { spec: { template: { spec: { containers: object[] } } } };
  const [container] = manifest.spec.template.spec.containers;
  const valueFrom = { secretKeyRef: { name: `${name}-db-app`, key: 'uri' } };
  manifest.spec.template.spec.containers = [{ ...container, env: [{ name: 'DB_URL', valueFrom }] }];
  await cluster.apply({ ...manifest, metadata: { ...manifest.metadata, namespace } });
  const uri = Buffer.from(`postgresql://${user}:s3cret@${name}-db-rw.${namespace}:5432/app`).toString('base64');
  cluster.api.put({ ...SECRET, metadata: { name: `${name}-db-app`, namespace }, data: { uri } } as Manifest);
  cluster.api.put({
    ...SERVICE, metadata: { name: `${name}-db-rw`, namespace }, spec: { selector: { role: 'primary' }, ports: [{ port: 5432 }] },
  } as Manifest);
  cluster.api.put({ ...POD, metadata: { name: `${name}-db-1`, namespace }, spec: { containers: [{ name: 'postgres' }] } } as Manifest);
  cluster.api.put({
    ...POSTGRES_CLUSTER,
    metadata: { name: `${name}-db`, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: { instances: 3, imageName: 'postgresql:17', storage: { size: '5Gi' }, plugins },
    status: { currentPrimary: `${name}-db-1` },
  } as Manifest);
}

function backup(name: string, status: object, created = '2026-01-01T00:00:00Z', of = 'web-db'): void {
  const metadata = { name, namespace: 'shop', creationTimestamp: created };
  cluster.api.put({ ...POSTGRES_BACKUP, metadata, spec: { cluster: { name: of }, method: 'plugin' }, status } as Manifest);
}

/** What CloudNativePG does with backups and Clusters that are created. */
function runOperator(backupStatus: object): void {
  cluster.api.onWrite = (object, api) => {
    const { kind, metadata: { name }, status } = object as unknown as KubernetesObject & { status?: object };
    if (status) return;
    if (kind === 'Backup') api.change({ ...POSTGRES_BACKUP, metadata: { name } }, { status: backupStatus });
    if (kind !== 'Cluster') return;
    api.put({ ...POD, metadata: { name: `${name}-1`, namespace: 'shop' }, spec: { containers: [] } } as Manifest);
    const conditions = [{ type: 'Ready', status: 'True' }];
    api.change({ ...POSTGRES_CLUSTER, metadata: { name } }, { status: { currentPrimary: `${name}-1`, conditions } });
  };
}

const run = async (line: string, more: Partial<World> = {}): Promise<Called> => call(['db', ...line.split(' ')], { cluster, ...more });
const clusters = () => cluster.api.all(POSTGRES_CLUSTER).map(({ metadata }) => metadata.name);

/** What was written into the database of an app. */
const loaded = () => {
  const { pod, input } = commands.find(({ command }) => command[0] === 'psql' && !command.includes('--command'))!;
  return { pod, sql: input.toString() };
};

describe('webapp db backup', () => {
  test('takes a backup as the Cluster is backed up, and waits for it', async () => {
    await app();
    runOperator({ phase: 'completed', startedAt: '2026-01-01T00:00:00Z', stoppedAt: '2026-01-01T00:02:10Z' });
    expect(await run('backup db --app web')).toEqual(
      { code: 0, out: '', err: expect.stringMatching(/^✓ Backed up web as web-db-\d{14} \(2 min\)\n$/) });
    const [{ apiVersion, kind, metadata, spec }] = cluster.api.all(POSTGRES_BACKUP) as unknown as (Manifest & { spec: object })[];
    expect(spec).toEqual({ cluster: { name: 'web-db' }, method: 'plugin', pluginConfiguration: { name: PLUGIN.name } });
    expect(schemaErrors({ apiVersion, kind, metadata: { name: metadata.name }, spec } as never)).toEqual([]);
  });

  test('that fails says why', async () => {
    await app();
    runOperator({ phase: 'failed', error: 'the bucket does not exist' });
    expect(await run('backup db --app web')).toMatchObject(
      { code: 1, err: expect.stringMatching(/✗ backup web-db-\d{14} failed: the bucket does not exist\n$/) });
  });

  test('that takes longer says how to see its state', async () => {
    await app();
    runOperator({ phase: 'walArchivingFailing' });
    const { code, err } = await run('backup db --app web --timeout 2m');
    expect(code).toBe(1);
    expect(err).toMatch(/is not complete after 120 s: the changes of the database cannot be archived\n {2}it goes on; /);
  });

  test('of a Cluster that has nowhere to store it says what to set', async () => {
    await app('web', { plugins: [] });
    const err = [
      '✗ db of web has no backups: its Cluster names no object store',
      '  set connections.db.postgres.backups, or databaseBackups in platform.yaml, and deploy\n',
    ].join('\n');
    expect(await run('backup db --app web')).toMatchObject({ code: 1, err });
  });

  test.each([
    ['backups', 'create'], ['clusters', 'get'],
  ])('names a right that is missing: %s', async (resource, verb) => {
    await app();
    cluster.api.denials.push({ resource, verb });
    const message = `you are not allowed to ${verb} ${resource}.postgresql.cnpg.io in namespace shop`;
    expect((await run('backup db --app web')).err).toContain(message);
  });

  test('of another database says what can be done', async () => {
    await app();
    cluster.api.delete({ ...POSTGRES_CLUSTER, metadata: { name: 'web-db', namespace: 'shop' } });
    const err = [
      '✗ db of web is not a database that CloudNativePG runs: there is no Cluster web-db in namespace shop',
      '  use the tools of what runs it, or webapp connect db -- pg_dump\n',
    ].join('\n');
    expect(await run('backup db --app web')).toMatchObject({ code: 1, err });
  });
});

describe('webapp db backups', () => {
  beforeEach(async () => {
    await app();
    backup('web-db-1', { phase: 'completed', startedAt: '2026-01-01T00:00:00Z', stoppedAt: '2026-01-01T00:00:42Z', backupId: '20260101' });
    backup('web-db-2', { phase: 'failed', error: 'no space' }, '2026-01-02T00:00:00Z');
    backup('web-db-3', {}, '2026-01-03T00:00:00Z');
    backup('other', { phase: 'completed' }, '2026-01-03T00:00:00Z', 'other-db');
    cluster.api.put({
      ...SCHEDULED_POSTGRES_BACKUP,
      metadata: { name: 'web-db', namespace: 'shop' },
      spec: { cluster: { name: 'web-db' }, schedule: '0 0 2 * * *' },
      status: { nextScheduleTime: '2026-01-04T02:00:00Z' },
    } as Manifest);
  });

  test('lists those of the database, the latest first, and when the next one is due', async () => {
    const { code, out, err } = await run('backups --app web');
    expect({ code, lines: out.replace(/\d+ d ago/, '… ago').replace(/ +/g, ' ').split('\n') }).toEqual(
      { code: 0, lines: ['NAME STATE STARTED TOOK', 'web-db-3 running', 'web-db-2 failed', 'web-db-1 completed … ago 42 s', ''] });
    expect(err).toBe('! web-db-2: no space\nThe next one is due at 2026-01-04T02:00:00Z\n');
  });

  test.each([
    ['of its schedule, before that was due for the first time', {}, 'The next one is due at 2026-01-01T02:00:00Z\n'],
    ['unless it is suspended', { suspend: true }, ''],
  ])('tells the next time %s', async (_, own, told) => {
    const reference = { ...SCHEDULED_POSTGRES_BACKUP, metadata: { name: 'web-db', namespace: 'shop' } };
    cluster.api.delete(reference);
    cluster.api.put({ ...reference, spec: { cluster: { name: 'web-db' }, schedule: '0 0 2 * * *', ...own } } as Manifest);
    expect((await run('backups --app web')).err).toBe(`! web-db-2: no space\n${told}`);
  });

  test('prints them for programs', async () => {
    const { out } = await run('backups db --app web --output json');
    expect(JSON.parse(out)).toEqual({
      backups: [
        { name: 'web-db-3', state: 'running', method: 'plugin' },
        { name: 'web-db-2', state: 'failed', error: 'no space', method: 'plugin' },
        {
          name: 'web-db-1',
          state: 'completed',
          started: '2026-01-01T00:00:00Z',
          ended: '2026-01-01T00:00:42Z',
          method: 'plugin',
          id: '20260101',
        },
      ],
      next: '2026-01-04T02:00:00Z',
    });
  });
});

describe('webapp db restore', () => {
  let recovered: Manifest[];
  beforeEach(async () => {
    await app();
    backup('web-db-1', { phase: 'completed', backupId: '20260101' });
    backup('web-db-2', {});
    runOperator({});
    recovered = [];
    cluster.api.admit = object => {
      if (object.kind === 'Cluster' && object.metadata.name === 'web-db-restore') recovered.push(object);
      return undefined;
    };
  });

  test.each<[string, string, object | undefined, string]>([
    ['a backup', 'db web-db-1', { backupID: '20260101', targetImmediate: true }, 'backup web-db-1'],
    ['a time', 'db --to 2025-12-31T10:00:00+02:00', { targetTime: '2025-12-31T08:00:00Z' }, '2025-12-31T08:00:00Z'],
    ['the latest data', 'db', undefined, 'the latest data that is stored'],
  ])('recovers a second Cluster from %s, copies the database from there, and removes it', async (_, words, recoveryTarget, what) => {
    const { code, err } = await run(`restore ${words} --app web --yes`);
    expect({ code, err }).toEqual({ code: 0, err: `✓ Recovered Cluster web-db-restore\n✓ Restored db of web to ${what} (18 B)\n` });
    const [{ spec, metadata, apiVersion, kind }] = JSON.parse(JSON.stringify(recovered)) as (Manifest & { spec: object })[];
    expect(spec).toEqual({
      instances: 1,
      enablePDB: false,
      imageName: 'postgresql:17',
      storage: { size: '5Gi' },
      bootstrap: { recovery: JSON.parse(JSON.stringify({ source: 'origin', recoveryTarget })) },
      externalClusters: [{ name: 'origin', plugin: { name: PLUGIN.name, parameters: PLUGIN.parameters } }],
    });
    expect(schemaErrors({ apiVersion, kind, metadata: { name: metadata.name }, spec } as never)).toEqual([]);
    const copied = commands.slice(-3);
    expect(copied.map(({ pod, command }) => `${command[0]} in ${pod}`)).toEqual(
      ['psql in web-db-restore-1', 'pg_dump in web-db-restore-1', 'psql in web-db-1']);
    expect(copied[1].command).toEqual(['pg_dump', '-U', 'postgres', '--dbname', 'app']); // rights of other roles are restored too
    expect(loaded().sql).toMatch(/^BEGIN;[^]*DROP SCHEMA[^]*CREATE TABLE t\(\);\n\nCOMMIT;\n$/);
    expect(clusters()).toEqual(['web-db']);
  });

  const archiving = () => commands.filter(({ command }) => /txid_current|pg_switch_wal|last_archived_wal/.test(command.at(-1)!));

  test('has the changes until now stored before it recovers to a time, as an idle database stores none', async () => {
    archived = '000000010000000000000006.00000028.backup';
    cluster.clock.after(3, () => archived = '000000010000000000000007');
    let before: string[] = [];
    cluster.api.admit = object => {
      if (object.metadata.name === 'web-db-restore') before = archiving().map(({ command }) => command.at(-1)!);
      return undefined;
    };
    expect(await run('restore db --to 2026-01-01T00:00:00Z --app web --yes')).toMatchObject({ code: 0 });
    expect(before.slice(0, 2)).toEqual(['SELECT txid_current()', 'SELECT pg_walfile_name(pg_switch_wal())']);
    expect(before.length).toBeGreaterThan(4);
    expect(new Set(archiving().map(({ pod }) => pod))).toEqual(new Set(['web-db-1']));
  });

  test('recovers what is stored if the latest changes cannot be stored, and says so', async () => {
    archived = '';
    const warning = '! the latest changes were not stored within 60 s: data of the last minutes may not be recovered\n';
    expect(await run('restore db --to 2026-01-01T00:00:00Z --app web --yes')).toMatchObject(
      { code: 0, err: expect.stringContaining(warning) });
  });

  test('changes the server that is the primary after the recovery', async () => {
    const { onWrite } = cluster.api;
    cluster.api.onWrite = (object, api) => {
      onWrite!(object, api);
      if (object.metadata.name !== 'web-db-restore') return;
      api.put({ ...POD, metadata: { name: 'web-db-2', namespace: 'shop' }, spec: { containers: [{ name: 'postgres' }] } } as Manifest);
      api.change({ ...POSTGRES_CLUSTER, metadata: { name: 'web-db', namespace: 'shop' } }, { status: { currentPrimary: 'web-db-2' } });
    };
    expect(await run('restore db --app web --yes')).toMatchObject({ code: 0 });
    expect(loaded().pod).toBe('web-db-2');
  });

  test('opens the second Cluster to the operator as the first one, for that time', async () => {
    const policyOf = (name: string) => ({
      podSelector: { matchLabels: { 'cnpg.io/cluster': name } },
      ingress: [{ from: [{ podSelector: { matchLabels: { 'cnpg.io/cluster': name } } }] }, { from: [{ namespaceSelector: {} }] }],
    });
    cluster.api.put({ ...NETWORK_POLICY, metadata: { name: 'web-db', namespace: 'shop' }, spec: policyOf('web-db') } as Manifest);
    const created: unknown[] = [];
    cluster.api.admit = object => void (object.kind === 'NetworkPolicy' && created.push((object as unknown as { spec: object }).spec));
    expect(await run('restore db --app web --yes')).toMatchObject({ code: 0 });
    expect(created).toEqual([policyOf('web-db-restore')]);
    expect(cluster.api.all(NETWORK_POLICY).map(({ metadata }) => metadata.name)).toEqual(['web-db']);
  });

  test('removes the second Cluster if it is not recovered in time, and leaves the data', async () => {
    cluster.api.onWrite = undefined;
    expect(await run('restore db --app web --yes --timeout 2m')).toMatchObject(
      { code: 1, err: expect.stringContaining('Cluster web-db-restore was not recovered within 120 s') });
    expect(commands).toEqual([]);
    expect(clusters()).toEqual(['web-db']);
  });

  describe('when the server of an earlier restore still ends', () => {
    const left = (kind: Kind) => (
      { ...kind, metadata: { name: 'web-db-restore-1', namespace: 'shop', labels: { 'cnpg.io/cluster': 'web-db-restore' } } } as Manifest);

    const parts = [['pod', POD], ['volume', VOLUME_CLAIM]] as const;
    test.each(parts)('waits until its %s is gone, which CloudNativePG would take for a new one', async (_, kind) => {
      cluster.api.put(left(kind));
      let gone = false;
      cluster.clock.after(20, () => {
        cluster.api.delete(left(kind));
        gone = true;
      });
      let goneBefore: boolean | undefined;
      cluster.api.admit = object => {
        if (object.metadata.name === 'web-db-restore') goneBefore = gone;
        return undefined;
      };
      expect(await run('restore db --app web --yes')).toMatchObject({ code: 0 });
      expect(goneBefore).toBe(true);
    });

    test('does not wait for ever', async () => {
      cluster.api.put(left(VOLUME_CLAIM));
      expect(await run('restore db --app web --yes --timeout 2m')).toMatchObject(
        { code: 1, err: expect.stringContaining('pods or volumes of the earlier Cluster web-db-restore still exist after 120 s') });
      expect(recovered).toEqual([]);
      expect(commands).toEqual([]);
    });
  });

  test('says why a recovery fails that CloudNativePG only tries again', async () => {
    cluster.api.onWrite = undefined;
    const labels = { 'cnpg.io/cluster': 'web-db-restore', 'cnpg.io/jobRole': 'full-recovery' };
    const container = 'full-recovery';
    for (const [i, seconds] of [5, 25].entries()) {
      const name = `web-db-restore-1-full-recovery-${i}`;
      cluster.api.logs.set(`${name}/${container}`, [
        '{"level":"info","msg":"Restore through plugin detected, proceeding..."}',
        '{"level":"error","msg":"restore error","error":"while restoring: rpc error: code = Unknown desc = no target backup found"}',
        '{"level":"info","msg":"Webserver exited"}',
        '',
      ].join('\n'));
      cluster.clock.after(seconds, () => cluster.api.put({
        ...POD, metadata: { name, namespace: 'shop', labels }, spec: { containers: [{ name: container }] }, status: { phase: 'Failed' },
      } as Manifest));
    }
    const start = cluster.clock.now();
    const { code, err } = await run('restore db --to 2025-01-01T00:00:00Z --app web --yes');
    expect({ code, err }).toEqual({
      code: 1,
      err: '✗ Cluster web-db-restore could not be recovered, and was removed: while restoring: no target backup found\n',
    });
    expect(cluster.clock.now() - start).toBeLessThan(60_000);
    expect(clusters()).toEqual(['web-db']);
  });

  test('of a Cluster without backups says so', async () => {
    await app('api', { plugins: [] });
    expect((await run('restore db --app api --yes')).err).toContain('Cluster api-db has no backups in an object store');
  });

  test.each<[string, string, string]>([
    ['a backup that does not exist', 'restore db web-db-9', 'db has no backup web-db-9; webapp db backups db lists those that it has'],
    ['a backup that is not complete', 'restore db web-db-2', 'backup web-db-2 is not complete: it is running'],
    ['a time that is none', 'restore db --to yesterday', '--to yesterday is not a valid time'],
    ['a time to come', 'restore db --to 2099-01-01T00:00:00Z', '--to 2099-01-01T00:00:00Z is in the future'],
    ['a backup and a time', 'restore db web-db-1 --to 2026-01-01T00:00:00Z', '--to cannot be combined with a backup'],
    ['no confirmation', 'restore db', 'there is no terminal to ask for confirmation; pass --yes'],
  ])('rejects %s before anything is done', async (_, line, message) => {
    expect(await run(`${line} --app web`)).toMatchObject({ code: 1, err: expect.stringContaining(message) });
    expect(recovered).toEqual([]);
  });
});

describe('webapp db copy', () => {
  beforeEach(async () => {
    await app();
    await app('web-pr-12');
  });

  test('replaces the data in one transaction, after confirmation', async () => {
    let question = '';
    const ask = async (text: string) => (question = text, 'web-pr-12');
    const err = [
      'db of web-pr-12 in namespace shop:',
      '  Its data will be replaced by db of web in namespace shop',
      '✓ Copied db of web to db of web-pr-12 (18 B)\n',
    ].join('\n');
    expect(await run('copy web web-pr-12', { interactive: true, ask })).toMatchObject({ code: 0, err });
    expect(question).toBe('To replace it, type web-pr-12: ');
    const { pod, sql } = loaded();
    expect(pod).toBe('web-pr-12-db-1');
    expect(sql).toMatch(/^BEGIN;[^]*CREATE TABLE t\(\);\n\nCOMMIT;\n$/);
    expect(sql).not.toContain('SET LOCAL ROLE');
    expect(commands.find(({ command }) => command[0] === 'pg_dump')!.command).toEqual(
      ['pg_dump', '-U', 'postgres', '--no-privileges', '--dbname', 'app']);
  });

  test('does nothing without confirmation', async () => {
    expect(await run('copy web web-pr-12', { interactive: true, ask: async () => 'web' })).toMatchObject(
      { code: 1, err: expect.stringContaining('not confirmed; nothing was changed') });
    expect(commands).toEqual([]);
  });

  test('gives everything to the role of the other app, with the extensions that this may not create', async () => {
    await app('api', { namespace: 'staging', user: 'o"brien' });
    cluster.api.run = command => {
      commands.push(command);
      const isQuery = command.command.includes('--command');
      return { exitCode: 0, output: isQuery ? '{"name":"vector","schema":"public"}\n' : command.command[0] === 'pg_dump' ? 'x' : '' };
    };
    expect(await run('copy shop/web staging/api --connection db --yes')).toMatchObject({ code: 0 });
    expect(loaded().sql).toContain([
      'CREATE SCHEMA IF NOT EXISTS "public"; CREATE EXTENSION IF NOT EXISTS "vector" WITH SCHEMA "public";', 'SET LOCAL ROLE "o""brien";',
    ].join('\n'));
    const dump = commands.find(({ command }) => command[0] === 'pg_dump')!;
    expect(dump.command).toEqual(expect.arrayContaining(['--no-owner', '--no-comments']));
  });

  test.each(['pg_dump', 'psql'])('says why %s failed', async program => {
    const { run: succeed } = cluster.api;
    cluster.api.run = command => {
      if (command.command[0] !== program || command.command.includes('--command')) return succeed!(command);
      commands.push(command);
      return { exitCode: 3, output: '' };
    };
    expect(await run('copy web web-pr-12 --yes')).toMatchObject(
      { code: 1, err: expect.stringContaining(`✗ ${program} failed in pod web${program === 'psql' ? '-pr-12' : ''}-db-1:`) });
  });

  test('sends no COMMIT where the dump has not ended well', async () => {
    cluster.api.run = command => {
      commands.push(command);
      return { exitCode: command.command[0] === 'pg_dump' ? 1 : 0, output: 'CREATE TABLE half' };
    };
    expect(await run('copy web web-pr-12 --yes')).toMatchObject({ code: 1 });
    expect(commands.filter(({ input }) => input.toString().includes('COMMIT'))).toEqual([]);
  });

  test('to itself is refused', async () => {
    expect(await run('copy web web --yes')).toMatchObject({ code: 1, err: 'web and web use the same database\n' });
  });

  test('without a primary server says so', async () => {
    const status = { currentPrimary: null, phase: 'Failing over' };
    cluster.api.change({ ...POSTGRES_CLUSTER, metadata: { name: 'web-db', namespace: 'shop' } }, { status });
    const message = 'Cluster web-db in namespace shop has no primary server now (Failing over)';
    expect((await run('copy web web-pr-12 --yes')).err).toContain(message);
  });
});
