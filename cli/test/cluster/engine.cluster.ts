import { IMAGE, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';
import { deploy } from '../../src/engine/deploy';
import { connect } from '../../src/kube/connect';
import type { Manifest } from '../../src/render/synthesis';
import { world } from '../call';

const quiet = { done: () => {}, waiting: () => {}, warn: () => {}, log: () => {} };

describe('the engine', () => {
  const namespace = temporaryNamespace('engine');
  const container = (command?: string[]) => ({
    name: 'main',
    image: IMAGE,
    command,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    env: [{ name: 'PORT', value: '8080' }],
  });
  const security = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } };
  const release = (command: string): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'web-release', namespace },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: 'Never', securityContext: security, containers: [container(['sh', '-c', command])] } },
    },
  });
  const deployment = (version: string): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web', version } },
        spec: { terminationGracePeriodSeconds: 1, securityContext: security, containers: [container()] },
      },
    },
  });
  const operation = () => ({
    cluster: connect({}, world({ env: process.env })),
    app: { name: 'web', namespace },
    progress: quiet,
    signal: new AbortController().signal,
    timeout: 60,
  });
  const deployed = async (...objects: Manifest[]) => deploy(operation(), { action: 'deploy', objects, shared: [] });
  const version = () => (
    kubectl(['get', 'deployment/web', '--namespace', namespace, '--output', 'jsonpath={.spec.template.metadata.labels.version}']));

  test('completes a Job before it applies the objects after it, and runs it again on each deploy', async () => {
    await deployed(release('echo one'), deployment('1'));
    expect(await deployed(release('echo two'), deployment('2'))).toMatchObject({ number: 2, state: 'deployed' });
    expect(version()).toBe('2');
  });

  test('stops at a Job that fails, and prints the last lines of its log', async () => {
    await expect(deployed(release('echo the table is locked; exit 4'), deployment('3'))).rejects.toThrow(
      /Job web-release failed: it exited with code 4\n[^]*\| the table is locked\nRelease 2 is still serving traffic/);
    expect(version()).toBe('2');
  });

  test('names the operators that are not installed before it changes anything', async () => {
    const metadata = { name: 'web', namespace };
    const objects = ['http.keda.sh/v9', 'keda.sh/v9', 'example.com/v1'].map(apiVersion => ({ apiVersion, kind: 'Thing', metadata }));
    await expect(deployed(deployment('4'), ...objects)).rejects.toThrow(new RegExp([
      'The KEDA HTTP add-on is not installed',
      'run webapp setup, or see https://keda.sh/http-add-on/',
      'KEDA is not installed',
      'run webapp setup, or see https://keda.sh/docs/',
      'does not have the kind Thing of example.com/v1',
    ].join('[^]*')));
    expect(version()).toBe('2');
  });

  test('rejects a field that the API does not know, as kubectl does', async () => {
    const { metadata, ...rest } = deployment('5');
    await expect(deployed({ ...rest, metadata: { ...metadata, lables: {} } } as Manifest)).rejects.toThrow(/Deployment web: .*lables/);
  });
});
