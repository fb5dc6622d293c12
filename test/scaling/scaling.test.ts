import { build, Manifests, problems, synth } from '../synth';
import { HttpAddonApi } from 'cdk8s-webapp';

const HTTP = { type: 'external-push', metadata: { scalerAddress: 'keda-add-ons-http-external-scaler.keda:9090', interceptorRoute: 'web' } };
const RABBIT = { type: 'rabbitmq', metadata: { queueName: 'emails', mode: 'QueueLength', value: '20' } };

describe('HTTP scaling', () => {
  test.each([
    ['uses a concurrency of 100 by default', {}, { concurrency: { targetValue: 100 } }],
    ['uses concurrency', { concurrency: 20 }, { concurrency: { targetValue: 20 } }],
    ['uses the request rate', { requestRate: 50 }, { requestRate: { targetValue: 50, window: '60s' } }],
    ['uses the request rate over another window', { requestRate: 50, window: '5m' }, { requestRate: { targetValue: 50, window: '300s' } }],
    [
      'uses both metrics',
      { concurrency: 20, requestRate: 50 },
      { concurrency: { targetValue: 20 }, requestRate: { targetValue: 50, window: '60s' } },
    ],
  ])('%s', (_, scaling, expected) => {
    const manifests = synth({ scaling });
    expect(manifests.get('InterceptorRoute').spec.scalingMetric).toEqual(expected);
    expect(manifests.get('ScaledObject').spec.triggers).toEqual([HTTP]);
  });

  test('writes the route before the ScaledObject that refers to it', () => {
    const { list } = synth({ scaling: { triggers: [RABBIT], concurrency: 1 } });
    expect(list.indexOf('InterceptorRoute web')).toBeLessThan(list.indexOf('ScaledObject web'));
  });
});

describe('the ScaledObject', () => {
  test('scales the app to zero, but not before its first start', () => {
    expect(synth({ scaling: { cooldownPeriod: '10m' }, health: { startupTimeout: '90s' } }).get('ScaledObject').spec).toMatchObject({
      scaleTargetRef: { name: 'web' }, minReplicaCount: 0, maxReplicaCount: 10, cooldownPeriod: 600, initialCooldownPeriod: 90,
    });
  });

  test('has no idle settings for an app that never sleeps', () => {
    const { spec } = synth({ scaling: { min: 2, max: 4 } }).get('ScaledObject');
    expect(spec).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 4 });
    expect(spec).not.toHaveProperty('cooldownPeriod');
    expect(spec).not.toHaveProperty('initialCooldownPeriod');
  });

  test('scales up immediately and down gradually', () => {
    expect(synth({ scaling: { max: 40 } }).get('ScaledObject').spec.advanced.horizontalPodAutoscalerConfig.behavior).toEqual({
      scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 40, periodSeconds: 15 }] },
      scaleDown: {
        stabilizationWindowSeconds: 300,
        policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }, { type: 'Pods', value: 1, periodSeconds: 60 }],
        selectPolicy: 'Max',
      },
    });
  });

  test('raises max to a larger min', () => {
    expect(synth({ scaling: { min: 20 } }).get('ScaledObject').spec.maxReplicaCount).toBe(20);
  });

  test('has a fallback if the app sets its number of replicas', () => {
    expect(synth().get('ScaledObject').spec).not.toHaveProperty('fallback');
    expect(synth({ scaling: { fallback: 3 } }).get('ScaledObject').spec.fallback).toEqual({
      failureThreshold: 3,
      replicas: 3,
      behavior: 'currentReplicasIfHigher',
    });
  });
});

