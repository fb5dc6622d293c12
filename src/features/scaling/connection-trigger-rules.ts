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
        [trigger.type !== undefined, `${here}.type`, 'cannot be combined with connection, which determines it', 'remove one of them'],
        [trigger.authentication !== undefined, `${here}.authentication`, 'cannot be combined with connection, whose Secret KEDA uses', 'remove one of them'],
      ),
      ...connectionProblems(here, trigger, services, type),
    ];
  });
}

function ownProblems(path: string, trigger: Trigger): Problem[] {
  const stray = OF_CONNECTION.filter(field => trigger[field] !== undefined);
  return when(
    [trigger.type === undefined, path, 'has neither a type nor a connection', 'set connection: \'jobs\', or the type and metadata of a KEDA trigger', 'missing'],
    [trigger.type !== undefined && trigger.metadata === undefined, `${path}.metadata`, 'is missing', 'set the fields of the KEDA trigger', 'missing'],
    [trigger.type !== undefined && stray.length > 0, path, `has ${stray.join(', ')}, but no connection`, 'set connection, or use metadata'],
  );
}

function connectionProblems(path: string, trigger: Trigger, services: { readonly [name: string]: ServiceModel }, type: string): Problem[] {
  const name = trigger.connection!;
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (!service) {
    const meant = nearest(name, Object.keys(services));
    return when([true, `${path}.connection`, `is ${quoted(name)}, which is not a connection of the app`, meant ? `did you mean ${meant}?` : `add it to connections: { ${name}: { type: 'rabbitmq', secret: '${name}' } }`]);
  }
  const { scaler } = service;
  if (!scaler) return when([true, `${path}.connection`, `is ${quoted(name)}, a ${service.type}, which cannot be scaled on`, 'use a rabbitmq, kafka or redis connection, or the type and metadata of a KEDA trigger']);
  const { keys } = service;
  if (scaler === 'kafka') {
    return when(
      [trigger.topic === undefined, `${path}.topic`, 'is missing', 'set it to the topic that the app consumes', 'missing'],
      [trigger.consumerGroup === undefined, `${path}.consumerGroup`, 'is missing', 'set it to the consumer group of the app', 'missing'],
      [trigger.queue !== undefined, `${path}.queue`, 'is not supported by kafka', 'set topic'],
      [keys.brokers === undefined, `${path}.connection`, `is ${quoted(name)}, which has no key for the brokers`, `set connections.${name}.keys.brokers`],
    );
  }
  return when(
    [trigger.queue === undefined, `${path}.queue`, 'is missing', `set it to the ${type === 'redis' ? 'list' : 'queue'} that the app processes`, 'missing'],
    [trigger.topic !== undefined, `${path}.topic`, `is not supported by ${type}`, 'set queue'],
    [trigger.consumerGroup !== undefined, `${path}.consumerGroup`, `is not supported by ${type}`, 'remove it'],
    [scaler === 'rabbitmq' && keys.url === undefined, `${path}.connection`, `is ${quoted(name)}, which has no key for the whole URL, which KEDA needs`, `set connections.${name}.keys.url`],
    [scaler === 'redis' && keys.host === undefined, `${path}.connection`, `is ${quoted(name)}, which has no key for the host, and KEDA cannot use a URL`, `set connections.${name}.keys: { host: 'host', port: 'port', password: 'password' }`],
  );
}
