import { contradictions, withPlatform } from './platform-type';
import type { Connection } from './props';
import type { ConnectionType, Part } from './types';
import { connectionType, partsOf, TYPE_NAMES } from './types';
import type { AppModel } from '../../model/app';
import { nearest } from '../../validation/nearest';
import type { Problem } from '../../validation/problem';
import { entry, quoted } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { problem, when } from '../../validation/rule';
import type { WebAppProps } from '../../web-app-props';

/** Whether each connection leads somewhere, says what its type needs and nothing else, and sets variables that nothing else sets. */
export const connectionRules: Rule = (app, said) => {
  if (said.connections === undefined) return [];
  const own = app.platform.connections;
  return [
    ...Object.entries(said.connections).flatMap(([name, connection]) => {
      const path = entry('connections', name);
      const whole = withPlatform(connection, own);
      const type = connectionType(whole.type);
      if (!type) return [unknownType(path, connection.type, [...TYPE_NAMES, ...Object.keys(own)])];
      return [
        ...contradictions(connection, own)
          .map(field => problem(`${path}.${field}`, `is set, but the platform's type ${quoted(connection.type)} decides it`, 'leave it away')),
        ...strayFields(path, whole, type),
        ...partProblems(path, whole, type),
        ...needs(app, name, path, whole),
      ];
    }),
    ...variableProblems(app, said),
    ...volumeProblems(app, said),
  ];
};

/** What of a platform's own types fits together. What they leave open, apps may still say. */
export function platformConnectionRules(connections: { readonly [name: string]: Connection } = {}): Problem[] {
  return Object.entries(connections).flatMap(([name, connection]) => {
    const path = entry('connections', name);
    const type = connectionType(connection.type);
    if (!type) return [unknownType(path, connection.type, TYPE_NAMES)];
    return [...strayFields(path, connection, type), ...partProblems(path, connection, type)];
  });
}

function unknownType(path: string, type: string, known: string[]): Problem {
  const meant = nearest(type, known);
  return problem(`${path}.type`, `is ${quoted(type)}, which is no type of connection`, meant ? `did you mean ${meant}?` : `known are ${[...new Set(known)].join(', ')}`, 'unknown');
}

function strayFields(path: string, { type, ...connection }: Connection, { fields }: ConnectionType): Problem[] {
  return (Object.keys(connection) as (keyof typeof connection)[])
    .filter(field => connection[field] !== undefined && !fields.includes(field))
    .map(field => problem(`${path}.${field}`, `is set, but a ${type} has none`, 'leave it away'));
}

function partProblems(path: string, { type, keys = {}, url = '' }: Connection, { parts }: ConnectionType): Problem[] {
  if (parts.length === 0) return [];
  return [
    ...(Object.keys(keys) as Part[]).filter(part => keys[part] !== undefined && !parts.includes(part))
      .map(part => problem(`${path}.keys.${part}`, `is set, but a ${type} has none`, `known are ${parts.join(', ')}`)),
    ...partsOf(url).filter(part => part === 'url' || !parts.includes(part as Part))
      .map(part => problem(`${path}.url`, `has $(${part}), which is no part of an address`, `known are ${parts.filter(known => known !== 'url').join(', ')}`, 'unknown')),
  ];
}

function needs(app: AppModel, name: string, path: string, connection: Connection): Problem[] {
  const { type, secret, keys, url, variables, external, store, namespace = app.namespace } = connection;
  switch (type) {
    case 'postgres': return postgresProblems(app, name, path, connection);
    case 'external-secret': return when(
      [Object.keys(external ?? {}).length === 0, `${path}.external`, 'names no variable', 'write one such as { STRIPE_KEY: { key: \'prod/stripe\' } }', 'missing'],
      [store === undefined, `${path}.store`, 'is missing, and the platform names none', 'write store: { name: \'vault\' }, or ask the platform team for it', 'missing'],
    );
    case 'web-app': return when(
      [connection.app === undefined, `${path}.app`, 'is missing', 'write the name of the other app', 'missing'],
      [connection.app === app.name && namespace === app.namespace, `${path}.app`, 'is the app itself', 'write the name of another app'],
      [namespace === undefined && !connection.bypassInterceptor, `${path}.namespace`, 'is missing, and the chart has none', 'write the namespace of the other app', 'missing'],
    );
    default: return when(
      [secret === undefined, `${path}.secret`, 'is missing', 'write the name of the Secret that says where it is', 'missing'],
      [type === 'secret' && [keys, url, variables].every(value => value === undefined), path, 'names no key of the Secret', 'write variables: { STRIPE_KEY: \'api-key\' }, or keys, or url', 'missing'],
      [keys?.url !== undefined && url !== undefined, `${path}.url`, 'is set beside keys.url', 'leave away either of the two'],
    );
  }
}

