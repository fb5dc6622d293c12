/** The differences of objects, as lines of YAML. The values of Secrets are never shown. */
import type { Fields } from '../../config/merge';
import { fieldsOf, isFields } from '../../config/merge';
import type { Change } from '../../engine/preflight';
import { essence } from '../../engine/preflight';
import type { KubernetesObject } from '../../kube/types';
import { formatted } from '../../ui/format';
import type { Paint } from '../../ui/paint';
import { diffLines, signed, withContext } from '../../ui/text-diff';

/** A change without the values of Secrets. */
export type ShownChange = Omit<Change, 'before' | 'after'> & { readonly before?: Fields; readonly after?: Fields };

export function shownChange({ before, after, ...change }: Change): ShownChange {
  return { ...change, before: before && withoutSecrets(before, after), after: after && withoutSecrets(after, before) };
}

/** An object as it may be shown: of a Secret's values only whether they differ. */
export function withoutSecrets(object: KubernetesObject, other?: KubernetesObject): Fields {
  const fields: Fields = essence(object);
  if (object.kind !== 'Secret') return fields;
  const others: Fields = other ? essence(other) : {};
  const hidden = ['data', 'stringData'].filter(field => isFields(fields[field])).map(field => [field, hide(fields[field], others[field])]);
  return { ...fields, ...Object.fromEntries(hidden) };
}

function hide(values: unknown, others: unknown): Fields {
  const known = fieldsOf(others);
  return Object.fromEntries(Object.entries(values as Fields).map(([key, value]) => (
    [key, value === known[key] ? '(hidden)' : '(hidden, differs)'])));
}

/** A change as a heading and the lines that differ. */
export function textOf({ change, kind, name, namespace, before, after }: ShownChange, { bold, red, green, dim }: Paint): string {
  const painted = { both: (text: string) => text, before: red, after: green };
  const lines = withContext(diffLines(yamlLines(before), yamlLines(after)));
  return [
    bold(`${change} ${kind} ${name}${namespace ? ` in namespace ${namespace}` : ''}`),
    ...lines.map(line => (line ? painted[line.in](signed(line)) : dim('  …'))),
    '',
  ].join('\n');
}

function yamlLines(object: Fields | undefined): string[] {
  return object ? formatted(object, 'yaml').trimEnd().split('\n') : [];
}
