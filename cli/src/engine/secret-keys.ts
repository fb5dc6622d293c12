/** Keys of a Secret that the file of an app names, and that is not there, or not as it should be. */
import { generatedManifest, generatedReference } from './generated';
import type { Operation } from './operation';
import type { Variables } from './settings';
import { formatNamed } from '../../../src/internal';
import { isConflict } from '../kube/errors';
import { encoded } from '../kube/secret-data';
import type { AppName, Secret } from '../kube/types';
import { SECRET } from '../kube/types';
import { MANAGED_BY } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/**
 * Sets keys of a Secret in the namespace of an app, which is created if it does not exist. Its other keys stay.
 *
 * @returns what happened to the Secret
 * @throws Failure where a controller would take the values back
 */
export async function setKeys(
  { cluster: { objects }, app }: Pick<Operation, 'cluster' | 'app'>, name: string, values: Variables,
): Promise<'Created' | 'Updated'> {
  checkKeys(name, Object.keys(values));
  const reference = { ...SECRET, namespace: app.namespace, name };
  const data = encoded(values);
  for (;;) {
    const live = await objects.get<Secret>(reference);
    if (live) checkWritable(live);
    try {
      if (live) await objects.merge(reference, { metadata: { resourceVersion: live.metadata.resourceVersion }, data });
      else await objects.create(manifestOf(app, name, values, data));
      return live ? 'Updated' : 'Created';
    } catch (error) {
      if (!isConflict(error)) throw error; // another process has just changed it
    }
  }
}

/** The Secret with the generated values of the app stays what a deploy would have created. */
function manifestOf(app: AppName, name: string, values: Variables, data: object): Manifest {
  if (name === generatedReference(app).name) return generatedManifest(app, values);
  const metadata = { name, namespace: app.namespace, labels: { 'app.kubernetes.io/managed-by': MANAGED_BY } };
  return { ...SECRET, metadata, type: 'Opaque', data } as unknown as Manifest;
}

function checkKeys(name: string, keys: readonly string[]): void {
  const faults = [
    ...faultOf('the name of the Secret', 'objectName', name),
    ...keys.flatMap(key => faultOf('the key', 'dataKey', key)),
  ];
  if (faults.length > 0) throw new Failure(faults.join('\n'));
}

function faultOf(what: string, format: string, value: string): string[] {
  const fault = formatNamed(format).check(value);
  return fault ? [`${what} ${fault.message}; ${fault.hint}`] : [];
}

function checkWritable({ immutable, metadata: { name, ownerReferences = [] } }: Secret): void {
  const owner = ownerReferences.find(({ controller }) => controller);
  if (owner) throw new Failure(`${owner.kind} ${owner.name} writes Secret ${name}, and would take the values back; change them there`);
  if (immutable) throw new Failure(`Secret ${name} is immutable; create one with another name, and write that in the file`);
}
