import type { EnvVariable, PodModel } from '../../model/component';

/**
 * The environment of a container.
 *
 * @param added variables that code added through cdk8s-plus, which override ours
 */
export function environment({ env }: Pick<PodModel, 'env'>, added: readonly { readonly name: string }[] = []): object[] {
  return [...new Map([...env.map(written), ...added].map(variable => [variable.name, variable])).values()];
}

function written(variable: EnvVariable): { readonly name: string; readonly value?: string; readonly valueFrom?: object } {
  const { name } = variable;
  if ('value' in variable) return { name, value: variable.value };
  const { key } = variable;
  const valueFrom = 'secret' in variable
    ? { secretKeyRef: { name: variable.secret, key } }
    : { configMapKeyRef: { name: variable.configMap, key } };
  return { name, valueFrom };
}

type Sources = Pick<PodModel, 'envFromSecrets' | 'envFromConfigMaps'>;

/** ConfigMaps and Secrets of which every key is a variable; of two with the same key, the later one counts. */
export function environmentSources({ envFromSecrets, envFromConfigMaps }: Sources, added: readonly object[] = []): object[] {
  return [
    ...envFromConfigMaps.map(name => ({ configMapRef: { name } })),
    ...envFromSecrets.map(name => ({ secretRef: { name } })),
    ...added,
  ];
}
