import { App, Chart } from 'cdk8s';
import { IMAGE, Manifests, problems, problemsOf, synth } from './synth';
import { Platform, PlatformProps, AppSize, WebApp } from 'cdk8s-webapp';

function platformProblems(props: object): string[] {
  return problemsOf(() => {
    const app = new App();
    new Platform(app, 'platform', props as PlatformProps);
    return app;
  });
}

describe('the Platform of an app', () => {
  const hostOf = (chart: Chart) => new Manifests(chart).get('Ingress').spec.rules[0].host;

  test('is the nearest one up the tree', () => {
    const app = new App();
    new Platform(app, 'platform', { domain: 'far.example.com' });
    const near = new Chart(app, 'near', { namespace: 'near' });
    new Platform(near, 'platform', { domain: 'near.example.com' });
    const far = new Chart(app, 'far', { namespace: 'far' });
    new WebApp(near, 'web', { image: IMAGE });
    new WebApp(far, 'web', { image: IMAGE });
    expect([hostOf(near), hostOf(far)]).toEqual(['web.near.example.com', 'web.far.example.com']);
    expect(Platform.of(near.node.findChild('web')).props.domain).toBe('near.example.com');
  });

  test('has all defaults if the tree has none', () => {
    const app = new App();
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    new WebApp(chart, 'web', { image: IMAGE, hosts: ['web.apps.example.com'] });
    expect(new Manifests(chart).all).toEqual(synth().all);
    expect(Platform.of(chart).props).toEqual({});
  });

  test('must be created before the app', () => {
    expect(problemsOf(() => {
      const app = new App();
      new WebApp(new Chart(app, 'shop', { namespace: 'shop' }), 'web', { image: IMAGE, internal: true });
      new Platform(app, 'platform', { domain: 'apps.example.com' });
      return app;
    })).toEqual(['Platform: is created after apps that it applies to; create it before them']);
  });

  test('must be the only one in its scope', () => {
    expect(problemsOf(() => {
      const app = new App();
      new Platform(app, 'one');
      new Platform(app, 'two');
      return app;
    })).toEqual(['Platform: there is another one in the same place; remove one of them']);
  });
});

describe('appDefaults', () => {
  const appDefaults = {
    size: AppSize.L,
    scaling: { min: 1, max: 5, concurrency: 10 },
    health: { path: '/up', interval: '9s' },
    security: { runAsUser: 2000 },
    timeouts: { request: '1m' },
  };

  test('apply to every app', () => {
    const manifests = synth({}, { appDefaults });
    expect(manifests.get('ScaledObject').spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 5 });
    expect(manifests.container.resources.requests.cpu).toBe('500m');
    expect(manifests.container.readinessProbe).toMatchObject({ httpGet: { path: '/up' }, periodSeconds: 9 });
    expect(manifests.pod.securityContext.runAsUser).toBe(2000);
  });

  test('are overridden field by field', () => {
    const manifests = synth({ size: AppSize.S, scaling: { max: 9 }, health: { interval: '3s' } }, { appDefaults });
    expect(manifests.get('ScaledObject').spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 9 });
    expect(manifests.container.resources.requests.cpu).toBe('100m');
    expect(manifests.container.readinessProbe).toMatchObject({ httpGet: { path: '/up' }, periodSeconds: 3 });
  });

  test('cause no error if they do not fit the props of an app', () => {
    expect(problems({ scaling: { replicas: 2 } }, { appDefaults })).toEqual([]);
    expect(synth({ scaling: { replicas: 2 } }, { appDefaults }).get('Deployment').spec.replicas).toBe(2);
    expect(synth({ scaling: { max: 3 } }, { appDefaults: { scaling: { replicas: 2 } } }).has('ScaledObject')).toBe(true);
    const coldStart = { placeholder: { body: 'x' } };
    expect(problems({ internal: true }, { tls: { clusterIssuer: 'x' }, appDefaults: { coldStart } })).toEqual([]);
  });
});

