import { App, Chart } from 'cdk8s';
import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, synth } from '../synth';
import { Color, HttpAddonApi, IngressController, InterceptorBackend, Platform, PlatformProps, AppProtocol, WebApp } from 'cdk8s-webapp';

const CLUSTER_HOSTS = ['web-proxy.shop', 'web-proxy.shop.svc', 'web-proxy.shop.svc.cluster.local'];

describe('the InterceptorRoute', () => {
  test('has the public hosts and the host names inside the cluster', () => {
    expect(synth({ hosts: ['shop.example.com', '*.shop.example.com'] }).get('InterceptorRoute').spec).toEqual({
      target: { service: 'web', portName: 'http' },
      rules: [{ hosts: ['shop.example.com', '*.shop.example.com', ...CLUSTER_HOSTS] }],
      scalingMetric: { concurrency: { targetValue: 100 } },
      timeouts: { readiness: '120s' },
    });
  });

  test('applies paths and headers to the public hosts only', () => {
    expect(synth({ paths: ['/api', '/v1'], headers: { 'X-Tenant': 'acme' } }).get('InterceptorRoute').spec.rules).toEqual([
      { hosts: ['web.apps.example.com'], paths: [{ value: '/api' }, { value: '/v1' }], headers: [{ name: 'X-Tenant', value: 'acme' }] },
      { hosts: CLUSTER_HOSTS },
    ]);
    expect(synth({ headers: { 'X-Tenant': 'acme' } }).get('InterceptorRoute').spec.rules[0]).not.toHaveProperty('paths');
  });

  test('lists a path below the root too, as another app may have a path between the two', () => {
    const paths = ['/', '/docs/api'];
    expect(synth({ paths }).get('InterceptorRoute').spec.rules[0].paths).toEqual([{ value: '/' }, { value: '/docs/api' }]);
    expect(synth({ paths }, { httpAddon: { api: HttpAddonApi.V1ALPHA1 } }).get('HTTPScaledObject').spec.pathPrefixes).toEqual(paths);
  });

  test('has the timeouts', () => {
    expect(synth({ timeouts: { request: '5m', responseHeader: '1m', readiness: '90s' } }).get('InterceptorRoute').spec.timeouts)
      .toEqual({ request: '300s', responseHeader: '60s', readiness: '90s' });
  });

  test('has the response that callers get during a cold start', () => {
    const coldStart = { placeholder: { body: '<p>One moment</p>' }, fallback: { service: 'sorry' } };
    expect(synth({ coldStart }).get('InterceptorRoute').spec.coldStart).toEqual({
      placeholder: {
        response: {
          statusCode: 503,
          headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Retry-After': '1' },
          body: '<p>One moment</p>',
        },
      },
      fallback: { service: { name: 'sorry', port: 80 } },
    });
  });
});

describe('routing inside the cluster', () => {
  test('goes through the interceptor, by a Service in the app\'s namespace', () => {
    expect(synth().get('Service', 'web-proxy').spec).toEqual({
      type: 'ExternalName',
      externalName: 'keda-add-ons-http-interceptor-proxy.keda.svc.cluster.local',
      ports: [{ name: 'http', port: 8080 }],
    });
  });

  test('supports another add-on namespace and another cluster domain', () => {
    const manifests = synth({}, {
      clusterDomain: 'k8s.acme',
      httpAddon: { namespace: 'scaling', interceptorService: 'interceptor', interceptorPort: 80, scalerAddress: 'scaler.scaling.svc:9091' },
    });
    expect(manifests.get('InterceptorRoute').spec.rules[0].hosts).toContain('web-proxy.shop.svc.k8s.acme');
    expect(manifests.get('ScaledObject').spec.triggers[0].metadata.scalerAddress).toBe('scaler.scaling.svc:9091');
  });

  test.each([
    ['through the interceptor', {}, 'http://web-proxy.shop.svc.cluster.local:8080'],
    ['directly to the app if it never sleeps', { scaling: { replicas: 1 } }, 'http://web.shop.svc.cluster.local'],
  ])('internalUrl goes %s', (_, props, expected) => {
    expect(build(props).web.internalUrl).toBe(expected);
  });

  test('does not need a namespace for an app without HTTP scaling', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    const web = new WebApp(chart, 'web', { image: IMAGE, internal: true, scaling: { replicas: 1 } });
    expect(web.internalUrl).toBe('http://web');
    expect(chart.toJson()).toHaveLength(5);
  });
});

