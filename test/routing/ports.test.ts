import { App, Chart } from 'cdk8s';
import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, synth } from '../synth';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const SSH = { port: 2222, loadBalancer: { port: 22 } };
const ADMIN = { port: 9000, hosts: ['admin.example.com'] };
const GATEWAY = { gateway: { name: 'public', namespace: 'gateways' } };

const withPorts = (ports: WebAppProps['ports'], props: Partial<WebAppProps> = {}, platform: PlatformProps = {}) => (
  synth({ ports, ...props }, platform));
const portsOf = (manifests: Manifests) => manifests.container.ports.map(({ name, containerPort }: any) => [name, containerPort]);
const admitted = (manifests: Manifests, port: string) => (
  manifests.get('NetworkPolicy').spec.ingress.find(({ ports }: any) => ports[0].port === port).from);
const added = (manifests: Manifests, props: Partial<WebAppProps> = {}) => manifests.list.filter(name => !synth(props).list.includes(name));

describe('a port for TCP', () => {
  test('is a port of the container and of the Service', () => {
    const manifests = withPorts({ smtp: { port: 2525 } });
    expect(portsOf(manifests)).toEqual([['http', 8080], ['smtp', 2525]]);
    expect(manifests.get('Service', 'web').spec.ports).toEqual([
      { name: 'http', port: 80, targetPort: 'http' }, { name: 'smtp', port: 2525, targetPort: 'smtp' },
    ]);
    expect(added(manifests)).toEqual([]);
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('accepts connections from pods of the namespace and from connected apps', () => {
    expect(admitted(withPorts({ smtp: { port: 2525 } }), 'smtp')).toEqual([{ podSelector: {} }]);
    const app = new App();
    new Platform(app, 'platform', { domain: 'apps.example.com' });
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    const web = new WebApp(chart, 'web', { image: IMAGE, ports: { smtp: { port: 2525 } } });
    new WebApp(new Chart(app, 'other', { namespace: 'other' }), 'api', { image: IMAGE }).connect(web);
    expect(admitted(new Manifests(chart), 'smtp')).toEqual([{ podSelector: {} }, {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } },
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'api' } },
    }]);
  });

  test('keeps at least one replica, because connections cannot wake the app', () => {
    expect(withPorts({ smtp: { port: 2525 } }).get('ScaledObject').spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 10 });
    expect(withPorts({ smtp: { port: 2525 } }, { scaling: { replicas: 2 } }).get('Deployment').spec.replicas).toBe(2);
    const { spec } = withPorts({ smtp: { port: 2525 } }, {}, { appDefaults: { scaling: { min: 3 } } }).get('ScaledObject');
    expect(spec.minReplicaCount).toBe(3);
  });

  test('can be below 1024 for a process that does not run as root', () => {
    const { sysctls } = withPorts({ smtp: { port: 25 } }).pod.securityContext;
    expect(sysctls).toEqual([{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }]);
  });
});

