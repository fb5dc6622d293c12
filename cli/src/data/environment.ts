import type { Cluster } from '../kube/connect';
import { decoded } from '../kube/secret-data';
import type { ConfigMap, Kind, PodTemplate, Secret } from '../kube/types';
import { CONFIG_MAP, SECRET } from '../kube/types';
import { Failure } from '../ui/failure';

type Container = NonNullable<PodTemplate['spec']>['containers'][number];

/** A key of a Secret. */
export interface SecretKey {
  readonly secret: string;
  readonly key: string;
}

/**
 * The environment that a container of an app has in the cluster, as the kubelet assembles it. A Secret is read when one of its values is
 * needed, so that a user needs no more rights than that.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export class Environment {
  private readonly read = new Map<string, Promise<{ readonly [key: string]: string } | undefined>>();

  constructor(private readonly cluster: Cluster, private readonly namespace: string, private readonly container: Container) {}

  /** The names of the variables that are written one by one. */
  public get names(): string[] {
    return [...new Set((this.container.env ?? []).map(({ name }) => name))];
  }

  /** Whether there are Secrets or ConfigMaps all of whose keys are variables. */
  public get hasSources(): boolean {
    return (this.container.envFrom ?? []).length > 0;
  }

  /** The names of all variables. */
  public async allNames(): Promise<string[]> {
    const found = await Promise.all((this.container.envFrom ?? []).map(async ({ prefix = '', secretRef, configMapRef }) => {
      const keys = Object.keys(await this.source(secretRef?.name, configMapRef?.name) ?? {});
      return keys.map(key => `${prefix}${key}`);
    }));
    return [...new Set([...this.names, ...found.flat()])];
  }

  /** The key of a Secret that a variable is the value of; undefined if it is none. */
  public secretOf(variable: string): SecretKey | undefined {
    const found = this.container.env?.find(({ name }) => name === variable)?.valueFrom?.secretKeyRef;
    return found && { secret: found.name ?? '', key: found.key };
  }

  /** What is written for a variable, before it is looked at what it refers to; undefined if it is not a plain value. */
  public literal(variable: string): string | undefined {
    return this.container.env?.find(({ name }) => name === variable)?.value;
  }

  /**
   * The value of a variable; undefined if there is none.
   *
   * @throws Failure if the Secret or the key that it is taken from does not exist
   */
  public async get(variable: string): Promise<string | undefined> {
    return this.value(variable, this.container.env?.length ?? 0);
  }

  /** The value of a variable as the one at an index sees it: of those before. */
  private async value(variable: string, before: number): Promise<string | undefined> {
    const env = this.container.env ?? [];
    const index = env.slice(0, before).map(({ name }) => name).lastIndexOf(variable);
    if (index < 0) return this.fromSources(variable);
    const { value = '', valueFrom } = env[index];
    if (!valueFrom) return this.expand(value, index);
    const { secretKeyRef, configMapKeyRef } = valueFrom;
    const reference = secretKeyRef ?? configMapKeyRef;
    if (!reference) return undefined;
    const { name = '', key, optional } = reference;
    const source = await (secretKeyRef ? this.source(name) : this.source(undefined, name));
    if (source && key in source) return source[key];
    if (optional) return undefined;
    const what = `${secretKeyRef ? 'Secret' : 'ConfigMap'} ${name}`;
    throw new Failure(source
      ? `${what} has no key ${key}, which ${variable} is taken from`
      : `${what} does not exist in namespace ${this.namespace}, and ${variable} is taken from it`);
  }

  private async expand(text: string, index: number): Promise<string> {
    const pattern = /\$\$|\$\(([^)]*)\)/g;
    const names = [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []);
    const values = new Map(await Promise.all(names.map(async name => [name, await this.value(name, index)] as const)));
    return text.replace(pattern, (whole, name?: string) => (name === undefined ? '$' : values.get(name) ?? whole));
  }

  private async fromSources(variable: string): Promise<string | undefined> {
    for (const { prefix = '', secretRef, configMapRef } of [...this.container.envFrom ?? []].reverse()) {
      if (!variable.startsWith(prefix)) continue;
      const value = (await this.source(secretRef?.name, configMapRef?.name))?.[variable.slice(prefix.length)];
      if (value !== undefined) return value;
    }
    return undefined;
  }

  private async source(secret?: string, configMap?: string): Promise<{ readonly [key: string]: string } | undefined> {
    if (secret !== undefined) return this.once(SECRET, secret, ({ data = {} }) => decoded(data));
    return configMap === undefined ? undefined : this.once(CONFIG_MAP, configMap, ({ data = {} }) => data);
  }

  private async once<T extends Secret | ConfigMap>(
    kind: Kind<T>, name: string, valuesOf: (object: T) => { readonly [key: string]: string },
  ): Promise<{ readonly [key: string]: string } | undefined> {
    const id = `${kind.kind}/${name}`;
    const found = this.read.get(id)
      ?? this.cluster.objects.get({ ...kind, namespace: this.namespace, name }).then(object => object && valuesOf(object));
    this.read.set(id, found);
    return found;
  }
}