describe('the URL of an app', () => {
  test.each([
    ['http://web.apps.example.com', {}, {}],
    ['https://web.apps.example.com', {}, { tls: {} }],
    ['http://web.apps.example.com', { tls: { enabled: false } }, { tls: {} }],
    ['https://shop.example.com/api', { hosts: ['*.example.com', 'shop.example.com'], paths: ['/api'], tls: {} }, {}],
    [undefined, { internal: true }, {}],
    [undefined, { hosts: ['*.example.com'] }, {}],
  ])('is %s for an app with %j on a platform with %j', (expected, props, platform) => {
    expect(build(props, platform).web.url).toBe(expected);
  });
});

describe('the host *', () => {
  const all = { hosts: ['*', 'shop.example.com'] };
  const allowCatchAll = true;

  test('must be allowed by the platform', () => {
    expect(problems(all)).toEqual([
      'WebApp "web": hosts[0] is "*", which would take the traffic of every host that no other app has; '
      + 'use a bare DNS name, such as shop.example.com, or ask your platform team to set allowCatchAll: true',
    ]);
    expect(problems(all, { allowCatchAll })).toEqual([]);
  });

  test('is a rule without a host in the Ingress, and * in the InterceptorRoute', () => {
    const manifests = synth(all, { allowCatchAll, tls: { secretName: 'wildcard' } });
    const { rules, tls } = manifests.get('Ingress').spec;
    expect(rules.map(({ host }: any) => host)).toEqual([undefined, 'shop.example.com']);
    expect(tls).toEqual([{ hosts: ['shop.example.com'], secretName: 'wildcard' }]);
    expect(manifests.get('InterceptorRoute').spec.rules[0].hosts).toEqual([...all.hosts, ...CLUSTER_HOSTS]);
    expect(synth({ hosts: ['*'] }, { allowCatchAll, tls: { secretName: 'a' } }).get('Ingress').spec.tls).toEqual([{ secretName: 'a' }]);
  });

  test('is an HTTPRoute of its own without host names', () => {
    const manifests = synth(all, { allowCatchAll, gateway: { name: 'public' } });
    expect(manifests.get('HTTPRoute', 'web').spec.hostnames).toEqual(['shop.example.com']);
    expect(manifests.get('HTTPRoute', 'web-route-2').spec).not.toHaveProperty('hostnames');
    expect(synth({ hosts: ['*'] }, { allowCatchAll, gateway: { name: 'public' } }).get('HTTPRoute').spec).not.toHaveProperty('hostnames');
  });

  test('has no URL and no certificate of an issuer', () => {
    expect(build({ hosts: ['*'] }, { allowCatchAll }).web.url).toBeUndefined();
    expect(problems({ hosts: ['*'] }, { allowCatchAll, tls: { clusterIssuer: 'letsencrypt' } })).toEqual([
      'WebApp "web": hosts have "*", for which the clusterIssuer "letsencrypt" cannot issue a certificate; '
      + 'set tls: {} to use the certificate of the ingress controller, or tls.secretName',
    ]);
  });

  test('cannot be a preview URL', () => {
    const rollout = { blueGreen: { active: Color.BLUE, green: { image: 'a:1' }, previewHosts: ['*'] } };
    expect(problems({ rollout }, { allowCatchAll })).toEqual([
      'WebApp "web": rollout.blueGreen.previewHosts have "*", but a version that is not active cannot have all hosts; use a name',
    ]);
  });
});

describe('exact paths', () => {
  const props = { exactPaths: ['/robots.txt'], paths: ['/shop'] };

  test('are the only paths of an app that sets no others', () => {
    const { spec } = synth({ exactPaths: ['/robots.txt'] }).get('Ingress');
    expect(spec.rules[0].http.paths).toEqual([expect.objectContaining({ path: '/robots.txt', pathType: 'Exact' })]);
    expect(build({ exactPaths: ['/robots.txt'] }).web.url).toBe('http://web.apps.example.com/robots.txt');
  });

  test('are of type Exact in an Ingress, and prefixes in the interceptor', () => {
    const manifests = synth(props);
    expect(manifests.get('Ingress').spec.rules[0].http.paths.map(({ path, pathType }: any) => [path, pathType]))
      .toEqual([['/shop', 'Prefix'], ['/robots.txt', 'Exact']]);
    expect(manifests.get('InterceptorRoute').spec.rules[0].paths).toEqual([{ value: '/shop' }, { value: '/robots.txt' }]);
    const older = synth(props, { httpAddon: { api: HttpAddonApi.V1ALPHA1 } });
    expect(older.get('HTTPScaledObject').spec.pathPrefixes).toEqual(['/shop', '/robots.txt']);
  });

  test('are of type Exact in an HTTPRoute, which adds a header for the interceptor', () => {
    const manifests = synth(props, { gateway: { name: 'public' } });
    const [prefixes, exact] = manifests.get('HTTPRoute').spec.rules;
    expect(prefixes).not.toHaveProperty('filters');
    expect(exact).toMatchObject({
      matches: [{ path: { type: 'Exact', value: '/robots.txt' } }],
      filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'X-Webapp-Path', value: 'exact' }] } }],
    });
    expect(manifests.get('InterceptorRoute').spec.rules.slice(0, 2)).toEqual([
      { hosts: ['web.apps.example.com'], paths: [{ value: '/shop' }] },
      { hosts: ['web.apps.example.com'], paths: [{ value: '/robots.txt' }], headers: [{ name: 'X-Webapp-Path', value: 'exact' }] },
    ]);
  });

  test('need no header if the HTTPRoute routes to the app itself', () => {
    const { rules } = synth({ ...props, scaling: { replicas: 1 } }, { gateway: { name: 'public' } }).get('HTTPRoute').spec;
    expect(rules).toEqual([{
      matches: [{ path: { type: 'PathPrefix', value: '/shop' } }, { path: { type: 'Exact', value: '/robots.txt' } }],
      backendRefs: [{ name: 'web', port: 80 }],
    }]);
  });

  test('may differ in a trailing slash only', () => {
    expect(problems({ exactPaths: ['/a', '/a/'] })).toEqual([]);
  });
});

