/** Variables that have the address or the credentials of another service of the same file, and what has them here. */
import type { ServiceType } from './services';
import { connect, connectApp, connectAppAs, partOf, prefixOf, setScheme } from './services';
import type { Variable, Wired } from './variables';
import type { AppDraft } from '../draft';
import { appName } from '../draft';
import type { Reader } from '../reader';

/** Another service of the file, which is called by its name. */
export interface Neighbor {
  readonly name: string;
  readonly at: Reader;

  /** What it is if it is a database or the like, which becomes a connection. */
  readonly type?: ServiceType;

  /** Whether several apps use it. */
  readonly shared?: boolean;

  /** The app that it is, if it gets requests. */
  readonly app?: AppDraft;

  /** A variable of its own. */
  readonly variable: (name: string) => string | undefined;
}

/** A program of the file that another one waits for. */
export interface Awaited {
  readonly name: string;
  readonly role: string;

  /** Undefined if it is not imported. */
  readonly app?: AppDraft;
}

/** Connects an app to the program that it waits for, if it is another app that gets requests. */
export function setDependency(at: Reader, app: AppDraft, { name, role, app: other }: Awaited): void {
  if (other === undefined) {
    at.taken('what it waits for is not imported');
  } else if (other === app) {
    at.taken(role === 'release' ? app.shown(['releaseCommand']) : 'it is a process of the same app');
  } else if (role !== 'web') {
    at.none(`${name} gets no requests, and nothing waits for it`, 'retry in the program');
  } else {
    const connection = connectApp(app, other);
    app.cameFrom(at, ['connections', connection]);
    at.taken(app.shown(['connections', connection]));
  }
}

type WithValue = Variable & { readonly value: string };

/** Others are for certain drivers. */
const USUAL_SCHEMES: { readonly [type: string]: readonly string[] | undefined } = {
  postgres: ['postgres', 'postgresql'], mysql: ['mysql', 'mariadb'], redis: ['redis', 'rediss'], rabbitmq: ['amqp', 'amqps'],
};

/**
 * Connects an app to what its variables have the addresses of, before they are read: a password is known to be that of a database once its
 * host is.
 */
export function connectMentioned(
  app: AppDraft, variables: readonly { readonly name: string; readonly text?: string }[], neighbors: readonly Neighbor[],
): void {
  for (const { name: variable, text } of variables) {
    if (text === undefined) continue;
    for (const { type, ...neighbor } of neighbors) {
      if (type && mentions(text, neighbor.name)) connect(app, { ...neighbor, type }, neighbor.at);
      const { app: target } = neighbor;
      // The connection would give the app that variable too, as the URL alone.
      const isGiven = target && target !== app && variable === `${prefixOf(target.name)}_URL`;
      if (isGiven && isHostOf(text, neighbor.name) && pathIn(text) !== '') connectAppAs(`${target.name}-app`, app, target);
    }
  }
}

/** Whether a variable has the address or the credentials of another service of the file, and what has them here. */
export function wire(app: AppDraft, neighbors: readonly Neighbor[], variable: WithValue): Wired | undefined {
  for (const neighbor of neighbors) {
    const wired = neighbor.type ? toConnection(app, neighbor, variable) : toApp(app, neighbor, variable);
    if (wired) return wired;
  }
  return undefined;
}

function toConnection(app: AppDraft, neighbor: Neighbor, variable: WithValue): Wired | undefined {
  const { type, name } = neighbor;
  if (!type || !mentions(variable.value, name)) return credential(app, neighbor, variable);
  const connection = connect(app, { ...neighbor, type }, neighbor.at);
  const url = /^([a-z][a-z0-9+.-]*):\/\//i.exec(variable.value);
  if (url && isHostOf(variable.value, name)) {
    const gives = [`${prefixOf(connection)}_URL`, ...type.type === 'postgres' || type.type === 'mysql' ? ['DATABASE_URL'] : []];
    const scheme = url[1];
    const isUsual = USUAL_SCHEMES[type.type]?.includes(scheme.toLowerCase()) ?? true;
    if (gives.includes(variable.name)) {
      if (!isUsual) setScheme(app, connection, scheme);
      return { connection };
    }
    if (!isUsual) return { connection, value: `${scheme}://${partsOf(app, connection)}` };
    return { connection, value: partOf(app, connection, 'url') };
  }
  if (variable.value === name) return found(connection, partOf(app, connection, 'host'), variable);
  const [, port] = /^[^/:]+:(\d+)$/.exec(variable.value) ?? [];
  if (port !== undefined && variable.value.startsWith(`${name}:`)) {
    const [host, ofPort] = [partOf(app, connection, 'host'), partOf(app, connection, 'port')];
    if (type.type === 'kafka') return found(connection, host, variable);
    return found(connection, host && ofPort && `${host}:${ofPort}`, variable);
  }
  return undefined;
}

