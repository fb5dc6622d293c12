import type { Formats } from '../../validation/format';
import * as names from '../../validation/names';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';
import { bytes, cron, duration, whole } from '../../validation/units';

/** The cron expressions of CloudNativePG have a field for seconds in front of the usual five. */
const cronWithSeconds: Check = (value: string) => {
  const [seconds, ...rest] = value.trim().split(/\s+/);
  if (rest.length === 5 && /^([0-9]|[1-5][0-9])$/.test(seconds) && cron(rest.join(' ')) === undefined) return undefined;
  return fault(`is ${quoted(value)}, which is no time`, 'write six fields, the seconds first, such as 0 0 2 * * * for 2 o\'clock every night');
};

/** The form of connections, of an app's and of a platform's. */
export const CONNECTIONS: Formats = {
  'connections{key}': names.label(40),
  'connections{}.secret': names.objectName,
  ...Object.fromEntries(['url', 'host', 'port', 'user', 'password', 'database', 'brokers'].map(part => [`connections{}.keys.${part}`, names.dataKey])),
  'connections{}.url': names.notEmpty,
  'connections{}.variables{key}': names.envName,
  'connections{}.variables{}': names.dataKey,
  'connections{}.postgres.instances': whole(1, 100, 3),
  'connections{}.postgres.storage': bytes,
  'connections{}.postgres.storageClass': names.objectName,
  'connections{}.postgres.image': names.image,
  'connections{}.postgres.backups.objectStore': names.objectName,
  'connections{}.postgres.backups.schedule': cronWithSeconds,
  'connections{}.postgres.cluster': names.objectName,
  'connections{}.postgres.clusterNamespace': names.namespace,
  'connections{}.postgres.owner': names.notEmpty,
  'connections{}.postgres.ownerSecret': names.objectName,
  'connections{}.external{key}': names.envName,
  'connections{}.external{}.key': names.notEmpty,
  'connections{}.external{}.property': names.notEmpty,
  'connections{}.store.name': names.objectName,
  'connections{}.store.refresh': duration(1),
  'connections{}.app': names.label(63),
  'connections{}.namespace': names.namespace,
};

/** The form of what a trigger says of the connection that it looks at. */
export const CONNECTION_TRIGGERS: Formats = {
  'scaling.triggers[].connection': names.notEmpty,
  'scaling.triggers[].queue': names.notEmpty,
  'scaling.triggers[].topic': names.notEmpty,
  'scaling.triggers[].consumerGroup': names.notEmpty,
  'scaling.triggers[].target': whole(1, 1000000, 20),
};
