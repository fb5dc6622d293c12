import type { Build, BuildStrategies } from './props';
import { contentHash } from '../../kube/content-hash';
import type { BuildModel } from '../../model/app';
import { secondsOf } from '../../validation/units';

export function resolveBuild(build: Build | undefined, strategies: BuildStrategies): BuildModel | undefined {
  if (build === undefined) return undefined;
  const { git, revision, gitSecret, context, dockerfile, pushSecret } = build;
  const decided = {
    git,
    revision,
    gitSecret,
    context,
    dockerfile,
    strategy: build.strategy === 'dockerfile'
      ? strategies.dockerfile ?? 'buildah-shipwright-managed-push'
      : strategies.buildpacks ?? 'buildpacks-v3',
    env: Object.entries(build.env ?? {}).map(([name, value]) => ({ name, value })).sort((a, b) => a.name < b.name ? -1 : 1),
    timeout: secondsOf(build.timeout),
    repository: build.image,
    pushSecret,
  };
  return { ...decided, tag: contentHash(JSON.stringify(decided)) };
}

/** The image as pods name it. */
export function builtImage({ repository, tag }: BuildModel): string {
  return `${repository}:${tag}`;
}
