import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { schemaErrors } from '../../../test/schemas';
import { version } from '../../package.json';
import { WRITTEN_KINDS } from '../../src/operator/manifest/kinds';
import { operatorManifest } from '../../src/operator/manifest/manifest';
import type { PolicyRule } from '../../src/operator/manifest/rights';
import type { Manifest } from '../../src/render/synthesis';
import { synthesize } from '../../src/render/synthesis';
import { call } from '../call';

const ROOT = join(__dirname, '../../..');
const DEFAULTS = { namespace: 'webapp-system', image: 'ghcr.io/cdk8s-webapp/operator:1.2.3', replicas: 2, webhook: true };

function objects(options: Partial<typeof DEFAULTS> = {}): readonly any[] {
  const manifest = operatorManifest({ ...DEFAULTS, ...options });
  return [...manifest.crds, ...manifest.objects];
}

function find(kind: string, name = 'webapp-operator', options: Partial<typeof DEFAULTS> = {}): any {
  return objects(options).find(object => object.kind === kind && object.metadata.name === name);
}

async function printed(...words: string[]): Promise<Manifest[]> {
  const { code, out } = await call(['operator', 'manifest', ...words]);
  expect(code).toBe(0);
  return parseAllDocuments(out).map(document => document.toJS());
}

describe('webapp operator manifest', () => {
  test('prints what webapp operator install applies', async () => {
    expect(await printed()).toEqual(objects({ image: `ghcr.io/cdk8s-webapp/operator:${version}` }));
  });

  test('prints the same bytes again, without anchors and aliases', async () => {
    const { out } = await call(['operator', 'manifest']);
    expect((await call(['operator', 'manifest'])).out).toBe(out);
    expect(out).not.toMatch(/^ *(- )?(\w+: )?[&*]a\d+$/m);
  });

  test('prints what something needs before it', () => {
    const kinds = objects().map(({ kind }) => kind);
    const order = ['CustomResourceDefinition', 'Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Deployment'];
    expect(order.map(kind => kinds.indexOf(kind))).toEqual([...order.map(kind => kinds.indexOf(kind))].sort((a, b) => a - b));
    // Before it has an endpoint, the API server would wait for it in vain.
    expect(kinds.at(-1)).toBe('ValidatingWebhookConfiguration');
  });

  test('prints objects that a real API server accepts', () => {
    expect(objects().flatMap(object => schemaErrors(object))).toEqual([]);
  });

  test('takes a namespace, in which everything is, and that every reference names', async () => {
    const all = await printed('--namespace', 'platform');
    expect(all.map(({ metadata }) => metadata.namespace).filter(namespace => namespace !== undefined)).toEqual(
      all.filter(({ metadata }) => metadata.namespace).map(() => 'platform'));
    expect(JSON.stringify(all)).not.toContain('webapp-system');
  });

  test('takes an image and a number of replicas', async () => {
    const all = await printed('--image', 'registry.example.com/operator:1', '--replicas', '1');
    const deployment: any = all.find(({ kind }) => kind === 'Deployment');
    expect(deployment.spec.replicas).toBe(1);
    expect(deployment.spec.template.spec.containers[0].image).toBe('registry.example.com/operator:1');
  });

  test('has nothing of the webhook with --no-webhook', async () => {
    const all = await printed('--no-webhook');
    expect(all.map(({ kind }) => kind)).not.toContain('ValidatingWebhookConfiguration');
    expect(find('Service', undefined, { webhook: false }).spec.ports).toEqual([{ name: 'metrics', port: 8080, targetPort: 'metrics' }]);
    const { containers: [{ args, ports }] } = find('Deployment', undefined, { webhook: false }).spec.template.spec;
    expect(args).toEqual(['operator', 'run', '--namespace', 'webapp-system', '--no-webhook']);
    expect(ports.map(({ name }: { name: string }) => name)).toEqual(['metrics', 'health']);
    expect(JSON.stringify(find('NetworkPolicy', undefined, { webhook: false }).spec.ingress)).not.toContain('webhook');
  });
});