describe('Ingress', () => {
  test('is in the app\'s namespace and routes to the Service of type ExternalName', () => {
    const props = { hosts: ['a.example.com', 'b.example.com'], paths: ['/api', '/v1'] };
    const ingress = synth(props, { ingress: { className: 'public' } }).get('Ingress');
    const backend = { service: { name: 'web-proxy', port: { number: 8080 } } };
    const http = { paths: [{ path: '/api', pathType: 'Prefix', backend }, { path: '/v1', pathType: 'Prefix', backend }] };
    expect(ingress.metadata.namespace).toBe('shop');
    expect(ingress.metadata).not.toHaveProperty('annotations');
    expect(ingress.spec).toEqual({ ingressClassName: 'public', rules: [{ host: 'a.example.com', http }, { host: 'b.example.com', http }] });
  });

  test.each([[{ interceptorBackend: InterceptorBackend.INTERCEPTOR_NAMESPACE }], [{ className: 'alb' }]])(
    'is in the namespace of the interceptor with %j',
    entry => {
      const { metadata, spec } = synth({}, { ingress: entry, httpAddon: { namespace: 'scaling' } }).get('Ingress');
      expect(metadata).toMatchObject({ name: 'web.shop', namespace: 'scaling' });
      expect(spec.rules[0].http.paths[0].backend).toEqual({
        service: { name: 'keda-add-ons-http-interceptor-proxy', port: { number: 8080 } },
      });
    },
  );

  test('routes directly to an app that is not scaled by HTTP', () => {
    const { metadata, spec } = synth(
      { scaling: { replicas: 1 } },
      { ingress: { interceptorBackend: InterceptorBackend.INTERCEPTOR_NAMESPACE } },
    ).get('Ingress');
    expect(metadata).toMatchObject({ name: 'web', namespace: 'shop' });
    expect(spec.rules[0].http.paths[0].backend).toEqual({ service: { name: 'web', port: { number: 80 } } });
  });
});

