/** What a preview has of the app that it is a copy of. */
import type { Fields } from '../config/merge';
import { fieldsOf, isFields } from '../config/merge';

/** An app, the preview of it, and what differs. */
export interface PreviewInput {
  /** The props of the app in the environment of previews. */
  readonly props: Fields;

  /** What is written for that environment alone. */
  readonly named: Fields;

  /** The name of the preview's app. */
  readonly name: string;

  /** The host of another app of the same preview whose host it shares; undefined for one below the domain of the platform. */
  readonly host?: string;

  /** The name of another app in this preview; undefined if that is not part of it. */
  readonly partner: (app: string, namespace: string | undefined) => string | undefined;
}

/** Props that replace those of the app, and what the preview does without. */
export interface PreviewProps {
  readonly overrides: Fields;
  readonly leftOut: readonly string[];
}

/** What a preview keeps of the app's scaling. The rest would keep it awake, or wakes it for work of the app itself. */
const SCALING = ['max', 'concurrency', 'requestRate', 'window', 'cooldownPeriod'];

/**
 * The props of a preview: it has a host of its own, scales to zero, and has no cron jobs, workers and TCP ports unless its environment
 * names them.
 */
export function previewProps({ props, named, name, host, partner }: PreviewInput): PreviewProps {
  const { web, http, tls, connections } = props;
  const ports = Object.entries(fieldsOf(props.ports));
  const portsKept = ports.filter(([port, { paths, hosts }]: [string, any]) => isNamed(named.ports, port) || (paths && !hosts));
  const [workers, cronJobs] = ['workers', 'cronJobs'].map(field => kept(props[field], named[field]));
  const leftOut = [
    ...missing('worker', props.workers, workers),
    ...missing('cron job', props.cronJobs, cronJobs),
    ...missing('port', props.ports, Object.fromEntries(portsKept)),
  ];
  const { redirectFrom: _, ...restOfHttp } = fieldsOf(http);
  const { secretName, ...restOfTls } = fieldsOf(tls);
  const overrides: { [prop: string]: unknown } = {
    name,
    hosts: host === undefined ? undefined : [host],
    workers,
    cronJobs,
    ports: unlessEmpty(Object.fromEntries(portsKept)),
    rollout: unlessEmpty({ ...only(props.rollout, ['rollingUpdate']), ...fieldsOf(named.rollout) }),
  };
  if (web !== false) overrides.scaling = scalingOf(props, named);
  if (isFields(http)) overrides.http = unlessEmpty(restOfHttp);
  if (secretName !== undefined && !isNamed(named.tls, 'secretName')) overrides.tls = unlessEmpty(restOfTls);
  if (isFields(connections)) {
    overrides.connections = Object.fromEntries(Object.entries(connections).map(([key, one]) => (
      [key, smaller(withPartner(one, partner), fieldsOf(fieldsOf(named.connections)[key]))])));
  }
  return { overrides, leftOut };
}

function scalingOf({ scaling }: Fields, { scaling: named }: Fields): Fields {
  const own = fieldsOf(named);
  return own.replicas === undefined ? { ...only(scaling, SCALING), min: 0, ...own } : own;
}

/**
 * A connection to another app, which is that of this preview where there is one. Only apps that are deployed together can wake each other.
 */
function withPartner(connection: unknown, partner: PreviewInput['partner']): unknown {
  const { type, app, namespace, wake, ...rest } = fieldsOf(connection);
  if (type !== 'web-app') return connection;
  const found = partner(String(app), namespace as string | undefined);
  const place = { type, app: found ?? app, ...namespace === undefined ? {} : { namespace }, ...rest };
  return found === undefined || wake === undefined ? place : { ...place, wake };
}

/** A connection whose database, if it creates one, has one server and no backups: nobody needs the data later. */
function smaller(connection: unknown, named: Fields): unknown {
  const { postgres, ...rest } = fieldsOf(connection);
  const { instances: _, backups: __, ...others } = fieldsOf(postgres);
  const own = only(named.postgres, ['instances', 'backups']);
  // Those of the platform would be for all databases.
  const creates = rest.type === 'postgres' && rest.secret === undefined && others.cluster === undefined;
  const without = creates && own.backups === undefined ? { backups: { enabled: false } } : {};
  if (!isFields(postgres) && !creates) return connection;
  return { ...rest, postgres: { ...others, ...without, ...own } };
}

/** Those entries of a map that the environment names too; undefined if there are none. */
function kept(values: unknown, named: unknown): Fields | undefined {
  return unlessEmpty(only(values, Object.keys(fieldsOf(named))));
}

function only(values: unknown, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fieldsOf(values)).filter(([name]) => names.includes(name)));
}

function missing(what: string, all: unknown, left: Fields | undefined): string[] {
  return Object.keys(fieldsOf(all)).filter(name => !left || !(name in left)).map(name => `${what} ${name}`);
}

function isNamed(named: unknown, field: string): boolean {
  return fieldsOf(named)[field] !== undefined;
}

function unlessEmpty(values: Fields): Fields | undefined {
  return Object.keys(values).length > 0 ? values : undefined;
}