function partsOf(app: AppDraft, connection: string): string {
  const [user, password, host, port, database] = (['user', 'password', 'host', 'port', 'database'] as const)
    .map(part => partOf(app, connection, part));
  return `${user}:${password}@${host}:${port}/${database}`;
}

/** The connection gives a variable of the same name itself. */
function found(connection: string, value: string | undefined, { name }: Variable): Wired | undefined {
  if (value === undefined) return undefined;
  return value === `$(${name})` ? { connection } : { connection, value };
}

/** What the images of databases take for their first user: https://hub.docker.com/_/postgres, https://hub.docker.com/_/mysql */
const CREDENTIALS: readonly (readonly [part: 'user' | 'password' | 'database', names: readonly string[], of: RegExp])[] = [
  ['password', ['POSTGRES_PASSWORD', 'MYSQL_PASSWORD', 'MYSQL_ROOT_PASSWORD', 'MARIADB_PASSWORD', 'MARIADB_ROOT_PASSWORD',
    'RABBITMQ_DEFAULT_PASS'], /PASS|PWD/i],
  ['user', ['POSTGRES_USER', 'MYSQL_USER', 'MARIADB_USER', 'RABBITMQ_DEFAULT_USER'], /USER|ROLE/i],
  ['database', ['POSTGRES_DB', 'MYSQL_DATABASE', 'MARIADB_DATABASE'], /DB|DATABASE|NAME/i],
];

/** What these images take where no variable says it. */
const USUAL: { readonly [type: string]: { readonly [part: string]: string | undefined } | undefined } = {
  postgres: { user: 'postgres', database: 'postgres' },
  mysql: { user: 'root' },
  rabbitmq: { user: 'guest', password: 'guest' },
};

/** A user, password or name of a database that is the same as that of a service which the app depends on. */
function credential(app: AppDraft, { name, type, variable: own }: Neighbor, variable: WithValue): Wired | undefined {
  const connection = appName(name);
  if (!type || !app.has(['connections', connection]) || variable.value === '') return undefined;
  for (const [part, names, pattern] of CREDENTIALS) {
    const written = names.map(own).filter(value => value !== undefined);
    const isSame = written.length > 0 ? written.includes(variable.value) : USUAL[type.type]?.[part] === variable.value;
    if (isSame && pattern.test(variable.name)) return found(connection, partOf(app, connection, part), variable);
  }
  const isPort = Number(variable.value) === type.port && /PORT$/i.test(variable.name);
  const isNamed = new RegExp(`^(${prefixOf(connection)}|DB|DATABASE|${type.type}|PG)_?`, 'i').test(variable.name);
  return isPort && isNamed ? found(connection, partOf(app, connection, 'port'), variable) : undefined;
}

function toApp(app: AppDraft, { name, app: target }: Neighbor, variable: WithValue): Wired | undefined {
  if (!target || target === app || !isHostOf(variable.value, name)) return undefined;
  const connection = connectApp(app, target);
  return found(connection, `$(${prefixOf(connection)}_URL)${pathIn(variable.value)}`, variable);
}

/** What follows the host of a URL. */
function pathIn(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/^\/$/, '');
}

/** Whether it is a URL of a host. */
function isHostOf(value: string, host: string): boolean {
  return new RegExp(`^[a-z][a-z0-9+.-]*://(?:[^/@]*@)?${escaped(host)}(?::\\d+|:?\\$\\{\\w+\\})?(?:[/?#,]|$)`, 'i').test(value);
}

export function mentions(value: string, host: string): boolean {
  return isHostOf(value, host) || new RegExp(`^${escaped(host)}(:\\d+)?$`).test(value);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
