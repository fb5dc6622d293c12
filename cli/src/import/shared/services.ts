/** Databases, caches and queues that run next to apps on other platforms, and become connections. */
import { fieldsOf } from '../../config/merge';
import type { AppDraft } from '../draft';
import { appName, pathOf } from '../draft';
import type { Reader } from '../reader';

/** What a service is, for connections. */
export interface ServiceType {
  readonly type: 'postgres' | 'mysql' | 'redis' | 'rabbitmq' | 'kafka' | 'secret';

  /** What people call it. */
  readonly title: string;

  /** A URL of it, with what is to be filled in. */
  readonly url: string;
  readonly port: number;
}

const POSTGRES: ServiceType = { type: 'postgres', title: 'PostgreSQL', url: 'postgres://USER:PASSWORD@HOST:5432/NAME', port: 5432 };
const MYSQL: ServiceType = { type: 'mysql', title: 'MySQL', url: 'mysql://USER:PASSWORD@HOST:3306/NAME', port: 3306 };
const REDIS: ServiceType = { type: 'redis', title: 'Redis', url: 'redis://:PASSWORD@HOST:6379/0', port: 6379 };
const RABBITMQ: ServiceType = { type: 'rabbitmq', title: 'RabbitMQ', url: 'amqp://USER:PASSWORD@HOST:5672/', port: 5672 };
const KAFKA: ServiceType = { type: 'kafka', title: 'Kafka', url: 'HOST:9092', port: 9092 };

const other = (title: string, url: string, port: number): ServiceType => ({ type: 'secret', title, url, port });
const MONGODB = other('MongoDB', 'mongodb://USER:PASSWORD@HOST:27017/NAME', 27017);
const MEMCACHED = other('Memcached', 'HOST:11211', 11211);
const SEARCH = other('Elasticsearch', 'http://USER:PASSWORD@HOST:9200', 9200);

/** By the last part of the name of an image, without the tag. */
const BY_IMAGE: readonly (readonly [RegExp, ServiceType])[] = [
  [/^(postgres|postgresql|postgis|pgvector|timescaledb(-ha)?|spilo(-\d+)?|supabase-postgres|cockroach)$/, POSTGRES],
  [/^(mysql|mysql-server|mariadb|percona|percona-server)$/, MYSQL],
  [/^(redis|redis-stack|redis-stack-server|valkey|keydb|dragonfly|redis-alpine)$/, REDIS],
  [/^rabbitmq$/, RABBITMQ],
  [/^(kafka|cp-kafka|redpanda|kafka-native)$/, KAFKA],
  [/^(mongo|mongodb|mongodb-community-server|percona-server-mongodb|ferretdb)$/, MONGODB],
  [/^memcached$/, MEMCACHED],
  [/^(elasticsearch|opensearch)$/, SEARCH],
  [/^(meilisearch|typesense)$/, other('Meilisearch', 'http://HOST:7700', 7700)],
  [/^(minio|localstack)$/, other('S3 storage', 'http://HOST:9000', 9000)],
  [/^(nats|nats-streaming)$/, other('NATS', 'nats://HOST:4222', 4222)],
  [/^(influxdb|clickhouse|clickhouse-server|cassandra|scylla|neo4j|couchdb|arangodb|mssql|server|azure-sql-edge)$/,
    other('a database', 'SCHEME://USER:PASSWORD@HOST:PORT/NAME', 0)],
  [/^(zookeeper|cp-zookeeper)$/, other('ZooKeeper', 'HOST:2181', 2181)],
  [/^(mailhog|mailpit|mailcatcher|maildev)$/, other('a mail server', 'smtp://USER:PASSWORD@HOST:587', 1025)],
];

/** What a platform's own name of an engine or add-on says. */
const BY_ENGINE: readonly (readonly [RegExp, ServiceType])[] = [
  [/postgres|^pg$|timescale/i, POSTGRES],
  [/mysql|maria|jawsdb|cleardb/i, MYSQL],
  [/redis|valkey|keyvalue|key value|upstash/i, REDIS],
  [/rabbit|amqp/i, RABBITMQ],
  [/kafka/i, KAFKA],
  [/mongo/i, MONGODB],
  [/memcache/i, MEMCACHED],
  [/elasticsearch|opensearch|bonsai|searchbox/i, SEARCH],
];

/** The service that an image runs; undefined for an app. */
export function serviceOfImage(image: string): ServiceType | undefined {
  const repository = image.split('@')[0].replace(/:[^/]*$/, '');
  const name = repository.split('/').at(-1)!;
  // `server` alone is the name of many apps, unless it is that of Microsoft.
  if (name === 'server' && !repository.includes('mssql')) return undefined;
  return BY_IMAGE.find(([pattern]) => pattern.test(name))?.[1];
}

