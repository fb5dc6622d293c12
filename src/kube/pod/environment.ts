import type { PodModel } from '../../model/component';

/**
 * The environment of a container.
 *
 * @param added variables that code added through cdk8s-plus, which override ours
 */
export function environment({ env }: PodModel, added: readonly { readonly name: string }[] = []): object[] {
  const ours = env.map(variable => 'value' in variable
    ? { name: variable.name, value: variable.value }
    : { name: variable.name, valueFrom: { secretKeyRef: { name: variable.secret, key: variable.key } } });
  return [...new Map([...ours, ...added].map(variable => [variable.name, variable])).values()];
}

/** Secrets of which every key is a variable. */
export function environmentSources({ envFromSecrets }: PodModel, added: readonly object[] = []): object[] {
  return [...envFromSecrets.map(name => ({ secretRef: { name } })), ...added];
}