describe('an invalid platform', () => {
  test.each<[object, string]>([
    [
      { domain: 'https://apps.example.com' },
      'domain is "https://apps.example.com", which has a scheme; use a bare DNS name, such as apps.example.com',
    ],
    [{ domain: 'apps' }, 'domain is "apps", which is not a valid domain; use a bare DNS name, such as apps.example.com'],
    [{ domian: 'apps.example.com' }, 'domian is not a known property; did you mean domain?'],
    [
      { labels: { team: '0o7' } },
      'labels.team has "0o7", which kubectl reads as a number in the YAML of cdk8s; '
        + 'write it without the o, or write the app as webapp.yaml: webapp synth puts it in quotes',
    ],
    [{ image: 'web:1' }, 'image is a property of WebApp; set it in the WebApp'],
    [{ kubernetesVersion: 1.3 }, 'kubernetesVersion is 1.3; use a version such as \'1.30\''],
    [
      { kubernetesVersion: '1.3' },
      'kubernetesVersion is "1.3", which is not a minor version of Kubernetes; use a version such as \'1.30\'',
    ],
    [{ kubernetesVersion: '1.20' }, 'kubernetesVersion is "1.20", which is too old; use \'1.25\' or newer'],
    [{ ingress: {}, gateway: { name: 'public' } }, 'gateway cannot be combined with ingress; remove one of them'],
    [
      { ingress: { controller: 'contour' } },
      'ingress.controller is "contour"; use one of nginx, traefik, haproxy, alb, other',
    ],
    [
      { ingress: { className: 'alb', interceptorBackend: 'external-name' } },
      'ingress.interceptorBackend is external-name, which AWS load balancers do not support; remove it',
    ],
    [{ tls: { clusterIssuer: 'a', secretName: 'b' } }, 'tls has both a clusterIssuer and a secretName; remove one of them'],
    [
      { tls: { clusterIssuer: 'a' }, gateway: { name: 'public' } },
      'tls has a certificate, but TLS terminates at the Gateway; set tls: {}, and configure the certificate in the Gateway',
    ],
    [
      { tls: { secretName: 'a' }, ingress: { className: 'alb' } },
      'tls has a certificate, but AWS load balancers use certificates of ACM; set tls: {}',
    ],
    [
      { tls: { redirect: true } },
      'tls.redirect is not supported by this controller; remove it, and configure redirects in the controller itself; '
        + 'with ingress-nginx or Traefik, set ingress.controller',
    ],
    [
      { tls: { redirect: false }, ingress: { className: 'traefik' } },
      'tls.redirect is false, but only Traefik\'s own configuration can redirect then, which no app can change; remove it',
    ],
    [
      { tls: { redirect: true }, gateway: { name: 'public' } },
      'tls.redirect is true, but there is no listener for plain HTTP; set gateway.httpSectionName',
    ],
    [
      { tls: {}, gateway: { name: 'public', httpSectionName: 'http' } },
      'gateway.httpSectionName has no effect without sectionName: the apps would answer on the plain HTTP listener too; '
        + 'set gateway.sectionName to the HTTPS listener',
    ],
    [
      { gateway: { name: 'public', sectionName: 'https', httpSectionName: 'http' } },
      'gateway.httpSectionName has no effect without tls; set tls: {}',
    ],
    [
      { httpAddon: { scalerAddress: 'http://scaler' } },
      'httpAddon.scalerAddress is "http://scaler", which is not a valid address; '
        + 'use host:port, such as keda-add-ons-http-external-scaler.keda:9090',
    ],
    [
      { httpAddon: { namespace: 'Keda' } },
      'httpAddon.namespace is "Keda", which is not a valid namespace name; use at most 63 lowercase letters, digits and dashes',
    ],
    [
      { scheduling: { tolerations: [{ effect: 'Never' }] } },
      'scheduling.tolerations[0].effect is "Never"; use one of NoSchedule, PreferNoSchedule, NoExecute',
    ],
    [
      { scheduling: { tolerations: [{ value: 'apps' }] } },
      'scheduling.tolerations[0].key is missing, but required by value or operator Equal; set it to the key of the taint',
    ],
    [
      { scheduling: { tolerations: [{ key: 'pool', operator: 'Exists', value: 'x' }] } },
      'scheduling.tolerations[0].value cannot be combined with operator Exists; remove one of them',
    ],
    [
      { appDefaults: { scaling: { concurrency: 0 } } },
      'appDefaults.scaling.concurrency is 0, which is too small; use a number from 1 to 1000000',
    ],
    [
      { appDefaults: { security: { runAsImageUser: true, runAsUser: 33 } } },
      'appDefaults.security.runAsImageUser cannot be combined with runAsUser; remove one of them',
    ],
    [
      { labels: { team: '-' } },
      'labels.team is "-", which is not a valid label value; use at most 63 letters, digits, dashes, dots and underscores',
    ],
  ])('%j is an error', (props, expected) => {
    expect(platformProblems(props)).toEqual([`Platform: ${expected}`]);
  });

  test('does not hide the errors of its apps', () => {
    expect(problems({ port: 0 }, { domain: 'x' })).toEqual([
      'Platform: domain is "x", which is not a valid domain; use a bare DNS name, such as apps.example.com',
      'WebApp "web": port is 0, which is too small; use a number from 1 to 65535',
    ]);
  });
});
