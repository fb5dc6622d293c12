/** What pods use of Secrets and ConfigMaps. */
import type { PodTemplate } from './types';
import { CONFIG_MAP, SECRET } from './types';

/** A use of a Secret or a ConfigMap, or of one of its keys. */
export interface Use {
  readonly kind: typeof SECRET | typeof CONFIG_MAP;
  readonly name: string;

  /** Undefined where it may be all keys. */
  readonly key?: string;

  /** The variable that has the value; undefined for files, and for all keys. */
  readonly variable?: string;

  /** What it is for, where that is neither a variable nor a file. */
  readonly purpose?: string;

  /** Whether every key becomes a variable. */
  readonly asVariables?: boolean;

  /** Whether pods start without it. */
  readonly isOptional: boolean;
}

/** The uses of a pod, in the order in which it has them. */
export function usesOf({ spec }: PodTemplate): Use[] {
  const uses: Use[] = [];
  const add = (kind: Use['kind'], name: string | undefined, optional: boolean | undefined, rest: Partial<Use> = {}) => {
    if (name !== undefined) uses.push({ kind, name, isOptional: optional ?? false, ...rest });
  };
  const addFiles = (kind: Use['kind'], name: string | undefined, { items, optional }: Source) => {
    if (!items) add(kind, name, optional);
    for (const { key } of items ?? []) add(kind, name, optional, { key });
  };
  for (const { env = [], envFrom = [] } of [...spec?.initContainers ?? [], ...spec?.containers ?? []]) {
    for (const { name: variable, valueFrom: { secretKeyRef: secret, configMapKeyRef: configMap } = {} } of env) {
      if (secret) add(SECRET, secret.name, secret.optional, { key: secret.key, variable });
      if (configMap) add(CONFIG_MAP, configMap.name, configMap.optional, { key: configMap.key, variable });
    }
    for (const { secretRef, configMapRef } of envFrom) {
      add(SECRET, secretRef?.name, secretRef?.optional, { asVariables: true });
      add(CONFIG_MAP, configMapRef?.name, configMapRef?.optional, { asVariables: true });
    }
  }
  for (const { secret, configMap, projected } of spec?.volumes ?? []) {
    if (secret) addFiles(SECRET, secret.secretName, secret);
    if (configMap) addFiles(CONFIG_MAP, configMap.name, configMap);
    for (const source of projected?.sources ?? []) {
      if (source.secret) addFiles(SECRET, source.secret.name, source.secret);
      if (source.configMap) addFiles(CONFIG_MAP, source.configMap.name, source.configMap);
    }
  }
  return uses;
}

/** A Secret or a ConfigMap of a volume. */
interface Source {
  readonly items?: readonly { readonly key: string }[];
  readonly optional?: boolean;
}
