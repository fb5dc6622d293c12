import { App, Chart } from 'cdk8s';
import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, problemsOf, synth } from '../synth';
import {
  AccessMode,
  AnalysisSource,
  ArgoRollout,
  ArgoStrategy,
  Color,
  HttpAddonApi,
  IngressController,
  Platform,
  PlatformProps,
  WebApp,
  WebAppProps,
} from 'cdk8s-webapp';

const NGINX: PlatformProps = { ingress: { className: 'nginx' } };
const GATEWAY: PlatformProps = { gateway: { name: 'public', namespace: 'gateways' } };
const ALPHA: PlatformProps = { httpAddon: { api: HttpAddonApi.V1ALPHA1 } };
const TARGET = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web' };

function argo(rollout: ArgoRollout = {}, props: Partial<WebAppProps> = {}): Partial<WebAppProps> {
  return { ...props, rollout: { argo: rollout } };
}

const blueGreen = (more: ArgoRollout = {}, props: Partial<WebAppProps> = {}) => argo({ strategy: ArgoStrategy.BLUE_GREEN, ...more }, props);

describe('a Rollout', () => {
  test('replaces the Deployment and changes nothing else', () => {
    const [before, after] = [synth(), synth(argo())];
    expect(after.list).toEqual(before.list.map(name => name.replace('Deployment', 'Rollout')));
    for (const object of before.all.filter(({ kind }) => !['Deployment', 'ScaledObject'].includes(kind))) {
      expect(after.get(object.kind, object.metadata.name)).toEqual(object);
    }
    const [
      {
        spec: { strategy: rolling, ...deployment },
      },
      {
        spec: { strategy, ...rollout },
      },
    ] = [before.get('Deployment'), after.get('Rollout')];
    expect(rollout).toEqual(deployment);
    expect(after.get('Rollout').apiVersion).toBe('argoproj.io/v1alpha1');
  });

  test('is the scale target of KEDA', () => {
    const [before, after] = [synth(), synth(argo())].map(manifests => manifests.get('ScaledObject').spec);
    expect(after).toEqual({ ...before, scaleTargetRef: TARGET });
  });

  test('is the scale target of the add-on\'s API v1alpha1', () => {
    expect(synth(argo(), ALPHA).get('HTTPScaledObject').spec.scaleTargetRef).toEqual({ ...TARGET, service: 'web', portName: 'http' });
  });

  test('has replicas only if their number is fixed', () => {
    expect(synth(argo()).get('Rollout').spec.replicas).toBeUndefined();
    expect(synth(argo({}, { scaling: { replicas: 3 } })).get('Rollout').spec.replicas).toBe(3);
  });

  test('has what code and patches add', () => {
    const { web, chart } = build(argo({}, { patches: [{ kind: 'Rollout', merge: { spec: { rollbackWindow: { revisions: 3 } } } }] }));
    web.container.env.addVariable('ADDED', { value: 'by code' });
    const { spec } = new Manifests(chart).get('Rollout');
    expect(spec.rollbackWindow).toEqual({ revisions: 3 });
    expect(spec.template.spec.containers[0].env).toContainEqual({ name: 'ADDED', value: 'by code' });
  });

  test('is written after the release Job, and workers stay Deployments', () => {
    const { list, all } = synth(argo({}, { releaseCommand: { command: ['migrate'] }, workers: { mails: { command: ['mails'] } } }));
    const job = list.findIndex(name => name.startsWith('Job web-release-'));
    expect(job).toBeLessThan(list.indexOf('Rollout web'));
    expect(job).toBeGreaterThan(-1);
    expect(all.find(({ metadata }) => metadata.name === 'web-mails')).toMatchObject({
      kind: 'Deployment',
      spec: { strategy: { type: 'RollingUpdate' } },
    });
  });

  test.each<[string, Partial<WebAppProps>, PlatformProps]>([
    ['canary', argo({ steps: [{ setWeight: 10 }, { pause: {} }, { pause: { duration: '90s' } }] }), NGINX],
    ['blue-green', blueGreen({ autoPromotion: '10m', scaleDownDelay: '1m' }), GATEWAY],
    [
      'a volume that many pods can mount',
      argo({}, { volumes: { data: { path: '/data', size: '1Gi', accessMode: AccessMode.READ_WRITE_MANY } } }),
      {},
    ],
    ['analysis', argo({ analysis: { successRate: 99.5, latency: '500ms' } }), { monitoring: { prometheus: 'http://prometheus:9090' } }],
  ])('matches the schema: %s', (_, props, platform) => {
    expect(synth(props, platform).all.flatMap(schemaErrors)).toEqual([]);
  });
});

