import { contradictions, withPlatform } from './platform-type';
import type { Connection } from './props';
import type { SecretStoreModel } from './secret-store';
import type { ConnectionType, Part } from './types';
import { connectionType, partsOf, TYPE_NAMES } from './types';
import type { AppModel } from '../../model/app';
import { generatedSecret } from '../../model/generated';
import { nearest } from '../../validation/nearest';
import type { Problem } from '../../validation/problem';
import { entry, quoted } from '../../validation/problem';
import { about, problem, when } from '../../validation/rule';
import type { WebAppProps } from '../../web-app-props';

/** Whether each connection leads somewhere, says what its type needs and nothing else, and sets variables that nothing else sets. */
export const connectionRules = about(['connections'], (app, props) => {
  const own = app.platform.connections;
  return [
    ...Object.entries(props.connections!).flatMap(([name, connection]) => {
      const path = entry('connections', name);
      const whole = withPlatform(connection, own);
      const type = connectionType(whole.type);
      if (!type) return [unknownType(path, connection.type, [...TYPE_NAMES, ...Object.keys(own)])];
      return [
        ...contradictions(connection, own)
          .map(field => problem(
            `${path}.${field}`, `cannot be set, because the platform's type ${quoted(connection.type)} defines it`, 'remove it',
          )),
        ...strayFields(path, whole, type),
        ...partProblems(path, whole, type),
        ...needs(app, name, path, whole),
      ];
    }),
    ...variableProblems(app, props),
    ...volumeProblems(app, props),
  ];
});

/** What of a platform's own types fits together. What they leave open, apps may still say. */
export function platformConnectionRules(connections: { readonly [name: string]: Connection } = {}): Problem[] {
  return Object.entries(connections).flatMap(([name, connection]) => {
    const path = entry('connections', name);
    const type = connectionType(connection.type);
    if (!type) return [unknownType(path, connection.type, TYPE_NAMES)];
    return [...strayFields(path, connection, type), ...partProblems(path, connection, type)];
  });
}

/** Two apps must not have the same key: each would replace the secrets of the other. */
export function secretStoreRules(store: SecretStoreModel | undefined): Problem[] {
  if (store === undefined) return [];
  const { key, kind } = store;
  const path = 'secretStore.key';
  const [unknown] = key.match(/<[^>]*>/g)?.filter(one => one !== '<name>' && one !== '<namespace>') ?? [];
  const isShared = kind === 'ClusterSecretStore' && !key.includes('<namespace>');
  return when(
    [unknown !== undefined, path, `is ${quoted(key)}, and ${unknown} stands for nothing`, 'use <namespace> and <name>', 'unknown'],
    [!key.includes('<name>'), path, `is ${quoted(key)}, which would be the key of several apps`, 'add <name>', 'missing'],
    [isShared, path, `is ${quoted(key)}, which would be the key of apps in several namespaces`, 'add <namespace>', 'missing'],
  );
}

function unknownType(path: string, type: string, known: string[]): Problem {
  const meant = nearest(type, known);
  return problem(
    `${path}.type`,
    `is ${quoted(type)}, which is not a known connection type`,
    meant ? `did you mean ${meant}?` : `known values are ${[...new Set(known)].join(', ')}`,
    'unknown',
  );
}

function strayFields(path: string, { type, ...connection }: Connection, { fields }: ConnectionType): Problem[] {
  return (Object.keys(connection) as (keyof typeof connection)[])
    .filter(field => connection[field] !== undefined && !fields.includes(field))
    .map(field => problem(`${path}.${field}`, `is not supported by ${type}`, 'remove it'));
}

function partProblems(path: string, { type, keys = {}, url = '' }: Connection, { parts }: ConnectionType): Problem[] {
  if (parts.length === 0) return [];
  return [
    ...(Object.keys(keys) as Part[]).filter(part => keys[part] !== undefined && !parts.includes(part))
      .map(part => problem(`${path}.keys.${part}`, `is not supported by ${type}`, `known values are ${parts.join(', ')}`)),
    ...partsOf(url).filter(part => part === 'url' || !parts.includes(part as Part))
      .map(part => problem(
        `${path}.url`,
        `has $(${part}), which is not a known part of a URL`,
        `known values are ${parts.filter(known => known !== 'url').join(', ')}`,
        'unknown',
      )),
  ];
}

function needs(app: AppModel, name: string, path: string, connection: Connection): Problem[] {
  const { type, secret, keys, url, variables, external, store, namespace = app.namespace } = connection;
  switch (type) {
    case 'postgres': return postgresProblems(app, name, path, connection);
    case 'external-secret': return when(
      [Object.keys(external ?? {}).length === 0, `${path}.external`,
        'has no variables',
        'use one such as { STRIPE_KEY: { key: \'prod/stripe\' } }', 'missing'],
      [store === undefined, `${path}.store`,
        'is missing, and the platform does not provide one',
        'set store: { name: \'vault\' }, or ask your platform team to provide it', 'missing'],
      ...generatedRows(app, path, name),
    );
    case 'web-app': return when(
      [connection.app === undefined, `${path}.app`, 'is missing', 'set it to the name of the other app', 'missing'],
      [connection.app === app.name && namespace === app.namespace, `${path}.app`,
        'refers to the app itself',
        'use the name of another app'],
      [namespace === undefined && !connection.bypassInterceptor, `${path}.namespace`,
        'is missing, and the chart has no namespace',
        'set it to the namespace of the other app', 'missing'],
      ...connection.wake ? wakeRows(app, path, connection) : [],
    );
    default: return when(
      [secret === undefined, `${path}.secret`, 'is missing', 'set it to the name of the Secret with the connection details', 'missing'],
      [type === 'secret' && [keys, url, variables].every(value => value === undefined), path,
        'uses no key of the Secret',
        'set variables: { STRIPE_KEY: \'api-key\' }, or keys, or url', 'missing'],
      [keys?.url !== undefined && url !== undefined, `${path}.url`, 'cannot be combined with keys.url', 'remove one of them'],
    );
  }
}

