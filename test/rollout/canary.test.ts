import { App, Chart } from 'cdk8s';
import { build, IMAGE, Manifests, problems, problemsOf, synth } from '../synth';
import {
  AppProtocol,
  HttpAddonApi,
  IngressController,
  InterceptorBackend,
  Platform,
  PlatformProps,
  AccessMode,
  WebApp,
  WebAppProps,
} from 'cdk8s-webapp';

const NEW = 'ghcr.io/acme/web:1.5.0';
const GATEWAY: PlatformProps = { gateway: { name: 'public', namespace: 'gateways' } };
const NGINX: PlatformProps = { ingress: { className: 'nginx' } };
const TRAEFIK: PlatformProps = { ingress: { className: 'traefik' } };
const OTHER: PlatformProps = { ingress: { controller: IngressController.OTHER } };
const CANARY_HOSTS = ['web-canary-proxy.shop', 'web-canary-proxy.shop.svc', 'web-canary-proxy.shop.svc.cluster.local'];

/** Props of an app with a canary. */
function canary(more: object = {}, props: Partial<WebAppProps> = {}): Partial<WebAppProps> {
  return { ...props, rollout: { canary: { image: NEW, weight: 10, ...more } } };
}

describe('a canary', () => {
  test('has its own objects and changes only the HTTPRoute of the stable version', () => {
    const [before, during] = [synth({}, GATEWAY), synth(canary(), GATEWAY)];
    expect(during.list.filter(object => !before.list.includes(object))).toEqual([
      'Service web-canary', 'Deployment web-canary', 'PodDisruptionBudget web-canary', 'NetworkPolicy web-canary',
      'InterceptorRoute web-canary', 'Service web-canary-proxy', 'ScaledObject web-canary',
    ]);
    for (const object of before.all.filter(({ kind }) => kind !== 'HTTPRoute')) {
      expect(during.get(object.kind, object.metadata.name)).toEqual(object);
    }
  });

  test('has its own pod labels and image, and otherwise the pod of the stable version', () => {
    const manifests = synth(canary({}, { env: { MODE: 'live' }, files: { '/etc/app.yaml': 'a: 1' }, envFromSecrets: ['keys'] }), GATEWAY);
    const selector = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'canary' };
    const [first, second] = ['web', 'web-canary'].map(name => manifests.get('Deployment', name).spec);
    expect(second.selector.matchLabels).toEqual(selector);
    expect(second.template.metadata.labels).toMatchObject(selector);
    expect(manifests.get('Service', 'web-canary').spec.selector).toEqual(selector);
    expect(manifests.get('PodDisruptionBudget', 'web-canary').spec.selector.matchLabels).toEqual(selector);
    expect(manifests.get('NetworkPolicy', 'web-canary').spec.podSelector.matchLabels).toEqual(selector);
    expect(second.template.spec.containers).toEqual([{ ...first.template.spec.containers[0], image: NEW }]);
    expect(second.template.spec.volumes).toEqual(first.template.spec.volumes);
    expect(second.template.spec.serviceAccountName).toBe('web');
  });

  test('scales independently, also from zero', () => {
    const spec = synth(canary({}, { scaling: { min: 0, max: 4, concurrency: 20 } }), GATEWAY).get('ScaledObject', 'web-canary').spec;
    expect(spec).toMatchObject({ scaleTargetRef: { name: 'web-canary' }, minReplicaCount: 0, maxReplicaCount: 4 });
    expect(spec.triggers).toEqual([{ type: 'external-push', metadata: expect.objectContaining({ interceptorRoute: 'web-canary' }) }]);
  });

  test('has what code adds to the stable Deployment', () => {
    const { web, chart } = build(canary(), GATEWAY);
    web.container.env.addVariable('ADDED', { value: 'by code' });
    web.deployment.podMetadata.addAnnotation('example.com/note', 'here');
    web.addEnv('SAID', 'later');
    const { metadata, spec } = new Manifests(chart).get('Deployment', 'web-canary').spec.template;
    expect(spec.containers[0].env).toEqual(expect.arrayContaining([{ name: 'ADDED', value: 'by code' }, { name: 'SAID', value: 'later' }]));
    expect(metadata.annotations).toEqual({ 'example.com/note': 'here' });
  });

  test('has the triggers that code adds, with their authentication', () => {
    const { web, chart } = build(canary(), GATEWAY);
    web.addTrigger({
      type: 'rabbitmq',
      metadata: { queueName: 'jobs' },
      authentication: { secrets: { host: { secret: 'rabbit', key: 'uri' } } },
    });
    const manifests = new Manifests(chart);
    expect(manifests.get('ScaledObject', 'web-canary').spec.triggers[1]).toMatchObject({
      type: 'rabbitmq',
      authenticationRef: { name: 'web-canary-rabbitmq' },
    });
    expect(manifests.get('TriggerAuthentication', 'web-canary-rabbitmq').spec.secretTargetRef).toEqual([
      { parameter: 'host', name: 'rabbit', key: 'uri' },
    ]);
  });

  test('runs its release command before it starts, in the same Job that runs when it is promoted', () => {
    const release = { command: ['npm', 'run', 'migrate'] };
    const during = synth(canary({}, { releaseCommand: release }), GATEWAY);
    const jobs = during.all
      .filter(({ kind }) => kind === 'Job')
      .map(({ metadata, spec }) => [metadata.name, spec.template.spec.containers[0].image]);
    const [after] = synth({ image: NEW, releaseCommand: release }, GATEWAY).all.filter(({ kind }) => kind === 'Job');
    expect(jobs.map(([, image]) => image)).toEqual([IMAGE, NEW]);
    expect(jobs[1][0]).toBe(after.metadata.name);
    expect(during.list.indexOf(`Job ${after.metadata.name}`)).toBeLessThan(during.list.indexOf('Deployment web-canary'));
  });

  test('with the image of the stable version has no separate release Job', () => {
    const manifests = synth({ image: NEW, releaseCommand: { command: ['migrate'] }, rollout: { canary: { image: NEW } } }, GATEWAY);
    expect(manifests.all.filter(({ kind }) => kind === 'Job')).toHaveLength(1);
  });

  test('shares the Helm hook\'s ServiceAccount and files with the stable version', () => {
    const { all } = synth(canary({}, { releaseCommand: { command: ['migrate'] }, files: { '/a': 'b' } }), { ...GATEWAY, helmHooks: true });
    const hooks = all.filter(({ metadata }) => metadata.name.startsWith('web-release'));
    expect(hooks.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'Job', 'Job', 'ServiceAccount']);
    for (const { spec } of hooks.filter(({ kind }) => kind === 'Job')) expect(spec.template.spec.serviceAccountName).toBe('web-release');
  });

  test('does not run workers or cron jobs', () => {
    const manifests = synth(canary({}, { workers: { mails: { command: ['mails'] } } }), GATEWAY);
    expect(manifests.all.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name)).toEqual([
      'web',
      'web-canary',
      'web-mails',
    ]);
    expect(manifests.get('Deployment', 'web-mails').spec.template.spec.containers[0].image).toBe(IMAGE);
  });

  test('is changed by patches of a kind, like the stable version', () => {
    const patches = [{ kind: 'Deployment', merge: { spec: { template: { spec: { containers: [{ name: 'web', tty: true }] } } } } }];
    const containers = synth(canary({}, { patches }), GATEWAY).get('Deployment', 'web-canary').spec.template.spec.containers;
    expect(containers).toEqual([expect.objectContaining({ image: NEW, tty: true })]);
  });
});

