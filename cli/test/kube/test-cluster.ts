import { InMemoryApi, response } from './in-memory-api';
import { VirtualClock } from './virtual-clock';
import type { Draft } from '../../src/engine/lock';
import type { DeployOperation } from '../../src/engine/operation';
import { createRelease, listReleases, Release, releaseSecret } from '../../src/engine/release-store';
import type { Cluster } from '../../src/kube/connect';
import { Objects } from '../../src/kube/objects';
import { POD, SERVICE } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';

export const APP = { name: 'web', namespace: 'shop' };

/** A cluster in memory with a virtual clock, which records the output of operations. */
export class TestCluster implements Cluster {
  public readonly context = 'test';
  public readonly namespace = APP.namespace;
  public readonly user = 'tester';
  public readonly entry = { name: 'test' };
  public readonly clock = new VirtualClock();
  public readonly api = new InMemoryApi(() => this.clock.now(), APP.namespace, 'keda');
  public readonly objects = new Objects(this.api);

  /** The lines of output, with `!` before a warning and `|` before a line of a log. */
  public readonly output: string[] = [];

  /** What was waited for that has a log, and the last lines of that. */
  public readonly shownLogs: string[][] = [];

  public operation(options: Partial<DeployOperation> = {}): DeployOperation {
    const progress = {
      done: (text: string) => void this.output.push(text),
      waiting: (text: string, log: readonly string[] = []) => void (log.length > 0 && this.shownLogs.push([text, ...log])),
      log: (lines: readonly string[]) => void this.output.push(...lines.map(line => `| ${line}`)),
      warn: (text: string) => void this.output.push(`! ${text}`),
    };
    return { cluster: this, app: APP, progress, signal: new AbortController().signal, timeout: 60, ...options };
  }

  /** Applies objects as a deploy would, without a release. */
  public async apply(...objects: readonly Manifest[]): Promise<void> {
    for (const object of objects) await this.objects.apply(object);
  }

  /** Stores a release as an earlier deploy would. */
  public async store(number: number, release: Partial<Release>): Promise<void> {
    const full = { state: 'deployed' as const, action: 'deploy', by: 'tester@laptop', objects: [], shared: [], kept: [], ...release };
    await createRelease(this, APP, { ...full, number });
  }

  public async releases(): Promise<Release[]> {
    return (await listReleases(this, APP)).map(({ release }) => release);
  }
}

/** Renews the lock of a release every few seconds, as the process that holds it does. */
export function keepRenewing({ clock, objects }: TestCluster, number: number): () => void {
  const renew = () => objects.merge(releaseSecret(APP, number), { metadata: { annotations: { renewed: String(clock.now()) } } });
  return clock.every(2_500, () => void renew());
}

/** A draft of objects. */
export function draft(...objects: readonly Manifest[]): Draft {
  const image = objects.map(object => (object as Deployed).spec?.template?.spec?.containers[0].image).find(one => one !== undefined);
  return { action: 'deploy', objects, shared: [], image };
}

interface Deployed {
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers: readonly { readonly image: string }[] } } };
}

const LABELS = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };

function manifest(apiVersion: string, kind: string, name: string, fields: object = {}): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: APP.namespace, labels: LABELS }, ...fields };
}

export function configMap(name: string, data: object = { a: '1' }): Manifest {
  return manifest('v1', 'ConfigMap', name, { data });
}

export function service(name = 'web'): Manifest {
  return manifest('v1', 'Service', name, { spec: { type: 'ClusterIP', ports: [{ name: 'http', port: 80 }] } });
}

export function ingress(name = 'web'): Manifest {
  return manifest('networking.k8s.io/v1', 'Ingress', name);
}

export function volumeClaim(name = 'web-data'): Manifest {
  return manifest('v1', 'PersistentVolumeClaim', name, { spec: { accessModes: ['ReadWriteOnce'] } });
}

export function database(name = 'web-db'): Manifest {
  return manifest('postgresql.cnpg.io/v1', 'Cluster', name, { spec: { instances: 1 } });
}

export function scaledObject(name = 'web', min = 0, max = 10): Manifest {
  const spec = { scaleTargetRef: { name }, minReplicaCount: min, maxReplicaCount: max };
  return manifest('keda.sh/v1alpha1', 'ScaledObject', name, { spec });
}

export function interceptorRoute(name = 'web'): Manifest {
  const spec = { target: { service: name }, rules: [{ hosts: [`${name}.example.com`] }] };
  return manifest('http.keda.sh/v1beta1', 'InterceptorRoute', name, { spec });
}

/** The Service that routes from an Ingress to the interceptor. */
export function proxyService(): Manifest {
  const externalName = 'keda-add-ons-http-interceptor-proxy.keda.svc.cluster.local';
  const spec = { type: 'ExternalName', externalName, ports: [{ port: 8080 }] };
  return manifest('v1', 'Service', 'web-proxy', { spec });
}

interface DeploymentOptions {
  readonly name?: string;
  readonly replicas?: number;
}

export function deployment(image: string, { name = 'web', replicas }: DeploymentOptions = {}): Manifest {
  const labels = { ...LABELS, 'app.kubernetes.io/component': name };
  const readinessProbe = { httpGet: { path: '/', port: 'http' } };
  const containers = [{ name: 'main', image, ports: [{ name: 'http', containerPort: 8080 }], readinessProbe }];
  const spec = { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
  return manifest('apps/v1', 'Deployment', name, { spec: JSON.parse(JSON.stringify(spec)) });
}

export function job(command: string, name = 'web-release'): Manifest {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'web:1', command: ['sh', '-c', command] }] } };
  return {
    ...manifest('batch/v1', 'Job', name, { spec: { template } }),
    metadata: {
      name, namespace: APP.namespace, labels: { ...LABELS, 'app.kubernetes.io/component': 'release' },
    },
  };
}

/** A build of an image, as `buildFrom` has it. */
export function buildRun(image: string, timeout?: string): Manifest {
  const source = { type: 'Git', git: { url: 'https://github.com/acme/web', revision: '3f1d2c4b5a69788796a5b4c3d2e1f00f1e2d3c4b' } };
  const spec = { source, strategy: { kind: 'ClusterBuildStrategy', name: 'buildkit' }, timeout, output: { image } };
  return manifest('shipwright.io/v1beta1', 'BuildRun', `web-${image.split(':')[1]}`, { spec: { build: { spec } } });
}

/** Simulates the interceptor, which responds for every app; its metrics have the responses of the canary. */
export function runInterceptor({ api }: TestCluster, canary: () => { readonly ok: number; readonly errors: number }): void {
  const selector = { app: 'interceptor' };
  api.put({ ...SERVICE, metadata: { name: 'keda-add-ons-http-interceptor-proxy', namespace: 'keda' }, spec: { selector } });
  api.put({ ...POD, metadata: { name: 'interceptor-1', namespace: 'keda', labels: selector }, status: { phase: 'Running' } });
  const line = (code: number, count: number) => (
    `interceptor_request_count_total{code="${code}",method="GET",route_name="web-canary",route_namespace="shop"} ${count}`);
  api.proxy = (_, path) => {
    if (path !== '/metrics') return response(200, 'hello', { 'x-keda-http-cold-start': 'false' });
    const { ok, errors } = canary();
    return response(200, [line(200, ok), line(503, errors)].join('\n'));
  };
}
