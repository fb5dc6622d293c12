import { App, Chart } from 'cdk8s';
import { schemaErrors } from '../schemas';
import { build, IMAGE, problems, problemsOf, synth } from '../synth';
import { AppProtocol, IngressController, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const HTTPS: Partial<WebAppProps> = { protocol: AppProtocol.HTTPS, port: 8443, scaling: { replicas: 1 } };
const controller = (name: string): PlatformProps => ({ ingress: { controller: name as IngressController } });
const nginx = controller('nginx');
const written = (props: Partial<WebAppProps> = {}, platform = nginx) => synth({ ...HTTPS, ...props }, platform);

describe('an app that speaks HTTPS', () => {
  test('has a readiness probe over HTTPS and a liveness probe over TCP', () => {
    const { readinessProbe, livenessProbe } = written({ health: { path: '/healthz' } }).container;
    expect(readinessProbe.httpGet).toEqual({ path: '/healthz', port: 'http', scheme: 'HTTPS' });
    expect(livenessProbe.tcpSocket).toEqual({ port: 'http' });
  });

  test('has a readiness probe over HTTP if the probe has another port', () => {
    const { readinessProbe } = written({ health: { path: '/healthz', port: 8081 } }).container;
    expect(readinessProbe.httpGet).toEqual({ path: '/healthz', port: 8081 });
  });

  test('has port 443 in its Service, and a URL without a port', () => {
    const { chart, web } = build({ ...HTTPS, internal: true });
    expect(web.internalUrl).toBe('https://web.shop.svc.cluster.local');
    const service = chart.toJson().find(({ kind }: any) => kind === 'Service');
    expect(service.spec.ports).toEqual([{ name: 'http', port: 443, targetPort: 'http', appProtocol: 'https' }]);
  });

  test.each<[string, object]>([
    ['nginx', { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' }],
    ['alb', { 'alb.ingress.kubernetes.io/backend-protocol': 'HTTPS', 'alb.ingress.kubernetes.io/healthcheck-protocol': 'HTTPS' }],
  ])('gets requests over HTTPS from the ingress controller %s', (name, annotations) => {
    const ingress = written({}, controller(name)).get('Ingress');
    expect(ingress.metadata.annotations).toMatchObject(annotations);
    expect(ingress.spec.rules[0].http.paths[0].backend.service).toEqual({ name: 'web', port: { number: 443 } });
  });

  test('gets requests over HTTPS from Traefik, which does not verify its certificate', () => {
    const manifests = written({}, controller('traefik'));
    expect(manifests.get('Service').metadata.annotations).toEqual({
      'traefik.ingress.kubernetes.io/service.serversscheme': 'https',
      'traefik.ingress.kubernetes.io/service.serverstransport': 'shop-web@kubernetescrd',
    });
    expect(manifests.get('ServersTransport')).toMatchObject({ metadata: { name: 'web' }, spec: { insecureSkipVerify: true } });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('requires no support from the ingress controller or gateway if it is internal', () => {
    for (const platform of [controller('traefik'), controller('other'), { gateway: { name: 'public', namespace: 'gateways' } }]) {
      expect(synth({ ...HTTPS, internal: true }, platform).list).not.toContain('ServersTransport web');
    }
  });

  test('has a warning if its metrics are scraped over HTTP', () => {
    const warnings = (metrics: WebAppProps['metrics']) => (
      build({ ...HTTPS, metrics }, { ...nginx, monitoring: {} }).web.node.metadata.map(({ data }) => data));
    expect(warnings({})).toEqual([
      expect.stringContaining('metrics are scraped over HTTP, which a server that speaks only HTTPS does not support'),
    ]);
    expect(warnings({ port: 9100 })).toEqual([]);
  });
});

describe('an app that speaks HTTPS is an error', () => {
  test.each<[object, PlatformProps, string]>([
    [{ scaling: undefined }, nginx,
      'protocol is https, but the app is scaled by HTTP, and the add-on\'s interceptor speaks no TLS to apps; '
      + 'set scaling: { replicas: 1 }, or scaling.cpu, or let the app speak HTTP'],
    [{}, { gateway: { name: 'public', namespace: 'gateways' } },
      'protocol is https, which is not supported with a Gateway; let the app speak HTTP, or use internal: true'],
    [{}, controller('other'), 'protocol is https, but how this ingress controller is told to speak HTTPS to an app is not known; '
      + 'let the app speak HTTP, or use internal: true, or ask your platform team for ingress.controller'],
    [{ health: { grpc: true } }, nginx, 'health.grpc is not supported with protocol https: the check speaks no TLS; set path'],
    [{ rollout: { canary: { image: 'a:1' } } }, nginx, 'protocol is https, which is not supported with a canary; remove one of them'],
    [{ ports: { admin: { port: 443 } } }, nginx,
      'ports.admin.port is 443, at which the Service of the app has its HTTP requests; use another port'],
  ])('with the props %j and the platform %j', (props, platform, expected) => {
    expect(problems({ ...HTTPS, ...props }, platform)).toContain(`WebApp "web": ${expected}`);
  });

  test('if another app connects to it, because connections use HTTP', () => {
    expect(problemsOf(() => {
      const app = new App();
      new Platform(app, 'platform', { domain: 'apps.example.com' });
      const chart = new Chart(app, 'shop', { namespace: 'shop' });
      const api = new WebApp(chart, 'api', { image: IMAGE, ...HTTPS, internal: true });
      new WebApp(chart, 'web', { image: IMAGE }).connect(api);
      return app;
    })).toEqual([
      'WebApp "web": connections.api.app is "api", which speaks HTTPS, and a connection is one of HTTP; '
      + 'set env: { API_URL: \'https://api.shop.svc.cluster.local\' }',
    ]);
  });
});
