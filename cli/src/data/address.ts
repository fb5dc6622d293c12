/** The address of a service that an app connects to, as its variables have it: one URL, or the parts of one. */

/** What it is, by the protocol that it speaks. */
export type ServiceKind = 'postgres' | 'mysql' | 'redis' | 'mongodb' | 'rabbitmq' | 'http';

export const SERVICE_KINDS: readonly ServiceKind[] = ['postgres', 'mysql', 'redis', 'mongodb', 'rabbitmq', 'http'];

export interface Address {
  readonly kind: ServiceKind;

  /** The scheme of its URL, such as `rediss`, which is TLS. */
  readonly scheme: string;
  readonly host: string;

  /** Undefined where the host is only a name that others are found by: `mongodb+srv`. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;

  /** The options of the URL. */
  readonly options?: URLSearchParams;
}

interface Service {
  readonly name: string;
  readonly port: number;
  readonly schemes: readonly string[];
}

/** The first scheme is the usual one. */
const SERVICES: { readonly [kind in ServiceKind]: Service } = {
  postgres: { name: 'PostgreSQL', port: 5432, schemes: ['postgresql', 'postgres'] },
  mysql: { name: 'MySQL', port: 3306, schemes: ['mysql', 'mysql2', 'mariadb'] },
  redis: { name: 'Redis', port: 6379, schemes: ['redis', 'rediss', 'valkey', 'valkeys'] },
  mongodb: { name: 'MongoDB', port: 27017, schemes: ['mongodb', 'mongodb+srv'] },
  rabbitmq: { name: 'RabbitMQ', port: 5672, schemes: ['amqp', 'amqps'] },
  http: { name: 'HTTP', port: 80, schemes: ['http', 'https'] },
};

/** Ports of TLS. */
const TLS_PORTS: { readonly [scheme: string]: number } = { amqps: 5671, https: 443 };

export function serviceName(kind: ServiceKind): string {
  return SERVICES[kind].name;
}

/** The kind whose scheme a URL has; those of SQLAlchemy name a driver as well: `postgresql+asyncpg`. */
function kindOfScheme(scheme: string): ServiceKind | undefined {
  const names = [scheme, scheme.split('+')[0]];
  return SERVICE_KINDS.find(kind => names.some(name => SERVICES[kind].schemes.includes(name)));
}

/** The kind that usually has a port. */
export function kindOfPort(port: number): ServiceKind | undefined {
  return SERVICE_KINDS.find(kind => SERVICES[kind].port === port);
}

export function defaultPort(kind: ServiceKind): number {
  return SERVICES[kind].port;
}

export function defaultScheme(kind: ServiceKind): string {
  return SERVICES[kind].schemes[0];
}

/**
 * The parts of a URL. Of several hosts, it is the first. Unlike in a URL of the web, a password may have characters that should have been
 * escaped: Kubernetes inserts values as they are.
 *
 * @returns undefined if it is not a URL of a known kind
 */
export function parseAddress(url: string): Address | undefined {
  const [, scheme, , user, password, hosts, database, query] = (
    /^([a-z][a-z\d+.-]*):\/\/(([^:@/]*)(?::([^?]*))?@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/is.exec(url.trim()) ?? []);
  const kind = scheme === undefined ? undefined : kindOfScheme(scheme.toLowerCase());
  const [, ipv6, name, port] = /^(?:\[([^\]]+)\]|([^:,]+))(?::(\d+))?/.exec(hosts ?? '') ?? [];
  const host = ipv6 ?? name;
  if (!kind || !host) return undefined;
  return {
    kind,
    scheme,
    host,
    port: scheme === 'mongodb+srv' ? undefined : Number(port ?? TLS_PORTS[scheme] ?? SERVICES[kind].port),
    user: unescaped(user),
    password: unescaped(password),
    database: unescaped(database),
    options: query ? new URLSearchParams(query) : undefined,
  };
}

/** An address as a URL. */
export function formatAddress({ scheme, host, port, user, password, database, options }: Address): string {
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const credentials = user === undefined && password === undefined ? '' : `${encodeURIComponent(user ?? '')}${secret}@`;
  const place = `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
  const query = options && options.size > 0 ? `?${options.toString()}` : '';
  const path = database === undefined && query === '' ? '' : `/${encodeURIComponent(database ?? '')}`;
  return `${scheme}://${credentials}${place}${path}${query}`;
}

/**
 * The same service as it is reached through a tunnel. Its certificate is for another name than that of this computer, so that the name
 * cannot be verified; the connection to the cluster says who is at the other end.
 */
export function throughTunnel(address: Address, port: number): Address {
  const options = new URLSearchParams(address.options);
  if (address.kind === 'postgres') {
    if (options.get('sslmode')?.startsWith('verify')) options.set('sslmode', 'require');
    for (const file of ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl']) options.delete(file); // they are in the container
  }
  if (address.kind === 'mongodb') {
    // A client that is told of the other members would connect to these.
    options.delete('replicaSet');
    options.set('directConnection', 'true');
  }
  return { ...address, host: '127.0.0.1', port, options };
}

function unescaped(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that should have been escaped
  }
}