describe('other triggers', () => {
  test('of all kinds can be combined with HTTP', () => {
    const scaling = {
      concurrency: 10,
      cpu: 70,
      memory: 80,
      schedule: [{ start: '0 8 * * 1-5', end: '0 18 * * 1-5', replicas: 2 }],
      triggers: [RABBIT],
    };
    expect(synth({ scaling }).get('ScaledObject').spec.triggers).toEqual([
      HTTP,
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '70', containerName: 'web' } },
      { type: 'memory', metricType: 'Utilization', metadata: { value: '80', containerName: 'web' } },
      { type: 'cron', metadata: { timezone: 'UTC', start: '0 8 * * 1-5', end: '0 18 * * 1-5', desiredReplicas: '2' } },
      RABBIT,
    ]);
  });

  test('on CPU and memory use the app\'s container, if the Kubernetes version supports it', () => {
    const metadata = (kubernetesVersion: string) =>
      synth({ scaling: { min: 1, cpu: 70 } }, { kubernetesVersion }).get('ScaledObject').spec.triggers[0].metadata;
    expect(metadata('1.27')).toEqual({ value: '70', containerName: 'web' });
    expect(metadata('1.26')).toEqual({ value: '70' });
  });

  test('without concurrency disable HTTP scaling, and requests go directly to the app', () => {
    for (const scaling of [{ min: 1, cpu: 70 }, { min: 1, memory: 70 }, { triggers: [RABBIT] }]) {
      const manifests = synth({ scaling });
      expect(manifests.list).toEqual([
        'ServiceAccount web', 'Service web', 'Deployment web', 'PodDisruptionBudget web', 'NetworkPolicy web',
        'ScaledObject web', 'Ingress web',
      ]);
      expect(manifests.get('Ingress').spec.rules[0].http.paths[0].backend).toEqual({ service: { name: 'web', port: { number: 80 } } });
    }
  });

  test('on a schedule do not disable HTTP scaling, because requests still wake the app outside the schedule', () => {
    const scaling = { schedule: [{ start: '0 8 * * *', end: '0 18 * * *', timezone: 'Europe/Berlin', replicas: 2 }] };
    expect(synth({ scaling }).get('ScaledObject').spec.triggers).toEqual([HTTP, expect.objectContaining({ type: 'cron' })]);
  });

  test('can authenticate with keys of Secrets, through a TriggerAuthentication that is written first', () => {
    const manifests = synth({
      scaling: { triggers: [{ ...RABBIT, authentication: { secrets: { host: { secret: 'rabbitmq', key: 'url' } } } }] },
    });
    expect(manifests.get('TriggerAuthentication').metadata.name).toBe('web-rabbitmq');
    expect(manifests.get('TriggerAuthentication').spec).toEqual({ secretTargetRef: [{ parameter: 'host', name: 'rabbitmq', key: 'url' }] });
    expect(manifests.get('ScaledObject').spec.triggers).toEqual([{ ...RABBIT, authenticationRef: { name: 'web-rabbitmq' } }]);
    expect(manifests.list.indexOf('TriggerAuthentication web-rabbitmq')).toBeLessThan(manifests.list.indexOf('ScaledObject web'));
  });

  test('can authenticate with a pod identity or an existing TriggerAuthentication', () => {
    const trigger = (authentication: object) => synth({ scaling: { triggers: [{ ...RABBIT, name: 'emails', authentication }] } });
    expect(trigger({ podIdentity: 'aws' }).get('TriggerAuthentication', 'web-emails').spec).toEqual({ podIdentity: { provider: 'aws' } });
    expect(trigger({ existing: 'mq' }).get('ScaledObject').spec.triggers[0]).toEqual({
      ...RABBIT,
      name: 'emails',
      authenticationRef: { name: 'mq' },
    });
    expect(trigger({ existingInCluster: 'mq' }).get('ScaledObject').spec.triggers[0].authenticationRef).toEqual({
      kind: 'ClusterTriggerAuthentication',
      name: 'mq',
    });
  });
});

describe('addTrigger', () => {
  test('adds a trigger and never disables HTTP scaling', () => {
    const { chart, web } = build();
    web.addTrigger({ ...RABBIT, authentication: { secrets: { host: { secret: 'rabbitmq', key: 'url' } } } });
    const manifests = new Manifests(chart);
    expect(manifests.get('ScaledObject').spec.triggers).toEqual([HTTP, { ...RABBIT, authenticationRef: { name: 'web-rabbitmq' } }]);
    expect(manifests.list.indexOf('TriggerAuthentication web-rabbitmq')).toBeLessThan(manifests.list.indexOf('ScaledObject web'));
  });

  test('creates the missing ScaledObject with the API v1alpha1', () => {
    const { chart, web } = build({}, { httpAddon: { api: HttpAddonApi.V1ALPHA1 } });
    expect(web.scaledObject).toBeUndefined();
    web.addTrigger(RABBIT);
    const manifests = new Manifests(chart);
    expect(manifests.get('HTTPScaledObject').metadata.annotations).toEqual({
      'httpscaledobject.keda.sh/skip-scaledobject-creation': 'true',
    });
    expect(manifests.get('HTTPScaledObject').spec).not.toHaveProperty('replicas');
    expect(web.scaledObject!.toJson().spec.triggers).toHaveLength(2);
  });

  test('is validated like the props', () => {
    const { app, web } = build({ scaling: { replicas: 2 } });
    web.addTrigger(RABBIT);
    expect(() => app.synthYaml()).toThrow(
      'WebApp "web": scaling.replicas cannot be combined with triggers, which have no effect on a fixed number of replicas; '
        + 'remove replicas or the others',
    );
  });
});

