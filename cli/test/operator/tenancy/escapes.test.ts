import fc from 'fast-check';
import { webApp } from './resources';
import { Props, withImage } from '../../../../test/arbitrary-props';
import { escapes } from '../../../src/operator/tenancy/escapes';
import { synthesize } from '../../../src/render/synthesis';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

const PLATFORM: PlatformProps = { domain: 'apps.example.com', ingress: { className: 'nginx' } };

/** What the operator says of the app `web` in namespace `shop`. */
function refusals(props: object, platform: PlatformProps = PLATFORM): string[] {
  const spec = { image: 'ghcr.io/acme/web:1.4.2', ...props } as WebAppProps;
  const input = { name: 'web', namespace: 'shop', props: { ...spec, name: undefined } };
  const { apps, problems, platformProblems } = synthesize([input], platform);
  expect([problems.flat(), platformProblems]).toEqual([[], []]);
  return escapes(webApp('web', spec), apps[0].objects, platform).map(({ path, message, hint }) => `${path} ${message}; ${hint}`);
}

/** The same where the platform lets apps patch everything. */
function ofPatch(kind: string, merge: object, props: object = {}, platform: PlatformProps = PLATFORM): string[] {
  return refusals({ patches: [{ kind, merge }], ...props }, { ...platform, bounds: { patches: ['*'], annotations: ['*'], labels: ['*'] } })
    .map(line => line.replace(/; remove the patch or the prop that sets it, or ask your platform team to create such an object$/, ''));
}

const ask = (name: string, bound: string) => `remove it, or ask your platform team to add "${name}" to bounds.${bound}`;

