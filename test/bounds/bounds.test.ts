import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { matches } from '../../src/bounds/patterns';
import { IMAGE, problems, problemsOf, synth } from '../synth';
import type { Bounds, PlatformProps, WebAppProps } from 'cdk8s-webapp';
import { Platform, WebApp } from 'cdk8s-webapp';

/** The problems of the app `web` in namespace `shop`, without its name. */
function found(bounds: object, props: object, platform: PlatformProps = {}): string[] {
  return problems(props, { ...platform, bounds: bounds as Bounds }).map(line => line.replace('WebApp "web": ', ''));
}

const ASK = 'or ask your platform team';

describe('bounds.hosts', () => {
  const hosts = { 'shop': ['shop.example.com', '*.shop.example.com'], 'team-*': ['*.<namespace>.example.com'], '*': ['open.example.com'] };

  test.each<[string, object]>([
    ['a host of its namespace', { hosts: ['shop.example.com'] }],
    ['a host below a wildcard of its namespace', { hosts: ['a.shop.example.com', 'b.c.shop.example.com'] }],
    ['that wildcard itself', { hosts: ['*.shop.example.com'] }],
    ['a host of all namespaces', { hosts: ['open.example.com'] }],
    ['the host that it has by default', { hosts: ['web.apps.example.com', 'shop.example.com'] }],
    ['no hosts that it says', {}],
    ['none at all', { internal: true }],
  ])('allow an app %s', (_, props) => {
    expect(found({ hosts }, props)).toEqual([]);
  });

  const only = 'but the platform allows the namespace "shop" only shop.example.com, *.shop.example.com, open.example.com, '
    + `web.apps.example.com; use one of these, ${ASK} to add it to bounds.hosts`;

  test.each<[string, object, string]>([
    ['another host', { hosts: ['shop.example.com', 'pay.example.com'] }, `hosts[1] is "pay.example.com", ${only}`],
    ['a wildcard that has more', { hosts: ['*.example.com'] }, `hosts[0] is "*.example.com", ${only}`],
    ['a host of another namespace', { hosts: ['a.team-a.example.com'] }, `hosts[0] is "a.team-a.example.com", ${only}`],
    [
      'another host for a further port',
      { ports: { admin: { port: 9000, hosts: ['pay.example.com'] } } },
      `ports.admin.hosts[0] is "pay.example.com", ${only}`,
    ],
    [
      'another host that is redirected',
      { http: { redirectFrom: ['pay.example.com'] } },
      `http.redirectFrom[0] is "pay.example.com", ${only}`,
    ],
    [
      'another host for a preview',
      { rollout: { blueGreen: { active: 'blue', previewHosts: ['pay.example.com'] } } },
      `rollout.blueGreen.previewHosts[0] is "pay.example.com", ${only}`,
    ],
  ])('refuse an app %s', (_, props, expected) => {
    expect(found({ hosts }, props, { ingress: { className: 'traefik' } })).toEqual([expected]);
  });

  test('put the namespace of the app in place of <namespace>', () => {
    const written = (host: string) => problemsOf(() => {
      const app = new App();
      new Platform(app, 'platform', { bounds: { hosts } });
      new WebApp(new Chart(app, 'chart', { namespace: 'team-a' }), 'web', { image: IMAGE, hosts: [host] });
      return app;
    });
    expect(written('api.team-a.example.com')).toEqual([]);
    expect(written('api.team-b.example.com')).toEqual([
      'WebApp "web": hosts[0] is "api.team-b.example.com", but the platform allows the namespace "team-a" only *.team-a.example.com, '
      + `open.example.com; use one of these, ${ASK} to add it to bounds.hosts`,
    ]);
  });

  test('leave a namespace without an entry only the default host', () => {
    expect(found({ hosts: { billing: ['pay.example.com'] } }, { hosts: ['pay.example.com'] })).toEqual([
      'hosts[0] is "pay.example.com", but the platform allows the namespace "shop" only web.apps.example.com; '
      + `use one of these, ${ASK} to add it to bounds.hosts`,
    ]);
  });
});