describe('the traffic weight of a canary behind a gateway', () => {
  const backend = { name: 'keda-add-ons-http-interceptor-proxy', namespace: 'keda', port: 8080 };

  test('is a weight in the HTTPRoute, which sets a header for the interceptor', () => {
    const manifests = synth(canary({ weight: 25 }), GATEWAY);
    const set = [{ name: 'X-Webapp-Track', value: 'canary' }];
    expect(manifests.get('HTTPRoute').spec.rules[0].backendRefs).toEqual([
      { ...backend, weight: 75 },
      { ...backend, weight: 25, filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set } }] },
    ]);
    expect(manifests.get('InterceptorRoute', 'web-canary').spec).toMatchObject({
      target: { service: 'web-canary' },
      rules: [{ hosts: ['web.apps.example.com'], headers: set }, { hosts: CANARY_HOSTS }],
    });
  });

  test('changes only the two weights, from 0 to 100', () => {
    const all = [0, 10, 50, 100].map(weight => synth(canary({ weight }), GATEWAY).all);
    for (const [i, weight] of [0, 10, 50, 100].entries()) {
      const changed = JSON.parse(JSON.stringify(all[0]));
      const refs = changed.find(({ kind }: any) => kind === 'HTTPRoute').spec.rules[0].backendRefs;
      Object.assign(refs[0], { weight: 100 - weight });
      Object.assign(refs[1], { weight });
      expect(all[i]).toEqual(changed);
    }
  });

  test('applies within the paths and headers of the app', () => {
    const props = canary({ headers: { 'X-Beta': 'yes' } }, { paths: ['/api'], headers: { 'X-Tenant': 'acme' } });
    const { rules } = synth(props, GATEWAY).get('InterceptorRoute', 'web-canary').spec;
    const tenant = { name: 'X-Tenant', value: 'acme' };
    expect(rules.slice(0, 2)).toEqual([
      { hosts: ['web.apps.example.com'], paths: [{ value: '/api' }], headers: [tenant, { name: 'X-Webapp-Track', value: 'canary' }] },
      { hosts: ['web.apps.example.com'], paths: [{ value: '/api' }], headers: [tenant, { name: 'X-Beta', value: 'yes' }] },
    ]);
  });

  test('routes directly to both Services of an app that is not scaled by HTTP', () => {
    const manifests = synth(canary({ headers: { 'X-Beta': 'yes' } }, { scaling: { replicas: 2 } }), GATEWAY);
    expect(manifests.get('HTTPRoute').spec.rules).toEqual([
      {
        matches: [{ path: { type: 'PathPrefix', value: '/' }, headers: [{ name: 'X-Beta', value: 'yes' }] }],
        backendRefs: [{ name: 'web-canary', port: 80 }],
      },
      {
        matches: [{ path: { type: 'PathPrefix', value: '/' } }],
        backendRefs: [
          { name: 'web', port: 80, weight: 90 },
          { name: 'web-canary', port: 80, weight: 10 },
        ],
      },
    ]);
    expect(manifests.get('Deployment', 'web-canary').spec.replicas).toBe(2);
    expect(manifests.has('InterceptorRoute')).toBe(false);
  });
});