describe('annotations for the ingress controller', () => {
  const annotations = (ingress: PlatformProps['ingress'], props = {}, tls?: PlatformProps['tls']) =>
    synth(props, { ingress, tls }).get('Ingress').metadata.annotations;

  test('ingress-nginx waits as long as a cold start and the response may take', () => {
    const timeouts = (seconds: string) => ({
      'nginx.ingress.kubernetes.io/proxy-read-timeout': seconds,
      'nginx.ingress.kubernetes.io/proxy-send-timeout': seconds,
    });
    expect(annotations({ className: 'nginx' })).toEqual(timeouts('420'));
    expect(annotations({ className: 'internal-nginx' }, { health: { startupTimeout: '10m' } })).toEqual(timeouts('900'));
    expect(annotations({ controller: IngressController.NGINX }, { timeouts: { responseHeader: '20s' } })).toEqual(timeouts('140'));
    expect(annotations({ className: 'nginx' }, { timeouts: { request: '45s' } })).toEqual(timeouts('45'));
    expect(annotations({ className: 'nginx' }, { scaling: { replicas: 1 } })).toBeUndefined();
    expect(annotations({ className: 'nginx' }, { scaling: { replicas: 1 }, timeouts: { responseHeader: '2m' } })).toEqual(timeouts('120'));
  });

  describe('that the app sets', () => {
    const READ = 'nginx.ingress.kubernetes.io/proxy-read-timeout';
    const SEND = 'nginx.ingress.kubernetes.io/proxy-send-timeout';

    test('an annotation of the app overrides the platform\'s, which overrides the default', () => {
      const ingress = { className: 'nginx', annotations: { [READ]: '1', [SEND]: '2' } };
      expect(annotations(ingress, { annotations: { [READ]: '3600' } })).toEqual({ [READ]: '3600', [SEND]: '2' });
    });

    test.each([
      READ,
      'alb.ingress.kubernetes.io/scheme',
      'traefik.ingress.kubernetes.io/router.middlewares',
      'ingress.kubernetes.io/x',
      'haproxy-ingress.github.io/x',
      'haproxy.org/timeout-server',
      'cert-manager.io/duration',
      'kubernetes.io/ingress.class',
    ])('%s is on the Ingress only, whether the platform or the app sets it', name => {
      for (const [props, platform] of [[{ annotations: { [name]: 'x' } }, {}], [{}, { annotations: { [name]: 'x' } }]]) {
        const annotated = synth({ ...props, workers: { a: { command: ['a'] } } }, platform).all
          .filter(object => JSON.stringify(object).includes(name));
        expect(annotated.map(({ kind }) => kind)).toEqual(['Ingress']);
      }
    });

    test.each(['traefik.ingress.kubernetes.io/service.serversscheme', 'example.com/team', 'konghq.com/plugins'])(
      '%s is on every object',
      name => {
        const manifests = synth({ annotations: { [name]: 'x' } });
        for (const { metadata } of manifests.all) expect(metadata.annotations).toMatchObject({ [name]: 'x' });
        expect(manifests.get('Deployment').spec.template.metadata.annotations).toMatchObject({ [name]: 'x' });
      },
    );

    test.each<[name: string, harm: string]>([
      ['nginx.ingress.kubernetes.io/upstream-vhost', 'hides the host from the interceptor'],
      ['nginx.ingress.kubernetes.io/rewrite-target', 'hides the path from the interceptor'],
      ['nginx.ingress.kubernetes.io/affinity', 'binds clients to a replica of the interceptor'],
      ['traefik.ingress.kubernetes.io/service.sticky.cookie', 'binds clients to a replica of the interceptor'],
    ])('%s is an error if requests go through the interceptor', (name, harm) => {
      const props = { annotations: { [name]: 'x' }, paths: ['/api'] };
      expect(problems(props)).toEqual([
        `WebApp "web": annotations["${name}"] ${harm}, through which requests reach an app that is scaled by HTTP; `
          + 'remove it, or scale by scaling.replicas or scaling.cpu alone',
      ]);
      expect(problems({ ...props, scaling: { replicas: 2 } })).toEqual([]);
      expect(problems({ ...props, scaling: { cpu: 70 } })).toEqual([]);
    });

    test('an ingress class that differs from the platform\'s is an error', () => {
      const props = { annotations: { 'kubernetes.io/ingress.class': 'x' } };
      expect(problems(props, { ingress: { className: 'x' } })).toEqual([]);
      expect(problems(props, { ingress: { className: 'y' } })).toEqual([
        'WebApp "web": annotations["kubernetes.io/ingress.class"] is "x", but the platform\'s ingress.className is "y"; remove it',
      ]);
    });

    test('rewrite-target is valid for an app that serves all paths', () => {
      expect(problems({ annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/x' } })).toEqual([]);
    });

    test.each<[object, PlatformProps, string]>([
      [{ internal: true }, {}, 'the app is internal'],
      [{}, { gateway: { name: 'public', namespace: 'gateways' } }, 'the platform has a Gateway'],
    ])('an Ingress annotation is an error without an Ingress: %j', (props, platform, why) => {
      expect(problems({ ...props, annotations: { [READ]: '1' } }, platform)).toEqual([
        `WebApp "web": annotations["${READ}"] has no effect: it is for an Ingress, and ${why}; remove it`,
      ]);
    });
  });

  test('ingress-nginx supports HTTP/2 and redirects', () => {
    expect(annotations({ className: 'nginx' }, { protocol: AppProtocol.HTTP2 })).toMatchObject({
      'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC',
    });
    expect(annotations({ className: 'nginx' }, {}, { redirect: false })).toMatchObject({
      'nginx.ingress.kubernetes.io/ssl-redirect': 'false',
    });
    expect(annotations({ className: 'nginx' }, {}, { redirect: true })).toMatchObject({
      'nginx.ingress.kubernetes.io/ssl-redirect': 'true',
    });
  });

  test('AWS load balancers get the target type, the health check and the idle timeout', () => {
    expect(annotations({ className: 'alb' })).toEqual({
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/load-balancer-attributes': 'idle_timeout.timeout_seconds=420',
      'alb.ingress.kubernetes.io/healthcheck-port': '9090',
      'alb.ingress.kubernetes.io/healthcheck-path': '/readyz',
    });
    expect(annotations({ className: 'alb' }, { scaling: { replicas: 1 }, health: { path: '/up' } })).toEqual({
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/healthcheck-path': '/up',
    });
    expect(annotations({ className: 'alb' }, { timeouts: { request: '3h' } })).toMatchObject({
      'alb.ingress.kubernetes.io/load-balancer-attributes': 'idle_timeout.timeout_seconds=4000',
    });
  });

  test('AWS load balancers support HTTPS, HTTP/2 and redirects', () => {
    expect(annotations({ className: 'alb' }, { protocol: AppProtocol.HTTP2 }, {})).toMatchObject({
      'alb.ingress.kubernetes.io/backend-protocol-version': 'HTTP2',
      'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]',
      'alb.ingress.kubernetes.io/ssl-redirect': '443',
    });
    expect(annotations({ className: 'alb' }, {}, { redirect: false })).not.toHaveProperty(['alb.ingress.kubernetes.io/ssl-redirect']);
  });

  test('Traefik supports HTTP/2 through annotations of the Services', () => {
    const manifests = synth({ protocol: AppProtocol.HTTP2 }, { ingress: { className: 'traefik' } });
    for (const name of ['web', 'web-proxy']) {
      expect(manifests.get('Service', name).metadata.annotations).toEqual({ 'traefik.ingress.kubernetes.io/service.serversscheme': 'h2c' });
    }
    expect(manifests.get('Ingress').metadata).not.toHaveProperty('annotations');
  });

  test('annotations of the platform override the defaults', () => {
    const own = { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '7', 'x/y': 'z' };
    expect(annotations({ className: 'nginx', annotations: own })).toEqual({
      ...own,
      'nginx.ingress.kubernetes.io/proxy-send-timeout': '420',
    });
  });
});

describe('TLS of an Ingress', () => {
  const ingress = (props: object, platform: PlatformProps) => synth(props, platform).get('Ingress');
  const hosts = ['web.apps.example.com'];

  test('cert-manager issues a certificate', () => {
    const { metadata, spec } = ingress({}, { tls: { clusterIssuer: 'letsencrypt' } });
    expect(metadata.annotations).toEqual({ 'cert-manager.io/cluster-issuer': 'letsencrypt' });
    expect(spec.tls).toEqual([{ hosts, secretName: 'web-tls' }]);
  });

  test('the Secret\'s name contains the app\'s namespace if the Ingress is in the namespace of the interceptor', () => {
    const platform = { tls: { clusterIssuer: 'letsencrypt' }, ingress: { interceptorBackend: InterceptorBackend.INTERCEPTOR_NAMESPACE } };
    expect(ingress({}, platform).spec.tls).toEqual([{ hosts, secretName: 'web.shop-tls' }]);
  });

  test.each([
    {
      title: 'the platform can name a Secret',
      props: {},
      tls: { secretName: 'wildcard' },
      expected: [{ hosts, secretName: 'wildcard' }],
    },
    {
      title: 'the ingress controller can use its default certificate',
      props: {},
      tls: {},
      expected: [{ hosts }],
    },
    {
      title: 'an app can name its own Secret',
      props: { tls: { secretName: 'mine' } },
      tls: { clusterIssuer: 'letsencrypt' },
      expected: [{ hosts, secretName: 'mine' }],
    },
    {
      title: 'an app can disable TLS',
      props: { tls: { enabled: false } },
      tls: { secretName: 'wildcard' },
      expected: undefined,
    },
    {
      title: 'an app can name its own issuer',
      props: { tls: { clusterIssuer: 'own' } },
      tls: { secretName: 'wildcard' },
      expected: [{ hosts, secretName: 'web-tls' }],
    },
    {
      title: 'an app can enable TLS on a platform without it',
      props: { tls: { secretName: 'mine' } },
      tls: undefined,
      expected: [{ hosts, secretName: 'mine' }],
    },
  ])('$title', ({ props, tls, expected }) => {
    expect(ingress(props, { tls }).spec.tls).toEqual(expected);
  });

  test('an app with its own Secret does not request a certificate from cert-manager', () => {
    expect(ingress({ tls: { secretName: 'mine' } }, { tls: { clusterIssuer: 'letsencrypt' } }).metadata).not.toHaveProperty('annotations');
  });
});

describe('HTTPRoute', () => {
  const gateway = { name: 'public', namespace: 'gateways', sectionName: 'https' };

  test('routes to the interceptor, allowed by a ReferenceGrant in its namespace', () => {
    const manifests = synth({ paths: ['/api', '/v1'], headers: { 'X-Tenant': 'acme' } }, { gateway });
    const headers = [{ name: 'X-Tenant', value: 'acme' }];
    expect(manifests.has('Ingress')).toBe(false);
    expect(manifests.get('HTTPRoute').spec).toEqual({
      parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
      hostnames: ['web.apps.example.com'],
      rules: [{
        matches: [{ path: { type: 'PathPrefix', value: '/api' }, headers }, { path: { type: 'PathPrefix', value: '/v1' }, headers }],
        backendRefs: [{ name: 'keda-add-ons-http-interceptor-proxy', namespace: 'keda', port: 8080 }],
        timeouts: { request: '0s' },
      }],
    });
    expect(manifests.get('ReferenceGrant').metadata).toMatchObject({ name: 'http-routes-from-shop', namespace: 'keda' });
    expect(manifests.get('ReferenceGrant').spec).toEqual({
      from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'shop' }],
      to: [{ group: '', kind: 'Service', name: 'keda-add-ons-http-interceptor-proxy' }],
    });
    expect(manifests.list.indexOf('ReferenceGrant http-routes-from-shop')).toBeLessThan(manifests.list.indexOf('HTTPRoute web'));
  });

  test('routes directly to an app that is not scaled by HTTP', () => {
    const manifests = synth({ scaling: { replicas: 1 }, timeouts: { request: '30s' } }, { gateway: { name: 'public' } });
    expect(manifests.has('ReferenceGrant')).toBe(false);
    expect(manifests.get('HTTPRoute').spec).toMatchObject({
      parentRefs: [{ name: 'public' }],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }], timeouts: { request: '30s' } }],
    });
  });

  test('shares one ReferenceGrant among all apps of a namespace, across charts', () => {
    const app = new App();
    new Platform(app, 'platform', { domain: 'apps.example.com', gateway });
    const charts = [
      new Chart(app, 'a', { namespace: 'one' }),
      new Chart(app, 'b', { namespace: 'one' }),
      new Chart(app, 'c', { namespace: 'two' }),
    ];
    charts.forEach((chart, i) => {
      new WebApp(chart, `web-${i}`, { image: IMAGE });
      new WebApp(chart, `api-${i}`, { image: IMAGE });
    });
    const grants = charts.map(chart =>
      new Manifests(chart).all.filter(({ kind }) => kind === 'ReferenceGrant').map(({ metadata }) => metadata.name),
    );
    expect(grants).toEqual([['http-routes-from-one'], [], ['http-routes-from-two']]);
  });

  test('redirects plain HTTP if the platform names the listener', () => {
    const platform = { gateway: { ...gateway, httpSectionName: 'http' }, tls: {} };
    expect(synth({}, platform).get('HTTPRoute', 'web-redirect').spec).toEqual({
      parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'http' }],
      hostnames: ['web.apps.example.com'],
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
    });
    expect(synth({ tls: { redirect: false } }, platform).list).not.toContain('HTTPRoute web-redirect');
  });
});