describe('a canary', () => {
  test('has gradual default steps and never fewer replicas than before', () => {
    expect(synth(argo()).get('Rollout').spec.strategy).toEqual({
      canary: {
        maxSurge: '25%',
        maxUnavailable: 0,
        steps: [{ setWeight: 20 }, { pause: { duration: '5m' } }, { setWeight: 50 }, { pause: { duration: '5m' } }],
      },
    });
  });

  test('uses the given steps', () => {
    const steps = [{ setWeight: 10 }, { pause: {} }, { setWeight: 60 }, { pause: { duration: '1h30m' } }];
    expect(synth(argo({ steps })).get('Rollout').spec.strategy.canary.steps).toEqual(steps);
  });
});

describe('a blue-green rollout', () => {
  test('has a second set of routing objects, for the preview version', () => {
    const manifests = synth(blueGreen(), NGINX);
    expect(manifests.list.filter(name => /web-preview/.test(name))).toEqual([
      'Service web-preview', 'InterceptorRoute web-preview', 'Service web-preview-proxy', 'Ingress web-preview',
    ]);
    expect(manifests.get('InterceptorRoute', 'web-preview').spec).toMatchObject({
      target: { service: 'web-preview', portName: 'http' },
      rules: [
        {
          hosts: [
            'web-preview.apps.example.com',
            'web-preview-proxy.shop',
            'web-preview-proxy.shop.svc',
            'web-preview-proxy.shop.svc.cluster.local',
          ],
        },
      ],
    });
    expect(manifests.get('Ingress', 'web-preview').spec.rules).toEqual([
      {
        host: 'web-preview.apps.example.com',
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web-preview-proxy', port: { number: 8080 } } } }] },
      },
    ]);
    expect(manifests.get('Rollout').spec.strategy.blueGreen).toMatchObject({ activeService: 'web', previewService: 'web-preview' });
  });

  test('is woken by requests for either version', () => {
    const triggers = synth(blueGreen()).get('ScaledObject').spec.triggers;
    expect(triggers.map(({ metadata }: any) => metadata.interceptorRoute)).toEqual(['web', 'web-preview']);
  });

  test('leaves the selectors of both Services to Argo Rollouts, because a selector is one atomic value in server-side apply', () => {
    const manifests = synth(blueGreen());
    for (const name of ['web', 'web-preview']) {
      expect(manifests.get('Service', name).spec).toEqual({ ports: [{ name: 'http', port: 80, targetPort: 'http' }] });
    }
    expect(manifests.get('NetworkPolicy').spec.podSelector.matchLabels).toEqual(manifests.get('Rollout').spec.selector.matchLabels);
  });

  test('is written after its Services', () => {
    const { list } = synth(blueGreen());
    for (const name of ['Service web', 'Service web-preview']) expect(list.indexOf(name)).toBeLessThan(list.indexOf('Rollout web'));
  });

  test.each<[string, ArgoRollout, object]>([
    ['manually by default', {}, { autoPromotionEnabled: false }],
    ['immediately with autoPromotion 0s', { autoPromotion: '0s' }, { autoPromotionEnabled: true }],
    [
      'after the time in autoPromotion',
      { autoPromotion: '10m', scaleDownDelay: '2m' },
      { autoPromotionEnabled: true, autoPromotionSeconds: 600, scaleDownDelaySeconds: 120 },
    ],
  ])('is promoted %s', (_, rollout, expected) => {
    expect(synth(blueGreen(rollout)).get('Rollout').spec.strategy.blueGreen).toEqual({
      activeService: 'web',
      previewService: 'web-preview',
      ...expected,
    });
  });

  test('uses the given previewHosts, also behind a gateway', () => {
    const route = synth(blueGreen({ previewHosts: ['next.example.com'] }), GATEWAY).get('HTTPRoute', 'web-preview');
    expect(route.spec.hostnames).toEqual(['next.example.com']);
  });

  test('has a preview only inside the cluster if there is no domain', () => {
    const manifests = synth(blueGreen({}, { hosts: ['shop.example.com'] }), { domain: undefined });
    expect(manifests.list).not.toContain('Ingress web-preview');
    expect(manifests.get('InterceptorRoute', 'web-preview').spec.rules).toEqual([
      { hosts: ['web-preview-proxy.shop', 'web-preview-proxy.shop.svc', 'web-preview-proxy.shop.svc.cluster.local'] },
    ]);
  });

  test('routes directly to the Services of an app that is not scaled by HTTP', () => {
    const manifests = synth(blueGreen({}, { scaling: { replicas: 2 } }), NGINX);
    expect(manifests.list).not.toContain('InterceptorRoute web-preview');
    expect(manifests.get('Ingress', 'web-preview').spec.rules[0].http.paths[0].backend.service).toEqual({
      name: 'web-preview',
      port: { number: 80 },
    });
  });

  test('has no Ingress if the app is internal', () => {
    expect(synth(blueGreen({}, { internal: true })).has('Ingress')).toBe(false);
  });
});

