import type { Builder, BuildTask } from './builder';
import { findDocker } from './docker';
import { findNerdctl } from './nerdctl';
import { findPack } from './pack';
import { findBuildah, findPodman } from './podman';
import type { Programs } from './programs';
import { ProgramError } from './programs';
import { Failure } from '../../ui/failure';

type Find = (task: BuildTask, programs: Programs) => Promise<Builder>;

/** Finds out what a registry has. */
export type DigestOf = (image: string) => Promise<string | undefined>;

/**
 * The first program on this computer that works and can do what a build needs.
 *
 * @throws Failure with the reason of each one, if none can
 */
export async function findBuilder(task: BuildTask, programs: Programs, digestOf: DigestOf): Promise<Builder> {
  const { request: { app, strategy }, cluster } = task;
  const candidates: { readonly [name: string]: Find } = strategy === 'buildpacks' ? { pack: findPack } : {
    docker: async () => findDocker(task, programs, digestOf),
    podman: findPodman,
    buildah: findBuildah,
    nerdctl: findNerdctl,
  };
  const reasons: string[] = [];
  for (const [name, find] of Object.entries(candidates)) {
    if (strategy === 'dockerfile' && cluster?.builders?.includes(name) === false) {
      reasons.push(`${name}: ${cluster.title} does not have its images`);
      continue;
    }
    try {
      return await find(task, programs);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      reasons.push(`${name}: ${error.message}`);
    }
  }
  const lines = reasons.map(line => `  ${line}`);
  throw new Failure([`no program on this computer can build ${app.name}:`, ...lines, HINTS[strategy]].join('\n'));
}

const HINTS = {
  buildpacks: 'Install pack (https://buildpacks.io/docs/install-pack/) and docker, write a Dockerfile, or build in the cluster '
    + '(webapp setup --with builds)',
  dockerfile: 'Install or start one of them, or build in the cluster (webapp setup --with builds)',
};
