import { deploy } from '../../src/engine/deploy';
import { POSTGRES_CLUSTER } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { runControllers } from '../kube/controllers';
import { configMap, deployment, draft, job, TestCluster } from '../kube/test-cluster';
import { TestOperator } from '../operator/test-operator';

const database = (kind: 'Cluster' | 'Database', name: string): Manifest => (
  { apiVersion: 'postgresql.cnpg.io/v1', kind, metadata: { name, namespace: 'shop', labels: { 'app.kubernetes.io/name': 'web' } } });
const CLUSTER = database('Cluster', 'web-db');

describe('the databases of an app', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
  });

  test('are ready before its release command and its processes start', async () => {
    runControllers(cluster);
    await deploy(cluster.operation(), draft(CLUSTER, database('Database', 'web-orders'), job('migrate'), deployment('web:1')));
    expect(cluster.output.slice(0, 4)).toEqual(
      ['Cluster web-db is ready', 'Database web-orders is ready', 'Ran the release command', 'Applied 4 objects']);
    const changes = cluster.api.requests.filter(request => request.startsWith('PATCH') && !/secrets/.test(request));
    expect(changes.slice(-4).map(request => /\/(\w+\/[\w-]+)(?:\?|$)/.exec(request)![1])).toEqual(
      ['clusters/web-db', 'databases/web-orders', 'jobs/web-release', 'deployments/web']);
  });

  test('are not waited for again while they are down', async () => {
    runControllers(cluster);
    await deploy(cluster.operation(), draft(CLUSTER, deployment('web:1')));
    cluster.api.change(CLUSTER, { status: { currentPrimary: null, readyInstances: 0, phase: 'Failing over' } }, 'controller');
    cluster.output.length = 0;
    await deploy(cluster.operation(), draft(CLUSTER, deployment('web:2')));
    expect(cluster.output).toEqual(['Applied 2 objects', 'web is ready (1/1 replicas)', 'Deployed release 2']);
  });

  test.each<[string, object | undefined, string]>([
    ['CloudNativePG has not seen it', undefined, 'CloudNativePG has not started it'],
    ['it cannot be started', {
      phase: 'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
      phaseReason: 'Unknown plugin: barman-cloud.cloudnative-pg.io',
    }, 'Cluster cannot proceed to reconciliation due to an unknown plugin being required: Unknown plugin: barman-cloud.cloudnative-pg.io'],
  ])('that are not ready in time fail the deploy, and say why: %s', async (_, status, why) => {
    runControllers(cluster, { databases: false });
    const { onWrite } = cluster.api;
    cluster.api.onWrite = (object, api) => {
      onWrite!(object, api);
      if (status && object.kind === 'Cluster' && !('status' in object)) api.change(CLUSTER, { status }, 'controller');
    };
    await expect(deploy(cluster.operation({ timeout: 60 }), draft(CLUSTER, configMap('a'), deployment('web:1')))).rejects.toThrow([
      `Cluster web-db is not ready after 60 s: ${why}`,
      '  see kubectl describe clusters.postgresql.cnpg.io web-db --namespace shop',
    ].join('\n'));
    expect(cluster.api.names()).toEqual(['Cluster web-db', 'ConfigMap a']);
  });
});

describe('the databases of a resource', () => {
  const SPEC = {
    image: 'web:1',
    internal: true,
    scaling: { replicas: 2 },
    connections: { db: { type: 'postgres' } },
    releaseCommand: { command: ['sh', '-c', 'migrate'] },
  };

  test('are ready before its release command and its processes start', async () => {
    const operator = new TestOperator();
    operator.apply(SPEC);
    await operator.settle(undefined, 10);
    expect(operator.condition('Ready')).toMatchObject(
      { status: 'False', message: 'waiting for Cluster web-db (Setting up primary: Creating primary instance web-db-1)' });
    expect(operator.cluster.api.names()).not.toContain('Deployment web');
    await operator.settle();
    expect(operator.condition('Ready')).toMatchObject({ status: 'True' });
    expect(operator.cluster.api.names()).toEqual(expect.arrayContaining(['Cluster web-db', 'Deployment web']));
  });

  test('that are not ready in time are why it is not deployed', async () => {
    const operator = new TestOperator({ databases: false });
    operator.apply(SPEC);
    await operator.settle(undefined, 700);
    expect(operator.condition('Ready')?.message).toContain('Cluster web-db is not ready after 600 s: CloudNativePG has not started it');
    expect(operator.cluster.api.find(POSTGRES_CLUSTER, 'web-db')).toBeDefined();
  });
});
