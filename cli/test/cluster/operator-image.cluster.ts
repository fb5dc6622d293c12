import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describeBuilds, eventually, get, IMAGE, kubectl, NEXT_IMAGE, REGISTRY, temporaryNamespace } from '../../../test/cluster/cluster';
import { conditionOf } from '../../src/kube/types';
import type { WebAppResource } from '../../src/operator/resources';
import { call } from '../call';
import { Folder } from '../folder';

const CLI = join(__dirname, '../..');

describeBuilds()('the operator as a pod, from the image that cli/Dockerfile builds', () => {
  const system = temporaryNamespace('operator-system');
  const apps = temporaryNamespace('operator-apps');
  const builds = temporaryNamespace('operator-builds');
  const folder = new Folder({
    // The cluster of the test has one image, with Node.js; those of the Dockerfile are in no registry there.
    'webapp.yaml': JSON.stringify({
      name: 'operator', namespace: apps, internal: true, build: { env: { NODE_IMAGE: IMAGE, BASE_IMAGE: IMAGE } },
    }),
    'platform.yaml': JSON.stringify({ builds: { registry: REGISTRY, namespace: builds, strategies: { dockerfile: 'buildkit' } } }),
  });
  async function webapp(...words: string[]): Promise<string> {
    const { code, out, err } = await call(words, { cwd: folder.path, env: process.env });
    if (code !== 0) throw new Error(err);
    return out;
  }

  const installed = ['--namespace', system, '--no-webhook'];
  const resource = (): WebAppResource => get(apps, 'webapp', 'web');
  const isReady = (): boolean => {
    const { metadata: { generation }, status } = resource();
    return status?.observedGeneration === generation && conditionOf({ status }, 'Ready')?.status === 'True';
  };
  const leader = (): string => get(system, 'lease', 'webapp-operator').spec.holderIdentity.split('_')[0];

  function apply(image: string): void {
    const metadata = { name: 'web', namespace: apps };
    const spec = { image, internal: true, size: 'xs', scaling: { replicas: 0 } };
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', metadata, spec }));
  }

  beforeAll(async () => {
    kubectl(['label', 'namespace', builds, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']);
    execFileSync('npm', ['pack', '--pack-destination', folder.path], { cwd: CLI, stdio: 'ignore' });
    cpSync(join(CLI, 'Dockerfile'), join(folder.path, 'Dockerfile'));
    const image = (await webapp('build')).trim();
    await webapp('operator', 'install', '--image', image, '--force', ...installed);
  });
  afterAll(async () => {
    kubectl(['delete', 'webapp', 'web', '--namespace', apps, '--ignore-not-found']);
    const manifest = await webapp('operator', 'manifest', ...installed);
    const others = manifest.split(/^---$/m).filter(object => !/^kind: (CustomResourceDefinition|Namespace)$/m.test(object));
    kubectl(['delete', '--ignore-not-found', '--wait=false', '--filename', '-'], others.join('---'));
  });

  test('deploys an app with nothing but the rights of its manifest', async () => {
    apply(IMAGE);
    await eventually(isReady, found => found);
    expect(get(apps, 'deployment', 'web').metadata.ownerReferences).toMatchObject([{ kind: 'WebApp', name: 'web' }]);
  });

  test('goes on when the pod that leads is gone', async () => {
    const first = leader();
    kubectl(['delete', 'pod', first, '--namespace', system]);
    expect(await eventually(leader, found => found !== first)).not.toBe(first);
    apply(NEXT_IMAGE);
    await eventually(() => resource().status?.release, release => release === 2);
    expect(get(apps, 'deployment', 'web').spec.template.spec.containers[0].image).toBe(NEXT_IMAGE);
  });

  test('leaves nothing of an app whose resource is deleted', async () => {
    kubectl(['delete', 'webapp', 'web', '--namespace', apps]);
    await eventually(() => kubectl(['get', 'deployment,service,secret', '--namespace', apps, '--output', 'name']), left => left === '');
  });
});
