import { schemaErrors } from '../schemas';
import { build, synth } from '../synth';
import { AppSize } from 'cdk8s-webapp';

const DB = { connections: { db: { type: 'postgres' } } };

describe('a database of the app', () => {
  test('is a valid Cluster of CloudNativePG', () => {
    const manifests = synth(DB);
    expect(manifests.list.slice(0, 2)).toEqual(['Cluster web-db', 'NetworkPolicy web-db']);
    expect(manifests.get('Cluster').spec).toEqual({
      instances: 1,
      enablePDB: false,
      storage: { size: '5Gi' },
      resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '512Mi' } },
    });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('is connected through the Secret that the operator creates', () => {
    const from = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'web-db-app', key } } });
    expect(synth(DB).container.env.slice(1)).toEqual([
      { name: 'DB_URL', ...from('uri') },
      { name: 'DB_HOST', ...from('host') },
      { name: 'DB_PORT', ...from('port') },
      { name: 'DB_USER', ...from('username') },
      { name: 'DB_PASSWORD', ...from('password') },
      { name: 'DB_DATABASE', ...from('dbname') },
      { name: 'DATABASE_URL', ...from('uri') },
    ]);
  });

  test('has the properties that the app sets', () => {
    const postgres = {
      instances: 3,
      size: AppSize.L,
      storage: '20Gi',
      storageClass: 'fast',
      image: 'ghcr.io/cloudnative-pg/postgresql:17',
    };
    expect(synth({ connections: { db: { type: 'postgres', postgres } } }).get('Cluster').spec).toEqual({
      instances: 3,
      imageName: 'ghcr.io/cloudnative-pg/postgresql:17',
      storage: { size: '20Gi', storageClass: 'fast' },
      resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '1Gi' } },
    });
  });

  test('can set additional variables from the Secret', () => {
    const { env } = synth({
      connections: {
        db: { type: 'postgres', url: 'postgresql+asyncpg://$(user):$(password)@$(host)/$(database)', variables: { JDBC_URL: 'jdbc-uri' } },
      },
    }).container;
    expect(env).toContainEqual({ name: 'DB_URL', value: 'postgresql+asyncpg://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST)/$(DB_DATABASE)' });
    expect(env).toContainEqual({ name: 'DATABASE_URL', value: 'postgresql+asyncpg://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST)/$(DB_DATABASE)' });
    expect(env).toContainEqual({ name: 'JDBC_URL', valueFrom: { secretKeyRef: { name: 'web-db-app', key: 'jdbc-uri' } } });
  });

  test('has its own component label, so that selectors of the web process do not match it', () => {
    expect(synth(DB).get('Cluster').metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'web',
      'app.kubernetes.io/component': 'database',
    });
  });

  test('accepts traffic from the app\'s pods, the operator and its own pods', () => {
    const { spec } = synth(DB, { cloudNativePgNamespace: 'databases' }).get('NetworkPolicy', 'web-db');
    const servers = { matchLabels: { 'cnpg.io/cluster': 'web-db' } };
    expect(spec).toEqual({
      podSelector: servers,
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'web' } } }], ports: [{ protocol: 'TCP', port: 5432 }] },
        {
          from: [{
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'databases' } },
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cloudnative-pg' } },
          }],
          ports: [{ protocol: 'TCP', port: 5432 }, { protocol: 'TCP', port: 8000 }],
        },
        { from: [{ podSelector: servers }] },
      ],
    });
    expect(synth(DB, { networkPolicy: false }).list).not.toContain('NetworkPolicy web-db');
  });
});

