import fc from 'fast-check';
import { problems, synth } from '../synth';
import { HttpAddonApi, Schedule, Scaling, WebAppProps, WorkerScaling } from 'cdk8s-webapp';

const GATEWAY = { gateway: { name: 'public', namespace: 'gateways' } };
const NEW = 'ghcr.io/acme/web:1.5.0';
const NIGHT = { start: '0 20 * * *', end: '0 6 * * *' };
const WEEKEND = { start: '0 20 * * 5', end: '0 6 * * 1' };

const cron = (start: string, end: string, desiredReplicas: string, timezone = 'UTC') =>
  ({ type: 'cron', metadata: { timezone, start, end, desiredReplicas } });

/** What KEDA gets of the scaling of an app, without the trigger for HTTP. */
function scaled(scaling: Scaling, props: Partial<WebAppProps> = {}) {
  const { minReplicaCount, triggers, advanced } = synth({ ...props, scaling }).get('ScaledObject').spec;
  const others: any[] = triggers.filter(({ type }: any) => type !== 'external-push');
  return { minReplicaCount, triggers: others, advanced };
}

describe('a schedule with fewer replicas than min', () => {
  test('lowers the minimum, and raises it again at all other times', () => {
    expect(scaled({ min: 2, schedule: [{ ...NIGHT, timezone: 'Europe/Berlin', replicas: 0 }] })).toMatchObject({
      minReplicaCount: 0, triggers: [cron('0 6 * * *', '0 20 * * *', '2', 'Europe/Berlin')],
    });
  });

  test('lets the app sleep with the cooldown period, after its first start', () => {
    expect(synth({ scaling: { min: 2, cooldownPeriod: '1m', schedule: [{ ...NIGHT, replicas: 0 }] } }).get('ScaledObject').spec)
      .toMatchObject({ minReplicaCount: 0, cooldownPeriod: 60, initialCooldownPeriod: 120 });
  });

  test.each<[string, Scaling, number, object[]]>([
    ['may use any days of a year', { min: 3, schedule: [{ start: '0 0 24 12 *', end: '0 0 2 1 *', replicas: 1 }] }, 1,
      [cron('0 0 2 1 *', '0 0 24 12 *', '3')]],
    ['leaves the entries that raise it as they are',
      { min: 2, schedule: [{ ...NIGHT, replicas: 0 }, { start: '0 1 * * *', end: '0 2 * * *', replicas: 5 }] }, 0,
      [cron('0 6 * * *', '0 20 * * *', '2'), cron('0 1 * * *', '0 2 * * *', '5')]],
    ['may occur twice: the usual minimum applies outside of both', {
      min: 2, schedule: [{ ...NIGHT, replicas: 0 }, { ...WEEKEND, replicas: 0 }],
    }, 0, [cron('0 6 * * 1-5', '0 20 * * 1-5', '2')]],
    ['may occur twice with different numbers, of which the higher one applies where they overlap', {
      min: 3, schedule: [{ ...NIGHT, replicas: 1 }, { ...WEEKEND, replicas: 0 }],
    }, 0, [cron('0 6 * * 1-5', '0 20 * * 1-5', '3'), cron('0 20 * * *', '0 6 * * *', '1')]],
    ['may leave no time for the usual minimum', {
      min: 2, schedule: [{ ...NIGHT, replicas: 1 }, { start: NIGHT.end, end: NIGHT.start, replicas: 1 }],
    }, 1, []],
    ['may have gaps that last for days', {
      min: 2,
      schedule: [{ start: '0 9 * * sun', end: '0 10 * * sun', replicas: 0 }, { start: '30 9 ? * 3', end: '0 10 * * 3', replicas: 0 }],
    }, 0, [cron('0 10 * * 0', '30 9 * * 3', '2'), cron('0 10 * * 3', '0 9 * * 0', '2')]],
  ])('%s', (_, scaling, minReplicaCount, triggers) => {
    expect(scaled(scaling)).toMatchObject({ minReplicaCount, triggers });
  });

  test('turns an app off that nothing else can wake, and has a minimum of 1 at other times', () => {
    expect(scaled({ cpu: 70, schedule: [{ ...NIGHT, replicas: 0 }] })).toMatchObject({
      minReplicaCount: 0, triggers: [{ type: 'cpu' }, cron('0 6 * * *', '0 20 * * *', '1')],
    });
  });

  test('turns a worker off that has no other scaling, or a single replica', () => {
    const spec = (scaling: WorkerScaling, props: object = {}) =>
      synth({ workers: { mails: { command: ['mails'], scaling, ...props } } }).get('ScaledObject', 'web-mails').spec;
    const expected = { minReplicaCount: 0, triggers: [cron('0 6 * * *', '0 20 * * *', '1')] };
    expect(spec({ schedule: [{ ...NIGHT, replicas: 0 }] })).toMatchObject({ ...expected, maxReplicaCount: 10 });
    expect(spec({ schedule: [{ ...NIGHT, replicas: 0 }] }, { singleton: true })).toMatchObject({ ...expected, maxReplicaCount: 1 });
  });

  test('applies to every version of an app that gets requests, but not to the idle color', () => {
    const scaling = { min: 2, schedule: [{ ...NIGHT, replicas: 1 }] };
    const specs = (rollout: object, names: string[]) => {
      const manifests = synth({ scaling, rollout }, GATEWAY);
      return names.map(name => manifests.get('ScaledObject', name).spec);
    };
    const expected = { minReplicaCount: 1, triggers: [expect.anything(), cron('0 6 * * *', '0 20 * * *', '2')] };
    expect(specs({ canary: { image: NEW, weight: 10 } }, ['web', 'web-canary'])).toMatchObject([expected, expected]);
    expect(specs({ blueGreen: { active: 'blue', green: { image: NEW } } }, ['web', 'web-green']))
      .toMatchObject([expected, { minReplicaCount: 0, triggers: [expect.anything()] }]);
  });

  test('has a ScaledObject with the API v1alpha1', () => {
    const props = { scaling: { min: 1, schedule: [{ ...NIGHT, replicas: 0 }] } };
    expect(synth(props, { httpAddon: { api: HttpAddonApi.V1ALPHA1 } }).get('ScaledObject').spec).toMatchObject({
      minReplicaCount: 0, triggers: [{ type: 'external-push' }, cron('0 6 * * *', '0 20 * * *', '1')],
    });
  });

  test('may let an app sleep to which connections come, as its schedule wakes it', () => {
    expect(problems({ ports: { ssh: { port: 2222 } }, scaling: { schedule: [{ ...NIGHT, replicas: 0 }] } })).toEqual([]);
  });
});

