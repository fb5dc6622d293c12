/** Where the environment variables of a process come from. The values of Secrets are not read. */
import { generatedSecret } from '../../../src/internal';
import type { SecretStoreEntry } from '../engine/secret-store';
import type { Settings, Variables } from '../engine/settings';
import { processesIn } from '../engine/settings';
import { activeWorkload } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/**
 * Where a variable comes from: `file` is a value in the file, or one that the library sets for it; `generated` is a value that a deploy has
 * generated, as the file says.
 */
export type VariableSource = 'config' | 'secrets' | 'file' | 'secret' | 'generated' | 'configMap' | 'pod';

export interface Variable {
  /** Undefined where every key of an object is a variable, and only the cluster knows which there are. */
  readonly name?: string;
  readonly source: VariableSource;

  /** Undefined for secrets, and for what is read where the process starts. */
  readonly value?: string;

  /** The store of External Secrets that has it too. */
  readonly store?: SecretStoreEntry;

  /** The Secret or ConfigMap that it is from, and the key. */
  readonly object?: string;
  readonly key?: string;
}

/** An app as it was deployed. */
export interface VariablesInput {
  readonly app: string;

  /** The objects of its release; none before the first. */
  readonly objects: readonly Manifest[];
  readonly settings: Settings;

  /** The variables of `webapp config`. */
  readonly config: Variables;

  /** The store of External Secrets that has those of `webapp secrets` too; undefined if there is none. */
  readonly store?: SecretStoreEntry;

  /** The worker, cron job or version; undefined for the web process. */
  readonly process?: string;
}

/** The variables of a process, by name, as they count: what the file sets takes precedence. */
export function variablesOf({ app, objects, settings, config, store, process }: VariablesInput): Variable[] {
  const processes = processesIn(objects);
  const wanted = process === undefined ? activeWorkload(objects, app) : `${app}-${process}`;
  const found = processes.find(({ name }) => name === wanted) ?? (process === undefined ? processes.at(0) : undefined);
  if (!found && process !== undefined) {
    const names = processes.map(({ name }) => name).join(', ');
    throw new Failure(`there is no process ${wanted}; ${names ? `${app} has ${names}` : `${app} is not deployed`}`);
  }
  const { env = [], envFrom = [] } = found?.container ?? {};
  const ofSettings = [settings.config?.name, settings.secrets?.name];
  const whole = envFrom.flatMap(({ configMapRef, secretRef }): Variable[] => {
    const object = configMapRef?.name ?? secretRef?.name;
    return object === undefined || ofSettings.includes(object) ? [] : [{ source: configMapRef ? 'configMap' : 'secret', object }];
  });
  const named = new Map<string, Variable>();
  for (const name of settings.config?.keys ?? []) named.set(name, { name, source: 'config', value: config[name] });
  for (const name of settings.secrets?.keys ?? []) named.set(name, { name, source: 'secrets', ...store ? { store } : {} });
  for (const { name, value = '', valueFrom } of env) {
    const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
    const key = secretKeyRef ?? configMapKeyRef;
    const isOwn = secretKeyRef?.name === generatedSecret(app);
    const source = isOwn ? 'generated' : secretKeyRef ? 'secret' : configMapKeyRef ? 'configMap' : valueFrom ? 'pod' : 'file';
    named.set(name, { name, source, ...key ? { object: key.name, key: key.key } : {}, ...source === 'file' ? { value } : {} });
  }
  return [...[...named.values()].sort((a, b) => (a.name! < b.name! ? -1 : 1)), ...whole];
}

/** Whether the value of a variable is not for everyone. */
export function isSecret({ source }: Variable): boolean {
  return source === 'secrets' || source === 'secret' || source === 'generated';
}