describe('backups', () => {
  test('are disabled by default, with a warning', () => {
    const warnings = (postgres: object) =>
      build({ connections: { db: { type: 'postgres', postgres } } }).web.node.metadata.map(({ data }) => data);
    expect(warnings({})).toEqual([
      'connections.db is a PostgreSQL without backups: if its disks are lost, so is the data; set postgres.backups',
    ]);
    expect(warnings({ backups: { objectStore: 's3' } })).toEqual([]);
    expect(warnings({ cluster: 'shared' })).toEqual([]);
  });

  test('run every night through the Barman Cloud plugin', () => {
    const manifests = synth({ connections: { db: { type: 'postgres', postgres: { backups: { objectStore: 's3' } } } } });
    expect(manifests.get('Cluster').spec.plugins).toEqual([
      { name: 'barman-cloud.cloudnative-pg.io', isWALArchiver: true, parameters: { barmanObjectName: 's3' } },
    ]);
    expect(manifests.get('ScheduledBackup').spec).toEqual({
      schedule: '0 0 2 * * *',
      cluster: { name: 'web-db' },
      method: 'plugin',
      pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' },
      backupOwnerReference: 'self',
    });
  });

  describe('of the platform', () => {
    const platform = { databaseBackups: { objectStore: 'backups', schedule: '0 30 1 * * *' } };
    const written = (postgres?: object) => {
      const manifests = synth({ connections: { db: { type: 'postgres', postgres } } }, platform);
      expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
      const { plugins } = manifests.get('Cluster').spec;
      return plugins && { ...plugins[0].parameters, schedule: manifests.get('ScheduledBackup').spec.schedule };
    };

    test('are those of every database that is created for an app, each in a folder of its own', () => {
      expect(written()).toEqual({ barmanObjectName: 'backups', serverName: 'shop.web-db', schedule: '0 30 1 * * *' });
    });

    test.each<[string, object, object | undefined]>([
      ['an object store', { objectStore: 's3' }, { barmanObjectName: 's3', schedule: '0 30 1 * * *' }],
      ['a schedule', { schedule: '0 0 * * * *' }, { barmanObjectName: 'backups', serverName: 'shop.web-db', schedule: '0 0 * * * *' }],
      ['none', { enabled: false }, undefined],
    ])('can be changed by an app: %s', (_, backups, expected) => expect(written({ backups })).toEqual(expected));

    test('do not concern a database in an existing Cluster', () => {
      const manifests = synth({ connections: { db: { type: 'postgres', postgres: { cluster: 'shared' } } } }, platform);
      expect(manifests.list).not.toContain('ScheduledBackup web-db');
    });

    test('or none, if an app wants none, are no reason for a warning', () => {
      const { web } = build({ connections: { db: { type: 'postgres', postgres: { backups: { enabled: false } } } } });
      expect(web.node.metadata).toEqual([]);
    });
  });
});

describe('a database in a shared Cluster', () => {
  const shared = (postgres: object) =>
    synth(DB, { connections: { postgres: { type: 'postgres', postgres: { cluster: 'shared', ...postgres } } } });

  test('is in the namespace of the app and the Cluster, and belongs to the owner', () => {
    const manifests = shared({});
    expect(manifests.list.slice(0, 2)).toEqual(['Database web-db', 'ServiceAccount web']);
    expect(manifests.get('Database').metadata.namespace).toBe('shop');
    expect(manifests.get('Database').spec).toEqual({ name: 'web_db', owner: 'app', cluster: { name: 'shared' } });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('is accessed with the owner\'s credentials through the Cluster\'s read-write Service', () => {
    const url = 'postgresql://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST):$(DB_PORT)/$(DB_DATABASE)';
    expect(shared({}).container.env.slice(1)).toEqual([
      { name: 'DB_USER', valueFrom: { secretKeyRef: { name: 'shared-app', key: 'username' } } },
      { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'shared-app', key: 'password' } } },
      { name: 'DB_HOST', value: 'shared-rw' },
      { name: 'DB_PORT', value: '5432' },
      { name: 'DB_DATABASE', value: 'web_db' },
      { name: 'DB_URL', value: url },
      { name: 'DATABASE_URL', value: url },
    ]);
  });

  test('can be in another namespace, with a name that contains the app\'s namespace', () => {
    const manifests = shared({ clusterNamespace: 'databases', owner: 'shop', ownerSecret: 'shop-role' });
    const { metadata } = manifests.get('Database', 'shop-web-db');
    expect(metadata).toMatchObject({ namespace: 'databases', labels: { 'cdk8s-webapp.dev/app-namespace': 'shop' } });
    expect(manifests.get('Database').spec).toEqual({ name: 'shop_web_db', owner: 'shop', cluster: { name: 'shared' } });
    expect(manifests.container.env).toContainEqual({ name: 'DB_HOST', value: 'shared-rw.databases.svc.cluster.local' });
    expect(manifests.container.env).toContainEqual({
      name: 'DB_USER',
      valueFrom: { secretKeyRef: { name: 'shop-role', key: 'username' } },
    });
  });
});
