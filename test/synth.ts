import { App, Chart } from 'cdk8s';
import { reached } from './schemas';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

/** A Kubernetes object, as synthesized. */
export type Manifest = { kind: string; metadata: { name: string; [field: string]: any }; [field: string]: any };

/** The image of the app in most tests: `web`, in namespace `shop`, under `apps.example.com`. */
export const IMAGE = 'ghcr.io/acme/web:1.4.2';

/** The objects of an app with these props. */
export function synth(props: Partial<WebAppProps> = {}, platform: PlatformProps = {}): Manifests {
  return new Manifests(build(props, platform).chart);
}

export function build(props: Partial<WebAppProps> = {}, platform: PlatformProps = {}): { app: App; chart: Chart; web: WebApp } {
  const app = new App();
  new Platform(app, 'platform', { domain: 'apps.example.com', ...platform });
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  return { app, chart, web: new WebApp(chart, 'web', { image: IMAGE, ...props }) };
}

/** The problems of an app with these props, without the path of the construct. */
export function problems(props: object, platform: PlatformProps = {}): string[] {
  return problemsOf(() => build(props as Partial<WebAppProps>, platform).app);
}

export function problemsOf(make: () => App): string[] {
  try {
    make().synthYaml();
  } catch (error) {
    const lines = (error as Error).message.split('\n  ');
    if (lines.shift() !== 'Validation failed with the following errors:') throw error;
    return lines.map(line => line.replace(/^\[[^\]]*\] /, ''));
  }
  return [];
}

/** The objects of a chart. */
export class Manifests {
  public readonly all: Manifest[];

  constructor(chart: Chart) {
    this.all = chart.toJson();
    reached(this.all);
  }

  /** Kinds and names of the objects, in the order in which they are written. */
  public get list(): string[] {
    return this.all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  /** The only object of a kind, or the one with the given name. */
  public get(kind: string, name?: string): Manifest {
    const found = this.all.filter(object => object.kind === kind && (name === undefined || object.metadata.name === name));
    if (found.length !== 1) throw new Error(`${found.length} of ${kind} ${name ?? ''} among ${this.list.join(', ')}`);
    return found[0];
  }

  public has(kind: string): boolean {
    return this.all.some(object => object.kind === kind);
  }

  public get pod(): any {
    return this.get('Deployment').spec.template.spec;
  }

  public get container(): any {
    return this.pod.containers[0];
  }
}

