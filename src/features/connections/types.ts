import type { Connection, ConnectionKeys } from './props';

/**
 * The types of connections that are built in, and what each can have.
 */

/** A part of an address. */
export type Part = keyof ConnectionKeys;

export interface ConnectionType {
  /** Fields that mean something, besides `type`. */
  readonly fields: readonly (keyof Connection)[];
  /** Parts of an address that it can have. */
  readonly parts: readonly Part[];
  /** Keys of the Secret where a connection names none. */
  readonly keys: ConnectionKeys;
  /** Whether it is a database that `DATABASE_URL` can mean. */
  readonly sql?: boolean;
  /** KEDA's name of the scaler, for what an app can scale on. */
  readonly scaler?: 'rabbitmq' | 'kafka' | 'redis';
}

const SECRET = ['secret', 'keys', 'url', 'variables'] as const;
const ADDRESS = ['url', 'host', 'port', 'user', 'password'] as const;

/** `uri` is what Service Binding for Kubernetes and CloudNativePG call the key of a URL. */
const URI = { url: 'uri' };

const TYPES: { readonly [type: string]: ConnectionType } = {
  'postgres': { fields: [...SECRET, 'postgres'], parts: [...ADDRESS, 'database'], keys: URI, sql: true },
  'mysql': { fields: SECRET, parts: [...ADDRESS, 'database'], keys: URI, sql: true },
  'redis': { fields: SECRET, parts: [...ADDRESS, 'database'], keys: URI, scaler: 'redis' },
  'rabbitmq': { fields: SECRET, parts: ADDRESS, keys: URI, scaler: 'rabbitmq' },
  'kafka': {
    fields: ['secret', 'keys', 'variables'],
    parts: ['brokers', 'user', 'password'],
    keys: { brokers: 'brokers' },
    scaler: 'kafka',
  },
  'secret': { fields: SECRET, parts: [...ADDRESS, 'database'], keys: {} },
  'service-binding': { fields: ['secret'], parts: [], keys: {} },
  'external-secret': { fields: ['external', 'store'], parts: [], keys: {} },
  'web-app': { fields: ['app', 'namespace', 'bypassInterceptor', 'wake'], parts: [], keys: {} },
};

export const TYPE_NAMES = Object.keys(TYPES);

/** What a built-in type can have; undefined for a name that is none. */
export function connectionType(name: string): ConnectionType | undefined {
  return Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
}

/**
 * Keys of a Secret that parts of a URL are taken from where a connection names none.
 *
 * @see https://servicebinding.io/spec/core/1.1.0/#well-known-secret-entries
 */
export const WELL_KNOWN_KEYS: { readonly [part in Part]?: string } = {
  host: 'host', port: 'port', user: 'username', password: 'password', database: 'database',
};

/** The parts that a URL template refers to. */
export function partsOf(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, part]) => part);
}

export const PLACEHOLDER = /\$\(([^)]*)\)/g;