describe('sync waves', () => {
  test('keep the order of the objects in Argo CD if the platform enables them', () => {
    const waves = (platform: PlatformProps) =>
      Object.fromEntries(
        synth(
          { scaling: { concurrency: 1, triggers: [{ type: 'kafka', metadata: {}, authentication: { podIdentity: 'aws' } }] } },
          { syncWaves: true, ...platform },
        ).all.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.annotations['argocd.argoproj.io/sync-wave']]),
      );
    expect(waves({})).toEqual({
      'ServiceAccount web': '0',
      'Service web': '0',
      'Deployment web': '0',
      'PodDisruptionBudget web': '0',
      'NetworkPolicy web': '0',
      'InterceptorRoute web': '1',
      'TriggerAuthentication web-kafka': '2',
      'ScaledObject web': '2',
      'Service web-proxy': '3',
      'Ingress web': '3',
    });
    expect(waves({ gateway: { name: 'public' }, httpAddon: { api: HttpAddonApi.V1ALPHA1 } })).toMatchObject({
      'HTTPScaledObject web': '1',
      'ReferenceGrant http-routes-from-shop': '0',
      'HTTPRoute web': '3',
    });
  });

  test('are omitted by default', () => {
    expect(synth().all.some(({ metadata }) => metadata.annotations)).toBe(false);
  });
});