describe('the maximum of a schedule', () => {
  const JOBS = { connections: { jobs: { type: 'rabbitmq', secret: 'rabbitmq' } } };
  const queue = { connection: 'jobs', queue: 'emails', target: 50 };
  const named = (name: string, trigger: object) => ({ ...trigger, name });

  test('is part of the formula by which KEDA then scales', () => {
    const { triggers, advanced } = synth({ scaling: { concurrency: 20, schedule: [{ ...NIGHT, max: 2 }] } }).get('ScaledObject').spec;
    expect(advanced.scalingModifiers).toEqual({
      target: '1000000', formula: '1000000 * min(max(http1 / 20), limit1 > 0 ? 2 : 10000)',
    });
    expect(triggers).toMatchObject([{ type: 'external-push', name: 'http1' }, named('limit1', cron(NIGHT.start, NIGHT.end, '1'))]);
  });

  test('applies to all metrics and to the minimum of schedules', () => {
    const scaling = {
      concurrency: 20,
      min: 3,
      triggers: [queue, { ...queue, queue: 'sms', metadata: { value: '7' } }],
      schedule: [{ ...NIGHT, replicas: 1, max: 2 }, { ...WEEKEND, max: 1 }],
    };
    const { minReplicaCount, triggers, advanced } = scaled(scaling, JOBS);
    expect(advanced.scalingModifiers.formula).toBe('1000000 * min(max(http1 / 20, schedule1, queue1 / 50, queue2 / 7), '
      + 'limit1 > 0 ? 2 : 10000, limit2 > 0 ? 1 : 10000)');
    expect(minReplicaCount).toBe(1);
    expect(triggers).toMatchObject([
      named('schedule1', cron('0 6 * * *', '0 20 * * *', '3')),
      { name: 'queue1', type: 'rabbitmq', authenticationRef: { name: 'web-jobs-emails' } },
      { name: 'queue2', type: 'rabbitmq', authenticationRef: { name: 'web-jobs-sms' } },
      named('limit1', cron(NIGHT.start, NIGHT.end, '1')),
      named('limit2', cron(WEEKEND.start, WEEKEND.end, '1')),
    ]);
  });

  test('of fewer replicas than min lowers the minimum too', () => {
    const { minReplicaCount, advanced } = scaled({ min: 2, requestRate: 50, schedule: [{ ...NIGHT, max: 1 }] });
    expect(minReplicaCount).toBe(1);
    expect(advanced.scalingModifiers.formula).toBe('1000000 * min(max(http1 / 50, 2), limit1 > 0 ? 1 : 10000)');
  });

  test('of 0 turns a worker off whatever its queue needs', () => {
    const workers = { mails: { command: ['mails'], scaling: { max: 1, triggers: [queue], schedule: [{ ...NIGHT, max: 0 }] } } };
    expect(synth({ ...JOBS, workers }).get('ScaledObject', 'web-mails').spec).toMatchObject({
      minReplicaCount: 0,
      maxReplicaCount: 1,
      advanced: { scalingModifiers: { formula: '1000000 * min(max(queue1 / 50), limit1 > 0 ? 0 : 10000)' } },
    });
  });

  test('counts the requests of all routes of an app', () => {
    const ports = { admin: { port: 9000, hosts: ['admin.example.com'] } };
    const { advanced } = scaled({ concurrency: 20, schedule: [{ ...NIGHT, max: 2 }] }, { ports });
    expect(advanced.scalingModifiers.formula).toContain('max(http1 / 20, http2 / 20)');
  });

  const HTTP_RABBIT = { concurrency: 5, triggers: [{ type: 'rabbitmq', metadata: { queueName: 'emails' } }] };
  test.each<[string, Scaling, string]>([
    ['CPU', { cpu: 70, min: 1, schedule: [{ ...NIGHT, max: 2 }] },
      'cannot be combined with cpu, which KEDA cannot limit at certain times; remove it, or cpu'],
    ['CPU and memory, which keep no app awake', { cpu: 70, memory: 70, min: 1, schedule: [{ ...NIGHT, max: 0 }] },
      'cannot be combined with cpu and memory, which KEDA cannot limit at certain times; set replicas: 0 instead'],
    ['requests, which wake an app', { schedule: [{ ...NIGHT, max: 0 }] }, 'is 0, but requests wake the app at any time; use 1 or more'],
    ['requests, which wake an app that never sleeps otherwise', { min: 1, schedule: [{ ...NIGHT, max: 0 }] },
      'is 0, but requests wake the app at any time; '
      + 'set replicas: 0 instead, with which the app sleeps unless requests come, or use 1 or more'],
    ['two metrics of requests', { concurrency: 5, requestRate: 5, schedule: [{ ...NIGHT, max: 2 }] },
      'cannot be combined with both concurrency and requestRate, which KEDA cannot tell apart when it limits them; '
      + 'set scaling.concurrency or scaling.requestRate alone'],
    ['the trigger of any scaler', { ...HTTP_RABBIT, schedule: [{ ...NIGHT, max: 2 }] },
      'cannot be combined with triggers[0], because KEDA can limit only triggers on a connection; remove it, or set connection there'],
    ['a target that is not a number', { triggers: [{ ...queue, metadata: { value: 'x' } }], schedule: [{ ...NIGHT, max: 2 }] },
      'cannot be combined with triggers[0], because KEDA can limit only triggers on a connection; remove it, or set connection there'],
    ['an activation value', { triggers: [{ ...queue, metadata: { activationValue: '5' } }], schedule: [{ ...NIGHT, max: 2 }] },
      'cannot be combined with triggers[0].metadata.activationValue, which KEDA ignores when it limits the number of replicas; '
      + 'remove one of them'],
  ])('cannot limit %s', (_, scaling, expected) => {
    expect(problems({ ...JOBS, scaling })).toEqual([`WebApp "web": scaling.schedule[0].max ${expected}`]);
  });
});

