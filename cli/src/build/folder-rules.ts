import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from './contents';
import { dockerIgnore } from './docker-ignore';
import { gitIgnore } from './git-ignore';
import type { IgnoreRules } from './ignore-rules';

/** The rules of a folder, and where they are written. */
export interface FolderRules {
  readonly rules: IgnoreRules;

  /** The file that they are in; undefined for those of Git. */
  readonly file?: string;
}

/**
 * The rules of a folder: those of its .dockerignore, or, where there is none, those of Git. The file that is named after the Dockerfile
 * comes first, as with BuildKit. Buildah and Podman have another name.
 *
 * @param folder its absolute path
 * @param dockerfile the path of the Dockerfile in the folder
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 * @see https://github.com/containers/common/blob/main/docs/containerignore.5.md
 */
export function folderRules(folder: string, dockerfile?: string): FolderRules {
  const names = [...dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`], '.dockerignore', '.containerignore'];
  const file = names.find(name => existsSync(join(folder, name)));
  if (file === undefined) return { rules: gitIgnore(folder) };
  return { rules: dockerIgnore(attempt(file, () => readFileSync(join(folder, file), 'utf8')), file), file };
}