describe('an app beyond the limits of an HTTPRoute', () => {
  const many = (count: number, value: (i: number) => string) => Array.from({ length: count }, (_, i) => value(i));
  const gateway = { name: 'public', namespace: 'gateways', sectionName: 'https', httpSectionName: 'http' };
  const hosts = (count: number) => many(count, i => `h${i}.example.com`);
  const paths = (count: number) => many(count, i => `/p${i}`);
  const headers = (count: number) => Object.fromEntries(many(count, i => `x-h${i}`).map(name => [name, 'a']));
  const routes = (props: object) => synth(props, { gateway, tls: {} }).all.filter(({ kind }) => kind === 'HTTPRoute');

  test('16 hosts and 64 paths fit in one HTTPRoute', () => {
    const [web, redirect, ...rest] = routes({ hosts: hosts(16), paths: paths(64) });
    expect([web.metadata.name, redirect.metadata.name]).toEqual(['web', 'web-redirect']);
    expect(rest).toEqual([]);
  });

  test('more hosts and paths are in several HTTPRoutes, which together have each host with each path', () => {
    const all = routes({
      hosts: hosts(33),
      paths: paths(65),
      rollout: { canary: { image: 'a:1', headers: { 'X-Beta': '1' } } },
      scaling: { replicas: 1 },
    });
    expect(all.map(({ metadata }) => metadata.name)).toEqual([
      'web', 'web-route-2', 'web-route-3', 'web-route-4', 'web-route-5', 'web-route-6', 'web-redirect', 'web-redirect-2', 'web-redirect-3',
    ]);
    expect(all.flatMap(schemaErrors)).toEqual([]);
    const parts = all.slice(0, 6).map(({ spec: { hostnames, rules } }) => ({
      hostnames, matches: rules.flatMap(({ matches }: any) => matches),
    }));
    const pairs = parts.flatMap(({ hostnames, matches }) => hostnames.flatMap((host: string) => (
      matches.map(({ path, headers: beta }: any) => `${host}${path.value} ${beta ? 'beta' : ''}`))));
    expect(new Set(pairs).size).toBe(33 * 65 * 2);
    expect(pairs).toHaveLength(33 * 65 * 2);
    for (const { matches } of parts) expect(matches.length).toBeLessThanOrEqual(128);
    expect(all.slice(6).flatMap(({ spec }) => spec.hostnames)).toEqual(hosts(33));
  });

  test('more rules are in several HTTPRoutes too, as a rule that replaces a prefix has one path', () => {
    const rollout = { canary: { image: 'a:1', headers: { 'X-Beta': '1' } } };
    const all = routes({ paths: paths(17), replacePrefixMatch: '/', rollout, scaling: { replicas: 1 } })
      .filter(({ metadata }) => metadata.name !== 'web-redirect');
    expect(all.map(({ spec }) => spec.rules.length)).toEqual([16, 16, 2]);
    expect(all.flatMap(schemaErrors)).toEqual([]);
  });

  test('more headers are an error, as a request must have all of them', () => {
    expect(problems({ headers: headers(16) }, { gateway, tls: {} })).toEqual([]);
    const expected = 'WebApp "web": headers have 17 entries, but an HTTPRoute has at most 16; use fewer';
    expect(problems({ headers: headers(17) }, { gateway, tls: {} })).toEqual([expected]);
    expect(problems({ headers: headers(17) })).toEqual([]);
  });
});

