import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '../../src/kube/types';
import { DEPLOYMENT } from '../../src/kube/types';
import { call } from '../call';
import { TestCluster } from '../kube/test-cluster';

const CRD: Kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/** A cluster that establishes CustomResourceDefinitions, and whose pods start. */
function cluster({ starts = true } = {}): TestCluster {
  const found = new TestCluster();
  found.api.onWrite = (object, api) => {
    const { name, namespace } = object.metadata;
    const set = (kind: Kind, status: object) => {
      if (object.kind !== kind.kind || JSON.stringify(object.status) === JSON.stringify(status)) return;
      api.change({ ...kind, metadata: { name, namespace } }, { status }, 'controller');
    };
    set(CRD, { conditions: [{ type: 'Established', status: 'True' }] });
    if (!starts) return;
    const { generation } = object.metadata as { generation?: number };
    const { replicas } = (object.spec ?? {}) as { replicas?: number };
    const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas, readyReplicas: replicas };
    set(DEPLOYMENT, { observedGeneration: generation, ...counts });
  };
  return found;
}

const install = async (where: TestCluster, ...words: string[]) => call(['operator', 'install', ...words], { cluster: where });

describe('webapp operator install', () => {
  test('installs the operator, and waits until it runs', async () => {
    const where = cluster();
    const { code, out, err } = await install(where);
    expect(err.split('\n')).toEqual([
      '✓ Applied 2 CustomResourceDefinitions',
      '✓ Applied 19 objects',
      '✓ webapp-operator is ready (2/2 replicas)',
      '',
    ]);
    expect(readFileSync(join(__dirname, '../../../docs/operator.md'), 'utf8')).toContain(err);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(where.api.find(DEPLOYMENT, 'webapp-operator', 'webapp-system')).toBeDefined();
  });

  test('changes nothing the second time', async () => {
    const where = cluster();
    await install(where);
    const { code, err } = await install(where);
    expect(code).toBe(0);
    expect(err).toMatch(/^✓ 2 CustomResourceDefinitions are up to date\n✓ \d+ objects are up to date\n✓ webapp-operator is ready/);
  });

  test('upgrades what it installed before', async () => {
    const where = cluster();
    await install(where);
    const { code, err } = await install(where, '--image', 'ghcr.io/cdk8s-webapp/operator:9.9.9');
    expect(code).toBe(0);
    expect(err).toMatch(/✓ Applied 1 object \(\d+ unchanged\)\n/);
    expect(JSON.stringify(where.api.find(DEPLOYMENT, 'webapp-operator', 'webapp-system'))).toContain('operator:9.9.9');
  });

  test('applies no object before the CustomResourceDefinitions are established', async () => {
    const where = cluster();
    where.api.onWrite = undefined;
    const { code, err } = await install(where);
    expect(code).toBe(1);
    expect(err).toContain('✗ the API server does not serve CustomResourceDefinition webapps.cdk8s-webapp.dev after 60 s');
    expect(where.api.requests.filter(request => request.startsWith('PATCH') && !request.includes('customresourcedefinitions'))).toEqual([]);
  });

  test('says every right that is missing, and changes nothing', async () => {
    const where = cluster();
    where.api.denials.push({ resource: 'clusterroles' }, { verb: 'patch', resource: 'customresourcedefinitions' });
    const { code, err } = await install(where);
    expect(code).toBe(1);
    expect(err).toBe([
      '✗ you are not allowed to patch customresourcedefinitions.apiextensions.k8s.io',
      'you are not allowed to get, create, patch clusterroles.rbac.authorization.k8s.io',
      '  ask your cluster administrator for a role that allows it, or give them what webapp operator manifest prints',
      'nothing was changed',
      '',
    ].join('\n'));
    expect(where.api.requests.filter(request => request.startsWith('PATCH'))).toEqual([]);
  });

  test('leaves fields of other managers to them, unless it is forced', async () => {
    const where = cluster();
    await install(where);
    const deployment = { ...DEPLOYMENT, metadata: { name: 'webapp-operator', namespace: 'webapp-system' } };
    where.api.change(deployment, { spec: { replicas: 5 } }, 'autoscaler');
    const { code, err } = await install(where);
    expect(code).toBe(1);
    expect(err).toContain('Deployment webapp-operator has fields that other managers set:\n  spec.replicas was set by autoscaler');
    expect(err).toContain('\nupgrade the operator with what they install it with, such as kubectl or Argo CD, '
      + 'or take ownership with --force\n');
    expect(err).toContain('Run webapp operator install again to continue.');
    expect(await install(where, '--force')).toMatchObject({ code: 0 });
  });

  test('says why the operator does not start', async () => {
    const { code, err } = await install(cluster({ starts: false }), '--timeout', '10s');
    expect(code).toBe(1);
    expect(err).toMatch(/✗ webapp-operator is not ready after 10 s/);
  });

  test('says which version of Kubernetes is too old', async () => {
    const where = cluster();
    where.api.absent.add('ValidatingAdmissionPolicy');
    const { code, err } = await install(where);
    expect(code).toBe(1);
    expect(err).toContain('the operator requires Kubernetes 1.30 or newer');
  });

  test('prints with --dry-run what it would create and change, and changes nothing', async () => {
    const where = cluster();
    const { code, out } = await install(where, '--dry-run');
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 3)).toEqual([
      'create CustomResourceDefinition webapps.cdk8s-webapp.dev',
      'create CustomResourceDefinition platforms.cdk8s-webapp.dev',
      'create Namespace webapp-system',
    ]);
    expect(where.api.find(DEPLOYMENT, 'webapp-operator', 'webapp-system')).toBeUndefined();
    await install(where);
    expect((await install(where, '--dry-run', '--replicas', '3')).out).toBe('change Deployment webapp-operator\n');
  });
});