describe('the bound of sizes', () => {
  test.each<[object, object]>([
    [{ size: 'l' }, { size: 'l', workers: { a: { command: ['a'] } } }],
    [{ size: 'l', resources: { memory: '4Gi' } }, { resources: { memory: '4Gi' } }],
    [{ resources: { ephemeralStorage: '10Gi' } }, { volumes: { cache: { path: '/cache', empty: '9Gi' } } }],
  ])('%j allows %j', (bounds, props) => {
    expect(found(bounds, props)).toEqual([]);
  });

  test.each<[object, object, string[]]>([
    [{ size: 'l' }, { size: 'xxl' }, [`size is xxl but the platform allows at most l; set it to l or less, ${ASK}`]],
    [
      { resources: { memory: '1500Mi' } }, { size: 'xxl' },
      [`size is xxl but the platform allows at most l; set it to l or less, ${ASK}`],
    ],
    [
      { size: 'l' }, { resources: { memory: '2Gi', cpu: '2' } },
      [
        `resources.cpu is 2 but the platform allows at most 500m; set it to 500m or less, ${ASK}`,
        `resources.memory is 2Gi but the platform allows at most 1Gi; set it to 1Gi or less, ${ASK}`,
      ],
    ],
    [
      { size: 'l' }, { resources: { memoryLimit: '2Gi' } },
      [`resources.memoryLimit is 2Gi but the platform allows at most 1Gi; set it to 1Gi or less, ${ASK}`],
    ],
    [
      { resources: { ephemeralStorage: '2Gi' } }, { resources: { ephemeralStorage: '3Gi' } },
      [`resources.ephemeralStorage is 3Gi but the platform allows at most 2Gi; set it to 2Gi or less, ${ASK}`],
    ],
    [
      { resources: { ephemeralStorage: '2Gi' } }, { volumes: { cache: { path: '/cache', empty: '9Gi' } } },
      [`volumes need 10Gi of the node's disk, with /tmp, but the platform allows at most 2Gi; make those with empty smaller, ${ASK}`],
    ],
    [
      { size: 'm' },
      {
        workers: { a: { command: ['a'], size: 'xl' } },
        cronJobs: { b: { command: ['b'], schedule: '0 3 * * *', resources: { memory: '1Gi' } } },
        releaseCommand: { command: ['c'], size: 'l' },
        sidecars: { d: { image: 'd:1', size: 'l' } },
        initContainers: { e: { image: 'e:1', size: 'l' } },
      },
      [
        `workers.a.size is xl but the platform allows at most m; set it to m or less, ${ASK}`,
        `cronJobs.b.resources.memory is 1Gi but the platform allows at most 512Mi; set it to 512Mi or less, ${ASK}`,
        `releaseCommand.size is l but the platform allows at most m; set it to m or less, ${ASK}`,
        `sidecars.d.size is l but the platform allows at most m; set it to m or less, ${ASK}`,
        `initContainers.e.size is l but the platform allows at most m; set it to m or less, ${ASK}`,
      ],
    ],
    [
      { size: 'm' }, { connections: { db: { type: 'postgres', postgres: { size: 'xl' } } } },
      [`connections.db.postgres.size is xl but the platform allows at most m; set it to m or less, ${ASK}`],
    ],
  ])('%j refuses %j', (bounds, props, expected) => {
    expect(found(bounds, props)).toEqual(expected);
  });

  test('is told once of an app whose workers inherit its size', () => {
    expect(found({ size: 'l' }, { size: 'xl', workers: { a: { command: ['a'] } } })).toHaveLength(1);
  });
});