/**
 * What of an app's own props keeps it from waking another one with its requests.
 *
 * @see https://github.com/kedacore/http-add-on/blob/main/scaler/handlers.go
 */
function wakeRows({ namespace: own, route, runsWeb }: AppModel, path: string, connection: Connection): Parameters<typeof when> {
  const { namespace = own, bypassInterceptor } = connection;
  return [
    [bypassInterceptor, `${path}.wake`,
      'cannot be combined with bypassInterceptor, because only the interceptor holds a call until the other app is ready',
      'remove one of them'],
    [namespace !== own, `${path}.wake`,
      `is true, but the other app is in namespace ${quoted(namespace)}, and its ScaledObject can only count requests of its own namespace`,
      'remove it, or use one namespace for both apps', 'unsupported'],
    [!route.interceptor, `${path}.wake`,
      'is true, but this app is not scaled by HTTP, so its requests cannot be counted',
      runsWeb ? 'remove it, or set scaling.concurrency' : 'remove it'],
  ];
}

/** External Secrets would write over the values that are generated for the app. */
function generatedRows({ name: app, generated }: AppModel, path: string, name: string): Parameters<typeof when> {
  const secret = generatedSecret(app);
  return [[Object.keys(generated).length > 0 && secret === `${app}-${name}`, path,
    `creates a Secret ${quoted(secret)}, which has the values that secretEnv generates`, 'rename the connection', 'duplicate']];
}

/** CloudNativePG's longest name of a Cluster; its servers' names begin with it. */
const LONGEST_CLUSTER = 50;

/** PostgreSQL's longest name of a database. */
const LONGEST_DATABASE = 63;

function postgresProblems(app: AppModel, name: string, path: string, { secret, keys, url, postgres = {} }: Connection): Problem[] {
  const { cluster, clusterNamespace, owner, ownerSecret, ...own } = postgres;
  const isElsewhere = cluster !== undefined && clusterNamespace !== undefined && clusterNamespace !== app.namespace;
  const made = app.connections.databases.find(({ connection }) => connection === name);
  const { enabled = true, objectStore = app.platform.databaseBackups?.objectStore } = own.backups ?? {};
  const stray = Object.entries(own).filter(([, value]) => value !== undefined).map(([field]) => field);
  return when(
    [keys?.url !== undefined && url !== undefined, `${path}.url`, 'cannot be combined with keys.url', 'remove one of them'],
    [secret !== undefined && Object.keys(postgres).length > 0, `${path}.postgres`,
      'cannot be combined with secret, which refers to an existing database',
      'remove one of them'],
    [cluster !== undefined && stray.length > 0, `${path}.postgres`,
      `has ${stray.join(', ')}, which cannot be combined with cluster, an existing Cluster`,
      'remove one of them'],
    [cluster === undefined && [clusterNamespace, owner, ownerSecret].some(value => value !== undefined), `${path}.postgres`,
      'has settings for an existing Cluster, but no cluster',
      'set cluster too'],
    [cluster !== undefined && keys !== undefined, `${path}.keys`,
      'cannot be combined with postgres.cluster, which determines the keys',
      'remove it'],
    [own.backups !== undefined && enabled && objectStore === undefined, `${path}.postgres.backups.objectStore`,
      'is missing, and the platform does not provide one',
      'set it to the name of an ObjectStore', 'missing'],
    [isElsewhere && ownerSecret === undefined, `${path}.postgres.ownerSecret`,
      'is missing, and the Secret of a Cluster in another namespace cannot be read',
      'set it to a Secret in the app\'s namespace with the username and password of the owner', 'missing'],
    [made?.kind === 'cluster' && made.name.length > LONGEST_CLUSTER, path,
      `creates a Cluster ${quoted(made?.name)}, but CloudNativePG allows at most ${LONGEST_CLUSTER} characters`,
      'shorten the name of the app or the connection', 'range'],
    [made?.kind === 'database' && made.database.length > LONGEST_DATABASE, path,
      `creates a database whose name has more than ${LONGEST_DATABASE} characters`,
      'shorten the name of the app or the connection', 'range'],
  );
}

/** No variable can have two values. */
function variableProblems({ connections: { variables } }: AppModel, { env, secretEnv, configMapEnv }: WebAppProps): Problem[] {
  const first = new Map<string, string>([['PORT', 'port']]);
  for (const [prop, map] of Object.entries({ configMapEnv, secretEnv, env })) {
    for (const name of Object.keys(map ?? {})) first.set(name, entry(prop, name));
  }
  return variables.flatMap(({ variable, connection }) => {
    const path = entry('connections', connection);
    const other = first.get(variable);
    first.set(variable, other ?? path);
    return other === undefined
      ? []
      : [problem(path, `sets ${variable}, which ${other} sets too`, 'rename the connection, or remove the other', 'duplicate')];
  });
}

function volumeProblems({ connections: { volumes } }: AppModel, props: WebAppProps): Problem[] {
  return volumes.filter(({ name }) => Object.hasOwn(props.volumes ?? {}, name))
    .map(({ name }) => problem(
      entry('volumes', name), 'has the same name as the volume of a service binding', 'choose another', 'duplicate',
    ));
}
