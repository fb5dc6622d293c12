import { build, Manifests, synth } from '../synth';
import { Connection, PlatformProps, SecretStoreKind } from 'cdk8s-webapp';

/** The variables that connections set, without PORT: `secret/key`, or the value. */
function variables(connections: { [name: string]: Connection }, platform: PlatformProps = {}): { [name: string]: string } {
  const { env } = synth({ connections }, platform).container;
  const given = env.filter(({ name }: any) => name !== 'PORT')
    .map(({ name, value, valueFrom }: any) => [name, value ?? `${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`]);
  return Object.fromEntries(given);
}

describe('the variables of a connection', () => {
  test.each<[string, Connection, { [variable: string]: string }]>([
    ['an existing postgres', { type: 'postgres', secret: 'rds' }, { MY_SVC_URL: 'rds/uri', DATABASE_URL: 'rds/uri' }],
    ['a mysql', { type: 'mysql', secret: 'sql' }, { MY_SVC_URL: 'sql/uri', DATABASE_URL: 'sql/uri' }],
    ['a redis', { type: 'redis', secret: 'cache' }, { MY_SVC_URL: 'cache/uri' }],
    ['a rabbitmq', { type: 'rabbitmq', secret: 'mq' }, { MY_SVC_URL: 'mq/uri' }],
    ['a kafka', { type: 'kafka', secret: 'kafka' }, { MY_SVC_BROKERS: 'kafka/brokers' }],
    ['a secret', { type: 'secret', secret: 'stripe', variables: { STRIPE_KEY: 'api-key' } }, { STRIPE_KEY: 'stripe/api-key' }],
    [
      'the named keys only',
      { type: 'redis', secret: 'cache', keys: { host: 'h', password: 'p' } },
      { MY_SVC_HOST: 'cache/h', MY_SVC_PASSWORD: 'cache/p' },
    ],
    [
      'additional keys of the Secret',
      { type: 'redis', secret: 'cache', keys: { url: 'u' }, variables: { CACHE_CA: 'ca' } },
      { MY_SVC_URL: 'cache/u', CACHE_CA: 'cache/ca' },
    ],
  ])('begin with its name for %s', (_, connection, expected) => {
    expect(variables({ 'my-svc': connection })).toEqual(expected);
  });

  test('include a URL that Kubernetes expands from the variables before it', () => {
    const { env } = synth({
      connections: { cache: { type: 'redis', secret: 'cache', keys: { password: 'pass' }, url: 'redis://:$(password)@$(host):6379/0' } },
    }).container;
    expect(env).toEqual([
      { name: 'PORT', value: '8080' },
      { name: 'CACHE_HOST', valueFrom: { secretKeyRef: { name: 'cache', key: 'host' } } },
      { name: 'CACHE_PASSWORD', valueFrom: { secretKeyRef: { name: 'cache', key: 'pass' } } },
      { name: 'CACHE_URL', value: 'redis://:$(CACHE_PASSWORD)@$(CACHE_HOST):6379/0' },
    ]);
  });

  test('precede the app\'s own variables, which can refer to them', () => {
    const { env } = synth({
      env: { CELERY_BROKER_URL: '$(JOBS_URL)' },
      connections: { jobs: { type: 'rabbitmq', secret: 'mq' } },
    }).container;
    expect(env.map(({ name }: any) => name)).toEqual(['PORT', 'JOBS_URL', 'CELERY_BROKER_URL']);
  });
});

describe('DATABASE_URL', () => {
  const sql = (secret: string): Connection => ({ type: 'postgres', secret });

  test('is the URL of the only SQL database, whatever other connections there are', () => {
    expect(variables({ cache: { type: 'redis', secret: 'r' }, db: sql('a') })).toMatchObject({ DATABASE_URL: 'a/uri', DB_URL: 'a/uri' });
  });

  test('is not set if there are several databases', () => {
    expect(variables({ a: sql('a'), b: sql('b') })).toEqual({ A_URL: 'a/uri', B_URL: 'b/uri' });
  });

  test('is the URL of the connection named `database`', () => {
    expect(variables({ database: sql('a'), b: sql('b') })).toEqual({ DATABASE_URL: 'a/uri', B_URL: 'b/uri' });
  });
});

describe('a service binding', () => {
  const connections = { 'orders-db': { type: 'service-binding', secret: 'production-db' } };

  test('is mounted as read-only files under $SERVICE_BINDING_ROOT', () => {
    const { container, pod } = synth({ connections });
    expect(container.env).toContainEqual({ name: 'SERVICE_BINDING_ROOT', value: '/bindings' });
    expect(container.volumeMounts).toContainEqual({ name: 'binding-orders-db', mountPath: '/bindings/orders-db', readOnly: true });
    expect(pod.volumes).toContainEqual({ name: 'binding-orders-db', secret: { secretName: 'production-db' } });
  });

  test('allows several replicas', () => {
    expect(synth({ connections }).get('ScaledObject').spec.maxReplicaCount).toBe(10);
  });
});

describe('an external secret', () => {
  const external = { STRIPE_KEY: { key: 'prod/stripe', property: 'api-key' }, TOKEN: { key: 'prod/token' } };

  test('comes from the store that the app names', () => {
    const manifests = synth({
      connections: {
        payment: { type: 'external-secret', external, store: { name: 'vault', kind: SecretStoreKind.SECRET_STORE, refresh: '10m' } },
      },
    });
    expect(manifests.get('ExternalSecret', 'web-payment')).toMatchObject({
      apiVersion: 'external-secrets.io/v1',
      spec: {
        refreshInterval: '10m',
        secretStoreRef: { name: 'vault', kind: 'SecretStore' },
        target: { name: 'web-payment' },
        data: [
          { secretKey: 'STRIPE_KEY', remoteRef: { key: 'prod/stripe', property: 'api-key' } },
          { secretKey: 'TOKEN', remoteRef: { key: 'prod/token' } },
        ],
      },
    });
    expect(manifests.container.env).toContainEqual({ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web-payment', key: 'TOKEN' } } });
    expect(manifests.list.indexOf('ExternalSecret web-payment')).toBeLessThan(manifests.list.indexOf('Deployment web'));
  });

  test('comes from the store of the platform by default', () => {
    const platform = { connections: { 'external-secret': { type: 'external-secret', store: { name: 'aws' } } } };
    const { spec } = synth({ connections: { payment: { type: 'external-secret', external } } }, platform).get('ExternalSecret');
    expect(spec).toMatchObject({ refreshInterval: '1h', secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' } });
  });
});

describe('a connection type that the platform defines', () => {
  const platform: PlatformProps = {
    connections: {
      'team-cache': { type: 'redis', secret: 'cache', keys: { host: 'h', port: 'p' } },
      'team-postgres': { type: 'postgres', postgres: { instances: 3, storageClass: 'fast' } },
    },
  };

  test('has the properties that the app omits', () => {
    expect(variables({ cache: { type: 'team-cache' } }, platform)).toEqual({ CACHE_HOST: 'cache/h', CACHE_PORT: 'cache/p' });
  });

  test('can be completed by the app', () => {
    const { spec } = synth({ connections: { db: { type: 'team-postgres', postgres: { storage: '50Gi' } } } }, platform).get('Cluster');
    expect(spec).toMatchObject({ instances: 3, storage: { size: '50Gi', storageClass: 'fast' } });
  });
});

test('an app without connections has no additional objects', () => {
  const plain = new Manifests(build().chart);
  expect(new Manifests(build({ connections: {} }).chart).all).toEqual(plain.all);
});