describe('an analysis', () => {
  const monitored = (more: PlatformProps = {}): PlatformProps => ({
    ...NGINX,
    monitoring: { prometheus: 'http://prometheus.monitoring:9090' },
    ...more,
  });
  const metrics = (props: Partial<WebAppProps>, platform = monitored()) => synth(props, platform).get('AnalysisTemplate').spec.metrics;

  test('queries the app\'s requests at the interceptor, and succeeds if there are none', () => {
    expect(metrics(argo({ analysis: { successRate: 99.5, latency: '750ms' } }))).toEqual([
      {
        name: 'success-rate',
        interval: '60s',
        failureLimit: 2,
        successCondition: 'len(result) == 0 || isNaN(result[0]) || result[0] >= 99.5',
        provider: {
          prometheus: {
            address: 'http://prometheus.monitoring:9090',
            query:
              '100 * (1 - (sum(rate(interceptor_request_count_total{route_name="web",route_namespace="shop",code=~"5.."}[120s])) '
              + 'or vector(0))'
              + ' / sum(rate(interceptor_request_count_total{route_name="web",route_namespace="shop"}[120s])))',
          },
        },
      },
      {
        name: 'latency',
        interval: '60s',
        failureLimit: 2,
        successCondition: 'len(result) == 0 || isNaN(result[0]) || result[0] <= 0.75',
        provider: {
          prometheus: {
            address: 'http://prometheus.monitoring:9090',
            query:
              'histogram_quantile(0.95, sum by (le) '
              + '(rate(interceptor_request_duration_seconds_bucket{route_name="web",route_namespace="shop"}[120s])))',
          },
        },
      },
    ]);
  });

  test('can query the metrics of ingress-nginx, whichever label contains the namespace', () => {
    const [
      {
        provider: {
          prometheus: { query },
        },
      },
    ] = metrics(argo({ analysis: { latency: '2s', percentile: 50, source: AnalysisSource.ENTRY, interval: '5m' } }));
    expect(query).toBe(
      'histogram_quantile(0.5, sum by (le) '
        + '(rate(nginx_ingress_controller_request_duration_seconds_bucket{ingress="web",exported_namespace="shop"}[300s])'
        + ' or rate(nginx_ingress_controller_request_duration_seconds_bucket{ingress="web",namespace="shop"}[300s])))',
    );
  });

  test('queries ingress-nginx by default if requests do not go through the interceptor', () => {
    const [{ provider: { prometheus: { query } } }] = metrics(argo({ analysis: { successRate: 99 } }, { scaling: { replicas: 2 } }));
    expect(query).toContain('nginx_ingress_controller_requests{ingress="web",exported_namespace="shop",status=~"5.."}');
  });

  test('runs during the steps of a canary', () => {
    const manifests = synth(argo({ analysis: { successRate: 99, failureLimit: 0 } }), monitored());
    expect(manifests.get('Rollout').spec.strategy.canary.analysis).toEqual({ templates: [{ templateName: 'web' }] });
    expect(manifests.list.indexOf('AnalysisTemplate web')).toBeLessThan(manifests.list.indexOf('Rollout web'));
  });

  test('runs for a while after a blue-green promotion', () => {
    const manifests = synth(blueGreen({ analysis: { successRate: 99, count: 3 } }), monitored());
    expect(manifests.get('Rollout').spec.strategy.blueGreen.postPromotionAnalysis).toEqual({ templates: [{ templateName: 'web' }] });
    expect(manifests.get('AnalysisTemplate').spec.metrics[0].count).toBe(3);
  });

  test.each<{
    readonly title: string;
    readonly analysis: ArgoRollout['analysis'];
    readonly props: Partial<WebAppProps>;
    readonly platform: PlatformProps;
    readonly problem: string;
  }>([
    {
      title: 'no condition',
      analysis: {},
      props: {},
      platform: monitored(),
      problem: 'analysis has no condition',
    },
    {
      title: 'no Prometheus',
      analysis: { successRate: 99 },
      props: {},
      platform: NGINX,
      problem: 'analysis is not supported, because the platform has no Prometheus',
    },
    {
      title: 'requests that bypass the interceptor',
      analysis: { successRate: 99, source: AnalysisSource.INTERCEPTOR },
      props: { scaling: { replicas: 1 } },
      platform: monitored(),
      problem: 'analysis.source is interceptor, but the app\'s requests do not go through it',
    },
    {
      title: 'an old add-on',
      analysis: { successRate: 99 },
      props: {},
      platform: monitored(ALPHA),
      problem: 'analysis uses the interceptor\'s metrics, but before add-on 0.14',
    },
    {
      title: 'an internal app that is not scaled by HTTP',
      analysis: { successRate: 99 },
      props: { scaling: { replicas: 1 }, internal: true },
      platform: monitored(),
      problem: 'analysis uses the metrics of the ingress controller or gateway, but the app is internal',
    },
    {
      title: 'an ingress controller without supported metrics',
      analysis: { successRate: 99, source: AnalysisSource.ENTRY },
      props: {},
      platform: monitored({ ingress: { className: 'traefik' } }),
      problem: 'analysis uses the metrics of the ingress controller or gateway, but only those of ingress-nginx',
    },
    {
      title: 'a gateway without supported metrics',
      analysis: { latency: '1s' },
      props: { scaling: { replicas: 1 } },
      platform: { ...GATEWAY, monitoring: { prometheus: 'http://p' } },
      problem: 'analysis uses the metrics of the ingress controller or gateway, but only those of ingress-nginx',
    },
    {
      title: 'a percentile without a latency',
      analysis: { successRate: 99, percentile: 50 },
      props: {},
      platform: monitored(),
      problem: 'analysis.percentile has no effect without latency',
    },
    {
      title: 'a success rate of 0',
      analysis: { successRate: 0 },
      props: {},
      platform: monitored(),
      problem: 'analysis.successRate is 0; use a percentage',
    },
    {
      title: 'a latency in hours',
      analysis: { latency: '1h' },
      props: {},
      platform: monitored(),
      problem: 'analysis.latency is "1h", which is not a valid latency; use milliseconds or seconds',
    },
    {
      title: 'a latency below the resolution of the metrics',
      analysis: { latency: '1ms' },
      props: {},
      platform: monitored(),
      problem: 'analysis.latency is "1ms", which is below the resolution of the metrics',
    },
    {
      title: 'a latency above the range of the metrics',
      analysis: { latency: '10s' },
      props: {},
      platform: monitored(),
      problem: 'analysis.latency is "10s", but the metrics end at 10s',
    },
    {
      title: 'a count with a canary',
      analysis: { successRate: 99, count: 3 },
      props: {},
      platform: monitored(),
      problem: 'analysis.count belongs to the strategy blue-green',
    },
  ])('is an error with $title', ({ analysis, props, platform, problem }) => {
    expect(problems(argo({ analysis }, props), platform)).toEqual([expect.stringContaining(`WebApp "web": rollout.argo.${problem}`)]);
  });
});

