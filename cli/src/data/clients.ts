/** The programs of this computer that people use a service with, and how each is told the address. */
import type { Address, ServiceKind } from './address';
import { formatAddress } from './address';

interface Variables {
  readonly [name: string]: string | undefined;
}

/** The clients of a kind of service. */
export interface Clients {
  /** The first that is on the PATH is used. */
  readonly programs: readonly string[];

  /** Where to get the first. */
  readonly install: string;

  /** Their arguments. Other users of this computer can see them, so that there is no password among them. */
  readonly args: (address: Address) => readonly string[];
}

export const CLIENTS: { readonly [kind in ServiceKind]?: Clients } = {
  postgres: {
    programs: ['psql'],
    install: 'apt install postgresql-client, brew install libpq, or see https://www.postgresql.org/download/',
    args: () => [],
  },
  mysql: {
    programs: ['mysql', 'mariadb'],
    install: 'apt install mariadb-client, brew install mysql-client, or see https://dev.mysql.com/downloads/',
    args: ({ host, port, user, database }) => [
      '--protocol=TCP', `--host=${host}`, `--port=${port}`, ...user === undefined ? [] : [`--user=${user}`],
      ...database === undefined ? [] : [`--database=${database}`],
    ],
  },
  redis: {
    programs: ['redis-cli', 'valkey-cli'],
    install: 'apt install redis-tools, brew install redis, or see https://redis.io/docs/latest/operate/oss_and_stack/install/',
    args: ({ scheme, host, port, user, password, database }) => [
      '-h', host, '-p', String(port),
      ...user !== undefined && password !== undefined ? ['--user', user] : [],
      ...database === undefined ? [] : ['-n', database],
      // The name in the certificate is that of the service. It is not verified through a tunnel, at whose end is the service alone.
      ...['rediss', 'valkeys'].includes(scheme) ? ['--tls', ...host === '127.0.0.1' ? ['--insecure'] : []] : [],
    ],
  },
  mongodb: {
    programs: ['mongosh'],
    install: 'see https://www.mongodb.com/docs/mongodb-shell/install/',
    // It takes no password from its environment, but what it evaluates can: https://www.mongodb.com/docs/mongodb-shell/reference/options/
    args: () => ['--nodb', '--shell', '--eval', 'db = connect(process.env.MONGODB_URI)'],
  },
};

/** The variables by which clients of a service are told its address, libraries too. */
export function clientVariables(address: Address): Variables {
  const { kind, host, port, user, password, database, options } = address;
  switch (kind) {
    // https://www.postgresql.org/docs/current/libpq-envars.html
    case 'postgres': return {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGSSLMODE: options?.get('sslmode') ?? undefined,
      // What would lead somewhere else.
      PGHOSTADDR: undefined,
      PGSERVICE: undefined,
    };
    // https://dev.mysql.com/doc/refman/9.4/en/environment-variables.html
    case 'mysql': return { MYSQL_HOST: host, MYSQL_TCP_PORT: String(port), MYSQL_PWD: password };
    // Valkey's client also takes that of Redis: https://github.com/valkey-io/valkey/blob/unstable/src/valkey-cli.c
    case 'redis': return { REDISCLI_AUTH: password, VALKEYCLI_AUTH: password };
    case 'mongodb': return { MONGODB_URI: formatAddress(address) };
    default: return {};
  }
}
