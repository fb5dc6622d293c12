import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A service that a program most likely needs, because it depends on a client for it. */
export interface Hint {
  readonly type: 'postgres' | 'mysql' | 'redis' | 'rabbitmq' | 'kafka';
  readonly title: string;

  /** The dependency, and the file that has it: `pg in package.json`. */
  readonly from: string;
}

/** Clients by what they connect to, as files of dependencies name them in all languages. */
const CLIENTS: readonly (readonly [type: Hint['type'], title: string, names: readonly string[]])[] = [
  ['postgres', 'PostgreSQL', ['pg', 'postgres', 'pg-promise', 'psycopg', 'psycopg2', 'psycopg2-binary', 'asyncpg', 'github.com/lib/pq',
    'github.com/jackc/pgx', 'tokio-postgres', 'postgrex', 'postgresql', 'Npgsql', 'Npgsql.EntityFrameworkCore.PostgreSQL']],
  ['mysql', 'MySQL', ['mysql', 'mysql2', 'mariadb', 'mysqlclient', 'PyMySQL', 'aiomysql', 'github.com/go-sql-driver/mysql', 'mysql_async',
    'myxql', 'mysql-connector-j', 'MySqlConnector']],
  ['redis', 'Redis', ['redis', 'ioredis', 'bullmq', 'bull', 'sidekiq', 'resque', 'rq', 'github.com/redis/go-redis',
    'github.com/go-redis/redis',
    'redix', 'predis/predis', 'jedis', 'lettuce-core', 'StackExchange.Redis']],
  ['rabbitmq', 'RabbitMQ', ['amqplib', 'amqp-connection-manager', 'pika', 'aio-pika', 'bunny', 'github.com/rabbitmq/amqp091-go', 'lapin',
    'amqp', 'php-amqplib/php-amqplib', 'amqp-client', 'RabbitMQ.Client']],
  ['kafka', 'Kafka', ['kafkajs', 'node-rdkafka', 'kafka-python', 'confluent-kafka', 'aiokafka', 'ruby-kafka', 'rdkafka',
    'github.com/segmentio/kafka-go', 'github.com/IBM/sarama', 'kafka-clients', 'Confluent.Kafka']],
];

const FILES = [
  'package.json', 'requirements.txt', 'pyproject.toml', 'Pipfile', 'Gemfile', 'go.mod', 'Cargo.toml', 'composer.json', 'mix.exs', 'pom.xml',
  'build.gradle', 'build.gradle.kts',
];

/** The services that the dependencies of a program hint at. Those of development do not count. */
export function dependencyHints(folder: string): Hint[] {
  const texts = FILES.filter(file => existsSync(join(folder, file))).map(file => [file, readFileSync(join(folder, file), 'utf8')] as const);
  return CLIENTS.flatMap(([type, title, names]): Hint[] => {
    for (const [file, text] of texts) {
      const name = names.find(one => dependsOn(file, text, one));
      if (name !== undefined) return [{ type, title, from: `${name} in ${file}` }];
    }
    return [];
  });
}

function dependsOn(file: string, text: string, name: string): boolean {
  if (file === 'package.json' || file === 'composer.json') return Object.hasOwn(namesOf(text), name);
  // In quotes, in brackets, or at the start of a line: a name that is part of another one is another one.
  const pattern = `(^|[\\s"'<>:,])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(/v\\d+)?($|[\\s"'<>=~^!,;:[])`;
  return text.split('\n').some(line => !/^\s*(#|\/\/)/.test(line) && new RegExp(pattern, 'm').test(line));
}

function namesOf(json: string): object {
  try {
    const { dependencies, require } = JSON.parse(json);
    return { ...dependencies, ...require };
  } catch {
    // It is not valid, which its build says better.
    return {};
  }
}