describe('bounds.scaling', () => {
  test('refuses a larger number of replicas than max, wherever it is', () => {
    const scaling = { min: 21, max: 50, fallback: 22, schedule: [{ start: '0 8 * * *', end: '0 9 * * *', replicas: 30 }] };
    expect(found({ scaling: { max: 20 } }, { scaling })).toEqual([
      `scaling.min is 21 but the platform allows at most 20; set it to 20 or less, ${ASK}`,
      `scaling.max is 50 but the platform allows at most 20; set it to 20 or less, ${ASK}`,
      `scaling.fallback is 22 but the platform allows at most 20; set it to 20 or less, ${ASK}`,
      `scaling.schedule[0].replicas is 30 but the platform allows at most 20; set it to 20 or less, ${ASK}`,
    ]);
    expect(found({ scaling: { max: 2 } }, { workers: { a: { command: ['a'], scaling: { replicas: 3 } } } })).toEqual([
      `workers.a.scaling.replicas is 3 but the platform allows at most 2; set it to 2 or less, ${ASK}`,
    ]);
  });

  test('is the maximum of an app that sets none', () => {
    const bounds = { scaling: { max: 4 } };
    expect(synth({}, { bounds }).get('ScaledObject').spec.maxReplicaCount).toBe(4);
    const workers = { a: { command: ['a'], scaling: { cpu: 70 } } };
    expect(synth({ workers }, { bounds }).get('ScaledObject', 'web-a').spec.maxReplicaCount).toBe(4);
    expect(synth({}, { bounds: { scaling: { max: 40 } } }).get('ScaledObject').spec.maxReplicaCount).toBe(10);
  });

  test('refuses what never sleeps if min is 0', () => {
    const keeps = 'keeps 1 replica running, but the platform allows at most 0 while there is nothing to do; '
      + `scale by something that wakes it, such as requests or a trigger, ${ASK}`;
    const bounds = { scaling: { min: 0 } };
    expect(found(bounds, { scaling: { min: 1 } })).toEqual([
      `scaling.min is 1 but the platform allows at most 0; set it to 0 or less, ${ASK}`,
    ]);
    expect(found(bounds, { scaling: { cpu: 70 } })).toEqual([`scaling ${keeps}`]);
    expect(found(bounds, { ports: { ssh: { port: 2222 } } })).toEqual([`scaling ${keeps}`]);
    expect(found(bounds, { workers: { a: { command: ['a'] } } })).toEqual([`workers.a.scaling ${keeps}`]);
    expect(found(bounds, { scaling: { concurrency: 5 } })).toEqual([]);
  });
});

