import { ResolvedProcess } from '../../model/app';

/**
 * The environment of a container: its port, what comes from Secrets, and then values, which can be made of those.
 *
 * @param added variables that code added through cdk8s-plus, which win over ours
 */
export function environment({ port, secrets, env }: ResolvedProcess, added: readonly { readonly name: string }[] = []): object[] {
  const ours = [
    ...port === undefined ? [] : [{ name: 'PORT', value: String(port) }],
    ...Object.entries(secrets).map(([name, { secret, key }]) => ({ name, valueFrom: { secretKeyRef: { name: secret, key } } })),
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ];
  return [...new Map([...ours, ...added].map(variable => [variable.name, variable])).values()];
}

/** Secrets of which every key is a variable. */
export function environmentSources({ secretEnv }: ResolvedProcess, added: readonly object[] = []): object[] {
  return [...secretEnv.map(name => ({ secretRef: { name } })), ...added];
}
