import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from './detect';
import type { SourceOptions } from './read-source';
import { readSource } from './read-source';
import type { BuildRequest } from './request';
import { staticSite } from './static-site';

/** Reads what of a project goes into its build, and says how that is built. */
export async function readProject(
  folder: string, project: Project, options: Pick<SourceOptions, 'exclude' | 'signal' | 'onProgress' | 'onWarning'>,
): Promise<Pick<BuildRequest, 'source' | 'strategy' | 'dockerfile'>> {
  if (project.kind === 'buildpacks') {
    if (hasRulesOfPack(folder)) options.onWarning?.('project.toml has rules that only pack knows; exclude the same files in .dockerignore');
    return { source: await readSource(folder, options), strategy: 'buildpacks' };
  }
  const parts = project.kind === 'static' ? staticSite(folder, project.site) : { dockerfile: project.dockerfile };
  return { source: await readSource(folder, { ...options, ...parts }), strategy: 'dockerfile', dockerfile: parts.dockerfile };
}

/**
 * One kind of ignore file for all builds is easier to understand than another one for some, in TOML.
 *
 * @see https://buildpacks.io/docs/for-app-developers/how-to/build-inputs/use-project-toml/
 */
function hasRulesOfPack(folder: string): boolean {
  const path = join(folder, 'project.toml');
  return existsSync(path) && /^\s*(exclude|include)\s*=/m.test(readFileSync(path, 'utf8'));
}