describe('an account that may only write WebApps in its namespace tries to escape', () => {
  const elsewhere = { ...PLATFORM, builds: { namespace: 'builds', registry: 'registry.example.com', pushSecret: 'push' } };
  const build = { git: 'https://github.com/acme/web', revision: 'f'.repeat(40) };

  test.each<[string, object, string, PlatformProps?]>([
    ['by patching anything', { patches: [{ kind: 'Deployment', merge: { spec: { template: { spec: { hostNetwork: true } } } } }] },
      `patches[0] changes a Deployment, but the platform allows no patches; ${ask('Deployment', 'patches')}`],
    ['as a ServiceAccount with more rights', { serviceAccount: { name: 'admin' } },
      `serviceAccount.name is "admin", but the platform allows no existing ServiceAccounts; ${ask('admin', 'serviceAccounts')}`],
    ['with a role in the cloud', { serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/admin' } } },
      expect.stringContaining('serviceAccount.annotations["eks.amazonaws.com/role-arn"] is set, but the platform allows only these')],
    ['with a snippet of nginx', { annotations: { 'nginx.ingress.kubernetes.io/configuration-snippet': 'return 200;' } },
      expect.stringContaining('annotations["nginx.ingress.kubernetes.io/configuration-snippet"] is set, but the platform allows only')],
    ['with the hosts of others for nginx', { annotations: { 'nginx.ingress.kubernetes.io/server-alias': 'pay.example.com' } },
      expect.stringContaining('annotations["nginx.ingress.kubernetes.io/server-alias"] is set')],
    ['with a Secret of another namespace for nginx', { annotations: { 'nginx.ingress.kubernetes.io/auth-tls-secret': 'kube-system/ca' } },
      expect.stringContaining('annotations["nginx.ingress.kubernetes.io/auth-tls-secret"] is set')],
    ['with text for the configuration of nginx', { annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m; return 200' } },
      'annotations["nginx.ingress.kubernetes.io/proxy-body-size"] is "8m; return 200", which is not a number, a size or a time; '
        + 'use a value such as 60 or 8m'],
    ['with names in DNS', { annotations: { 'external-dns.alpha.kubernetes.io/hostname': 'pay.example.com' } },
      expect.stringContaining('annotations["external-dns.alpha.kubernetes.io/hostname"] is set')],
    ['with a certificate for others', { annotations: { 'cert-manager.io/common-name': 'pay.example.com' } },
      expect.stringContaining('annotations["cert-manager.io/common-name"] is set')],
    ['through another ingress controller', { annotations: { 'kubernetes.io/ingress.class': 'internal' } },
      expect.stringContaining('annotations["kubernetes.io/ingress.class"] is set'), { domain: 'apps.example.com' }],
    ['by a label that exempts from policies', { labels: { 'policy.example.com/exempt': 'true' } },
      'labels["policy.example.com/exempt"] is set, but the platform allows only these labels: app.kubernetes.io/*; '
        + ask('policy.example.com/exempt', 'labels')],
    ['with annotations for the cloud\'s load balancer',
      { ports: { ssh: { port: 2222, loadBalancer: { annotations: { 'service.beta.kubernetes.io/x': 'y' } } } } },
      expect.stringContaining('ports.ssh.loadBalancer.annotations["service.beta.kubernetes.io/x"] is set')],
    ['with a ClusterTriggerAuthentication',
      { scaling: { triggers: [{ type: 'cron', metadata: { timezone: 'UTC' }, authentication: { existingInCluster: 'prometheus' } }] } },
      'scaling.triggers[0].authentication.existingInCluster is "prometheus", but the platform allows no identities of KEDA; '
        + ask('prometheus', 'triggerAuthentications')],
    ['with the identity of KEDA',
      { scaling: { triggers: [{ type: 'cron', metadata: { timezone: 'UTC' }, authentication: { podIdentity: 'aws' } }] } },
      'scaling.triggers[0].authentication.podIdentity is "aws", but the platform allows no identities of KEDA; '
        + ask('aws', 'triggerAuthentications')],
    ['to internal addresses through KEDA',
      { scaling: { triggers: [{ type: 'metrics-api', metadata: { url: 'http://169.254.169.254/', targetValue: '1' } }] } },
      'scaling.triggers[0].type is "metrics-api", but the platform allows only these KEDA scalers: cpu, memory, cron, kubernetes-workload; '
        + ask('metrics-api', 'triggers')],
    ['to internal addresses through a worker',
      { workers: { a: { command: ['a'], scaling: { triggers: [{ type: 'external', metadata: { scalerAddress: 'vault:8200' } }] } } } },
      expect.stringContaining('workers.a.scaling.triggers[0].type is "external"')],
    ['with an issuer of certificates', { tls: { clusterIssuer: 'internal-ca' } },
      `tls.clusterIssuer is "internal-ca", but the platform allows no ClusterIssuers; ${ask('internal-ca', 'clusterIssuers')}`],
    ['with the images of others', { image: undefined, buildFrom: { ...build, image: 'registry.example.com/billing' } },
      'buildFrom.image is "registry.example.com/billing", but the platform allows no repositories; '
        + ask('registry.example.com/billing', 'buildImages'), elsewhere],
    ['with the source code of others', { image: undefined, buildFrom: { ...build, gitSecret: 'billing-git' } },
      `buildFrom.gitSecret is "billing-git", but the platform allows no Secrets of builds; ${ask('billing-git', 'buildSecrets')}`,
      elsewhere],
    ['with a Secret of the namespace of builds', { image: undefined, buildFrom: { ...build, pushSecret: 'billing' } },
      `buildFrom.pushSecret is "billing", but the platform allows no Secrets of builds; ${ask('billing', 'buildSecrets')}`, elsewhere],
    ['with values of the cluster\'s secret store',
      { connections: { pay: { type: 'external-secret', store: { name: 'vault' }, external: { KEY: { key: 'billing/stripe' } } } } },
      'connections.pay.external.KEY.key is "billing/stripe", but the platform allows no keys of ClusterSecretStores; '
        + ask('billing/stripe', 'externalKeys')],
    ['into a PostgreSQL of another namespace',
      { connections: { db: { type: 'postgres', postgres: { cluster: 'main', clusterNamespace: 'billing', ownerSecret: 'a' } } } },
      'connections.db.postgres.clusterNamespace is "billing", but the platform allows no namespaces of Clusters; '
        + ask('billing', 'clusterNamespaces')],
    ['by evicting the pods of others', { scheduling: { priorityClass: 'system-cluster-critical' } },
      'scheduling.priorityClass is "system-cluster-critical", but the platform allows no PriorityClasses; '
        + ask('system-cluster-critical', 'priorityClasses')],
    ['under the name of another app', { name: 'billing' }, 'name is "billing", but the resource is named "web"; remove it'],
    ['with a certificate of the add-on\'s namespace', { tls: { secretName: 'billing.finance-tls' } },
      'tls.secretName is "billing.finance-tls", a Secret of the namespace keda, where the Ingress is; '
        + 'remove it, or ask your platform team to set tls.secretName of the Platform',
      { domain: 'apps.example.com', ingress: { className: 'nginx', interceptorBackend: 'interceptor-namespace' as any }, tls: {} }],
    ['with passwords of the add-on\'s namespace', { access: { password: { secret: 'users' } } },
      'access.password names a Secret of the namespace keda, where the Ingress is; '
        + 'use access.signIn, or ask your platform team for ingress.interceptorBackend: external-name',
      { domain: 'apps.example.com', ingress: { className: 'nginx', interceptorBackend: 'interceptor-namespace' as any } }],
  ])('%s', (_, props, expected, platform = PLATFORM) => {
    expect(refusals(props, platform)).toEqual([expected]);
  });
});

describe('where the platform allows patches, they still cannot', () => {
  const pod = (spec: object) => ({ spec: { template: { spec } } });

  test.each<[string, string, object, string[]]>([
    ['use the network of the node', 'Deployment', pod({ hostNetwork: true }),
      ['Deployment web: spec.template.spec.hostNetwork is true, which Pod Security restricted does not allow']],
    ['mount its files', 'Deployment', pod({ volumes: [{ name: 'host', hostPath: { path: '/' } }] }),
      ['Deployment web: spec.template.spec.volumes[2].hostPath is {"path":"/"}, which Pod Security restricted does not allow']],
    ['run privileged', 'Deployment', pod({ containers: [{ name: 'web', securityContext: { privileged: true } }] }),
      ['Deployment web: spec.template.spec.containers[0].securityContext.privileged is true, '
        + 'which Pod Security restricted does not allow']],
    ['run as root', 'Deployment', pod({ containers: [{ name: 'web', securityContext: { runAsUser: 0 } }] }),
      ['Deployment web: spec.template.spec.containers[0].securityContext.runAsUser is 0, which Pod Security restricted does not allow']],
    ['run as another ServiceAccount', 'Deployment', pod({ serviceAccountName: 'admin' }),
      ['Deployment web: spec.template.spec.serviceAccountName is "admin", which is not the ServiceAccount of the app']],
    ['run as no ServiceAccount of the app', 'Deployment', pod({ serviceAccountName: null }),
      ['Deployment web: spec.template.spec.serviceAccountName is missing, so the pod would run as another ServiceAccount']],
    ['choose a node', 'Deployment', pod({ nodeName: 'control-plane' }),
      ['Deployment web: spec.template.spec.nodeName is set, which bypasses the scheduler']],
    ['evict others', 'Deployment', pod({ priorityClassName: 'system-node-critical' }),
      ['Deployment web: spec.template.spec.priorityClassName is "system-node-critical", which is not that of the platform']],
    ['become another kind', 'ServiceAccount', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
      ['ClusterRoleBinding web: kind is "ClusterRoleBinding", which is not a kind that apps have']],
    ['become a kind of another group', 'Service', { apiVersion: 'serving.knative.dev/v1' }, [
      'Service web: kind is "Service", which is not a kind that apps have',
      'Service web-proxy: kind is "Service", which is not a kind that apps have',
    ]],
    ['move to another namespace', 'ServiceAccount', { metadata: { namespace: 'kube-system' } },
      ['ServiceAccount web: metadata.namespace is "kube-system", and the app is in "shop"']],
    ['have the name of something else', 'ServiceAccount', { metadata: { name: 'default' } },
      ['ServiceAccount default: metadata.name is "default", which does not begin with the name of the app']],
    ['have another owner', 'ServiceAccount', { metadata: { ownerReferences: [{ kind: 'Namespace', name: 'shop', uid: '1' }] } },
      ['ServiceAccount web: metadata.ownerReferences is set, which only the cluster and the operator do']],
    ['have finalizers', 'ServiceAccount', { metadata: { finalizers: ['example.com/never'] } },
      ['ServiceAccount web: metadata.finalizers is set, which only the cluster and the operator do']],
    ['be an object of another app', 'ServiceAccount', { metadata: { labels: { 'app.kubernetes.io/name': 'billing' } } },
      ['ServiceAccount web: metadata.labels["app.kubernetes.io/name"] is "billing", which is not the name of the app']],
    ['lead the ingress controller to an internal address', 'Service', { spec: { externalName: 'vault.vault.svc.cluster.local' } }, [
      'Service web: spec.externalName is "vault.vault.svc.cluster.local", which is not the interceptor',
      'Service web-proxy: spec.externalName is "vault.vault.svc.cluster.local", which is not the interceptor',
    ]],
    ['take addresses of others', 'PersistentVolumeClaim', { spec: { volumeName: 'pv-of-billing' } },
      ['PersistentVolumeClaim web-data: spec.volumeName is set, which may give the app what belongs to others']],
    ['have hosts that props do not say', 'Ingress', { spec: { rules: [{ host: 'pay.example.com' }] } },
      ['Ingress web: spec.rules has the host "pay.example.com", which the props of the app do not say']],
    ['have all hosts', 'Ingress', { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
      ['Ingress web: spec.defaultBackend is set, which may give the app what belongs to others']],
    ['have a certificate for others', 'Ingress', { spec: { tls: [{ hosts: ['pay.example.com'] }] } },
      ['Ingress web: spec.tls has the host "pay.example.com", which the props of the app do not say']],
    ['use another ingress controller', 'Ingress', { spec: { ingressClassName: 'internal' } },
      ['Ingress web: spec.ingressClassName is "internal", which is not that of the platform']],
    ['take requests of others at the interceptor', 'InterceptorRoute', { spec: { rules: [{ hosts: ['billing-proxy.finance'] }] } },
      ['InterceptorRoute web: spec.rules has the host "billing-proxy.finance", which the props of the app do not say']],
    ['open the pods of others', 'NetworkPolicy', { spec: { podSelector: { matchLabels: null } } },
      ['NetworkPolicy web: spec.podSelector selects pods of others']],
    ['open what pods may reach', 'NetworkPolicy', { spec: { egress: [{}] } },
      ['NetworkPolicy web: spec.egress is set, which may give the app what belongs to others']],
    ['scale something else', 'ScaledObject', { spec: { scaleTargetRef: { name: 'billing' } } },
      ['ScaledObject web: spec.scaleTargetRef.name is "billing", which is not the app']],
    ['scale on internal addresses',
      'ScaledObject', { spec: { triggers: [{ type: 'external', metadata: { scalerAddress: 'vault.vault:8200' } }] } },
      ['ScaledObject web: spec.triggers[0].type is "external", which is not allowed to apps']],
    ['scale with rights of others',
      'ScaledObject', { spec: { triggers: [{ type: 'cron', authenticationRef: { kind: 'ClusterTriggerAuthentication', name: 'all' } }] } },
      ['ScaledObject web: spec.triggers[0].authenticationRef is the ClusterTriggerAuthentication "all"']],
  ])('%s', (_, kind, merge, expected) => {
    expect(ofPatch(kind, merge, { volumes: { data: { path: '/data', size: '1Gi' } } })).toEqual(expected);
  });

  test.each<[string, string, object, string]>([
    ['be a port of every node', 'Service', { spec: { type: 'NodePort' } }, 'spec.type is "NodePort", which no prop of the app asks for'],
    ['be a load balancer', 'Service', { spec: { type: 'LoadBalancer' } }, 'spec.type is "LoadBalancer", which no prop of the app asks for'],
    ['take addresses of others', 'Service', { spec: { externalIPs: ['10.0.0.1'] } },
      'spec.externalIPs is set, which may give the app what belongs to others'],
  ])('%s', (_, kind, merge, expected) => {
    expect(ofPatch(kind, merge)).toContain(`Service web: ${expected}`);
  });

  const GATEWAY: PlatformProps = { domain: 'apps.example.com', gateway: { name: 'public', namespace: 'gateways' } };

  test.each<[string, string, object, string]>([
    ['use another Gateway', 'HTTPRoute', { spec: { parentRefs: [{ name: 'internal', namespace: 'gateways' }] } },
      'HTTPRoute web: spec.parentRefs name another parent than the Gateway of the platform'],
    ['have all hosts of a Gateway', 'HTTPRoute', { spec: { hostnames: null } },
      'HTTPRoute web: spec.hostnames has the host "*", which the props of the app do not say'],
    ['copy requests', 'HTTPRoute', { spec: { rules: [{ filters: [{ type: 'RequestMirror' }] }] } },
      'HTTPRoute web: spec.rules have a filter RequestMirror'],
    ['reach Services of others', 'HTTPRoute', { spec: { rules: [{ backendRefs: [{ name: 'vault', namespace: 'vault', port: 8200 }] }] } },
      'HTTPRoute web: spec.rules have a backend of another namespace'],
    ['reach apps of others at the interceptor', 'HTTPRoute',
      { spec: { rules: [{ filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'billing-proxy.finance' } }] }] } },
      'HTTPRoute web: spec.rules change the host, by which the interceptor would find apps of others'],
    ['open the namespace of the add-on', 'ReferenceGrant', { spec: { to: [{ group: '', kind: 'Secret' }] } },
      'ReferenceGrant http-routes-from-shop: spec opens more than the interceptor to the namespace of the app'],
  ])('%s', (_, kind, merge, expected) => {
    expect(refusedAfter(kind, merge, GATEWAY)).toEqual([expected]);
  });

  /** Patches do not reach objects that apps share, so the object itself is changed. */
  function refusedAfter(kind: string, { spec }: { readonly spec?: object }, platform: PlatformProps): string[] {
    const props = { image: 'ghcr.io/acme/web:1.4.2' };
    const [app] = synthesize([{ name: 'web', namespace: 'shop', props }], platform).apps;
    const changed = app.objects.map(object => object.kind === kind
      ? JSON.parse(JSON.stringify({ ...object, spec: { ...object.spec as object, ...spec } }, (_, value) => value ?? undefined)) : object);
    return escapes(webApp('web', props), changed, platform).map(({ path, message }) => `${path} ${message}`);
  }

  const TRAEFIK: PlatformProps = { domain: 'apps.example.com', ingress: { className: 'traefik' } };
  const rule = (match: string, more: object = {}) => (
    { spec: { routes: [{ kind: 'Rule', match, services: [{ name: 'web', port: 80 }], ...more }] } });
  const OWN = 'Host(`web.apps.example.com`) && PathPrefix(`/`)';

  test.each<[string, object, string[]]>([
    ['take requests of others by a rule of Traefik', rule('Host(`pay.example.com`) && PathPrefix(`/`)'),
      ['IngressRoute web: spec.routes[0].match has the host "pay.example.com", which the props of the app do not say']],
    ['take all requests of Traefik', rule('PathPrefix(`/`)'),
      ['IngressRoute web: spec.routes[0].match has the host "*", which the props of the app do not say']],
    ['take them by an operator of Traefik', rule(`${OWN} || PathPrefix(\`/\`)`),
      [`IngressRoute web: spec.routes[0].match is ${JSON.stringify(`${OWN} || PathPrefix(\`/\`)`)}, which is not a rule that apps have`]],
    ['take them by a pattern of Traefik', rule('HostRegexp(`.*`)'),
      ['IngressRoute web: spec.routes[0].match is "HostRegexp(`.*`)", which is not a rule that apps have']],
    ['reach Services of others through Traefik', rule(OWN, { services: [{ name: 'vault', namespace: 'vault', port: 8200 }] }),
      ['IngressRoute web: spec.routes have a service that is not a Service of the namespace']],
    ['reach the API of Traefik', rule(OWN, { services: [{ name: 'api@internal', kind: 'TraefikService' }] }),
      ['IngressRoute web: spec.routes have a service that is not a Service of the namespace']],
    ['use a Middleware of others', rule(OWN, { middlewares: [{ name: 'login', namespace: 'billing' }] }),
      ['IngressRoute web: spec.routes have a Middleware of another namespace']],
  ])('%s', (_, merge, expected) => {
    const canary = { image: 'ghcr.io/acme/web:2', weight: 10 };
    expect(ofPatch('IngressRoute', merge, { rollout: { canary } }, TRAEFIK)).toEqual(expected);
  });

  test('ask servers of others with Argo Rollouts, or run its Jobs', () => {
    const platform = { ...PLATFORM, monitoring: { prometheus: 'http://prometheus.monitoring:9090' } };
    const rollout = { argo: { analysis: { successRate: 99 } } };
    const metrics = [{ name: 'a', provider: { job: { spec: {} } } }];
    expect(ofPatch('AnalysisTemplate', { spec: { metrics } }, { rollout }, platform))
      .toEqual(['AnalysisTemplate web: spec.metrics[1].provider is not the Prometheus of the platform']);
  });
});

describe('what stays possible', () => {
  test.each<[string, object, PlatformProps?]>([
    ['a minimal app', {}],
    ['labels and annotations without a prefix, and common ones', {
      labels: { 'team': 'shop', 'app.kubernetes.io/part-of': 'shop' },
      annotations: { 'note': 'x', 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' },
    }],
    ['what the namespace has', {
      secretEnv: { A: { secret: 'a', key: 'a' } },
      envFromSecrets: ['b'],
      volumes: { data: { path: '/data', claim: 'data' } },
      imagePullSecrets: ['c'],
    }],
    ['workers, jobs, sidecars and a release command', {
      workers: { a: { command: ['a'] } },
      cronJobs: { b: { command: ['b'], schedule: '0 3 * * *' } },
      releaseCommand: { command: ['c'] },
      sidecars: { d: { image: 'd:1' } },
      security: { capabilities: ['NET_BIND_SERVICE'] },
      port: 80,
    }],
    ['a queue', {
      connections: { jobs: { type: 'rabbitmq', secret: 'jobs' } }, scaling: { triggers: [{ connection: 'jobs', queue: 'a' }] },
    }],
    ['a database of its own', { connections: { db: { type: 'postgres' } } }],
    ['a build in another namespace', { image: undefined, buildFrom: { git: 'https://github.com/acme/web', revision: 'f'.repeat(40) } },
      { ...PLATFORM, builds: { namespace: 'builds', registry: 'registry.example.com', pushSecret: 'push' } }],
    ['an Ingress in the namespace of the add-on', {}, { domain: 'apps.example.com', ingress: { className: 'alb' }, tls: {} }],
    ['a Gateway', { paths: ['/', '/api'] }, { domain: 'apps.example.com', gateway: { name: 'public', namespace: 'gateways' } }],
    ['a canary', { rollout: { canary: { image: 'ghcr.io/acme/web:2', headers: { 'X-Next': '1' } } } }],
    ['a canary behind Traefik', {
      hosts: ['web.example.com', '*'], paths: ['/', '/api'], rollout: { canary: { image: 'ghcr.io/acme/web:2', weight: 10 } },
    }, { domain: 'apps.example.com', ingress: { className: 'traefik' }, allowCatchAll: true }],
    ['a load balancer', { ports: { ssh: { port: 2222, loadBalancer: {} } } }],
    ['a patch that the platform allows', { patches: [{ kind: 'Deployment', merge: { spec: { revisionHistoryLimit: 3 } } }] },
      { ...PLATFORM, bounds: { patches: ['Deployment'] } }],
    ['a ServiceAccount that the platform allows', { serviceAccount: { name: 'shop-reader' } },
      { ...PLATFORM, bounds: { serviceAccounts: ['<namespace>-*'] } }],
  ])('%s', (_, props, platform = PLATFORM) => {
    expect(refusals(props, platform)).toEqual([]);
  });
});


describe('whatever the props are', () => {
  /** Fields that no object of an app has, whatever their values. */
  const DANGEROUS = [
    'hostPath', 'hostNetwork', 'hostPID', 'hostIPC', 'hostPort', 'nodeName', 'externalIPs', 'loadBalancerIP', 'nodePort', 'ownerReferences',
    'finalizers', 'roleRef', 'subjects', 'webhooks', 'volumeName', 'dataSourceRef', 'superuserSecret', 'boundServiceAccountToken',
    'hashiCorpVault', 'defaultBackend', 'workloadRef', 'egress',
  ];
  const GROUPS = [
    'v1', 'apps', 'batch', 'policy', 'networking.k8s.io', 'gateway.networking.k8s.io', 'gateway.envoyproxy.io', 'traefik.io',
    'http.keda.sh', 'keda.sh', 'argoproj.io', 'monitoring.coreos.com', 'postgresql.cnpg.io', 'external-secrets.io', 'shipwright.io',
  ];

  const fieldsOf = (value: unknown): string[] => Array.isArray(value) ? value.flatMap(fieldsOf)
    : typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([field, inner]) => [field, ...fieldsOf(inner)]) : [];

  test('all objects that pass are of known kinds, in the namespace of the app or a documented one, without dangerous fields', () => {
    const seen = { passed: 0, refused: 0 };
    fc.assert(fc.property(new Props(0).struct('PlatformProps'), new Props(0).struct('WebAppProps'), ({ bounds, ...more }, props) => {
      const platform = { domain: 'example.com', ...more };
      const spec = withImage({ ...props, name: undefined });
      const { apps: [app] } = synthesize([{ name: 'web', namespace: 'shop', props: spec }], platform);
      if (!app) return;
      const problems = escapes(webApp('web', spec), app.objects, platform);
      // What only props say is refused in the words of props: the objects that they write are all as they may be.
      expect(problems.filter(({ path }) => path.includes(': '))).toEqual([]);
      seen[problems.length > 0 ? 'refused' : 'passed']++;
      if (problems.length > 0) return;
      const elsewhere = [platform.httpAddon?.namespace ?? 'keda', platform.builds?.namespace,
        ...Object.values<any>(platform.connections ?? {}).map(({ postgres }) => postgres?.clusterNamespace)];
      for (const { apiVersion, metadata, ...object } of app.objects) {
        expect(GROUPS).toContain(apiVersion.split('/')[0]);
        expect(['shop', ...elsewhere]).toContain(metadata.namespace);
        expect(fieldsOf({ metadata, ...object }).filter(field => DANGEROUS.includes(field))).toEqual([]);
      }
    }), { numRuns: 1500, seed: 5 });
    expect(seen.passed).toBeGreaterThan(200);
    expect(seen.refused).toBeGreaterThan(0);
  });

  test('no patch puts an object elsewhere, or causes an exception', () => {
    const field = fc.constantFrom('spec', 'metadata', 'namespace', 'name', 'kind', 'apiVersion', 'template', 'containers', 'rules');
    const part = fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue())));
    const patch = fc.record({ kind: fc.constantFrom('Deployment', 'Service', 'Ingress', 'ScaledObject', 'NetworkPolicy'), merge: part });
    fc.assert(fc.property(fc.array(patch, { minLength: 1, maxLength: 3 }), patches => {
      const platform = { ...PLATFORM, bounds: { patches: ['*'] } };
      const { apps: [app] } = synthesize([{ name: 'web', namespace: 'shop', props: { image: 'web:1', patches } }], platform);
      if (!app) return;
      const problems = escapes(webApp('web', { patches }), app.objects, platform);
      const isElsewhere = app.objects.some(({ metadata }) => (metadata as typeof metadata | undefined)?.namespace !== 'shop');
      if (isElsewhere) expect(problems).not.toEqual([]);
    }), { numRuns: 300, seed: 5 });
  });
});