describe('the pods of the operator', () => {
  const { spec } = find('Deployment').spec.template;
  const [{ objects: ofApp }] = synthesize(
    [{ name: 'web', namespace: 'shop', props: { image: 'ghcr.io/acme/web:1', scaling: { replicas: 2 } } }], { domain: 'apps.example.com' },
  ).apps;
  const { spec: app } = (ofApp.find(({ kind }) => kind === 'Deployment') as any).spec.template;

  test('are as hardened as those of apps', () => {
    expect(spec.securityContext).toEqual(app.securityContext);
    expect(spec.containers[0].securityContext).toEqual(app.containers[0].securityContext);
    expect(spec.enableServiceLinks).toBe(false);
  });

  test('are spread over nodes and zones, and replaced one after another, as those of apps', () => {
    const keys = ({ topologySpreadConstraints }: any) => topologySpreadConstraints.map(({ labelSelector, ...rest }: any) => rest);
    expect(keys(spec)).toEqual(keys(app));
    expect(find('Deployment').spec.strategy).toEqual((ofApp.find(({ kind }) => kind === 'Deployment') as any).spec.strategy);
    expect(find('PodDisruptionBudget').spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  });

  test('write nothing to disk', () => {
    expect(spec.volumes).toBeUndefined();
    expect(spec.containers[0].volumeMounts).toBeUndefined();
  });

  test('are found by everything that selects them', () => {
    const { labels } = find('Deployment').spec.template.metadata;
    const selectors = [
      find('Deployment').spec.selector.matchLabels,
      find('Service').spec.selector,
      find('PodDisruptionBudget').spec.selector.matchLabels,
      find('NetworkPolicy').spec.podSelector.matchLabels,
      ...spec.topologySpreadConstraints.map(({ labelSelector }: any) => labelSelector.matchLabels),
    ];
    for (const selector of selectors) expect(labels).toMatchObject(selector);
  });

  test('are no pods of an app, which webapp would list', () => {
    expect(find('Deployment').spec.template.metadata.labels['app.kubernetes.io/managed-by']).not.toBe('cdk8s-webapp');
  });

  test('may reach the interceptor of the HTTP add-on, and its metrics', () => {
    const [pods] = find('NetworkPolicy').spec.egress.filter(({ to }: any) => to !== undefined);
    expect(pods.ports.map(({ port }: any) => port)).toEqual([8080, 9090, 2223]);
  });

  test('have every port that a probe, the Service and the NetworkPolicy name', () => {
    const names = spec.containers[0].ports.map(({ name }: { name: string }) => name);
    const { startupProbe, livenessProbe, readinessProbe } = spec.containers[0];
    const used = [
      ...[startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.port),
      ...find('Service').spec.ports.map(({ targetPort }: any) => targetPort),
      ...find('NetworkPolicy').spec.ingress[0].ports.map(({ port }: any) => port),
    ];
    for (const port of used) expect(names).toContain(port);
    expect(spec.containers[0].ports).toEqual([
      { name: 'metrics', containerPort: 8080 }, { name: 'health', containerPort: 8081 }, { name: 'webhook', containerPort: 9443 },
    ]);
  });
});

describe('the webhook', () => {
  const [webhook] = find('ValidatingWebhookConfiguration').webhooks;

  test('is the Service of the operator', () => {
    expect(webhook.clientConfig.service).toEqual({ name: 'webapp-operator', namespace: 'webapp-system', path: '/validate', port: 443 });
    expect(find('Service').spec.ports).toContainEqual({ name: 'webhook', port: 443, targetPort: 'webhook' });
  });

  test('does not keep apps from being deployed when it is down', () => {
    expect(webhook).toMatchObject({ failurePolicy: 'Ignore', timeoutSeconds: 5, sideEffects: 'None' });
  });
});

/** Everything that a role allows, as `verb group/resource`. */
function allowed(rules: readonly PolicyRule[]): string[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [] }) => apiGroups.flatMap(group => resources.flatMap(resource => (
    verbs.map(verb => [`${verb} ${group}/${resource}`, ...resourceNames].join(' '))))));
}