describe('the traffic weight of a canary behind ingress-nginx', () => {
  const UPSTREAM: PlatformProps = { ingress: { className: 'nginx', upstreamHeader: 'X-Upstream' } };

  test('needs its own Ingress, with a different Service than the stable version', () => {
    const ingress = synth(canary(), UPSTREAM).get('Ingress', 'web-canary');
    expect(ingress.metadata.annotations).toEqual({
      'nginx.ingress.kubernetes.io/canary': 'true',
      'nginx.ingress.kubernetes.io/canary-weight': '10',
      'nginx.ingress.kubernetes.io/upstream-vhost': 'web-canary-proxy.shop.svc.cluster.local',
    });
    expect(ingress.spec).toEqual({
      ingressClassName: 'nginx',
      rules: [
        {
          host: 'web.apps.example.com',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web-canary-proxy', port: { number: 8080 } } } }] },
        },
      ],
    });
  });

  test('reaches the interceptor in the header with the name of the upstream', () => {
    expect(synth(canary(), UPSTREAM).get('InterceptorRoute', 'web-canary').spec.rules).toEqual([
      { hosts: ['web.apps.example.com'], headers: [{ name: 'X-Upstream', value: 'shop-web-canary-proxy-8080' }] },
      { hosts: CANARY_HOSTS },
    ]);
  });

  test('needs that header only with a weight above 0 and requests through the interceptor', () => {
    expect(problems(canary({ weight: 0, headers: { 'X-Beta': 'yes' } }), NGINX)).toEqual([]);
    expect(problems(canary({}, { scaling: { replicas: 1 } }), NGINX)).toEqual([]);
  });

  test('matches headers in the Ingress if requests do not go through the interceptor', () => {
    const props = canary({ headers: { 'X-Beta': 'yes' } }, { scaling: { replicas: 1 } });
    const { metadata, spec } = synth(props, NGINX).get('Ingress', 'web-canary');
    expect(metadata.annotations).toEqual({
      'nginx.ingress.kubernetes.io/canary': 'true',
      'nginx.ingress.kubernetes.io/canary-weight': '10',
      'nginx.ingress.kubernetes.io/canary-by-header': 'X-Beta',
      'nginx.ingress.kubernetes.io/canary-by-header-value': 'yes',
    });
    expect(spec.rules[0].http.paths[0].backend.service).toEqual({ name: 'web-canary', port: { number: 80 } });
  });
});

