/** Volumes that have a name in a file, which several processes and apps can mount. */
import type { AppDraft, Steps } from '../draft';
import { volumeName } from '../draft';
import type { Reader } from '../reader';

/** The app that has each volume, and where it is there. */
export type Mounted = Map<string, { readonly app: AppDraft; readonly steps: Steps }>;

export interface NamedMount {
  readonly at: Reader;

  /** The name of the volume in the file. */
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;

  /** Where it is mounted: a process, empty for the app itself. */
  readonly app: AppDraft;
  readonly process: Steps;
}

/**
 * Mounts a volume that another process has already. Several processes of an app mount one of the app, and other apps mount its claim.
 *
 * @returns whether there was one
 */
export function mountAgain({ at, name, path, readOnly, app, process }: NamedMount, mounted: Mounted): boolean {
  const other = mounted.get(name);
  if (!other) return false;
  const own = volumeName(name);
  if (other.app === app) {
    app.set([...other.steps, 'accessMode'], 'read-write-many');
    app.set(['volumes', own], app.get(other.steps), 'Several processes mount it: its storage class must support that, as NFS does.');
    if (JSON.stringify(other.steps) !== JSON.stringify(['volumes', own])) app.set(other.steps, {});
    const where = (app.get(['volumes', own]) as { path?: string }).path === path ? {} : { path };
    app.set(['volumes', own], { ...app.get(['volumes', own]) as object });
    app.take(at, [...process, 'volumes', own], { ...where, ...readOnly ? { readOnly } : {} });
    return true;
  }
  other.app.set([...other.steps, 'accessMode'], 'read-write-many');
  other.app.set(other.steps, other.app.get(other.steps), 'Several apps mount it: its storage class must support that, as NFS does.');
  const claim = [other.app.name, ...other.steps.filter((_, i) => i % 2 === 1)].join('-');
  app.take(at, [...process, 'volumes', own], { path, claim, accessMode: 'read-write-many', ...readOnly ? { readOnly } : {} });
  return true;
}