describe('the rights of the operator', () => {
  const roles = objects().filter(({ kind }) => ['ClusterRole', 'Role'].includes(kind) );
  const ofOperator = roles.filter(({ metadata: { name } }) => name.startsWith('webapp-operator'));
  const cluster = allowed(find('ClusterRole').rules);

  test.each(WRITTEN_KINDS.map(one => ({ ...one, name: `${one.group}/${one.resource}` })))('allow what the library writes: $name', one => {
    const verbs = ['get', 'list', 'watch', 'create', 'patch', ...one.holdsData ? [] : ['delete']];
    const found = cluster.filter(right => right.endsWith(` ${one.name}`)).map(right => right.split(' ')[0]);
    expect(found).toEqual(verbs);
  });

  test('allow to write nothing else, but for what each is for', () => {
    const written = WRITTEN_KINDS.map(({ group, resource }) => `${group}/${resource}`);
    const writes = ofOperator.flatMap(({ rules }) => allowed(rules))
      .filter(right => !/^(get|list|watch) /.test(right) && !written.includes(right.split(' ')[1]));
    expect(writes).toEqual([
      'patch cdk8s-webapp.dev/webapps',
      'delete cdk8s-webapp.dev/webapps',
      'patch cdk8s-webapp.dev/webapps/status',
      'update cdk8s-webapp.dev/webapps/finalizers',
      'create /events',
      'patch /events',
      'patch apps/deployments/scale',
      'patch argoproj.io/rollouts/scale',
      'patch admissionregistration.k8s.io/validatingwebhookconfigurations webapp-operator',
      'create /secrets',
      'patch /secrets',
      'update /secrets',
      'delete /secrets',
      'create coordination.k8s.io/leases',
      'update coordination.k8s.io/leases webapp-operator',
      'patch coordination.k8s.io/leases webapp-operator',
      'create /secrets',
      'update /secrets webapp-operator-webhook',
      'patch /secrets webapp-operator-webhook',
    ]);
  });

  test('allow no way to more rights', () => {
    const rules: PolicyRule[] = ofOperator.flatMap(role => role.rules);
    expect(rules.flatMap(({ verbs }) => verbs)).toEqual(expect.not.arrayContaining(['*', 'escalate', 'bind', 'impersonate']));
    expect(rules.flatMap(({ resources }) => resources)).toEqual(expect.not.arrayContaining(['*', 'roles', 'rolebindings', 'pods/exec']));
    expect(rules.flatMap(({ apiGroups }) => apiGroups)).toEqual(expect.not.arrayContaining(['*', 'rbac.authorization.k8s.io']));
  });

  test('are explained in docs/operator.md', () => {
    const page = readFileSync(join(ROOT, 'docs/operator.md'), 'utf8');
    const written = WRITTEN_KINDS.map(({ resource }) => resource);
    const others = ofOperator.flatMap(({ rules }) => rules.flatMap(({ resources }: PolicyRule) => resources));
    for (const resource of others.filter(one => !written.includes(one))) expect(page).toContain(`\`${resource}\``);
  });

  test('do not include the deletion of data', () => {
    expect(cluster).not.toContain('delete /persistentvolumeclaims');
    expect(cluster).not.toContain('delete postgresql.cnpg.io/clusters');
  });

  test('are bound to its own account alone', () => {
    const bindings = objects().filter(({ kind, metadata: { name } }) => kind.endsWith('RoleBinding') && name.startsWith('webapp-operator'));
    expect(bindings.map(({ roleRef }) => roleRef.name).sort()).toEqual(ofOperator.map(({ metadata }) => metadata.name).sort());
    for (const { subjects } of bindings) {
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'webapp-operator', namespace: 'webapp-system' }]);
    }
  });
});

describe('the table of kinds', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.startsWith('generated'))
    .map(file => readFileSync(join(ROOT, 'src', file), 'utf8').replace(/^ *\*.*$/gm, ''));
  const mentioned = new Set(sources.flatMap(source => [...source.matchAll(/\bkind: '([A-Z]\w+)'/g)].map(([, kind]) => kind)));

  /** What objects of the library refer to, and an entry of a Traefik route. */
  const REFERENCES = ['ClusterBuildStrategy', 'ClusterTriggerAuthentication', 'Rule'];

  /** What the library writes with a class of cdk8s-plus. */
  const BY_CDK8S = ['ServiceAccount'];

  /** What a release has beside what the library writes. */
  const BY_ENGINE = ['PushSecret'];

  test('has every kind that the source of the library and a release write, and no other', () => {
    const kinds = [...mentioned].filter(kind => !REFERENCES.includes(kind));
    expect([...kinds, ...BY_CDK8S, ...BY_ENGINE].sort()).toEqual(WRITTEN_KINDS.map(({ kind }) => kind).sort());
  });

  test('has the group of every kind that the tests of the library check', () => {
    const others = [
      'core-Namespace', 'core-Secret', 'postgresql.cnpg.io-Backup',
      'rbac.authorization.k8s.io', 'admissionregistration.k8s.io', 'apiextensions.k8s.io',
      'monitoring.coreos.com-PrometheusRule', // of webapp setup
    ];
    const schemas = readdirSync(join(ROOT, 'test/schemas')).filter(file => !others.some(other => file.startsWith(other)));
    const known = WRITTEN_KINDS.map(({ group, kind }) => `${group || 'core'}-${kind}.json`);
    expect(schemas.filter(file => !known.includes(file))).toEqual([]);
  });
});

describe('the rights of people', () => {
  test.each([
    { role: 'cdk8s-webapp-edit', to: ['edit', 'admin'], verbs: ['create', 'patch', 'update', 'delete'] },
    { role: 'cdk8s-webapp-view', to: ['view', 'edit', 'admin'], verbs: ['get', 'list', 'watch'] },
  ])('$role is part of $to', ({ role, to, verbs }) => {
    const { metadata: { labels }, rules } = find('ClusterRole', role);
    for (const name of to) expect(labels[`rbac.authorization.k8s.io/aggregate-to-${name}`]).toBe('true');
    for (const verb of verbs) expect(allowed(rules)).toContain(`${verb} cdk8s-webapp.dev/webapps`);
  });

  test('do not allow anyone to write platforms, or the status of an app', () => {
    const ofPeople = objects().filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name.startsWith('cdk8s-webapp-'));
    const writes = ofPeople.flatMap(({ rules }) => allowed(rules)).filter(right => !/^(get|list|watch) /.test(right));
    expect(writes.filter(right => /platforms|status/.test(right))).toEqual([]);
  });

  test('allow everyone to read platforms', () => {
    expect(find('ClusterRoleBinding', 'cdk8s-webapp-platform-view').subjects).toEqual([
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' },
    ]);
  });
});