describe('a load balancer', () => {
  test('has its own Service, with the port that clients use', () => {
    const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' };
    const loadBalancer = { port: 22, sourceRanges: ['203.0.113.0/24', '2001:db8::/32'], annotations };
    const manifests = withPorts({ ssh: { port: 2222, loadBalancer } });
    expect(added(manifests)).toEqual(['Service web-ssh']);
    expect(manifests.get('Service', 'web-ssh')).toMatchObject({
      metadata: { annotations },
      spec: {
        type: 'LoadBalancer',
        selector: { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'web' },
        ports: [{ name: 'ssh', port: 22, targetPort: 'ssh' }],
        loadBalancerSourceRanges: ['203.0.113.0/24', '2001:db8::/32'],
      },
    });
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('has the port of the app and accepts all clients by default', () => {
    const manifests = withPorts({ game: { port: 7777, loadBalancer: {} } });
    expect(manifests.get('Service', 'web-game').spec).toMatchObject({ ports: [{ name: 'game', port: 7777 }] });
    expect(manifests.get('Service', 'web-game').spec.loadBalancerSourceRanges).toBeUndefined();
    expect(admitted(manifests, 'game')).toBeUndefined();
  });

  test('routes traffic to the active color, and the idle one can still scale to zero', () => {
    const blueGreen = { active: 'green' as any, green: { image: 'ghcr.io/acme/web:2' }, previewHosts: ['preview.example.com'] };
    const manifests = withPorts({ ssh: SSH }, { rollout: { blueGreen } });
    expect(manifests.get('Service', 'web-ssh').spec.selector['app.kubernetes.io/component']).toBe('green');
    expect(manifests.get('Deployment', 'web-green').spec.template.spec.containers[0].ports).toHaveLength(2);
    expect(['web', 'web-green'].map(name => manifests.get('ScaledObject', name).spec.minReplicaCount)).toEqual([0, 1]);
  });
});

describe('a port for HTTP', () => {
  const route = (manifests: Manifests) => manifests.get('InterceptorRoute', 'web-admin').spec;

  test('has its own route, whose requests wake the app too', () => {
    const manifests = withPorts({ admin: ADMIN });
    expect(added(manifests)).toEqual(['InterceptorRoute web-admin', 'Service web-admin-proxy', 'Ingress web-admin']);
    expect(route(manifests)).toMatchObject({
      target: { service: 'web', portName: 'admin' },
      rules: [{
        hosts: [
          'admin.example.com',
          'web-admin-proxy.shop', 'web-admin-proxy.shop.svc', 'web-admin-proxy.shop.svc.cluster.local',
        ],
      }],
    });
    const { minReplicaCount, triggers } = manifests.get('ScaledObject').spec;
    expect(minReplicaCount).toBe(0);
    expect(triggers.map(({ metadata }: any) => metadata.interceptorRoute)).toEqual(['web', 'web-admin']);
    expect(manifests.list.indexOf('InterceptorRoute web-admin')).toBeLessThan(manifests.list.indexOf('ScaledObject web'));
    expect(manifests.get('Ingress', 'web-admin').spec.rules[0].host).toBe('admin.example.com');
    expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  });

  test('accepts requests from the interceptor only', () => {
    expect(admitted(withPorts({ admin: ADMIN }), 'admin')).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'keda' } } },
    ]);
  });

  test('can have paths of the hosts of the app', () => {
    const { rules } = route(withPorts({ admin: { port: 9000, paths: ['/admin'] } }));
    expect(rules[0]).toEqual({ hosts: ['web.apps.example.com'], paths: [{ value: '/admin' }] });
  });

  test('has its own HTTPRoute behind a Gateway', () => {
    const manifests = withPorts({ admin: ADMIN }, {}, GATEWAY);
    expect(manifests.get('HTTPRoute', 'web-admin').spec).toMatchObject({
      hostnames: ['admin.example.com'], rules: [{ backendRefs: [{ name: 'keda-add-ons-http-interceptor-proxy', port: 8080 }] }],
    });
  });

  test.each<[string, PlatformProps, (manifests: Manifests) => any]>([
    ['Ingress', {}, manifests => manifests.get('Ingress', 'web-admin').spec.rules[0].http.paths[0].backend.service],
    ['Gateway', GATEWAY, manifests => manifests.get('HTTPRoute', 'web-admin').spec.rules[0].backendRefs[0]],
  ])('is the backend of the %s itself if the app is not scaled by HTTP', (kind, platform, backend) => {
    const manifests = withPorts({ admin: ADMIN }, { scaling: { replicas: 1 } }, platform);
    expect(backend(manifests)).toEqual({ name: 'web', port: kind === 'Ingress' ? { number: 9000 } : 9000 });
    expect(manifests.list).not.toContain('InterceptorRoute web-admin');
  });

  test('routes requests to the active color, and wakes it', () => {
    const blueGreen = { active: 'green' as any, green: { image: 'ghcr.io/acme/web:2' }, previewHosts: ['preview.example.com'] };
    const manifests = withPorts({ admin: ADMIN }, { rollout: { blueGreen } });
    expect(route(manifests).target).toEqual({ service: 'web-green', portName: 'admin' });
    const routes = (name: string) => (
      manifests.get('ScaledObject', name).spec.triggers.map(({ metadata }: any) => metadata.interceptorRoute));
    expect(['web', 'web-green'].map(routes)).toEqual([['web-preview'], ['web', 'web-admin']]);
  });

  test('cannot have hosts if the app is internal', () => {
    expect(() => synth({ internal: true, ports: { admin: ADMIN } }))
      .toThrow('ports.admin.hosts cannot be combined with internal; remove one of them');
  });
});

describe('an HTTP port of an app with access and http', () => {
  const manifests = () => withPorts({ admin: { port: 9000, hosts: ['admin.example.com'] } }, {
    hosts: ['a.example.com'],
    access: { allow: ['10.0.0.0/8'] },
    http: { redirectFrom: ['www.example.com'], redirects: [{ from: '/old', to: '/new' }], maxBodySize: '5Mi' },
    paths: ['/'],
    exactPaths: ['/exact'],
    staticRoutes: [{ paths: ['/robots.txt'], body: '' }],
  } as any, { ingress: { className: 'traefik' } });

  test('has the same access and limits, but no redirects and no static responses', () => {
    const middlewares = (name: string) => (
      manifests().get('Ingress', name).metadata.annotations['traefik.ingress.kubernetes.io/router.middlewares']);
    expect(middlewares('web-admin')).toBe('shop-web-admin-allow@kubernetescrd,shop-web-admin-body-size@kubernetescrd');
    expect(manifests().get('Middleware', 'web-admin-allow').spec).toEqual(manifests().get('Middleware', 'web-allow').spec);
    expect(manifests().get('Ingress', 'web-admin').spec.rules).toHaveLength(1);
    expect(manifests().get('InterceptorRoute', 'web-admin').spec).not.toHaveProperty('staticRoutes');
    expect(manifests().all.flatMap(schemaErrors)).toEqual([]);
  });

  test('has several HTTPRoutes if it has many hosts', () => {
    const hosts = Array.from({ length: 17 }, (_, i) => `h${i}.example.com`);
    expect(added(withPorts({ admin: { port: 9000, hosts } }, {}, GATEWAY)).filter(name => name.startsWith('HTTPRoute'))).toEqual([
      'HTTPRoute web-admin', 'HTTPRoute web-admin-route-2', 'HTTPRoute web',
    ]);
  });
});

