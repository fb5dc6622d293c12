import { problems, synth } from './synth';
import { AppDefaults, WebAppProps } from 'cdk8s-webapp';

/** Props that a developer may set on their own. */
const ALONE: readonly AppDefaults[] = [
  { scaling: { cpu: 70 } },
  { scaling: { memory: 80 } },
  { scaling: { min: 20 } },
  { scaling: { max: 2 } },
  { scaling: { fallback: 15 } },
  { scaling: { schedule: [{ start: '0 8 * * *', end: '0 18 * * *', replicas: 30 }] } },
  { scaling: { replicas: 2 } },
  { timeouts: { request: '30s' } },
  { timeouts: { readiness: '5m' } },
  { timeouts: { responseHeader: '10s' } },
  { health: { startupTimeout: '10m' } },
  { health: { terminationGracePeriod: '3s' } },
  { resources: { memory: '2Gi' } },
  { coldStart: { placeholder: { body: 'soon' } } },
];

/** Defaults that a platform may set for all apps. */
const PLATFORMS: readonly AppDefaults[] = [
  {},
  { scaling: { min: 3, max: 5 } },
  { timeouts: { request: '60s', readiness: '50s' } },
  { health: { preStopDelay: '4s' } },
];

describe('a prop that the developer did not set never causes an error', () => {
  test.each(PLATFORMS.flatMap(platform => ALONE.map(props => [props, platform] as const)))(
    '%j with the platform\'s %j',
    (props, appDefaults) => {
      expect(problems(props as WebAppProps, { appDefaults })).toEqual([]);
    },
  );
});

describe('limits that an app does not set', () => {
  test.each<[AppDefaults['scaling'], AppDefaults['scaling'], { minReplicaCount: number; maxReplicaCount: number }]>([
    [{ cpu: 70 }, {}, { minReplicaCount: 1, maxReplicaCount: 10 }],
    [{ cpu: 70, schedule: [{ start: '0 8 * * *', end: '0 9 * * *', replicas: 1 }] }, {}, { minReplicaCount: 0, maxReplicaCount: 10 }],
    [{ min: 20 }, {}, { minReplicaCount: 20, maxReplicaCount: 20 }],
    [{ min: 8 }, { max: 5 }, { minReplicaCount: 8, maxReplicaCount: 8 }],
    [{ max: 2 }, { min: 3, max: 5 }, { minReplicaCount: 2, maxReplicaCount: 2 }],
    [{ fallback: 15 }, {}, { minReplicaCount: 0, maxReplicaCount: 15 }],
  ])('follow from %j with the platform\'s %j', (scaling, defaults, expected) => {
    expect(synth({ scaling }, { appDefaults: { scaling: defaults } }).get('ScaledObject').spec).toMatchObject(expected);
  });

  test.each<[AppDefaults['timeouts'], AppDefaults['timeouts'], object]>([
    [{ request: '30s' }, {}, { request: '30s', readiness: '30s' }],
    [{ request: '30s' }, { readiness: '90s' }, { request: '30s', readiness: '30s' }],
    [{ request: '5m' }, {}, { request: '300s', readiness: '120s' }],
    [{ readiness: '90s' }, { request: '60s' }, { request: '90s', readiness: '90s' }],
  ])('follow from the timeouts %j with the platform\'s %j', (timeouts, defaults, expected) => {
    expect(synth({ timeouts }, { appDefaults: { timeouts: defaults } }).get('InterceptorRoute').spec.timeouts).toEqual(expected);
  });
});

describe('a port below 1024', () => {
  const LOW_PORTS = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }];

  test.each<[Partial<WebAppProps>]>([[{ port: 80 }], [{ health: { port: 81 } }], [{ metrics: { port: 82 } }]])(
    'is available without root: %j', props => {
      expect(synth(props, { monitoring: {} }).pod.securityContext).toMatchObject({ runAsNonRoot: true, sysctls: LOW_PORTS });
    });

  test('is available to root, which has no capabilities', () => {
    const { pod } = synth({ port: 80, security: { runAsUser: 0 } }, { podSecurity: 'baseline' as never });
    expect(pod.securityContext).toMatchObject({ runAsUser: 0, sysctls: LOW_PORTS });
  });

  test('is the only reason for the sysctl', () => {
    expect(synth().pod.securityContext.sysctls).toBeUndefined();
  });
});
