import { problems, synth } from '../synth';

const one = (props: object) => problems(props).map(line => line.replace('WebApp "web": ', ''));

describe('a value is an error if it exceeds a limit of Linux or Kubernetes', () => {
  const job = { schedule: '0 3 * * *' };
  const LIMIT = 'use less than 128 KiB, the limit of Linux, or a file';

  test.each<[props: (length: number) => object, most: number, expected: string]>([
    [length => ({ env: { LONG: 'a'.repeat(length) } }), 128 * 1024 - 'LONG='.length - 1, `env.LONG has 131067 bytes; ${LIMIT}`],
    [length => ({ command: ['a', 'b'.repeat(length)] }), 128 * 1024 - 1, `command[1] has 131072 bytes; ${LIMIT}`],
    [length => ({ args: ['b'.repeat(length)] }), 128 * 1024 - 1, `args[0] has 131072 bytes; ${LIMIT}`],
    [length => ({ workers: { emails: { command: ['a'], env: { A: 'ü'.repeat(length) } } } }), 65534,
      `workers.emails.env.A has 131070 bytes; ${LIMIT}`],
    [length => ({ cronJobs: { night: { ...job, command: ['a'], env: { A: 'b'.repeat(length) } } } }), 131069,
      `cronJobs.night.env.A has 131070 bytes; ${LIMIT}`],
    [length => ({ releaseCommand: { command: ['a'], args: ['b'.repeat(length)] } }), 131071,
      `releaseCommand.args[0] has 131072 bytes; ${LIMIT}`],
    [length => ({ annotations: { 'example.com/a': 'a'.repeat(length) } }), 250000 - 'example.com/a'.length,
      'annotations have 250001 bytes in total, names included; use at most 250000; '
        + 'Kubernetes takes 262144, with those that the library adds'],
    [length => ({ annotations: { a: 'b'.repeat(100000) }, serviceAccount: { annotations: { c: 'd'.repeat(length) } } }), 149998,
      'serviceAccount.annotations have 250001 bytes in total, with annotations and names included; use at most 250000; '
        + 'Kubernetes takes 262144, with those that the library adds'],
  ])('as in row %#', (props, most, expected) => {
    expect(one(props(most))).toEqual([]);
    expect(one(props(most + 1))).toEqual([expected]);
  });

  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`V${i}`, 'x'.repeat(100000)]));
  const TOTAL = 'with those of command and args; use at most 1048576: Kubernetes does not store larger objects';

  test('as all variables in total', () => {
    expect(one({ env: many(10) })).toEqual([]);
    expect(one({ env: many(11) })).toEqual([`env has 1100031 bytes in total, ${TOTAL}`]);
  });

  test('as the variables of a worker together with those of the app, which is reported once', () => {
    const worker = { command: ['a'], env: { MORE: 'x'.repeat(60000) } };
    expect(one({ env: many(10), workers: { emails: worker } })).toEqual([`workers.emails.env has 1060025 bytes in total, ${TOTAL}`]);
    expect(one({ env: many(11), workers: { emails: worker } })).toHaveLength(1);
  });
});

describe('empty volumes on disk', () => {
  const volumes = { a: { path: '/a', empty: '2Gi' }, b: { path: '/b', empty: '500Mi' } };
  const limit = (props: object) => synth(props).container.resources.limits['ephemeral-storage'];

  test('raise the disk limit, unless the app sets one', () => {
    expect(limit({ volumes })).toBe('3572Mi');
    expect(limit({ volumes: { a: { path: '/a', empty: '2Gi' } } })).toBe('3Gi');
    expect(limit({ volumes, resources: { ephemeralStorage: '2548Mi' } })).toBe('2548Mi');
    const appDefaults = { resources: { ephemeralStorage: '500Mi' } };
    expect(synth({ volumes }, { appDefaults }).container.resources.limits['ephemeral-storage']).toBe('3048Mi');
  });

  test.each<[object, string]>([
    [{}, '1Gi'],
    [{ volumes: { b: {} } }, '1524Mi'],
    [{ volumes: { c: { path: '/c', empty: '1Gi' } } }, '2Gi'],
    [{ volumes: { b: {} }, resources: { ephemeralStorage: '600Mi' } }, '600Mi'],
  ])('raise the disk limit of a worker or release command that mounts them: %j', (own, expected) => {
    const small = { command: ['a'], size: 'xs' as never, ...own };
    const manifests = synth({ volumes, workers: { small }, releaseCommand: small });
    for (const object of [manifests.get('Deployment', 'web-small'), manifests.get('Job')]) {
      expect(object.spec.template.spec.containers[0].resources.limits['ephemeral-storage']).toBe(expected);
    }
  });

  test('are an error if they exceed the disk limit that the app sets', () => {
    expect(one({ volumes, resources: { ephemeralStorage: '1Gi' } }))
      .toEqual(['resources.ephemeralStorage is 1Gi, but the empty volumes have 2548Mi together; use 2548Mi or more, or smaller volumes']);
    const emails = { command: ['a'], volumes: { a: {} }, resources: { ephemeralStorage: '1Gi' } };
    expect(one({ volumes, workers: { emails } }))
      .toEqual(['workers.emails.resources.ephemeralStorage is 1Gi, but the empty volumes have 2Gi together; '
        + 'use 2Gi or more, or smaller volumes']);
  });
});

describe('volumes in memory', () => {
  const volumes = { a: { path: '/a', memory: '300Mi' } };

  test('are valid if they are within the memory limit', () => {
    expect(one({ volumes, size: 'm' })).toEqual([]);
    expect(one({ volumes, resources: { memoryLimit: '301Mi' } })).toEqual([]);
  });

  test.each<[object, string]>([
    [{ volumes }, 'volumes.a.memory is 300Mi, but the memory limit, which includes them, is 256Mi; '
      + 'use less, or a larger size, or set resources.memory to more than 300Mi'],
    [{ volumes: { a: { path: '/a', memory: '100Mi' }, b: { path: '/b', memory: '156Mi' } } },
      'volumes.b.memory is 156Mi, and all volumes in memory have 256Mi together, but the memory limit, which includes them, is 256Mi; '
      + 'use less, or a larger size, or set resources.memory to more than 256Mi'],
    [{ volumes, size: 'm', workers: { emails: { command: ['a'], size: 'xs', volumes: { a: {} } } } },
      'workers.emails.volumes.a.memory is 300Mi, but the memory limit, which includes them, is 128Mi; '
      + 'use less, or a larger size, or set resources.memory to more than 300Mi'],
    [{ releaseCommand: { command: ['a'], volumes: { b: { path: '/b', memory: '300Mi' } } } },
      'releaseCommand.volumes.b.memory is 300Mi, but the memory limit, which includes them, is 256Mi; '
      + 'use less, or a larger size, or set resources.memory to more than 300Mi'],
  ])('%j is an error', (props, expected) => {
    expect(one(props)).toEqual([expected]);
  });

  test('are reported once if no other process mounts them', () => {
    expect(one({ volumes, workers: { emails: { command: ['a'] } } })).toHaveLength(1);
  });
});