describe('a bound that lists names', () => {
  const secretStore = { name: 'vault' };
  const external = { A: { key: 'billing/a' } };
  const scalerAddress = 'keda-add-ons-http-external-scaler.keda:9090';
  const cluster = { cluster: 'shared', clusterNamespace: 'databases', ownerSecret: 'owner' };
  const cases: [bound: string, name: string, props: object, problem: string, platform?: PlatformProps][] = [
    ['patches', 'ConfigMap', { patches: [{ kind: 'Service', merge: {} }] }, 'patches[0] changes a Service'],
    ['serviceAccounts', 'web-*', { serviceAccount: { name: 'admin' } }, 'serviceAccount.name is "admin"'],
    ['annotations', 'team', { annotations: { 'example.com/a': 'b' } }, 'annotations["example.com/a"] is set'],
    [
      'annotations', 'team', { serviceAccount: { annotations: { 'example.com/a': 'b' } } },
      'serviceAccount.annotations["example.com/a"] is set',
    ],
    [
      'annotations', 'team', { scaling: { replicas: 1 }, ports: { ssh: { port: 2222, loadBalancer: { annotations: { a: 'b' } } } } },
      'ports.ssh.loadBalancer.annotations.a is set',
    ],
    [
      'annotations', 'team', { patches: [{ kind: 'Service', merge: { metadata: { annotations: { a: 'b' } } } }] },
      'patches[0].merge.metadata.annotations.a is set',
    ],
    ['labels', 'team', { labels: { a: 'b' } }, 'labels.a is set'],
    [
      'labels', 'team', { patches: [{ kind: 'Deployment', merge: { spec: { template: { metadata: { labels: { a: 'b' } } } } } }] },
      'patches[0].merge.spec.template.metadata.labels.a is set',
    ],
    [
      'triggers', 'cron', { scaling: { triggers: [{ type: 'metrics-api', metadata: { url: 'http://169.254.169.254' } }] } },
      'scaling.triggers[0].type is "metrics-api"',
    ],
    [
      'triggers', 'cron', { workers: { a: { command: ['a'], scaling: { triggers: [{ type: 'kafka', metadata: {} }] } } } },
      'workers.a.scaling.triggers[0].type is "kafka"',
    ],
    [
      'triggerAuthentications', 'team',
      { scaling: { triggers: [{ type: 'x', metadata: {}, authentication: { existingInCluster: 'all' } }] } },
      'scaling.triggers[0].authentication.existingInCluster is "all"',
    ],
    [
      'triggerAuthentications', 'gcp', { scaling: { triggers: [{ type: 'x', metadata: {}, authentication: { podIdentity: 'aws' } }] } },
      'scaling.triggers[0].authentication.podIdentity is "aws"',
    ],
    [
      'triggerAuthentications', 'gcp', { scaling: { triggers: [{ type: 'x', metadata: { identityOwner: 'operator' } }] } },
      'scaling.triggers[0].metadata.identityOwner is operator, the identity of KEDA in AWS',
    ],
    [
      'triggers', 'cron',
      {
        connections: { jobs: { type: 'rabbitmq', secret: 'jobs' } },
        scaling: { triggers: [{ connection: 'jobs', queue: 'a', metadata: { host: 'http://vault.vault:8200' } }] },
      },
      'scaling.triggers[0].metadata.host is set',
    ],
    ['clusterIssuers', 'public', { tls: { clusterIssuer: 'internal' } }, 'tls.clusterIssuer is "internal"'],
    [
      'buildSecrets', '<namespace>-*',
      { image: undefined, buildFrom: { git: 'https://a.example.com/b', revision: 'c', gitSecret: 'billing-git' } },
      'buildFrom.gitSecret is "billing-git"',
    ],
    [
      'buildSecrets', '<namespace>-*',
      { image: undefined, buildFrom: { git: 'https://a.example.com/b', revision: 'c', pushSecret: 'billing-push' } },
      'buildFrom.pushSecret is "billing-push"',
    ],
    [
      'buildImages', 'registry.example.com/<namespace>/*',
      { image: undefined, buildFrom: { git: 'https://a.example.com/b', revision: 'c', image: 'registry.example.com/billing/web' } },
      'buildFrom.image is "registry.example.com/billing/web"',
    ],
    [
      'externalKeys', '<namespace>/*', { connections: { keys: { type: 'external-secret', store: secretStore, external } } },
      'connections.keys.external.A.key is "billing/a"',
    ],
    [
      'clusterNamespaces', '<namespace>-data', { connections: { db: { type: 'postgres', postgres: cluster } } },
      'connections.db.postgres.clusterNamespace is "databases"',
    ],
    ['priorityClasses', 'low', { scheduling: { priorityClass: 'high' } }, 'scheduling.priorityClass is "high"'],
  ];
  const platform = { builds: { namespace: 'builds', registry: 'registry.example.com' } };

  /** The bound of a prop and no other: some of these props say other things that bounds are about. */
  const ofBound = (bound: string, names: string[], props: object) => found({ [bound]: names }, props, platform)
    .filter(line => line.includes(`bounds.${bound}`));

  test.each(cases)('%s %j: refuses another one (%j)', (bound, name, props, problem) => {
    const value = name.replace('<namespace>', 'shop');
    const [line, ...others] = ofBound(bound, [name], props);
    expect(others).toEqual([]);
    expect(line).toMatch(`${problem}, but the platform allows only these `);
    expect(line).toMatch(`: ${value}; remove it, ${ASK} to add `);
    expect(ofBound(bound, [], props)[0]).toMatch(`${problem}, but the platform allows no `);
  });

  test.each(cases)('%s: allows what it lists (%j is not %j)', (bound, _, props) => {
    expect(ofBound(bound, ['*'], props)).toEqual([]);
    expect(found({}, props, platform).filter(line => line.includes('bounds.'))).toEqual([]);
  });

  test.each<[string, object, PlatformProps]>([
    ['clusterIssuers', { tls: { clusterIssuer: 'public' } }, { tls: { clusterIssuer: 'public' } }],
    ['priorityClasses', { scheduling: { priorityClass: 'apps' } }, { scheduling: { priorityClass: 'apps' } }],
    [
      'triggers',
      { connections: { jobs: { type: 'rabbitmq', secret: 'jobs' } }, scaling: { triggers: [{ connection: 'jobs', queue: 'a' }] } }, {},
    ],
    [
      'triggers',
      {
        scaling: {
          concurrency: 1,
          triggers: [{ type: 'external-push', metadata: { scalerAddress, interceptorRoute: 'api' } }],
        },
      }, {},
    ],
    [
      'buildSecrets', { image: undefined, buildFrom: { git: 'https://a.example.com/b', revision: 'c', gitSecret: 'git' } },
      { builds: { namespace: 'shop', registry: 'registry.example.com' } },
    ],
    [
      'externalKeys', { connections: { keys: { type: 'external-secret', store: { name: 'own', kind: 'secret-store' }, external } } }, {},
    ],
    [
      'externalKeys', { connections: { keys: { type: 'team-keys' } } },
      { connections: { 'team-keys': { type: 'external-secret', store: secretStore, external } } },
    ],
    [
      'clusterNamespaces', { connections: { db: { type: 'shared' } } },
      { connections: { shared: { type: 'postgres', postgres: cluster } } },
    ],
  ])('%s: allows what the platform itself says (%j)', (bound, props, more) => {
    expect(found({ [bound]: [] }, props, more)).toEqual([]);
  });
});

