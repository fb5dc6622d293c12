import { setFlagsFromString } from 'node:v8';
import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { build, IMAGE, Manifests, problems, problemsOf, synth } from './synth';
import { resolvePlatform } from '../src/platform/resolve';
import { resolveApp } from '../src/resolve-app';
import { Color, Platform, AppProtocol, AppSize, WebApp, WebAppProps } from 'cdk8s-webapp';

describe('law 1: names depend only on the app', () => {
  test('they do not change when the code around them moves', () => {
    const app = new App();
    new Platform(app, 'platform', { domain: 'apps.example.com' });
    const chart = new Chart(app, 'elsewhere', { namespace: 'shop' });
    const deeper = new Construct(new Construct(chart, 'some'), 'scope');
    new WebApp(deeper, 'web', { image: IMAGE });

    expect(new Manifests(chart).all).toEqual(synth().all);
  });

  test('only the name of the ConfigMap for files contains a content hash', () => {
    const { list } = synth({ files: { '/etc/motd': 'hello\n' }, volumes: { data: { path: '/data', size: '1Gi' } } });
    expect(list.filter(name => /[0-9a-f]{8}/.test(name))).toEqual([expect.stringMatching(/^ConfigMap web-files-[0-9a-f]{10}$/)]);
  });
});

describe('law 2: selectors never change', () => {
  const variants: Partial<WebAppProps>[] = [
    {},
    { image: 'ghcr.io/acme/web:2.0.0', port: 3000, protocol: AppProtocol.HTTP2, size: AppSize.XL },
    { labels: { team: 'shop' }, annotations: { note: 'x' }, internal: true },
    { scaling: { replicas: 3 } },
    { volumes: { data: { path: '/data', size: '1Gi' } }, env: { A: 'b' } },
    { rollout: { canary: { image: 'ghcr.io/acme/web:2.0.0' } } },
    { rollout: { blueGreen: { active: Color.GREEN, green: { image: 'ghcr.io/acme/web:2.0.0' } } } },
  ];

  test.each(variants)('the selectors are the same with %j', props => {
    const selector = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'web' };
    const manifests = synth(props);
    expect(manifests.get('Deployment', 'web').spec.selector).toEqual({ matchLabels: selector });
    expect(manifests.get('Deployment', 'web').spec.template.metadata.labels).toMatchObject(selector);
    expect(manifests.get('Service', 'web').spec.selector).toEqual(selector);
    expect(manifests.get('PodDisruptionBudget', 'web').spec.selector).toEqual({ matchLabels: selector });
    expect(manifests.get('NetworkPolicy', 'web').spec.podSelector).toEqual({ matchLabels: selector });
  });
});

describe('law 3: synthesis is a pure function', () => {
  test('the same props produce the same bytes, whatever the environment and the clock', () => {
    const first = build({ files: { '/b': '2', '/a': '1' }, env: { B: '2', A: '1' } }).app.synthYaml();
    process.env.PORT = '1234';
    jest.useFakeTimers().setSystemTime(0);
    const second = build({ files: { '/b': '2', '/a': '1' }, env: { B: '2', A: '1' } }).app.synthYaml();
    jest.useRealTimers();
    delete process.env.PORT;
    expect(second).toBe(first);
  });

  test('synthesizing an app twice produces the same bytes', () => {
    const { app } = build({ files: { '/a': '1' } });
    expect(app.synthYaml()).toBe(app.synthYaml());
  });
});

describe('law 4: everything is checked at synthesis', () => {
  test('one error lists all problems of all apps, each with the app, the prop and the fix', () => {
    const found = problemsOf(() => {
      const { app, chart } = build({ port: 0, scaling: { min: 5, max: 2 }, hosts: ['https://shop.example.com'] });
      new WebApp(chart, 'Other', { image: 'ghcr.io/acme/my web' });
      return app;
    });
    expect(found).toEqual([
      'WebApp "web": port is 0, which is too small; use a number from 1 to 65535',
      'WebApp "web": hosts[0] is "https://shop.example.com", which has a scheme; '
        + 'use a bare DNS name, such as shop.example.com or *.shop.example.com',
      'WebApp "web": scaling.max is 2 but scaling.min is 5; use 5 or more',
      'WebApp "Other": image is "ghcr.io/acme/my web", which has a space; use a reference such as ghcr.io/acme/web:1.4.2',
      'WebApp "Other": name is "Other", which is not a valid DNS label; '
        + 'use lowercase letters, digits and dashes, starting with a letter, such as other',
    ]);
  });

  test('nothing is written when there is a problem', () => {
    expect(() => build({ port: 0 }).chart.toJson()).toThrow('port is 0');
  });
});

describe('law 5: no app can take another app\'s traffic', () => {
  test('every routing rule has a host', () => {
    for (const props of [{}, { internal: true }, { paths: ['/api'], headers: { 'X-Tenant': 'acme' } }]) {
      for (const rule of synth(props).get('InterceptorRoute').spec.rules) expect(rule.hosts.length).toBeGreaterThan(0);
    }
  });

  test('the host names inside the cluster contain the namespace', () => {
    expect(synth({ internal: true }).get('InterceptorRoute').spec.rules).toEqual([
      { hosts: ['web-proxy.shop', 'web-proxy.shop.svc', 'web-proxy.shop.svc.cluster.local'] },
    ]);
  });

  test('an app that has no host and no domain and is not internal is an error', () => {
    expect(problems({}, { domain: undefined })).toEqual([
      'WebApp "web": hosts is missing, and the platform has no domain; '
        + 'set hosts: [\'shop.example.com\'], or internal: true, or the domain of the Platform',
    ]);
  });
});

