import { randomBytes } from 'node:crypto';
import { createAccount, kubeconfigOf } from './account';
import { applyCrds } from './operator-installation';
import { eventually, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';
import { API_VERSION } from '../../src/config/api-version';
import type { Cluster } from '../../src/kube/connect';
import { connect } from '../../src/kube/connect';
import { ApiError } from '../../src/kube/errors';
import { Objects, referenceTo } from '../../src/kube/objects';
import type { Conditioned, KubernetesObject } from '../../src/kube/types';
import { conditionOf, groupOf } from '../../src/kube/types';
import { WRITTEN_KINDS } from '../../src/operator/manifest/kinds';
import { operatorManifest } from '../../src/operator/manifest/manifest';
import type { PolicyRule } from '../../src/operator/manifest/rights';
import type { Manifest } from '../../src/render/synthesis';
import { call } from '../call';
import type { Mistake } from '../operator/crd-examples';
import { PLATFORM_MISTAKES, WEB_APP_MISTAKES } from '../operator/crd-examples';
import { documentedResources } from '../operator/documented';

const namespace = temporaryNamespace('operator-manifest');
const { crds, objects } = operatorManifest({ namespace, image: 'ghcr.io/cdk8s-webapp/operator:0.0.0', replicas: 1, webhook: true });
let cluster: Cluster;

beforeAll(async () => {
  const { api } = connect({}, { cwd: '.', env: process.env });
  await applyCrds(new Objects(api), crds);
  cluster = { ...connect({}, { cwd: '.', env: process.env }) };
});

/** What the API server says of an object that it refuses; undefined if it would accept it. */
async function refusalOf(object: Manifest): Promise<string | undefined> {
  try {
    await cluster.objects.create(object, { dryRun: true });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

function webApp(spec: object, name = 'web'): Manifest {
  return JSON.parse(JSON.stringify({ apiVersion: API_VERSION, kind: 'WebApp', metadata: { name, namespace }, spec }));
}

function platform(spec: object): Manifest {
  return { apiVersion: API_VERSION, kind: 'Platform', metadata: { name: `test-${randomBytes(3).toString('hex')}` }, spec };
}

describe('the CustomResourceDefinitions', () => {
  test('are served, and have structural schemas', async () => {
    for (const crd of crds) {
      const live = (await cluster.objects.get<KubernetesObject & Conditioned>(referenceTo(crd)))!;
      expect(conditionOf(live, 'Established')?.status).toBe('True');
      expect(conditionOf(live, 'NonStructuralSchema')).toBeUndefined();
    }
  });

  test('accept every app and platform of the documentation', async () => {
    const found = await Promise.all(documentedResources().map(async ({ from, resource }) => {
      const { name } = resource.metadata;
      const place = resource.kind === 'WebApp' ? { name, namespace } : { name: `test-${name}` };
      return { from, name, refusal: await refusalOf({ ...resource, metadata: place }) };
    }));
    expect(found.filter(({ refusal }) => refusal !== undefined)).toEqual([]);
    expect(found.length).toBeGreaterThan(50);
  });

  const sayings = (mistakes: readonly Mistake[], objectOf: (props: object) => Manifest) => mistakes.map(({ props, path, says }) => (
    { says, path, object: objectOf(props) }));
  test.each([
    ...sayings(WEB_APP_MISTAKES, props => webApp({ image: 'ghcr.io/acme/web:1', ...props })),
    ...sayings(PLATFORM_MISTAKES, platform),
  ])('refuse what the library refuses, in its words: $path $says', async ({ object, path, says }) => {
    const key = path.replace(/(env)\.(\w+)/i, '$1[$2]');
    expect(await refusalOf(object)).toMatch(new RegExp(`spec\\.${escaped(key)}: [^\\n]*${escaped(says)}`));
  });

  test.each([
    ['an unknown prop', { image: 'a:1', imgae: 'b:1' }, /unknown field "spec\.imgae"/],
    ['an unknown prop of a struct', { image: 'a:1', health: { pth: '/' } }, /unknown field "spec\.health\.pth"/],
    ['a host twice', { image: 'a:1', hosts: ['a.example.com', 'a.example.com'] }, /spec\.hosts\[1\]: Duplicate value/],
    ['a value of the wrong type', { image: 'a:1', port: '80' }, /spec\.port[^]*must be of type integer/],
    ['a value of no enum', { image: 'a:1', size: 'huge' }, /spec\.size: Unsupported value: "huge": supported values: "xs"/],
    ['an invalid duration', { image: 'a:1', timeouts: { request: 'soon' } }, /spec\.timeouts\.request: Invalid value: "soon"/],
  ])('refuse %s', async (_, spec, message) => {
    expect(await refusalOf(webApp(spec))).toMatch(message);
  });

  test.each([
    ['1web', 'the name is "1web", which is not a valid DNS label'],
    ['a.b', 'the name is "a.b", which is not a valid DNS label'],
    ['a'.repeat(60), 'the name has 60 characters; use at most 54'],
  ])('refuse the name %s', async (name, says) => {
    expect(await refusalOf(webApp({ image: 'a:1' }, name))).toContain(says);
  });

  test('show an app in a table, and scale it', async () => {
    await cluster.objects.create(webApp({ image: 'ghcr.io/acme/web:1', scaling: { replicas: 1 } }));
    const [head, row] = kubectl(['get', 'wa', 'web', '--namespace', namespace]).split('\n');
    expect(head.split(/\s+/)).toEqual(['NAME', 'URL', 'READY', 'REPLICAS', 'IMAGE', 'AGE']);
    expect(row).toMatch(/^web /);
    kubectl(['scale', 'webapp', 'web', '--namespace', namespace, '--replicas', '3']);
    const live: any = await cluster.objects.get(referenceTo(webApp({})));
    expect(live.spec.scaling.replicas).toBe(3);
  });

  test('can be applied with kubectl alone, which stores them in an annotation', () => {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: crds });
    const applied = kubectl(['apply', '--dry-run=server', '--validate=false', '--filename', '-'], list);
    expect(applied).toMatch(/webapps\.cdk8s-webapp\.dev (configured|unchanged)/);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('the manifest', () => {
  test('is accepted by the API server, object by object', async () => {
    // The namespace of this test stands for that of the operator.
    const others = objects.filter(({ kind }) => kind !== 'Namespace');
    for (const object of others) await cluster.objects.apply(object, { dryRun: true, force: true });
  });

  test('names resources that the API server has, of kinds that it has', async () => {
    const lines = kubectl(['api-resources', '--no-headers']).trim().split('\n').map(line => line.trim().split(/\s+/));
    const served = lines.map(words => ({ kind: words.at(-1), group: groupOf(words.at(-3)!), resource: words[0] }));
    for (const { group, resource, kind } of WRITTEN_KINDS) {
      const found = served.find(one => one.kind === kind && one.group === group);
      if (found) expect(found).toEqual({ kind, group, resource });
    }
    expect(served).toContainEqual({ kind: 'Deployment', group: 'apps', resource: 'deployments' });
  });
});

describe('the account of the operator', () => {
  const account = 'webapp-operator';
  const rules: readonly PolicyRule[] = objects.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name.startsWith(account))
    .flatMap(role => (role as unknown as { rules: PolicyRule[] }).rules);
  const policies = objects.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy')).map(renamed);
  let asOperator: Objects;

  /** A policy of another name, so that one that is installed stays as it is. It is of Secrets of the namespace beside the account's. */
  function renamed(object: Manifest): Manifest {
    const text = JSON.stringify(object).replaceAll('"webapp-operator-secrets"', `"${namespace}"`)
      .replace(`request.namespace == '${namespace}'`, `request.namespace == '${namespace}-other'`);
    return JSON.parse(text);
  }

  beforeAll(async () => {
    createAccount(namespace, account, rules as any);
    for (const policy of policies) await cluster.objects.apply(policy);
    asOperator = connect({ kubeconfig: kubeconfigOf(namespace, account) }, { cwd: '.', env: {} }).objects;
  });
  afterAll(async () => {
    for (const policy of policies) await cluster.objects.remove(referenceTo(policy));
  });

  const secret = (type: string, name: string): Manifest => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type });

  test('writes releases, and no other Secret', async () => {
    const refusal = 'the operator writes only Secrets of type cdk8s-webapp.dev/release';
    const attempt = async () => asOperator.create(secret('Opaque', 'other'), { dryRun: true }).then(() => '', error => error.message);
    await eventually(attempt, message => message.includes(refusal)); // the API server reads policies a moment later
    await asOperator.create(secret('cdk8s-webapp.dev/release', 'release'));
    await asOperator.remove(referenceTo(secret('', 'release')));
    const ofApp = referenceTo(await cluster.objects.create(secret('Opaque', 'of-the-app')) as unknown as Manifest);
    await expect(asOperator.remove(ofApp)).rejects.toThrow(refusal);
    await expect(asOperator.merge(ofApp, { stringData: { a: 'b' } })).rejects.toThrow(refusal);
  });

  test('changes the owner of variables, and not their values', async () => {
    const data = { TOKEN: 'aA==' };
    const create = async (name: string, immutable: boolean) => referenceTo(
      await cluster.objects.create({ ...secret('cdk8s-webapp.dev/settings', name), data, immutable }) as unknown as Manifest);
    const variables = await create('variables', true);
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '1' }];
    await asOperator.merge(variables, { metadata: { ownerReferences } }, 'test');
    await expect(asOperator.merge(variables, { data: { TOKEN: 'Yg==' } })).rejects.toThrow('immutable');
    const others = await create('others', false);
    await expect(asOperator.merge(others, { metadata: { ownerReferences } })).rejects.toThrow('the operator writes only Secrets of type');
    await asOperator.remove(variables);
  });

  test('cannot give itself more rights', async () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'more', namespace }, rules: [] };
    await expect(asOperator.apply(role)).rejects.toThrow('cannot patch resource "roles"');
  });

  test('cannot delete data', async () => {
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data', namespace };
    await expect(asOperator.remove(claim)).rejects.toThrow('cannot delete resource "persistentvolumeclaims"');
  });
});

describe('webapp operator install', () => {
  test('says which rights are missing, and changes nothing', async () => {
    createAccount(namespace, 'developer', []);
    const { code, err } = await call(['operator', 'install', '--kubeconfig', kubeconfigOf(namespace, 'developer')], { env: process.env });
    expect(err).toContain('you are not allowed to get, create, patch customresourcedefinitions.apiextensions.k8s.io\n');
    expect(err).toContain('you are not allowed to get, create, patch clusterroles.rbac.authorization.k8s.io\n');
    expect(err).toMatch(/nothing was changed\n$/);
    expect(code).toBe(1);
  });

  test('prints what it would do', async () => {
    const { code, out } = await call(['operator', 'install', '--dry-run', '--namespace', `${namespace}-new`], { env: process.env });
    expect(code).toBe(0);
    expect(out).toContain(`create Namespace ${namespace}-new\n`);
    expect(out).toContain('create Deployment webapp-operator\n');
  });
});