describe('a schedule of the platform', () => {
  const appDefaults = { scaling: { schedule: [{ ...NIGHT, replicas: 0 }, { start: '0 6 * * *', end: '0 7 * * *', replicas: 3 }] } };

  test.each<[Scaling | undefined]>([[undefined], [{ min: 2 }], [{ max: 1 }], [{ cpu: 70 }], [{ replicas: 2 }]])(
    'causes no problem in an app that sets %j', scaling => {
      expect(problems({ scaling }, { appDefaults })).toEqual([]);
    });

  test('lowers the minimum of an app', () => {
    const { spec } = synth({ scaling: { min: 2 } }, { appDefaults }).get('ScaledObject');
    expect(spec).toMatchObject({
      minReplicaCount: 0, triggers: [expect.anything(), cron('0 6 * * *', '0 20 * * *', '2'), cron('0 6 * * *', '0 7 * * *', '3')],
    });
  });

  test.each([
    [{ ...NIGHT, max: 2 }, 'max is not supported, because it depends on what an app scales on; use replicas, or set max in the apps'],
    [NIGHT, 'replicas is missing; set the number of replicas at that time'],
  ])('with %j is an error', (entry, expected) => {
    expect(problems({}, { appDefaults: { scaling: { schedule: [entry] } } }))
      .toEqual([`Platform: appDefaults.scaling.schedule[0].${expected}`]);
  });
});

