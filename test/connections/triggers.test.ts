import { schemaErrors } from '../schemas';
import { build, Manifests, problems, synth } from '../synth';
import { Connection, Trigger } from 'cdk8s-webapp';

const CONNECTIONS: { [name: string]: Connection } = {
  jobs: { type: 'rabbitmq', secret: 'mq' },
  cache: { type: 'redis', secret: 'redis', keys: { host: 'h', port: 'p', password: 'pw' } },
  lists: { type: 'redis', secret: 'redis', keys: { host: 'h' } },
  events: { type: 'kafka', secret: 'kafka', keys: { brokers: 'brokers', user: 'u', password: 'pw' } },
  open: { type: 'kafka', secret: 'kafka' },
  urls: { type: 'redis', secret: 'redis' },
  db: { type: 'postgres' },
};

const scaled = (...triggers: Trigger[]) => synth({ connections: CONNECTIONS, scaling: { triggers } });

describe('one line scales the app on a queue', () => {
  test.each<{ readonly title: string; readonly trigger: Trigger; readonly written: object; readonly parameters: object[] | undefined }>([
    {
      title: 'rabbitmq',
      trigger: { connection: 'jobs', queue: 'emails', target: 5 },
      written: { type: 'rabbitmq', name: 'jobs-emails', metadata: { queueName: 'emails', mode: 'QueueLength', value: '5' } },
      parameters: [{ parameter: 'host', name: 'mq', key: 'uri' }],
    },
    {
      title: 'redis',
      trigger: { connection: 'cache', queue: 'bull:Emails' },
      written: { type: 'redis', name: 'cache-bull-emails', metadata: { listName: 'bull:Emails', listLength: '20' } },
      parameters: [
        { parameter: 'host', name: 'redis', key: 'h' },
        { parameter: 'port', name: 'redis', key: 'p' },
        { parameter: 'password', name: 'redis', key: 'pw' },
      ],
    },
    {
      title: 'redis on the default port',
      trigger: { connection: 'lists', queue: 'a' },
      written: { type: 'redis', name: 'lists-a', metadata: { listName: 'a', listLength: '20', port: '6379' } },
      parameters: [{ parameter: 'host', name: 'redis', key: 'h' }],
    },
    {
      title: 'kafka',
      trigger: { connection: 'events', topic: 'orders', consumerGroup: 'shop', target: 100 },
      written: {
        type: 'kafka',
        name: 'events-orders',
        metadata: {
          bootstrapServersFromEnv: 'EVENTS_BROKERS',
          topic: 'orders',
          consumerGroup: 'shop',
          lagThreshold: '100',
          sasl: 'plaintext',
        },
      },
      parameters: [
        { parameter: 'username', name: 'kafka', key: 'u' },
        { parameter: 'password', name: 'kafka', key: 'pw' },
      ],
    },
    {
      title: 'kafka without authentication',
      trigger: { connection: 'open', topic: 'orders', consumerGroup: 'shop' },
      written: {
        type: 'kafka',
        name: 'open-orders',
        metadata: { bootstrapServersFromEnv: 'OPEN_BROKERS', topic: 'orders', consumerGroup: 'shop', lagThreshold: '20' },
      },
      parameters: undefined,
    },
  ])('with $title', ({ trigger, written, parameters }) => {
    const manifests = scaled(trigger);
    const name = `web-${(written as any).name}`;
    expect(manifests.get('ScaledObject').spec.triggers).toEqual([parameters ? { ...written, authenticationRef: { name } } : written]);
    if (parameters) expect(manifests.get('TriggerAuthentication', name).spec).toEqual({ secretTargetRef: parameters });
    else expect(manifests.has('TriggerAuthentication')).toBe(false);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('two queues of one connection have different names', () => {
    const { list } = scaled({ connection: 'jobs', queue: 'emails' }, { connection: 'jobs', queue: 'invoices' });
    expect(list).toEqual(expect.arrayContaining(['TriggerAuthentication web-jobs-emails', 'TriggerAuthentication web-jobs-invoices']));
  });

  test('metadata overrides the fields that the connection sets', () => {
    const manifests = scaled({ connection: 'jobs', queue: 'emails', metadata: { mode: 'MessageRate' } });
    const [{ metadata }] = manifests.get('ScaledObject').spec.triggers;
    expect(metadata).toEqual({ queueName: 'emails', mode: 'MessageRate', value: '20' });
  });

  test('addTrigger accepts a connection as well', () => {
    const { chart, web } = build({ connections: CONNECTIONS });
    web.addTrigger({ connection: 'jobs', queue: 'emails' });
    const manifests = new Manifests(chart);
    expect(manifests.get('ScaledObject').spec.triggers).toHaveLength(2);
    expect(manifests.get('TriggerAuthentication').metadata.name).toBe('web-jobs-emails');
  });
});

describe('an invalid trigger with a connection', () => {
  test.each<[object, string]>([
    [{}, 'scaling.triggers[0] has neither a type nor a connection; set connection: \'jobs\', or the type and metadata of a KEDA trigger'],
    [{ type: 'prometheus' }, 'scaling.triggers[0].metadata is missing; set the fields of the KEDA trigger'],
    [{ type: 'rabbitmq', metadata: {}, queue: 'a' }, 'scaling.triggers[0] has queue, but no connection; set connection, or use metadata'],
    [
      { type: 'rabbitmq', connection: 'jobs', queue: 'a' },
      'scaling.triggers[0].type cannot be combined with connection, which determines it; remove one of them',
    ],
    [
      { connection: 'jbos', queue: 'a' },
      'scaling.triggers[0].connection is "jbos", which is not a connection of the app; did you mean jobs?',
    ],
    [
      { connection: 'db', queue: 'a' },
      'scaling.triggers[0].connection is "db", a postgres, which cannot be scaled on; '
        + 'use a rabbitmq, kafka or redis connection, or the type and metadata of a KEDA trigger',
    ],
    [{ connection: 'jobs' }, 'scaling.triggers[0].queue is missing; set it to the queue that the app processes'],
    [{ connection: 'jobs', queue: 'a', topic: 'b' }, 'scaling.triggers[0].topic is not supported by rabbitmq; set queue'],
    [{ connection: 'open', topic: 'a' }, 'scaling.triggers[0].consumerGroup is missing; set it to the consumer group of the app'],
    [
      { connection: 'urls', queue: 'a' },
      'scaling.triggers[0].connection is "urls", which has no key for the host, and KEDA cannot use a URL; '
        + 'set connections.urls.keys: { host: \'host\', port: \'port\', password: \'password\' }',
    ],
    [
      { connection: 'jobs', queue: 'a', authentication: { existing: 'x' } },
      'scaling.triggers[0].authentication cannot be combined with connection, whose Secret KEDA uses; remove one of them',
    ],
    [{ connection: 'jobs', queue: 'a', target: 0 }, 'scaling.triggers[0].target is 0, which is too small; use a number from 1 to 1000000'],
  ])('%j is an error', (trigger, expected) => {
    expect(problems({ connections: CONNECTIONS, scaling: { triggers: [trigger] } })).toEqual([`WebApp "web": ${expected}`]);
  });

  test('an invalid connection is not reported as missing too', () => {
    const connections = { jobs: { type: 'rabbitmq', secret: 'Mq' } };
    expect(problems({ connections, scaling: { triggers: [{ connection: 'jobs', queue: 'a' }] } })).toEqual([
      expect.stringContaining('connections.jobs.secret is "Mq"'),
    ]);
  });
});