describe('bounds of a platform', () => {
  test.each<[PlatformProps | object, string]>([
    [{ bounds: { size: 'xs' } }, 'bounds.size allows at most 50m CPU and 128Mi memory, but apps have size s by default; '
      + 'set appDefaults.size too, or appDefaults.resources'],
    [
      { bounds: { size: 'l' }, appDefaults: { size: 'xl' } },
      'appDefaults.size is xl but bounds allow at most l; use less, or raise the bound',
    ],
    [{ bounds: { resources: { ephemeralStorage: '500Mi' } } }, 'bounds.resources.ephemeralStorage is 500Mi, but apps have 1Gi by default; '
      + 'set appDefaults.resources.ephemeralStorage: 500Mi too'],
    [{ bounds: { scaling: { min: 3, max: 2 } } }, 'bounds.scaling.min is 3 but bounds.scaling.max is 2; set it to 2 or less'],
    [{ bounds: { scaling: { max: 2 } }, appDefaults: { scaling: { max: 5 } } },
      'appDefaults.scaling.max is 5 but bounds allow at most 2; use less, or raise the bound'],
    [{ bounds: { hosts: { shop: ['https://a'] } } }, 'bounds.hosts.shop[0] is "https://a", which is not a valid host; '
      + 'use a DNS name such as shop.example.com, *.shop.example.com or *.<namespace>.example.com'],
    [{ bounds: { hosts: { Shop: ['a.example.com'] } } },
      'bounds.hosts.Shop is not a valid namespace name; use lowercase letters, digits and dashes, with * for any characters'],
  ])('%j are an error', (props, expected) => {
    expect(problemsOf(() => {
      const app = new App();
      new Platform(app, 'platform', props as PlatformProps);
      return app;
    })).toEqual([`Platform: ${expected}`]);
  });

  test('change nothing of an app that keeps them', () => {
    const bounds: Bounds = {
      hosts: { '*': ['*'] }, scaling: { min: 10, max: 100 }, resources: { cpu: '4', memory: '8Gi', ephemeralStorage: '20Gi' }, patches: [],
    };
    const props: Partial<WebAppProps> = { hosts: ['shop.example.com'], scaling: { min: 2, max: 50 } };
    expect(synth(props, { bounds }).all).toEqual(synth(props).all);
  });
});

describe('a pattern', () => {
  test('matches what a regular expression with .* for each * does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
    fc.assert(fc.property(text, text, (value, pattern) => {
      const expression = pattern.split('*').map(piece => piece.replaceAll('.', '\\.')).join('.*');
      expect(matches(value, pattern)).toBe(new RegExp(`^${expression}$`).test(value));
    }), { numRuns: 2000 });
  });
});