test.each<[string, Scaling, string[]]>([
  ['sets nothing', { schedule: [NIGHT] }, ['[0] has neither replicas nor max; set one of them, or both']],
  ['lowers a minimum of 0', { schedule: [{ ...NIGHT, replicas: 0 }] },
    ['[0].replicas is 0, but so is scaling.min, so there is nothing to lower; '
      + 'set scaling.min to the number at other times, or remove the entry']],
  ['has a maximum below its minimum', { schedule: [{ ...NIGHT, replicas: 3, max: 2 }] }, ['[0].max is 2 but replicas is 3; use 3 or more']],
  ['has the maximum of all times', { schedule: [{ ...NIGHT, max: 10 }] },
    ['[0].max is 10, but scaling.max is 10 at all times; use less, or a larger scaling.max']],
  ['ends when it starts', { schedule: [{ start: '0 8 * * *', end: '00 8 * * mon-fri', replicas: 2 }] },
    ['[0].end is the same as start; use a later time']],
  ['lowers the minimum in another time zone than another one', {
    min: 1, schedule: [{ ...NIGHT, replicas: 0 }, { ...WEEKEND, timezone: 'Asia/Tokyo', replicas: 0 }],
  }, ['[1].timezone is Asia/Tokyo, but schedule[0], which lowers the number of replicas too, has UTC; '
    + 'use one time zone for all entries with fewer replicas than scaling.min']],
  ['lowers the minimum at times that do not repeat each week, as another one does', {
    min: 1, schedule: [{ ...NIGHT, replicas: 0 }, { start: '0 0 24 12 *', end: '0,30 6 * * 1', replicas: 0 }],
  }, ['start is "0 0 24 12 *"', 'end is "0,30 6 * * 1"'].map(field => `[1].${field}, which cannot be combined with other entries that `
    + 'lower the number of replicas; use one time on certain days of the week, such as 0 20 * * 1-5, '
    + 'or only one entry with fewer replicas than scaling.min')],
])('a schedule that %s is an error', (_, scaling, expected) => {
  expect(problems({ scaling })).toEqual(expected.map(problem => `WebApp "web": scaling.schedule${problem}`));
});

/** The minutes of the week at which an expression with a list of days fires, read from its text. */
function firesAt(expression: string): number[] {
  const [minute, hour, , , days] = expression.split(' ');
  const all = days === '*' ? '0-6' : days;
  return all.split(',').flatMap(part => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => ((first + i) * 24 + Number(hour)) * 60 + Number(minute));
  });
}

/** Whether KEDA's cron trigger is active: the next end comes before the next start, or with it. */
function isActive({ start, end }: Pick<Schedule, 'start' | 'end'>, now: number): boolean {
  const next = (expression: string) => Math.min(...firesAt(expression).map(minute => minute > now ? minute : minute + 7 * 24 * 60));
  return next(end) <= next(start);
}

const days = fc.oneof(fc.constantFrom('*', '1-5'), fc.uniqueArray(fc.nat(6), { minLength: 1 }).map(list => list.sort().join(',')));
const time = fc.tuple(fc.constantFrom(0, 30), fc.constantFrom(0, 6, 7, 12, 20, 23), days)
  .map(([minute, hour, on]) => `${minute} ${hour} * * ${on}`);
const entries = fc.array(fc.record({ start: time, end: time, replicas: fc.nat(6) }), { minLength: 1, maxLength: 4 })
  .filter(list => list.every(({ start, end }) => !firesAt(end).some(minute => firesAt(start).includes(minute))));

test('at any time the minimum is the largest of the entries that apply, or min if none applies', () => {
  fc.assert(fc.property(entries, fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(7 * 24 * 60 - 1), { minLength: 20, maxLength: 20 }),
    (schedule, min, moments) => {
      const { minReplicaCount, triggers } = scaled({ min, schedule });
      for (const now of moments) {
        const applying = schedule.filter(times => isActive(times, now)).map(({ replicas }) => replicas);
        const active = triggers.filter(({ metadata }) => isActive(metadata, now)).map(({ metadata }) => Number(metadata.desiredReplicas));
        expect(Math.max(minReplicaCount, ...active)).toBe(applying.length === 0 ? min : Math.max(...applying));
      }
    }), { numRuns: 300 });
});