/** CloudNativePG's longest name of a Cluster; its servers' names are made of it. */
const LONGEST_CLUSTER = 50;

/** PostgreSQL's longest name of a database. */
const LONGEST_DATABASE = 63;

function postgresProblems(app: AppModel, name: string, path: string, { secret, keys, url, postgres = {} }: Connection): Problem[] {
  const { cluster, clusterNamespace, owner, ownerSecret, ...own } = postgres;
  const made = app.connections.databases.find(({ connection }) => connection === name);
  const stray = Object.entries(own).filter(([, value]) => value !== undefined).map(([field]) => field);
  return when(
    [keys?.url !== undefined && url !== undefined, `${path}.url`, 'is set beside keys.url', 'leave away either of the two'],
    [secret !== undefined && Object.keys(postgres).length > 0, `${path}.postgres`, 'is set, but secret says that the database exists', 'leave away either of the two'],
    [cluster !== undefined && stray.length > 0, `${path}.postgres`, `has ${stray.join(', ')} beside cluster, which exists already`, 'leave away either'],
    [cluster === undefined && [clusterNamespace, owner, ownerSecret].some(value => value !== undefined), `${path}.postgres`, 'says more of a Cluster that it does not name', 'write cluster too'],
    [cluster !== undefined && keys !== undefined, `${path}.keys`, 'is set, but the address of a database in a shared Cluster is known', 'leave it away'],
    [cluster !== undefined && clusterNamespace !== undefined && clusterNamespace !== app.namespace && ownerSecret === undefined, `${path}.postgres.ownerSecret`,
      'is missing, and the Secret of a Cluster in another namespace is out of reach', 'name a Secret in the app\'s namespace with the username and password of the owner', 'missing'],
    [made?.kind === 'cluster' && made.name.length > LONGEST_CLUSTER, path, `makes a Cluster ${quoted(made?.name)}, and CloudNativePG takes at most ${LONGEST_CLUSTER} characters`, 'shorten the name of the app or of the connection', 'range'],
    [made?.kind === 'database' && made.database.length > LONGEST_DATABASE, path, `makes a database with a name of more than ${LONGEST_DATABASE} characters`, 'shorten the name of the app or of the connection', 'range'],
  );
}

/** No variable can have two values. */
function variableProblems({ connections: { variables } }: AppModel, { env = {}, secretEnv: secrets = {} }: WebAppProps): Problem[] {
  const first = new Map<string, string>([['PORT', 'port']]);
  for (const name of Object.keys(secrets)) first.set(name, entry('secretEnv', name));
  for (const name of Object.keys(env)) first.set(name, entry('env', name));
  return variables.flatMap(({ variable, connection }) => {
    const path = entry('connections', connection);
    const other = first.get(variable);
    first.set(variable, other ?? path);
    return other === undefined ? [] : [problem(path, `sets ${variable}, which ${other} sets as well`, 'name the connection otherwise, or leave the other away', 'duplicate')];
  });
}

function volumeProblems({ connections: { volumes } }: AppModel, said: WebAppProps): Problem[] {
  return volumes.filter(({ name }) => Object.hasOwn(said.volumes ?? {}, name))
    .map(({ name }) => problem(entry('volumes', name), 'has the name of the volume of a binding', 'choose another', 'duplicate'));
}
