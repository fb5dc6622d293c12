/** The connections of an app, as they are found in its environment: a connection `db` has variables such as `DB_URL` or `DB_HOST`. */
import type { Address, ServiceKind } from './address';
import { defaultPort, defaultScheme, kindOfPort, parseAddress, SERVICE_KINDS } from './address';
import type { Environment } from './environment';
import { nearest } from '../../../src/internal';
import { Failure } from '../ui/failure';

/** A connection of an app. */
export interface AppConnection {
  readonly name: string;

  /** What the names of its variables begin with. */
  readonly prefix: string;
  readonly address: Address;

  /** The names of its variables, and those of others with values of the same Secret. */
  readonly variables: readonly string[];
}

/** The ends of the names of variables, by what they have; the first is that of our own connections, the others are common too. */
const PARTS = {
  host: ['HOST'],
  port: ['PORT'],
  user: ['USER', 'USERNAME'],
  password: ['PASSWORD'],
  database: ['DATABASE', 'DB', 'NAME'],
} as const;

type Part = keyof typeof PARTS;

/** The connection of the SQL database has its URL in this one too. */
const DATABASE = 'DATABASE';

/** What a connection has at least one of. */
const MAIN = ['URL', 'HOST', 'BROKERS'];

/**
 * A connection of an app.
 *
 * @param name by default the only one, or the one of `DATABASE_URL`
 * @param kind what it is, where its variables do not say it
 * @throws Failure with the connections that there are
 */
export async function findConnection(app: string, environment: Environment, name?: string, kind?: ServiceKind): Promise<AppConnection> {
  const all = environment.hasSources ? await environment.allNames() : environment.names;
  const prefix = name === undefined ? onlyOf(app, environment, all) : prefixOf(name);
  const shown = name ?? nameOf(prefix);
  const has = (end: string) => all.includes(`${prefix}_${end}`);
  if (!MAIN.some(has)) throw unknown(app, shown, connectionNames(environment, all));
  const parts = await partsOf(environment, prefix, has);
  const url = has('URL') ? await environment.get(`${prefix}_URL`) : undefined;
  const address = url === undefined ? fromParts(shown, parts, kind, has('BROKERS')) : fromUrl(`${prefix}_URL`, url, parts);
  return { name: shown, prefix, address, variables: variablesOf(environment, prefix, all) };
}

function fromUrl(variable: string, url: string, { user, password, database }: Parts): Address {
  const address = parseAddress(url);
  // The URL may have a password, so it is not shown.
  if (!address) throw new Failure(`${variable} is not the URL of a service that webapp connect knows: ${SERVICE_KINDS.join(', ')}`);
  return { ...address, user: address.user ?? user, password: address.password ?? password, database: address.database ?? database };
}

type Parts = { readonly [part in Part]?: string };

async function partsOf(environment: Environment, prefix: string, has: (end: string) => boolean): Promise<Parts> {
  const found = await Promise.all(Object.entries(PARTS).map(async ([part, ends]) => {
    const end = ends.find(has);
    return [part, end && await environment.get(`${prefix}_${end}`)];
  }));
  return Object.fromEntries(found);
}

function fromParts(
  name: string, { host, port, user, password, database }: Parts, given: ServiceKind | undefined, isKafka: boolean,
): Address {
  if (isKafka) {
    throw new Failure([
      `${name} is Kafka, whose brokers send their clients to addresses in the cluster: there is no tunnel to it`,
      '  run a client in the cluster, with webapp run -- COMMAND',
    ].join('\n'));
  }
  if (host === undefined) throw new Failure(`the variables of ${name} have no host`);
  const kind = given ?? (port === undefined ? undefined : kindOfPort(Number(port)));
  if (!kind) throw new Failure(`the variables of ${name} do not say what it is; set --type to one of ${SERVICE_KINDS.join(', ')}`);
  return { kind, scheme: defaultScheme(kind), host, port: Number(port ?? defaultPort(kind)), user, password, database };
}

/** What the variables of a connection begin with; the name of one of them will do: `DATABASE_URL`. */
function prefixOf(name: string): string {
  return name.toUpperCase().replace(/-/g, '_').replace(/_URL$/, '');
}

function nameOf(prefix: string): string {
  return prefix.toLowerCase().replace(/_/g, '-');
}

/** The prefix of the only connection, or of the one that is the app's database. */
function onlyOf(app: string, environment: Environment, all: readonly string[]): string {
  const names = connectionNames(environment, all);
  if (names.length === 1) return prefixOf(names[0]);
  if (all.includes(`${DATABASE}_URL`)) return DATABASE;
  throw new Failure(names.length === 0
    ? `${app} has no connections: its environment has no variable such as DB_URL`
    : `${app} has several connections; name one of ${names.join(', ')}`);
}

/** The names of the connections of an app. Those to other apps are not among them, as only HTTP leads there. */
function connectionNames(environment: Environment, all: readonly string[]): string[] {
  const prefixes = [...new Set(all.flatMap(variable => /^(.+)_(?:URL|HOST|BROKERS)$/.exec(variable)?.[1] ?? []))];
  const isWeb = (prefix: string) => /^https?:/.test(environment.literal(`${prefix}_URL`) ?? '');
  const source = (prefix: string) => JSON.stringify(environment.secretOf(`${prefix}_URL`) ?? environment.literal(`${prefix}_URL`));
  const isAgain = (prefix: string) => prefix === DATABASE && all.includes(`${prefix}_URL`) && source(prefix) !== undefined
    && prefixes.some(other => other !== prefix && source(other) === source(prefix));
  return prefixes.filter(prefix => !isWeb(prefix) && !isAgain(prefix)).map(nameOf);
}

function variablesOf(environment: Environment, prefix: string, all: readonly string[]): string[] {
  const own = all.filter(variable => variable.startsWith(`${prefix}_`));
  const secrets = new Set(own.flatMap(variable => environment.secretOf(variable)?.secret ?? []));
  const literals = new Set(own.flatMap(variable => environment.literal(variable) ?? []));
  const isSame = (variable: string) => {
    const secret = environment.secretOf(variable)?.secret;
    const literal = environment.literal(variable);
    return secret !== undefined ? secrets.has(secret) : variable === `${DATABASE}_URL` && literal !== undefined && literals.has(literal);
  };
  return all.filter(variable => own.includes(variable) || isSame(variable));
}

function unknown(app: string, name: string, known: readonly string[]): Failure {
  const near = nearest(name, known);
  const hint = near ? `did you mean ${near}?` : known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
  return new Failure(`${app} has no connection ${name}; ${hint}`);
}
