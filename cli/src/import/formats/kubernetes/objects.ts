/** The objects of a chart or a cluster, and which of them are about the same app. */
import type { Conversion, Format } from '../../format';
import type { Reader } from '../../reader';
import { readDocuments } from '../../shared/documents';
import type { SourceFile } from '../../source/node';

/** A Kubernetes object of the source. */
export interface KubeObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly at: Reader;
}

export function readObjects(files: readonly SourceFile[], conversion: Conversion, format: Format): KubeObject[] {
  return files.flatMap(file => readDocuments(file, conversion, format).map(objectOf));
}

function objectOf(at: Reader): KubeObject {
  const text = (...steps: string[]) => at.at(...steps)?.text;
  return { kind: text('kind') ?? '', name: text('metadata', 'name') ?? '', namespace: text('metadata', 'namespace'), at };
}

/** The labels of the pods of a workload. */
export function podLabels({ at }: KubeObject): ReadonlyMap<string, string | undefined> {
  const template = at.at('spec', 'jobTemplate', 'spec', 'template') ?? at.at('spec', 'template');
  return new Map(template?.at('metadata', 'labels')?.fields.map(([name, one]) => [name, one.text]));
}

/** Whether a selector matches labels; one that is empty matches nothing here. */
export function selects(selector: Reader | undefined, labels: ReadonlyMap<string, string | undefined>): boolean {
  const fields = selector?.fields ?? [];
  return fields.length > 0 && fields.every(([name, one]) => labels.get(name) === one.text);
}

/** The container that runs the app: the one whose port a Service has, or that has the name of the workload, or the first one. */
export function mainContainer(spec: Reader | undefined, name: string, port: string | undefined): Reader | undefined {
  const containers = spec?.field('containers')?.items ?? [];
  const hasPort = (one: Reader) => one.field('ports')?.items.some(item => (
    port !== undefined && [item.field('name')?.text, item.field('containerPort')?.text].includes(port)));
  return containers.find(hasPort) ?? containers.find(one => one.field('name')?.text === name) ?? containers[0];
}
