import { App, Chart } from 'cdk8s';
import { IMAGE, Manifests, problems, problemsOf, synth } from '../synth';
import { InterceptorBackend, Platform, PlatformProps, Tls, WebApp } from 'cdk8s-webapp';

const TRAEFIK: PlatformProps = { ingress: { className: 'traefik' } };
const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares';

const referencesOf = (manifests: Manifests): string | undefined => manifests.get('Ingress').metadata.annotations?.[MIDDLEWARES];

describe('tls.redirect through Traefik', () => {
  const redirected = (own: Tls | undefined, platform: Tls | undefined) => synth({ tls: own }, { ...TRAEFIK, tls: platform });

  test('creates a Middleware that the Ingress refers to', () => {
    const manifests = redirected({ redirect: true }, undefined);
    expect(manifests.get('Middleware')).toMatchObject({
      apiVersion: 'traefik.io/v1alpha1',
      metadata: { name: 'web-https', labels: { 'app.kubernetes.io/name': 'web' } },
      spec: { redirectScheme: { scheme: 'https', permanent: true } },
    });
    expect(referencesOf(manifests)).toBe('shop-web-https@kubernetescrd');
    expect(manifests.list.indexOf('Middleware web-https')).toBeLessThan(manifests.list.indexOf('Ingress web'));
  });

  test.each<[what: string, own: Tls | undefined, platform: Tls | undefined, expected: boolean]>([
    ['applies to all apps if the platform sets it', undefined, { redirect: true }, true],
    ['can be disabled by an app if the platform sets it', { redirect: false }, { redirect: true }, false],
    ['does not apply to an app without TLS', { enabled: false }, { redirect: true }, false],
    ['creates no Middleware if it is not set, so that the entryPoint decides', {}, {}, false],
  ])('%s', (_, own, platform, expected) => {
    const manifests = redirected(own, platform);
    expect(manifests.has('Middleware')).toBe(expected);
    expect(referencesOf(manifests)).toBe(expected ? 'shop-web-https@kubernetescrd' : undefined);
  });

  test('creates the Middleware in the namespace of the app, even if the Ingress is in the namespace of the interceptor', () => {
    const ingress = { className: 'traefik', interceptorBackend: InterceptorBackend.INTERCEPTOR_NAMESPACE };
    const manifests = synth({ tls: { redirect: true } }, { ingress });
    expect(manifests.get('Middleware').metadata.namespace).toBe('shop');
    expect(manifests.get('Ingress').metadata.namespace).toBe('keda');
    expect(referencesOf(manifests)).toBe('shop-web-https@kubernetescrd');
  });

  test.each([
    ['of the app', { annotations: { [MIDDLEWARES]: 'shop-a@kubernetescrd, b@file' } }, {}],
    ['of the platform', {}, { annotations: { [MIDDLEWARES]: 'shop-a@kubernetescrd, b@file' } }],
  ])('comes after the Middlewares in an annotation %s', (_, props, ingress) => {
    const manifests = synth({ ...props, tls: { redirect: true } }, { ingress: { className: 'traefik', ...ingress } });
    expect(referencesOf(manifests)).toBe('shop-a@kubernetescrd,b@file,shop-web-https@kubernetescrd');
  });

  test('requires a namespace, because Traefik finds Middlewares by namespace', () => {
    const app = new App();
    new Platform(app, 'platform', { domain: 'apps.example.com', ...TRAEFIK });
    new WebApp(new Chart(app, 'shop'), 'web', { image: IMAGE, scaling: { replicas: 1 }, tls: { redirect: true } });
    expect(problemsOf(() => app)).toEqual([
      'WebApp "web": namespace is missing, but Traefik finds Middlewares by it; '
      + 'set it on the chart: new Chart(app, \'shop\', { namespace: \'shop\' })',
    ]);
  });

  test('is valid in an app whose platform redirects', () => {
    expect(problems({ tls: { redirect: false } }, { ...TRAEFIK, tls: { redirect: true } })).toEqual([]);
  });
});
