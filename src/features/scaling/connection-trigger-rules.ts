import type { Trigger } from './props';
import type { ConnectionsModel, ServiceModel } from '../../model/connections';
import type { TriggerModel } from '../../model/scaling';
import { nearest } from '../../validation/nearest';
import type { Problem } from '../../validation/problem';
import { quoted } from '../../validation/problem';
import { when } from '../../validation/rule';

/** What only a trigger on a connection says. */
const OF_CONNECTION: readonly (keyof Trigger)[] = ['queue', 'topic', 'consumerGroup', 'target'];

/**
 * Whether each trigger is one on a connection that can be scaled on, or one of KEDA's own.
 *
 * @param path where the triggers are said
 */
export function connectionTriggerRules(triggers: readonly TriggerModel[], { services }: ConnectionsModel, path = 'scaling.triggers'): Problem[] {
  return triggers.flatMap(({ props: trigger, type }, i) => {
    const here = `${path}[${i}]`;
    if (trigger.connection === undefined) return ownProblems(here, trigger);
    return [
      ...when(
        [trigger.type !== undefined, `${here}.type`, 'is set beside connection, which says it', 'leave away either of the two'],
        [trigger.authentication !== undefined, `${here}.authentication`, 'is set beside connection, whose Secret KEDA signs in with', 'leave away either of the two'],
      ),
      ...connectionProblems(here, trigger, services, type),
    ];
  });
}

function ownProblems(path: string, trigger: Trigger): Problem[] {
  const stray = OF_CONNECTION.filter(field => trigger[field] !== undefined);
  return when(
    [trigger.type === undefined, path, 'says neither a type nor a connection', 'write connection: \'jobs\', or the type and metadata of a KEDA trigger', 'missing'],
    [trigger.type !== undefined && trigger.metadata === undefined, `${path}.metadata`, 'is missing', 'write the fields of the KEDA trigger', 'missing'],
    [trigger.type !== undefined && stray.length > 0, path, `has ${stray.join(', ')}, but no connection`, 'write connection, or say it in metadata'],
  );
}

function connectionProblems(path: string, trigger: Trigger, services: { readonly [name: string]: ServiceModel }, type: string): Problem[] {
  const name = trigger.connection!;
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (!service) {
    const meant = nearest(name, Object.keys(services));
    return when([true, `${path}.connection`, `is ${quoted(name)}, which the app has no connection of`, meant ? `did you mean ${meant}?` : `write it in connections: { ${name}: { type: 'rabbitmq', secret: '${name}' } }`]);
  }
  const { scaler } = service;
  if (!scaler) return when([true, `${path}.connection`, `is ${quoted(name)}, a ${service.type}, which no app can scale on`, 'name a rabbitmq, a kafka or a redis, or write the type and metadata of a KEDA trigger']);
  const { keys } = service;
  if (scaler === 'kafka') {
    return when(
      [trigger.topic === undefined, `${path}.topic`, 'is missing', 'write the topic that the app consumes', 'missing'],
      [trigger.consumerGroup === undefined, `${path}.consumerGroup`, 'is missing', 'write the group that the app consumes it as', 'missing'],
      [trigger.queue !== undefined, `${path}.queue`, 'is set, but a kafka has none', 'write topic'],
      [keys.brokers === undefined, `${path}.connection`, `is ${quoted(name)}, of which no key has the brokers`, `write connections.${name}.keys.brokers`],
    );
  }
  return when(
    [trigger.queue === undefined, `${path}.queue`, 'is missing', `write the ${type === 'redis' ? 'list' : 'queue'} that the app works on`, 'missing'],
    [trigger.topic !== undefined, `${path}.topic`, `is set, but a ${type} has none`, 'write queue'],
    [trigger.consumerGroup !== undefined, `${path}.consumerGroup`, `is set, but a ${type} has none`, 'leave it away'],
    [scaler === 'rabbitmq' && keys.url === undefined, `${path}.connection`, `is ${quoted(name)}, of which no key has the whole URL, which KEDA needs`, `write connections.${name}.keys.url`],
    [scaler === 'redis' && keys.host === undefined, `${path}.connection`, `is ${quoted(name)}, of which no key has the host, and KEDA reads no URL`, `write connections.${name}.keys: { host: 'host', port: 'port', password: 'password' }`],
  );
}