describe('law 6: safe by default', () => {
  const { pod, container } = synth();

  test('the pod meets the Pod Security Standard restricted, with a numeric user and no token', () => {
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
  });

  test('the root file system is read-only, and /tmp is writable with a size limit', () => {
    expect(container.volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
    expect(pod.volumes).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }]);
  });

  test('requests are set, memory is limited to its request, and disk usage is limited', () => {
    expect(container.resources.requests).toEqual({ 'cpu': '100m', 'memory': '256Mi', 'ephemeral-storage': '64Mi' });
    expect(container.resources.limits).toEqual({ 'memory': '256Mi', 'ephemeral-storage': '1Gi' });
  });

  test('the liveness probe tolerates more failures than the readiness probe', () => {
    const patience = ({ periodSeconds, failureThreshold }: any) => periodSeconds * failureThreshold;
    expect(patience(container.livenessProbe)).toBeGreaterThan(patience(container.readinessProbe));
    expect(synth({ health: { path: '/healthz' } }).container.livenessProbe.httpGet).toBeUndefined();
  });
});

describe('law 7: fast wake-up by default', () => {
  const { pod, container } = synth();

  test('an app that can sleep is checked every second, and by no probe that has to succeed first', () => {
    expect(container.readinessProbe).toEqual({ tcpSocket: { port: 'http' }, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 15 });
    expect(container).not.toHaveProperty('startupProbe');
    expect(container.livenessProbe.initialDelaySeconds).toBe(120);
  });

  test('an app that never sleeps has a startup probe that runs every second for up to two minutes', () => {
    expect(synth({ scaling: { min: 1 } }).container.startupProbe).toEqual({
      tcpSocket: { port: 'http' }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120,
    });
  });

  test('the app has no CPU limit and no init containers', () => {
    expect(container.resources.limits.cpu).toBeUndefined();
    expect(pod.initContainers).toBeUndefined();
  });
});

describe('law 8: nothing is hidden', () => {
  test('patches can change any object that is written', () => {
    for (const { kind, metadata } of synth().all) {
      const patched = synth({ patches: [{ kind, name: metadata.name, merge: { metadata: { annotations: { reached: 'yes' } } } }] });
      expect(patched.get(kind, metadata.name).metadata.annotations).toEqual({ reached: 'yes' });
    }
  });

  test('a patch that matches no object is an error that lists the existing objects', () => {
    expect(problems({ patches: [{ kind: 'Ingress', name: 'wbe', merge: {} }] })).toEqual([
      'WebApp "web": patches[0] matches no object: there is no Ingress named "wbe"; '
        + 'the app has ServiceAccount web, Service web, Deployment web, '
        + 'PodDisruptionBudget web, NetworkPolicy web, InterceptorRoute web, ScaledObject web, Service web-proxy, Ingress web',
    ]);
  });
});

describe('law 9: unused features cost nothing', () => {
  test('an app that does not scale has no KEDA objects', () => {
    expect(synth({ scaling: { replicas: 1 } }).list).toEqual([
      'ServiceAccount web', 'Service web', 'Deployment web', 'PodDisruptionBudget web', 'NetworkPolicy web', 'Ingress web',
    ]);
  });

  test('an internal app has no Ingress', () => {
    expect(synth({ internal: true }).list).not.toContain('Ingress web');
  });

  // V8 may give each object that starts with a spread, and then gets more fields, a hidden class of its own: that takes longer than all the
  // rest of resolving an app, and no code that reads such objects is fast. Spreads at the end, and those that only replace, are cheap.
  test('the models of apps share their hidden classes', () => {
    const props = {
      image: IMAGE, workers: { mail: { command: ['mail'] } }, cronJobs: { report: { command: ['report'], schedule: '0 8 * * *' } },
    };
    const place = { id: 'web', namespace: 'shop', platform: resolvePlatform({ domain: 'apps.example.com' }) };
    const [one, other] = Array.from({ length: 100 }, (_, i) => resolveApp({ ...props, name: `app-${i}` }, place)).slice(-2);
    expect(differing(one, other, 'app')).toEqual([]);
  });
});

/** The paths of objects of two models that have different hidden classes. */
function differing(one: any, other: any, path: string): string[] {
  if (typeof one !== 'object' || one === null || one === other) return [];
  const below = Object.keys(one).flatMap(key => differing(one[key], other[key], `${path}.${key}`));
  return sameHiddenClass(one, other) ? below : [path, ...below];
}

function sameHiddenClass(one: object, other: object): boolean {
  setFlagsFromString('--allow-natives-syntax');
  const compare = new Function('one', 'other', 'return %HaveSameMap(one, other)');
  setFlagsFromString('--no-allow-natives-syntax');
  return compare(one, other);
}