describe('an invalid rollout with Argo Rollouts', () => {
  const claim = { data: { path: '/data', size: '1Gi' } };

  test.each<{ readonly title: string; readonly props: object; readonly platform: PlatformProps; readonly problem: string }>([
    {
      title: 'a second strategy',
      props: { rollout: { argo: {}, canary: { image: IMAGE } } },
      platform: GATEWAY,
      problem: 'rollout.argo cannot be combined with canary',
    },
    {
      title: 'a third strategy',
      props: { image: IMAGE, rollout: { argo: {}, blueGreen: { active: Color.BLUE } } },
      platform: {},
      problem: 'rollout.argo cannot be combined with blueGreen',
    },
    {
      title: 'an empty list of previewHosts',
      props: blueGreen({ previewHosts: [] }),
      platform: {},
      problem: 'rollout.argo.previewHosts is empty',
    },
    {
      title: 'a rolling update',
      props: { rollout: { argo: {}, rollingUpdate: { maxSurge: '1' } } },
      platform: {},
      problem: 'rollout.rollingUpdate cannot be combined with argo',
    },
    {
      title: 'a volume that only one replica can mount',
      props: argo({}, { volumes: claim }),
      platform: {},
      problem: 'rollout.argo is not supported, because a volume of the app can be mounted by one replica only',
    },
    {
      title: 'no steps',
      props: argo({ steps: [] }),
      platform: {},
      problem: 'rollout.argo.steps is empty',
    },
    {
      title: 'an empty step',
      props: argo({ steps: [{}] }),
      platform: {},
      problem: 'rollout.argo.steps[0] is empty',
    },
    {
      title: 'a step with two actions',
      props: argo({ steps: [{ setWeight: 1, pause: {} }] }),
      platform: {},
      problem: 'rollout.argo.steps[0] has both setWeight and pause',
    },
    {
      title: 'a weight above 100',
      props: argo({ steps: [{ setWeight: 101 }] }),
      platform: {},
      problem: 'rollout.argo.steps[0].setWeight is 101',
    },
    {
      title: 'a pause without a unit',
      props: argo({ steps: [{ pause: { duration: '10' } }] }),
      platform: {},
      problem: 'rollout.argo.steps[0].pause.duration is "10", which is not a valid duration',
    },
    {
      title: 'automatic promotion of a canary',
      props: argo({ autoPromotion: '1m' }),
      platform: {},
      problem: 'rollout.argo.autoPromotion belongs to the strategy blue-green, but this is canary; remove it, or set strategy: blue-green',
    },
    {
      title: 'steps with blue-green',
      props: blueGreen({ steps: [{ setWeight: 1 }] }),
      platform: {},
      problem: 'rollout.argo.steps belongs to the strategy canary',
    },
    {
      title: 'an old add-on',
      props: blueGreen(),
      platform: ALPHA,
      problem: 'rollout.argo.strategy is blue-green, but with the add-on\'s API v1alpha1',
    },
    {
      title: 'an AWS load balancer',
      props: blueGreen({}, { scaling: { replicas: 1 } }),
      platform: { ingress: { controller: IngressController.ALB } },
      problem: 'rollout.argo.strategy is blue-green, but AWS\'s load balancer',
    },
    {
      title: 'a name that is too long',
      props: blueGreen({}, { name: 'a'.repeat(50) }),
      platform: {},
      problem: 'name has 50 characters, but',
    },
    {
      title: 'previewHosts of an internal app',
      props: blueGreen({ previewHosts: ['a.example.com'] }, { internal: true }),
      platform: {},
      problem: 'rollout.argo.previewHosts cannot be combined with internal',
    },
    {
      title: 'a host in previewHosts that the active version has',
      props: blueGreen({ previewHosts: ['web.apps.example.com'] }),
      platform: {},
      problem: 'rollout.argo.previewHosts have "web.apps.example.com", which is a host of the active version',
    },
    {
      title: 'a host with a scheme in previewHosts',
      props: blueGreen({ previewHosts: ['https://a'] }),
      platform: {},
      problem: 'rollout.argo.previewHosts[0] is "https://a", which has a scheme',
    },
    {
      title: 'a Prometheus address without a scheme',
      props: {},
      platform: { monitoring: { prometheus: 'prometheus:9090' } },
      problem: 'Platform: monitoring.prometheus is "prometheus:9090", which is not a valid URL of an API',
    },
    {
      title: 'an unknown strategy',
      props: argo({ strategy: 'blueGreen' as any }),
      platform: {},
      problem: 'rollout.argo.strategy is "blueGreen"',
    },
    {
      title: 'a patch of the Deployment',
      props: argo({}, { patches: [{ kind: 'Deployment', merge: {} }] }),
      platform: {},
      problem: 'patches[0] matches no object: there is no Deployment',
    },
  ])('$title is an error', ({ props, platform, problem }) => {
    expect(problems(props, platform)).toEqual([expect.stringContaining(problem)]);
  });

  test('a scale-down delay that ends before the analysis is an error', () => {
    const rollout = { scaleDownDelay: '1m', analysis: { successRate: 99, count: 3 } };
    expect(problems(blueGreen(rollout), { monitoring: { prometheus: 'http://p' } })).toEqual([
      'WebApp "web": rollout.argo.scaleDownDelay is 60s, but the analysis takes 120s and ends when the previous version is '
        + 'removed; use a longer time, or remove it',
    ]);
  });

  test('a preview URL that another app has is an error', () => {
    expect(problemsOf(() => {
      const app = new App();
      new Platform(app, 'platform', { domain: 'apps.example.com' });
      const chart = new Chart(app, 'shop', { namespace: 'shop' });
      new WebApp(chart, 'next', { image: IMAGE, hosts: ['web-preview.apps.example.com'] });
      new WebApp(chart, 'web', { image: IMAGE, ...blueGreen() });
      return app;
    })).toEqual([
      'WebApp "web": rollout.argo.previewHosts have "web-preview.apps.example.com" with path "/", which WebApp "shop/next" '
        + 'has too; use another host, path or header in one of them',
    ]);
  });
});