describe('a feature that the ingress controller or gateway does not support is an error', () => {
  const fixed = { replicas: 1 };
  const gateway = { name: 'public' };
  test.each([
    [{ internal: true, hosts: ['a.example.com'] }, {}, 'hosts cannot be combined with internal; remove one of them'],
    [{ internal: true, tls: {} }, {}, 'tls cannot be combined with internal: the app has no public host; remove one of them'],
    [
      { internal: true, paths: ['/api'] },
      {},
      'paths cannot be combined with internal: the app does not share its host; remove one of them',
    ],
    [{ hosts: [] }, {}, 'hosts is empty; add at least one host, or set internal: true'],
    [{ hosts: ['a.example.com', 'a.example.com'] }, {}, 'hosts[1] is "a.example.com" twice; remove it'],
    [
      { paths: ['/a'], replacePrefixMatch: '/' },
      {},
      'replacePrefixMatch is not supported by Ingresses, which cannot change a path and tell the interceptor; '
        + 'serve the path in the app, or use a platform with a gateway',
    ],
    [
      { replacePrefixMatch: '/' },
      { gateway },
      'replacePrefixMatch has no effect, because it is the path of the app; set paths, or remove it',
    ],
    [
      { paths: ['/a'], exactPaths: ['/b'], replacePrefixMatch: '/' },
      { gateway },
      'replacePrefixMatch cannot be combined with exactPaths, which have no prefix; remove one of them',
    ],
    [
      { internal: true, replacePrefixMatch: '/a' },
      {},
      'replacePrefixMatch cannot be combined with internal: callers inside the cluster use the app\'s own paths; remove one of them',
    ],
    [
      { paths: ['/a'], replacePrefixMatch: '/' },
      { gateway, httpAddon: { api: HttpAddonApi.V1ALPHA1 } },
      'replacePrefixMatch is not supported by the add-on\'s API v1alpha1; '
        + 'remove it, or set the platform\'s httpAddon.api to v1beta1',
    ],
    [{ exactPaths: [] }, {}, 'exactPaths is empty; add at least one path, or remove it'],
    [{ exactPaths: ['/a', '/a'] }, {}, 'exactPaths[1] is "/a" twice; remove it'],
    [
      { internal: true, exactPaths: ['/a'] },
      {},
      'exactPaths cannot be combined with internal: the app does not share its host; remove one of them',
    ],
    [{ paths: ['/api', '/api/'] }, {}, 'paths[1] is "/api" twice; remove it'],
    [
      { hosts: ['api-proxy.shop'] },
      {},
      'hosts[0] is "api-proxy.shop", which is or may be a name inside the cluster; use a public name; '
        + 'callers inside the cluster have internalUrl',
    ],
    [
      { hosts: ['web.shop.svc.cluster.local'] },
      {},
      'hosts[0] is "web.shop.svc.cluster.local", which is or may be a name inside the cluster; use a public name; '
        + 'callers inside the cluster have internalUrl',
    ],
    [
      { scaling: fixed, coldStart: { fallback: { service: 'x' } } },
      {},
      'coldStart has no effect, because the app is not scaled by HTTP and requests do not wait for it to start; '
        + 'remove it, or set scaling.concurrency',
    ],
    [
      { scaling: fixed, timeouts: { readiness: '1m' } },
      { ingress: { className: 'nginx' } },
      'timeouts.readiness has no effect, because the app is not scaled by HTTP and requests do not wait for it to start; '
        + 'remove it, or set scaling.concurrency',
    ],
    [
      { scaling: fixed, headers: { a: 'b' } },
      {},
      'headers is not supported by Ingresses, which do not match headers; '
        + 'set scaling.concurrency, because the interceptor can match them, or use a platform with a gateway',
    ],
    [
      { scaling: fixed, timeouts: { request: '1m' } },
      {},
      'timeouts.request is not supported by Ingresses, which do not limit whole requests; '
        + 'remove it, or set scaling.concurrency: the interceptor does',
    ],
    [
      { scaling: fixed, timeouts: { responseHeader: '1m' } },
      {},
      'timeouts.responseHeader is not supported by this controller; remove it; timeouts are configured in the controller itself',
    ],
    [
      { scaling: fixed, internal: true, timeouts: { responseHeader: '1m' } },
      {},
      'timeouts has no effect, because callers reach the app directly; '
        + 'remove it, or set scaling.concurrency, which routes requests through the interceptor',
    ],
    [
      { scaling: fixed, timeouts: { responseHeader: '1m' } },
      { gateway },
      'timeouts.responseHeader is not supported by HTTPRoutes; remove it, or set timeouts.request',
    ],
    [
      { timeouts: { request: '30s', readiness: '1m' } },
      {},
      'timeouts.readiness is longer than timeouts.request, which includes it; use a shorter time',
    ],
    [{ tls: { clusterIssuer: 'a', secretName: 'b' } }, {}, 'tls has both a clusterIssuer and a secretName; remove one of them'],
    [{ tls: { enabled: false, secretName: 'b' } }, {}, 'tls.enabled is false, so the rest of tls has no effect; remove one of them'],
    [
      { tls: { redirect: true } },
      {},
      'tls.redirect is not supported by this controller; remove it; redirects are configured in the controller itself',
    ],
    [
      { tls: { redirect: false } },
      { ingress: { className: 'traefik' } },
      'tls.redirect is false, but the platform has no tls.redirect: any other redirect is that of Traefik\'s entryPoint, '
        + 'which no app can change; remove it',
    ],
    [
      { tls: { secretName: 'a' } },
      { ingress: { className: 'alb' } },
      'tls has a certificate, but AWS load balancers use certificates of ACM; set tls: {}',
    ],
    [{ tls: { secretName: 'a' } }, { gateway }, 'tls has a certificate, but TLS terminates at the Gateway; remove it'],
    [
      { tls: { redirect: true } },
      { gateway },
      'tls.redirect is true, but the platform has no listener for plain HTTP; ask your platform team to set gateway.httpSectionName',
    ],
  ])('%j on %j', (props, platform, expected) => {
    expect(problems(props, platform)).toEqual([`WebApp "web": ${expected}`]);
  });

  test('an app that is scaled by HTTP requires a namespace, because its host names contain it', () => {
    const app = new App();
    new WebApp(new Chart(app, 'shop'), 'web', { image: IMAGE, internal: true });
    expect(() => app.synthYaml()).toThrow(
      'WebApp "web": namespace is missing, but the host names of the app contain it; '
        + 'set it on the chart: new Chart(app, \'shop\', { namespace: \'shop\' })',
    );
  });
});
