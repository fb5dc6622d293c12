import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SynthesizedApp } from './synthesis';
import { yamlOf } from './text';
import type { World } from '../ui/world';

/**
 * Writes one file per app to a folder.
 *
 * @returns the paths of the files
 */
export function writeApps(apps: readonly SynthesizedApp[], folder: string, { cwd }: World): string[] {
  mkdirSync(resolve(cwd, folder), { recursive: true });
  const severalNamespaces = new Set(apps.map(({ namespace }) => namespace)).size > 1;
  return apps.map(({ name, namespace, objects }) => {
    const path = join(folder, `${severalNamespaces && namespace !== undefined ? `${namespace}-` : ''}${name}.k8s.yaml`);
    writeFileSync(resolve(cwd, path), yamlOf(objects));
    return path;
  });
}
