import { build, IMAGE, problems, problemsOf } from '../synth';
import { PlatformProps, WebApp } from 'cdk8s-webapp';

const platform: PlatformProps = { connections: { 'team-postgres': { type: 'postgres', postgres: { instances: 3 } } } };

describe('an invalid connection', () => {
  test.each<[object, string]>([
    [{ type: 'postgre' }, '.type is "postgre", which is not a known connection type; did you mean postgres?'],
    [
      { type: 'mongodb' },
      '.type is "mongodb", which is not a known connection type; known values are postgres, mysql, redis, rabbitmq, kafka, '
        + 'secret, service-binding, external-secret, web-app, team-postgres',
    ],
    [{ type: 'redis' }, '.secret is missing; set it to the name of the Secret with the connection details'],
    [{ type: 'redis', secret: 'x', app: 'y' }, '.app is not supported by redis; remove it'],
    [{ type: 'kafka', secret: 'x', url: 'y' }, '.url is not supported by kafka; remove it'],
    [
      { type: 'redis', secret: 'x', keys: { brokers: 'b' } },
      '.keys.brokers is not supported by redis; known values are url, host, port, user, password, database',
    ],
    [
      { type: 'redis', secret: 'x', url: 'redis://$(pasword)' },
      '.url has $(pasword), which is not a known part of a URL; known values are host, port, user, password, database',
    ],
    [
      { type: 'redis', secret: 'x', keys: { url: 'a' }, url: 'redis://$(host)' },
      '.url cannot be combined with keys.url; remove one of them',
    ],
    [{ type: 'secret', secret: 'x' }, ' uses no key of the Secret; set variables: { STRIPE_KEY: \'api-key\' }, or keys, or url'],
    [
      { type: 'external-secret', external: { A: { key: 'a' } } },
      '.store is missing, and the platform does not provide one; '
        + 'set store: { name: \'vault\' }, or ask your platform team to provide it',
    ],
    [
      { type: 'external-secret', store: { name: 'vault' } },
      '.external has no variables; use one such as { STRIPE_KEY: { key: \'prod/stripe\' } }',
    ],
    [{ type: 'web-app' }, '.app is missing; set it to the name of the other app'],
    [{ type: 'web-app', app: 'web' }, '.app refers to the app itself; use the name of another app'],
    [
      { type: 'postgres', secret: 'x', postgres: { instances: 2 } },
      '.postgres cannot be combined with secret, which refers to an existing database; remove one of them',
    ],
    [
      { type: 'postgres', postgres: { cluster: 'x', instances: 2 } },
      '.postgres has instances, which cannot be combined with cluster, an existing Cluster; remove one of them',
    ],
    [{ type: 'postgres', postgres: { owner: 'x' } }, '.postgres has settings for an existing Cluster, but no cluster; set cluster too'],
    [
      { type: 'postgres', postgres: { cluster: 'x', clusterNamespace: 'y' } },
      '.postgres.ownerSecret is missing, and the Secret of a Cluster in another namespace cannot be read; '
        + 'set it to a Secret in the app\'s namespace with the username and password of the owner',
    ],
    [
      { type: 'postgres', postgres: { backups: { schedule: '0 0 2 * * *' } } },
      '.postgres.backups.objectStore is missing, and the platform does not provide one; set it to the name of an ObjectStore',
    ],
    [
      { type: 'postgres', postgres: { backups: { objectStore: 's3', schedule: '0 2 * * *' } } },
      '.postgres.backups.schedule is "0 2 * * *", which is not a valid schedule; '
        + 'use six fields, seconds first, such as 0 0 2 * * * for 2 a.m. every day',
    ],
    [
      { type: 'team-postgres', postgres: { instances: 1 } },
      '.postgres.instances cannot be set, because the platform\'s type "team-postgres" defines it; remove it',
    ],
    [{ type: 'postgres', pstgres: {} }, '.pstgres is not a known property; did you mean postgres?'],
  ])('%j is an error', (connection, expected) => {
    expect(problems({ connections: { db: connection } }, platform)).toEqual([`WebApp "web": connections.db${expected}`]);
  });

  test('a name that is too long for a Cluster of CloudNativePG is an error', () => {
    expect(problems({ name: 'a'.repeat(48), connections: { db: { type: 'postgres' } } }))
      .toEqual([expect.stringContaining('CloudNativePG allows at most 50 characters; shorten the name of the app or the connection')]);
  });

  test('an invalid name is an error', () => {
    expect(problems({ connections: { myDb: { type: 'postgres' } } })).toEqual([expect.stringContaining('such as my-db')]);
  });
});

describe('a variable that two sources set', () => {
  const secret = (name: string) => ({ type: 'redis', secret: name });

  test.each<[object, string]>([
    [{ env: { DB_URL: 'x' }, connections: { db: secret('a') } }, 'connections.db sets DB_URL, which env.DB_URL sets too'],
    [
      { secretEnv: { DB_URL: { secret: 'a', key: 'b' } }, connections: { db: secret('a') } },
      'connections.db sets DB_URL, which secretEnv.DB_URL sets too',
    ],
    [
      { env: { DATABASE_URL: 'x' }, connections: { db: { type: 'postgres' } } },
      'connections.db sets DATABASE_URL, which env.DATABASE_URL sets too',
    ],
    [
      { connections: { a: secret('a'), b: { type: 'secret', secret: 'b', variables: { A_URL: 'x' } } } },
      'connections.b sets A_URL, which connections.a sets too',
    ],
    [{ connections: { b: { type: 'secret', secret: 'b', variables: { PORT: 'x' } } } }, 'connections.b sets PORT, which port sets too'],
    [
      { env: { SERVICE_BINDING_ROOT: '/x' }, connections: { b: { type: 'service-binding', secret: 'b' } } },
      'connections.b sets SERVICE_BINDING_ROOT, which env.SERVICE_BINDING_ROOT sets too',
    ],
  ])('%j is an error', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}; rename the connection, or remove the other`]);
  });

  test('a variable that a method also sets is an error', () => {
    expect(problemsOf(() => {
      const { app, web } = build({ connections: { db: { type: 'postgres' } } });
      web.addEnv('DB_HOST', 'x');
      return app;
    })).toEqual([expect.stringContaining('connections.db sets DB_HOST, which env.DB_HOST sets too')]);
  });
});

test('a volume with the name of a service binding is an error', () => {
  const connections = { b: { type: 'service-binding', secret: 's' } };
  expect(problems({ volumes: { 'binding-b': { path: '/x', memory: '1Mi' } }, connections })).toEqual([
    'WebApp "web": volumes.binding-b has the same name as the volume of a service binding; choose another',
  ]);
});

test('two apps that would share a database are an error', () => {
  expect(problemsOf(() => {
    const { app, chart } = build({ connections: { 'x-db': { type: 'postgres' } } });
    new WebApp(chart, 'web-x', { image: IMAGE, connections: { db: { type: 'postgres' } } });
    return app;
  })).toEqual([expect.stringContaining('creates a Cluster "web-x-db"'), expect.stringContaining('creates a NetworkPolicy "web-x-db"')]);
});

describe('an invalid connection type of the platform', () => {
  test.each<[object, string]>([
    [{ type: 'postgrse' }, '.type is "postgrse", which is not a known connection type; did you mean postgres?'],
    [{ type: 'redis', external: {} }, '.external is not supported by redis; remove it'],
  ])('%j is an error', (connection, expected) => {
    expect(problems({}, { connections: { own: connection as any } })).toEqual([`Platform: connections.own${expected}`]);
  });
});
