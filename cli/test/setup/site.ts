import { FakeRelease, Tools } from './tools';
import { Objects } from '../../src/kube/objects';
import { DEPLOYMENT, GATEWAY, INGRESS_CLASS, NAMESPACE, SERVICE } from '../../src/kube/types';
import { Part } from '../../src/setup/part';
import { partsOf } from '../../src/setup/parts';
import type { World } from '../../src/ui/world';
import { call, Called } from '../call';
import { Folder } from '../folder';
import { TestCluster } from '../kube/test-cluster';

jest.setTimeout(30_000); // each fake program is a process

const PARTS = (['traefik', 'envoy-gateway'] as const).flatMap(entry => partsOf({ entry, with: ['builds', 'postgres', 'monitoring'] }));

/** A release of an earlier setup. */
export function release(name: string, chart: string, more: Partial<FakeRelease> = {}): FakeRelease {
  return { name, namespace: name, status: 'deployed', chart, isOwn: true, values: {}, ...more };
}

/** What Helm installed or upgraded, in this order: `keda 2.20.2`. */
export function charts({ tools }: Site): string[] {
  return tools.changes().flatMap(line => {
    const [, name, version] = /^helm upgrade --install (\S+) .*--version (\S+)/.exec(line) ?? [];
    return name ? [`${name} ${version}`] : [];
  });
}

/** What the load balancer of the entry has as its address: at most one of the two. */
export interface LoadBalancer {
  readonly ip?: string;
  readonly hostname?: string;
}

/** A folder, a computer with fake programs, and a cluster in which what they install is ready at once. */
export class Site {
  public readonly cluster = new TestCluster();
  public readonly folder: Folder;

  /** Whether the pods of what is installed become ready. */
  public isReady = true;

  private readonly done = new Set<string>();

  constructor(
    public readonly tools = new Tools(), files: { readonly [path: string]: string } = {},
    private readonly loadBalancer: LoadBalancer = { ip: '203.0.113.7' },
  ) {
    this.folder = new Folder(files);
    const { api } = this.cluster;
    for (const kind of ['ClusterIssuer', 'Gateway', 'GatewayClass']) api.absent.add(kind);
    api.intercept = () => {
      this.react();
      return undefined;
    };
  }

  /** Runs a command line in the folder. */
  public async call(line: string, other: Partial<World> = {}): Promise<Called> {
    const cluster = { ...this.cluster, objects: new Objects(this.cluster.api) }; // as each process has, which knows no kinds yet
    return call(line.split(' '), { cwd: this.folder.path, env: this.tools.env, cluster, ...other });
  }

  public get platform(): string {
    return this.folder.read('platform.yaml');
  }

  /** The values of a release. */
  public valuesOf(name: string): object | undefined {
    return this.tools.state.releases.find(one => one.name === name)?.values;
  }

  /** Stores a program that others installed. */
  public putProgram(name: string, image: string, more: { readonly namespace?: string; readonly args?: readonly string[] } = {}): void {
    const { namespace = 'elsewhere', args } = more;
    this.putDeployment({ name, namespace, image, manager: 'others', args });
  }

  public putIngressClass(name: string, controller: string, isDefault = true): void {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) };
    this.cluster.api.put({ ...INGRESS_CLASS, metadata: { name, annotations }, spec: { controller } });
  }

  /** Does what Helm, kubectl and the controllers do. */
  private react(): void {
    const { releases, calls } = this.tools.state;
    for (const one of releases) this.once(`${one.name} ${one.chart}`, () => this.installed(one));
    for (const line of calls) {
      if (line.startsWith('kubectl apply')) this.once(line, () => this.applied(/--filename (\S+)/.exec(line)![1]));
      const [, namespace, key, value] = /^kubectl annotate --overwrite namespace (\S+) (\S+)=(\S+)/.exec(line) ?? [];
      if (namespace) {
        this.once(line, () => this.cluster.api.put({ ...NAMESPACE, metadata: { name: namespace, annotations: { [key]: value } } }));
      }
    }
  }

  private once(what: string, act: () => void): void {
    if (this.done.has(what)) return;
    this.done.add(what);
    act();
  }

  private installed({ name, namespace }: FakeRelease): void {
    const part = PARTS.find(({ source }) => source.kind === 'chart' && source.release === name);
    if (!part) return;
    this.putDeployments(part, namespace, 'helm');
    const { api } = this.cluster;
    if (name === 'cert-manager') api.absent.delete('ClusterIssuer');
    if (name === 'eg') for (const kind of ['Gateway', 'GatewayClass']) api.absent.delete(kind);
    if (name === 'traefik') {
      this.putIngressClass('traefik', 'traefik.io/ingress-controller');
      this.putEntryService();
    }
    api.onWrite = object => {
      const addresses = [{ type: 'IPAddress', value: this.loadBalancer.ip }];
      if (object.kind === GATEWAY.kind && object.status === undefined) api.change(object, { status: { addresses } }, 'controller');
    };
  }

  /** Stores the Service of an entry with the address of the load balancer. */
  public putEntryService(): void {
    const ingress = Object.keys(this.loadBalancer).length > 0 ? [this.loadBalancer] : [];
    this.cluster.api.put({
      ...SERVICE,
      metadata: { name: 'traefik', namespace: 'traefik' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }, { port: 443 }] },
      status: { loadBalancer: { ingress } },
    });
  }

  private applied(url: string): void {
    const part = PARTS.find(({ source }) => source.kind === 'release' && source.manifests.includes(url));
    if (part) this.putDeployments(part, part.namespace, 'webapp-setup');
  }

  private putDeployments({ deployments, version }: Part, namespace: string, manager: string): void {
    for (const name of deployments) this.putDeployment({ name, namespace, image: `example.com/program:v${version}`, manager });
  }

  private putDeployment({ name, namespace, image, manager, args }: DeploymentFields): void {
    const { api } = this.cluster;
    const reference = { ...DEPLOYMENT, metadata: { name, namespace } };
    api.put({ ...NAMESPACE, metadata: { name: namespace } });
    api.put({
      ...reference, spec: { selector: { matchLabels: { name } }, template: { spec: { containers: [{ name, image, args }] } } },
    }, manager);
    const { generation } = api.find(DEPLOYMENT, name, namespace)!.metadata;
    const status = { observedGeneration: generation, replicas: 1, updatedReplicas: 1, availableReplicas: this.isReady ? 1 : 0 };
    api.change(reference, { status }, 'controller');
  }
}

interface DeploymentFields {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly manager: string;
  readonly args?: readonly string[];
}