describe('a canary through Traefik', () => {
  const services = [{ name: 'web-proxy', port: 8080, weight: 90 }, { name: 'web-canary-proxy', port: 8080, weight: 10 }];

  test('is in an IngressRoute with the rules of the Ingress and precedence over it', () => {
    const manifests = synth(canary({}, { hosts: ['a.example.com', 'b.example.com'], paths: ['/x', '/y'] }), TRAEFIK);
    const { entryPoints, tls, routes } = manifests.get('IngressRoute', 'web').spec;
    expect({ entryPoints, tls }).toEqual({ entryPoints: undefined, tls: undefined });
    expect(routes.map(({ match }: any) => match)).toEqual([
      'Host(`a.example.com`) && PathPrefix(`/x`)', 'Host(`a.example.com`) && PathPrefix(`/y`)',
      'Host(`b.example.com`) && PathPrefix(`/x`)', 'Host(`b.example.com`) && PathPrefix(`/y`)',
    ]);
    for (const route of routes) expect(route).toMatchObject({ kind: 'Rule', services });
    expect(manifests.get('Ingress', 'web').metadata.annotations).toEqual({ 'traefik.ingress.kubernetes.io/router.priority': '1' });
    expect(manifests.list.indexOf('IngressRoute web')).toBeLessThan(manifests.list.indexOf('Ingress web'));
  });

  test('is identified to the interceptor by a header that a Middleware adds', () => {
    const manifests = synth(canary(), TRAEFIK);
    expect(manifests.get('IngressRoute').spec.routes[0].services[1].middlewares).toEqual([{ name: 'web-canary-track' }]);
    expect(manifests.get('Middleware', 'web-canary-track').spec).toEqual({
      headers: { customRequestHeaders: { 'X-Webapp-Track': 'canary' } },
    });
    expect(manifests.get('InterceptorRoute', 'web-canary').spec.rules[0]).toEqual({
      hosts: ['web.apps.example.com'], headers: [{ name: 'X-Webapp-Track', value: 'canary' }],
    });
  });

  test.each<[what: string, props: Partial<WebAppProps>]>([
    ['at a weight of 0', canary({ weight: 0, headers: { 'X-Beta': 'yes' } })],
    ['without a canary', {}],
  ])('needs no IngressRoute %s', (_, props) => {
    const { list, ...manifests } = synth(props, TRAEFIK);
    expect(list.filter(name => /IngressRoute|Middleware/.test(name))).toEqual([]);
    expect(manifests.all.find(({ kind }) => kind === 'Ingress')!.metadata).not.toHaveProperty('annotations');
  });

  test('matches any number of headers in the IngressRoute if requests do not go through the interceptor', () => {
    const props = canary({ weight: 0, headers: { 'X-Beta': 'yes', 'X-Team': 'a' } }, { scaling: { replicas: 1 } });
    const manifests = synth(props, TRAEFIK);
    expect(manifests.get('IngressRoute').spec.routes).toEqual([
      {
        kind: 'Rule',
        match: 'Host(`web.apps.example.com`) && PathPrefix(`/`) && Header(`X-Beta`, `yes`) && Header(`X-Team`, `a`)',
        services: [{ name: 'web-canary', port: 80 }],
      },
      {
        kind: 'Rule',
        match: 'Host(`web.apps.example.com`) && PathPrefix(`/`)',
        services: [{ name: 'web', port: 80, weight: 100 }, { name: 'web-canary', port: 80, weight: 0 }],
      },
    ]);
    expect(manifests.has('Middleware')).toBe(false);
  });

  test('uses HTTP/2 for an app that speaks it', () => {
    const { routes } = synth(canary({}, { protocol: AppProtocol.HTTP2 }), TRAEFIK).get('IngressRoute').spec;
    expect(routes[0].services.map(({ scheme }: any) => scheme)).toEqual(['h2c', 'h2c']);
  });

  test('has the settings that the annotations of the Ingress configure', () => {
    const router = 'traefik.ingress.kubernetes.io/router';
    const annotations = {
      [`${router}.entrypoints`]: 'websecure, internal',
      [`${router}.tls`]: 'true',
      [`${router}.tls.certresolver`]: 'acme',
      [`${router}.middlewares`]: 'shop-limit@kubernetescrd,compress@file',
      [`${router}.priority`]: '40',
    };
    const manifests = synth(canary({}, { access: { allow: ['10.0.0.0/8'] } }), { ingress: { className: 'traefik', annotations } });
    expect(manifests.get('IngressRoute').spec).toMatchObject({
      entryPoints: ['websecure', 'internal'],
      tls: { certResolver: 'acme' },
      routes: [{ priority: 40, middlewares: [{ name: 'limit' }, { name: 'compress@file' }, { name: 'web-allow' }] }],
    });
    expect(manifests.get('Ingress').metadata.annotations[`${router}.priority`]).toBe('1');
  });

  test.each([
    ['traefik.ingress.kubernetes.io/router.tls.options', 'infra-modern@kubernetescrd'],
    ['traefik.ingress.kubernetes.io/router.middlewares', 'infra-limit@kubernetescrd'],
  ])('is an error with an annotation that an IngressRoute does not support: %s', (name, value) => {
    const platform = { ingress: { className: 'traefik', annotations: { [name]: value } } };
    expect(problems(canary(), platform)).toEqual([
      `WebApp "web": rollout.canary needs an IngressRoute, which cannot have what the annotation ${name} says; `
      + 'remove the annotation, or use a platform with a gateway',
    ]);
    expect(problems(canary({ weight: 0, headers: { 'X-Beta': 'yes' } }), platform)).toEqual([]);
  });

  test('cannot have a weight if another app shares its host and path, as Traefik cannot tell their requests apart', () => {
    const hosts = ['a.example.com'];
    const found = (tenant: Partial<WebAppProps>) => problemsOf(() => {
      const app = new App();
      new Platform(app, 'platform', TRAEFIK);
      const chart = new Chart(app, 'shop', { namespace: 'shop' });
      new WebApp(chart, 'web', { image: IMAGE, hosts, ...canary() });
      new WebApp(chart, 'tenant', { image: IMAGE, headers: { 'X-Tenant': 'a' }, ...tenant });
      return app;
    });
    const expected = [
      'WebApp "web": rollout.canary.weight is 10, but WebApp "shop/tenant" has the host "a.example.com" and the same path too, '
      + 'and an Ingress does not match headers, by which they differ; '
      + 'use rollout.canary.headers, another host or path, or a platform with a gateway',
    ];
    expect(found({ hosts })).toEqual(expected);
    expect(found({ hosts: ['b.example.com'], ports: { admin: { port: 9000, hosts } } })).toEqual(expected);
    expect(found({ hosts, paths: ['/tenant'] })).toEqual([
      'WebApp "web": rollout.canary.weight is 10, but requests for "a.example.com" with path "/tenant" come by way of the Ingress of '
        + 'WebApp "shop/tenant", which does not split them; set rollout.canary.headers, or use another host or a platform with a gateway',
    ]);
  });
});

