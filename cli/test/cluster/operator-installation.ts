/** What the operator of a test on a real cluster needs there, and what is removed when the test is over. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { rightsOf, TEST_LABEL } from './operator-account';
import { eventually, kubectl } from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import type { Objects } from '../../src/kube/objects';
import { referenceTo } from '../../src/kube/objects';
import type { Conditioned, KubernetesObject } from '../../src/kube/types';
import { conditionOf } from '../../src/kube/types';
import { operatorManifest } from '../../src/operator/manifest/manifest';
import { PLATFORM, PLATFORM_LABEL, WEB_APP } from '../../src/operator/resources';
import type { Manifest } from '../../src/render/synthesis';

/** The operator is in the process of the test, which must not block. */
const run = promisify(execFile);

export interface InstallationOptions {
  /** The namespace of the operator. */
  readonly namespace: string;

  /** Those of the apps; that of the operator by default. */
  readonly namespaces?: readonly string[];

  /** Those of them that are kept from others; all by default. */
  readonly kept?: readonly string[];

  /** The spec of the Platform of the apps, besides its domain. */
  readonly platform?: object;
}

export class OperatorInstallation {
  private readonly objects: Objects;
  private readonly namespaces: readonly string[];
  private readonly rights: string;

  constructor(private readonly options: InstallationOptions) {
    const { namespace, namespaces = [namespace], kept = namespaces } = options;
    this.objects = connect({}, { cwd: '.', env: process.env }).objects;
    this.namespaces = namespaces;
    this.rights = rightsOf(namespace, kept);
  }

  public async install(): Promise<void> {
    const { namespace, platform } = this.options;
    const { crds } = operatorManifest({ namespace, image: 'unused', replicas: 1, webhook: false });
    await applyCrds(this.objects, crds);
    await this.setPlatform({ domain: `${namespace}.example.com`, ...platform });
    for (const name of this.namespaces) kubectl(['label', 'namespace', name, `${PLATFORM_LABEL}=${namespace}`]);
    kubectl(['apply', '--server-side', '--filename', '-'], this.rights);
  }

  /** Replaces the spec of the Platform of the apps. */
  public async setPlatform(spec: object): Promise<void> {
    await this.objects.apply(this.platform(spec));
  }

  /** Applies the resource of an app as its developer does. */
  public async apply(spec: object, name = 'web', namespace = this.options.namespace): Promise<void> {
    const metadata = { name, namespace, labels: { [TEST_LABEL]: this.options.namespace } };
    await this.objects.apply({ ...WEB_APP, metadata, spec }, { manager: 'kubectl', force: true });
  }

  /** Waits until an app is ready, as its developer does. */
  public async untilReady(name = 'web'): Promise<void> {
    await run('kubectl', ['wait', `webapp/${name}`, '--namespace', this.options.namespace, '--for=condition=Ready', '--timeout=120s']);
  }

  /** Removes the apps, which the operator does, and then what it needs. */
  public async remove(operator: { stop(): Promise<void> }): Promise<void> {
    for (const name of this.namespaces) await run('kubectl', ['delete', 'webapps', '--all', '--namespace', name]);
    await operator.stop();
    // Some of it went with the namespace, if that is gone.
    kubectl(['delete', '--wait=false', '--ignore-not-found', '--filename', '-'], this.rights);
    await this.objects.remove(referenceTo(this.platform({})));
  }

  private platform(spec: object): Manifest {
    return { ...PLATFORM, metadata: { name: this.options.namespace }, spec };
  }
}

/** Applies CRDs, and waits until their resources are known. */
export async function applyCrds(objects: Objects, crds: readonly Manifest[]): Promise<void> {
  for (const crd of crds) await objects.apply(crd, { force: true }); // others may have applied those of another version
  await eventually(async () => Promise.all(crds.map(async crd => objects.get<KubernetesObject & Conditioned>(referenceTo(crd)))), all => (
    all.every(crd => crd && conditionOf(crd, 'Established')?.status === 'True')));
}