export function serviceOfEngine(engine: string): ServiceType | undefined {
  return BY_ENGINE.find(([pattern]) => pattern.test(engine))?.[1];
}

/** The start of the variables of a connection: `MY_CACHE` of `my-cache`. */
export function prefixOf(connection: string): string {
  return connection.toUpperCase().replace(/-/g, '_');
}

/** A service that an app is connected to. */
export interface ConnectedService {
  readonly name: string;
  readonly type: ServiceType;

  /** Whether several apps use it. */
  readonly shared?: boolean;
}

/**
 * Gives an app a connection to a service. A PostgreSQL of the app alone is created by CloudNativePG; anything else exists already, and its
 * address is in a Secret.
 *
 * @param sources what of the source it comes from
 * @returns its name
 */
export function connect(app: AppDraft, { name, type: service, shared }: ConnectedService, ...sources: readonly Reader[]): string {
  const connection = appName(name);
  const steps = ['connections', connection];
  for (const at of sources) app.cameFrom(at, steps);
  if (app.has(steps)) return connection;
  if (service.type === 'postgres' && !shared) {
    app.set(steps, { type: 'postgres' }, 'CloudNativePG runs it; with secret: NAME it is one that you have already.');
    const named = `connections: { ${connection}: { type: postgres, secret: … } }`;
    app.draft.tell(`copy the data of ${name} into the new PostgreSQL, or name yours: ${named}`);
    return connection;
  }
  const secret = shared ? connection : `${app.name}-${connection}`;
  const key = service.type === 'kafka' ? 'brokers' : 'uri';
  const variables = service.type === 'secret' ? { variables: { [`${prefixOf(connection)}_URL`]: key } } : {};
  const what = shared ? 'that several apps use' : 'that exists already';
  const title = service.title[0].toUpperCase() + service.title.slice(1);
  app.set(steps, { type: service.type, secret, ...variables }, `${title} ${what}; its address is in the Secret.`);
  app.needsSecret(secret, key, `'${service.url}'`);
  return connection;
}

/** What a connection gives a variable for. */
type Part = 'url' | 'host' | 'port' | 'user' | 'password' | 'database';

/** A variable of a connection, which its Secret may need another key for. */
export function partOf(app: AppDraft, connection: string, part: Part): string | undefined {
  const { type, secret } = fieldsOf(app.get(['connections', connection]));
  const reference = `$(${prefixOf(connection)}_${part.toUpperCase()})`;
  if (type === 'kafka') return part === 'url' || part === 'host' ? `$(${prefixOf(connection)}_BROKERS)` : undefined;
  if (part === 'url' || (type === 'postgres' && secret === undefined)) return reference;
  if (type === 'secret' || typeof secret !== 'string') return undefined;
  if (part === 'database' && (type === 'redis' || type === 'rabbitmq')) return undefined;
  const steps = ['connections', connection, 'keys'];
  // Keys that are named replace the default, which is the URL alone.
  if (!app.has(steps)) app.set(steps, { url: 'uri' });
  const key = part === 'user' ? 'username' : part;
  app.set([...steps, part], key);
  app.needsSecret(secret, key, part.toUpperCase());
  return reference;
}

/** Makes the URL of a connection one for another driver, such as `mysql+pymysql`; it is put together of its parts. */
export function setScheme(app: AppDraft, connection: string, scheme: string): void {
  const steps = ['connections', connection];
  const { secret } = fieldsOf(app.get(steps));
  app.set([...steps, 'url'], `${scheme}://$(user):$(password)@$(host):$(port)/$(database)`);
  app.set([...steps, 'keys', 'url'], undefined);
  if (typeof secret !== 'string') return;
  app.secrets.get(secret)?.delete('uri');
  for (const key of ['username', 'password', 'host', 'port', 'database']) app.needsSecret(secret, key, key.toUpperCase());
}

/** Gives an app the URL of another app of the same file. */
export function connectApp(app: AppDraft, target: AppDraft): string {
  const known = connectionTo(app, target);
  if (known === undefined) app.set(['connections', target.name], { type: 'web-app', app: target.name });
  return known ?? target.name;
}

/** Gives it another name than that of the app, which is the start of a variable that the app has itself. */
export function connectAppAs(name: string, app: AppDraft, target: AppDraft): void {
  const before = connectionTo(app, target);
  if (before !== undefined) {
    app.set(['connections', before], undefined);
    const origins = app.origins.filter(({ steps }) => pathOf(steps) === pathOf(['connections', before]));
    for (const { at } of origins) at.taken(app.shown(['connections', name]));
  }
  app.set(['connections', name], { type: 'web-app', app: target.name });
}

function connectionTo(app: AppDraft, target: AppDraft): string | undefined {
  const all = Object.entries(fieldsOf(app.props.connections));
  return all.find(([, one]) => fieldsOf(one).type === 'web-app' && fieldsOf(one).app === target.name)?.[0];
}