describe('an invalid port is an error', () => {
  test.each<[object, string, PlatformProps?]>([
    [{ ports: { SSH } },
      'ports.SSH is "SSH", which is not a valid DNS label; use lowercase letters, digits and dashes, starting with a letter, such as ssh'],
    [{ ports: { 'a--b': SSH } }, 'ports.a--b is "a--b", which has two dashes in a row; use a-b'],
    [{ ports: { 'the-longest-name': SSH } },
      'ports.the-longest-name is "the-longest-name", which has 16 characters; use at most 15 characters, such as the-longest-nam'],
    [{ ports: { metrics: SSH } },
      'ports.metrics is a reserved name; reserved names are http, metrics, proxy, canary, green, preview; choose another'],
    [{ ports: { ssh: SSH }, workers: { ssh: { args: ['a'] } } },
      'ports.ssh has the same name as a worker or cron job, whose objects are named "web-ssh" too; choose another'],
    [{ ports: { ssh: { port: 8080 } } }, 'ports.ssh.port is 8080, which port is too; use another port'],
    [{ ports: { a: { port: 1 }, b: { port: 1 } } }, 'ports.b.port is 1, which ports.a.port is too; use another port'],
    [{ ports: { a: { port: 80 } } }, 'ports.a.port is 80, at which the Service of the app has its HTTP requests; use another port'],
    [{ ports: { ssh: SSH }, scaling: { min: 0 } }, 'scaling.min is 0, but connections to ports.ssh do not wake the app; use 1 or more'],
    [{ ports: { ssh: { ...SSH, hosts: ['a.example.com'] } } },
      'ports.ssh.loadBalancer cannot be combined with hosts and paths, whose requests come through the entry of the platform; '
      + 'remove it, or hosts and paths'],
    [{ ports: { ssh: { port: 22, loadBalancer: { sourceRanges: ['203.0.113.7'] } } } },
      'ports.ssh.loadBalancer.sourceRanges[0] is "203.0.113.7", which is not a valid range of addresses; '
      + 'use an address with the number of bits that count, such as 203.0.113.0/24 or 2001:db8::/32'],
    [{ ports: { ssh: { port: 22, loadBalancer: { sourceRanges: ['203.0.113.0/33'] } } } },
      'ports.ssh.loadBalancer.sourceRanges[0] is "203.0.113.0/33", which has too many bits; '
      + 'use an address with the number of bits that count, such as 203.0.113.0/24 or 2001:db8::/32'],
    [{ ports: { ssh: SSH }, scaling: { replicas: 1 }, rollout: { argo: { strategy: 'blue-green', previewHosts: ['p.example.com'] } } },
      'ports.ssh.loadBalancer cannot be combined with a blue-green rollout of Argo Rollouts, which does not switch it to the new version; '
      + 'remove it, or use rollout.blueGreen'],
    [{ internal: true, ports: { admin: { port: 9000, paths: ['/a'] } } },
      'ports.admin.paths cannot be combined with internal: each port has a host of its own inside of the cluster; remove one of them'],
    [{ ports: { admin: { port: 9000, hosts: [] } } }, 'ports.admin.hosts is empty; add at least one host, or remove it'],
    [{ ports: { admin: { port: 9000, paths: [] } } }, 'ports.admin.paths is empty; add at least one path, or remove it'],
    [{ ports: { admin: { port: 9000, hosts: ['a.example.com', 'a.example.com'] } } },
      'ports.admin.hosts[1] is "a.example.com" twice; remove it'],
    [{ ports: { admin: ADMIN } },
      'ports.admin has HTTP requests, but the add-on\'s API v1alpha1 has one port for each app; '
      + 'use another app, or set the platform\'s httpAddon.api to v1beta1',
      { httpAddon: { api: 'v1alpha1' as any } }],
    [{ name: 'a'.repeat(50), ports: { admin: ADMIN } },
      `ports.admin creates objects named "${'a'.repeat(50)}-admin", which have more than 54 characters; use a shorter name`],
    [{ web: false, workers: { a: { args: ['a'] } }, ports: { ssh: SSH } },
      'ports has no effect, because web is false and the app has no web process; remove it'],
  ])('%j', (props, expected, platform = {}) => {
    expect(problems(props, platform).map(line => line.replace(/^WebApp "[^"]*": /, ''))).toEqual([expected]);
  });

  test('if the app itself or another app has the same host and path', () => {
    expect(problems({ ports: { admin: { port: 9000, paths: ['/'] } } })).toEqual([
      'WebApp "web": ports.admin has requests for "web.apps.example.com/", which the app itself has too; use another host or path',
    ]);
    const { app, chart } = build({ ports: { admin: ADMIN } });
    new WebApp(chart, 'api', { image: IMAGE, hosts: ADMIN.hosts });
    expect(() => app.synthYaml()).toThrow('"admin.example.com" with path "/", which WebApp "shop/web" has too');
  });
});