describe('with the add-on\'s API v1alpha1', () => {
  const platform = { httpAddon: { api: HttpAddonApi.V1ALPHA1 } };

  test('an HTTPScaledObject replaces the InterceptorRoute and the ScaledObject', () => {
    const manifests = synth({ scaling: { max: 5, requestRate: 20 }, timeouts: { responseHeader: '30s' } }, platform);
    expect(manifests.list.slice(5)).toEqual(['HTTPScaledObject web', 'Service web-proxy', 'Ingress web']);
    expect(manifests.get('HTTPScaledObject').metadata).not.toHaveProperty('annotations');
    expect(manifests.get('HTTPScaledObject').spec).toEqual({
      hosts: ['web.apps.example.com', 'web-proxy.shop', 'web-proxy.shop.svc', 'web-proxy.shop.svc.cluster.local'],
      scaleTargetRef: { name: 'web', kind: 'Deployment', apiVersion: 'apps/v1', service: 'web', portName: 'http' },
      replicas: { min: 0, max: 5 },
      scalingMetric: { requestRate: { targetValue: 20, window: '60s' } },
      scaledownPeriod: 300,
      initialCooldownPeriod: 120,
      timeouts: { conditionWait: '120s', responseHeader: '30s' },
    });
  });

  test('other triggers work through a separate ScaledObject', () => {
    const manifests = synth({ scaling: { concurrency: 10, cpu: 70 } }, platform);
    expect(manifests.get('HTTPScaledObject').metadata.annotations).toEqual({
      'httpscaledobject.keda.sh/skip-scaledobject-creation': 'true',
    });
    expect(manifests.get('ScaledObject').spec.triggers).toEqual([
      { type: 'external-push', metadata: { scalerAddress: 'keda-add-ons-http-external-scaler.keda:9090', httpScaledObject: 'web' } },
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '70', containerName: 'web' } },
    ]);
  });

  test.each([
    [
      { scaling: { concurrency: 10, requestRate: 5 } },
      'scaling.requestRate cannot be combined with concurrency, because the add-on\'s API v1alpha1 supports only one of '
        + 'them; remove one of them',
    ],
    [
      { coldStart: { placeholder: { body: 'x' } } },
      'coldStart.placeholder is not supported by the add-on\'s API v1alpha1; remove it, or set the platform\'s httpAddon.api to v1beta1',
    ],
    [
      { timeouts: { request: '30s' } },
      'timeouts.request is not supported by the add-on\'s API v1alpha1; remove it, or set the platform\'s httpAddon.api to v1beta1',
    ],
    [
      { scaling: { fallback: 1 } },
      'scaling.fallback is not supported by the add-on\'s API v1alpha1; remove it, or set the platform\'s httpAddon.api to v1beta1',
    ],
  ])('%j, which it does not support, is an error', (props, expected) => {
    expect(problems(props, platform)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('conflicting scaling props', () => {
  const schedule = { start: '0 8 * * *', end: '0 18 * * *', replicas: 2 };
  test.each([
    [{ min: 3, max: 2 }, 'scaling.max is 2 but scaling.min is 3; use 3 or more'],
    [{ cpu: 70, min: 0 }, 'scaling.min is 0, but cpu and memory cannot wake a sleeping app; use 1 or more, or add concurrency'],
    [
      { replicas: 2, max: 3, cpu: 50 },
      'scaling.replicas cannot be combined with max, cpu, which have no effect on a fixed number of replicas; '
        + 'remove replicas or the others',
    ],
    [{ window: '30s' }, 'scaling.window has no effect without requestRate; set requestRate, or remove it'],
    [{ min: 1, cpu: 70, fallback: 2 }, 'scaling.fallback is not supported by KEDA for cpu and memory alone; remove it'],
    [{ max: 2, fallback: 3 }, 'scaling.fallback is 3 but scaling.max is 2; use 2 or less'],
    [{ max: 1, schedule: [schedule] }, 'scaling.schedule[0].replicas is 2 but scaling.max is 1; use 1 or less, or a larger max'],
    [{ triggers: [RABBIT, RABBIT] }, 'scaling.triggers[1].name is "rabbitmq", like another trigger; give each a name of its own'],
    [
      { triggers: [{ ...RABBIT, authentication: {} }] },
      'scaling.triggers[0].authentication is empty; set secrets and podIdentity, or existing, or existingInCluster',
    ],
    [
      { triggers: [{ ...RABBIT, authentication: { existing: 'a', podIdentity: 'aws' } }] },
      'scaling.triggers[0].authentication has more than one way to authenticate; '
        + 'set secrets and podIdentity, or existing, or existingInCluster',
    ],
    [
      { triggers: [{ type: 'cpu', metadata: { value: '70' } }] },
      'scaling.triggers[0].type is "cpu", which has a property of its own; use scaling.cpu: 70 for 70 percent of the requested amount',
    ],
  ])('%j is an error', (scaling, expected) => {
    expect(problems({ scaling })).toEqual([`WebApp "web": ${expected}`]);
  });
});
