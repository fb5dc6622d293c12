import type { Request } from '../config/load';
import { targets } from '../config/targets';
import { withExplanation } from '../engine/operation';
import { Change, essence, preflight } from '../engine/preflight';
import { ClusterRequest, connect } from '../kube/connect';
import { EXIT, Failure } from '../ui/failure';
import { Format, formatted } from '../ui/format';
import { compare, excerpt } from '../ui/lines';
import { Paint, paint } from '../ui/paint';
import type { World } from '../ui/world';

/**
 * Shows what a deploy would change.
 *
 * @throws Failure with an exit code of its own if there is anything
 */
export async function diffFile(
  file: Request, names: readonly string[], where: ClusterRequest, format: Format | undefined, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const found: Change[] = [];
  for (const { app, synthesized: { objects } } of await targets(file, cluster, names, world)) {
    // What others have set would be refused by a deploy, but is a difference all the same.
    const all = await withExplanation(preflight({ cluster, app, objects, force: true, compare: true }), app.namespace);
    found.push(...all.filter(({ change }) => change !== 'unchanged' && change !== 'run'));
  }
  const changes = found.map(({ before, after, ...change }) => (
    { ...change, before: before && withoutSecrets(before, after), after: after && withoutSecrets(after, before) }));
  if (format) world.out(formatted(changes, format));
  else for (const change of changes) world.out(textOf(change, paint(world.color.out)));
  if (changes.length > 0) throw new Failure('', EXIT.differs);
  if (!format) world.err('nothing would change\n');
}

const SIGNS = { both: ' ', before: '-', after: '+' };

/** A change whose objects may be shown. */
type ShownChange = Omit<Change, 'before' | 'after'> & { readonly before?: object; readonly after?: object };

function textOf({ change, kind, name, namespace, before, after }: ShownChange, { bold, red, green, dim }: Paint): string {
  const painted = { both: (text: string) => text, before: red, after: green };
  const lines = excerpt(compare(yaml(before), yaml(after)));
  return [
    bold(`${change} ${kind} ${name}${namespace ? ` in namespace ${namespace}` : ''}`),
    ...lines.map(line => (line ? painted[line.in](`${SIGNS[line.in]} ${line.text}`) : dim('  …'))),
    '',
  ].join('\n');
}

function yaml(object: any): string[] {
  return object ? formatted(object, 'yaml').trimEnd().split('\n') : [];
}

/** An object as it may be shown: of a Secret's values only whether they differ from the other's. */
function withoutSecrets(object: any, other: any): any {
  const shown: any = essence(object);
  if (object.kind !== 'Secret') return shown;
  const hide = (values: any = {}, others: any = {}) => Object.fromEntries(
    Object.keys(values).map(key => [key, values[key] === others[key] ? '(hidden)' : '(hidden, and another)']));
  for (const field of ['data', 'stringData']) if (shown[field]) shown[field] = hide(shown[field], other?.[field]);
  return shown;
}
