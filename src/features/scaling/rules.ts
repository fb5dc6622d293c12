import type { Scaling, Trigger } from './props';
import { scheduleProblems } from './schedule-rules';
import { isWeb, isWorker } from '../../model/component';
import type { Component } from '../../model/component';
import type { ConnectionsModel, ServiceModel } from '../../model/connections';
import type { TriggerModel } from '../../model/scaling';
import { nearest } from '../../validation/nearest';
import { quoted } from '../../validation/problem';
import type { Problem } from '../../validation/problem';
import { about, count, problem, when } from '../../validation/rule';

/** Whether the scaling of the active version fits together. */
export const scalingRules = about(['scaling'], ({ active, connections }, { scaling }) => scalingProblems(active, scaling, connections));

/** What of the scaling of a component does not fit together, and what KEDA's admission would refuse. */
export function scalingProblems(component: Component, props: Scaling = {}, connections: ConnectionsModel): Problem[] {
  const { scaling, platform } = component;
  const [why, fix] = isWorker(component) && component.singleton
    ? ['the worker is a singleton', 'use 1, or remove singleton']
    : ['a volume of the app can be mounted by one replica only', 'use 1, or give the volume the accessMode read-write-many'];
  if (scaling.replicas !== undefined) {
    const others = Object.entries(props).filter(([name, value]) => value !== undefined && name !== 'replicas').map(([name]) => name);
    return when(
      [others.length > 0, 'scaling.replicas',
        `cannot be combined with ${others.join(', ')}, which have no effect on a fixed number of replicas`,
        'remove replicas or the others'],
      [scaling.singleReplica && scaling.replicas > 1, 'scaling.replicas',
        `is ${scaling.replicas}, but ${why}`, fix],
    );
  }
  const asked = isWeb(component);
  const wakes = scaling.http !== undefined || scaling.schedule.length > 0 || scaling.triggers.length > 0;
  if (!asked && !wakes && scaling.limits.length === 0 && count(scaling.cpu, scaling.memory) === 0) {
    return [problem('scaling', 'has nothing to scale on', 'set replicas, or cpu, memory, schedule or triggers', 'missing')];
  }
  const both = scaling.http?.concurrency !== undefined && scaling.http.requestRate !== undefined;
  const oneMetric = platform.httpAddon.api === 'v1alpha1' && both;
  return [
    ...when(
      [scaling.max < scaling.min, 'scaling.max',
        `is ${scaling.max} but scaling.min is ${scaling.min}`,
        `use ${Math.max(scaling.min, 1)} or more`, 'range'],
      [scaling.singleReplica && scaling.max > 1, 'scaling.max',
        `is ${scaling.max}, but ${why}`, fix],
      [scaling.min === 0 && !wakes, 'scaling.min',
        'is 0, but cpu and memory cannot wake a sleeping app',
        `use 1 or more, or add ${asked ? 'concurrency' : 'a trigger or schedule'}`],
      [props.window !== undefined && scaling.http?.requestRate === undefined, 'scaling.window',
        'has no effect without requestRate',
        'set requestRate, or remove it'],
      [oneMetric, 'scaling.requestRate',
        'cannot be combined with concurrency, because the add-on\'s API v1alpha1 supports only one of them',
        'remove one of them', 'unsupported'],
      [scaling.fallback !== undefined && !wakes, 'scaling.fallback', 'is not supported by KEDA for cpu and memory alone', 'remove it'],
      [(scaling.fallback ?? 0) > scaling.max, 'scaling.fallback',
        `is ${scaling.fallback} but scaling.max is ${scaling.max}`,
        `use ${scaling.max} or less`, 'range'],
      [scaling.fallback !== undefined && scaling.byHttpAlone && platform.httpAddon.api === 'v1alpha1', 'scaling.fallback',
        'is not supported by the add-on\'s API v1alpha1',
        'remove it, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
    ),
    ...scheduleProblems(scaling, props.schedule),
    ...triggerProblems(scaling.triggers),
    ...connectionTriggerRules(scaling.triggers, connections),
  ];
}

function triggerProblems(triggers: readonly TriggerModel[]): Problem[] {
  const names = triggers.map(trigger => trigger.name ?? trigger.type);
  return triggers.flatMap(({ authentication }, i) => {
    const path = `scaling.triggers[${i}]`;
    const { secrets, podIdentity, existing, existingInCluster } = authentication ?? {};
    const made = count(secrets, podIdentity) > 0;
    return when(
      [names.indexOf(names[i]) < i, `${path}.name`, `is "${names[i]}", like another trigger`, 'give each a name of its own', 'duplicate'],
      [authentication && count(existing, existingInCluster) + (made ? 1 : 0) !== 1, `${path}.authentication`,
        made || existing ? 'has more than one way to authenticate' : 'is empty',
        'set secrets and podIdentity, or existing, or existingInCluster', 'missing'],
      [secrets && Object.keys(secrets).length === 0, `${path}.authentication.secrets`,
        'is empty',
        'add at least one parameter, or remove it', 'range'],
    );
  });
}

/** What only a trigger on a connection says. */
const OF_CONNECTION: readonly (keyof Trigger)[] = ['queue', 'topic', 'consumerGroup', 'target'];

/** Whether each trigger is one on a connection that can be scaled on, or one of KEDA's own. */
function connectionTriggerRules(triggers: readonly TriggerModel[], { services }: ConnectionsModel): Problem[] {
  return triggers.flatMap(({ props: trigger }, i) => {
    const here = `scaling.triggers[${i}]`;
    if (trigger.connection === undefined) return ownProblems(here, trigger);
    return [
      ...when(
        [trigger.type !== undefined, `${here}.type`, 'cannot be combined with connection, which determines it', 'remove one of them'],
        [trigger.authentication !== undefined, `${here}.authentication`,
          'cannot be combined with connection, whose Secret KEDA uses',
          'remove one of them'],
      ),
      ...connectionProblems(here, trigger, services),
    ];
  });
}

function ownProblems(path: string, trigger: Trigger): Problem[] {
  const stray = OF_CONNECTION.filter(field => trigger[field] !== undefined);
  return when(
    [trigger.type === undefined, path,
      'has neither a type nor a connection',
      'set connection: \'jobs\', or the type and metadata of a KEDA trigger', 'missing'],
    [trigger.type !== undefined && trigger.metadata === undefined, `${path}.metadata`,
      'is missing',
      'set the fields of the KEDA trigger', 'missing'],
    [trigger.type !== undefined && stray.length > 0, path, `has ${stray.join(', ')}, but no connection`, 'set connection, or use metadata'],
  );
}

function connectionProblems(path: string, trigger: Trigger, services: { readonly [name: string]: ServiceModel }): Problem[] {
  const name = trigger.connection!;
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (!service) {
    const meant = nearest(name, Object.keys(services));
    const hint = meant ? `did you mean ${meant}?` : `add it to connections: { ${name}: { type: 'rabbitmq', secret: '${name}' } }`;
    return [problem(`${path}.connection`, `is ${quoted(name)}, which is not a connection of the app`, hint)];
  }
  const { scaler } = service;
  if (!scaler) {
    return [problem(`${path}.connection`, `is ${quoted(name)}, a ${service.type}, which cannot be scaled on`,
      'use a rabbitmq, kafka or redis connection, or the type and metadata of a KEDA trigger')];
  }
  const { keys } = service;
  if (scaler === 'kafka') {
    return when(
      [trigger.topic === undefined, `${path}.topic`, 'is missing', 'set it to the topic that the app consumes', 'missing'],
      [trigger.consumerGroup === undefined, `${path}.consumerGroup`, 'is missing', 'set it to the consumer group of the app', 'missing'],
      [trigger.queue !== undefined, `${path}.queue`, 'is not supported by kafka', 'set topic'],
      [keys.brokers === undefined, `${path}.connection`,
        `is ${quoted(name)}, which has no key for the brokers`,
        `set connections.${name}.keys.brokers`],
    );
  }
  return when(
    [trigger.queue === undefined, `${path}.queue`,
      'is missing',
      `set it to the ${scaler === 'redis' ? 'list' : 'queue'} that the app processes`, 'missing'],
    [trigger.topic !== undefined, `${path}.topic`, `is not supported by ${scaler}`, 'set queue'],
    [trigger.consumerGroup !== undefined, `${path}.consumerGroup`, `is not supported by ${scaler}`, 'remove it'],
    [scaler === 'rabbitmq' && keys.url === undefined, `${path}.connection`,
      `is ${quoted(name)}, which has no key for the whole URL, which KEDA needs`,
      `set connections.${name}.keys.url`],
    [scaler === 'redis' && keys.host === undefined, `${path}.connection`,
      `is ${quoted(name)}, which has no key for the host, and KEDA cannot use a URL`,
      `set connections.${name}.keys: { host: 'host', port: 'port', password: 'password' }`],
  );
}