describe('requests with the headers of a canary', () => {
  test.each<[string, Partial<WebAppProps>, PlatformProps]>([
    ['with any ingress controller', {}, TRAEFIK],
    ['for an internal app', { internal: true }, {}],
  ])('are matched by the interceptor, %s', (_, props, platform) => {
    const manifests = synth(canary({ weight: 0, headers: { 'X-Beta': 'yes' } }, props), platform);
    const headers = [{ name: 'X-Beta', value: 'yes' }];
    const inside = { hosts: ['web-proxy.shop', 'web-proxy.shop.svc', 'web-proxy.shop.svc.cluster.local'], headers };
    const outside = { hosts: ['web.apps.example.com'], headers };
    expect(manifests.get('InterceptorRoute', 'web-canary').spec.rules).toEqual([
      ...(props.internal ? [] : [outside]),
      inside,
      { hosts: CANARY_HOSTS },
    ]);
    expect(manifests.list).not.toContain('Ingress web-canary');
  });
});

describe('an invalid canary', () => {
  const claim = { data: { path: '/data', size: '1Gi' } };
  const shared = { data: { path: '/data', size: '1Gi', accessMode: AccessMode.READ_WRITE_MANY } };

  test.each<{ readonly title: string; readonly props: object; readonly platform: PlatformProps; readonly problem: string }>([
    {
      title: 'a weight on an ingress controller without traffic splitting support',
      props: canary(),
      platform: OTHER,
      problem:
        'rollout.canary.weight is 10, but the platform\'s ingress controller cannot split traffic by weight; '
        + 'a gateway, Traefik or ingress-nginx can; set rollout.canary.headers',
    },
    {
      title: 'a weight on ingress-nginx without an upstream header',
      props: canary(),
      platform: NGINX,
      problem:
        'rollout.canary.weight is 10, but ingress-nginx does not tell the interceptor which requests are for the canary, '
        + 'so it would get none; ask your platform team for a gateway or for ingress.upstreamHeader, '
        + 'or set rollout.canary.headers',
    },
    {
      title: 'a weight on an internal app',
      props: canary({}, { internal: true }),
      platform: {},
      problem:
        'rollout.canary.weight is 10, but the app is internal, and only an ingress controller or gateway can split traffic by weight',
    },
    {
      title: 'an Ingress backend that is one Service for both versions',
      props: canary(),
      platform: { ingress: { className: 'nginx', interceptorBackend: InterceptorBackend.INTERCEPTOR_NAMESPACE } },
      problem:
        'rollout.canary.weight is 10, but with the platform\'s ingress.interceptorBackend interceptor-namespace both versions '
        + 'are one Service',
    },
    {
      title: 'the add-on\'s API v1alpha1',
      props: canary({ weight: 0 }),
      platform: { ...NGINX, httpAddon: { api: HttpAddonApi.V1ALPHA1 } },
      problem: 'rollout.canary is not supported by the add-on\'s API v1alpha1, which cannot tell two versions apart',
    },
    {
      title: 'a volume that only one replica can mount',
      props: canary({}, { volumes: claim }),
      platform: GATEWAY,
      problem: 'rollout.canary is not supported, because a volume of the app can be mounted by one replica only',
    },
    {
      title: 'a header that the app matches itself',
      props: canary({ headers: { 'x-tenant': 'b' } }, { headers: { 'X-Tenant': 'a' } }),
      platform: GATEWAY,
      problem: 'rollout.canary.headers.x-tenant is one of the app\'s own headers',
    },
    {
      title: 'a name that is too long',
      props: canary({}, { name: 'a'.repeat(48) }),
      platform: GATEWAY,
      problem: 'name has 48 characters, but the names of objects of rollout.canary would have more than 54; use at most 47',
    },
    {
      title: 'two headers on ingress-nginx',
      props: canary({ headers: { A: '1', B: '2' } }, { scaling: { replicas: 1 } }),
      platform: NGINX,
      problem: 'rollout.canary.headers has more than one header, but ingress-nginx matches a single one',
    },
    {
      title: 'a header that would end its value in a rule of Traefik, and take the requests of all hosts',
      props: canary({ headers: { A: '1`) || PathPrefix(`/' } }, { scaling: { replicas: 1 } }),
      platform: { ingress: { className: 'traefik' } },
      problem: 'rollout.canary.headers has a backtick, which ends a value in a rule of Traefik; '
        + 'use other characters, or set scaling.concurrency, because the interceptor can match headers',
    },
    {
      title: 'no interceptor and an ingress controller without traffic splitting support',
      props: canary({}, { scaling: { replicas: 1 } }),
      platform: OTHER,
      problem: 'rollout.canary gets no requests, because the platform\'s ingress controller cannot split traffic',
    },
    {
      title: 'an internal app that is not scaled by HTTP',
      props: canary({}, { scaling: { replicas: 1 }, internal: true }),
      platform: {},
      problem: 'rollout.canary gets no requests, because the app is internal and not scaled by HTTP',
    },
    {
      title: 'a weight above 100',
      props: canary({ weight: 101 }),
      platform: GATEWAY,
      problem: 'rollout.canary.weight is 101',
    },
    {
      title: 'no image',
      props: { rollout: { canary: { weight: 1 } } },
      platform: GATEWAY,
      problem: 'rollout.canary.image is missing',
    },
    {
      title: 'a worker with the reserved name',
      props: { workers: { canary: { command: ['x'] } } },
      platform: GATEWAY,
      problem: 'workers.canary is a reserved name',
    },
  ])('$title is an error', ({ props, platform, problem }) => {
    expect(problems(props, platform)).toEqual([expect.stringContaining(`WebApp "web": ${problem}`)]);
  });

  test('a volume that many pods can mount is valid', () => {
    expect(synth(canary({}, { volumes: shared }), GATEWAY).all.filter(({ kind }) => kind === 'PersistentVolumeClaim')).toHaveLength(1);
  });

  test('a conflict with the name or the routes of another app is an error', () => {
    const withSecondApp = (id: string, props: Partial<WebAppProps>) => problemsOf(() => {
      const app = new App();
      new Platform(app, 'platform', { domain: 'apps.example.com', ...GATEWAY });
      const chart = new Chart(app, 'shop', { namespace: 'shop' });
      new WebApp(chart, 'web', { image: IMAGE, ...canary({ headers: { 'X-Beta': 'yes' } }) });
      new WebApp(chart, id, { image: IMAGE, ...props });
      return app;
    });
    expect(withSecondApp('web-canary', {})[0]).toContain('name creates a Service "web-canary", which WebApp "shop/web" creates too');
    expect(withSecondApp('beta', { hosts: ['web.apps.example.com'], headers: { 'x-beta': 'yes' } })[0]).toContain(
      'which WebApp "shop/web" has too',
    );
  });
});
