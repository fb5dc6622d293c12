import type { Build, BuildStrategies } from './props';
import { contentHash } from '../../kube/content-hash';
import { secondsOf } from '../../validation/units';

/** An image that is built, with every decision taken. */
export interface ResolvedBuild {
  readonly git: string;
  readonly revision: string;
  readonly gitSecret?: string;
  readonly context?: string;
  readonly dockerfile?: string;
  /** Name of the ClusterBuildStrategy. */
  readonly strategy: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Seconds. */
  readonly timeout?: number;
  readonly repository: string;
  readonly pushSecret?: string;
  /** Made of all the rest: whatever is changed is another build, and another image. */
  readonly tag: string;
}

export function resolveBuild(build: Build | undefined, strategies: BuildStrategies): ResolvedBuild | undefined {
  if (build === undefined) return undefined;
  const { git, revision, gitSecret, context, dockerfile, pushSecret } = build;
  const said = {
    git,
    revision,
    gitSecret,
    context,
    dockerfile,
    strategy: build.strategy === 'dockerfile' ? strategies.dockerfile ?? 'buildah-shipwright-managed-push' : strategies.buildpacks ?? 'buildpacks-v3',
    env: Object.entries(build.env ?? {}).map(([name, value]) => ({ name, value })).sort((a, b) => a.name < b.name ? -1 : 1),
    timeout: secondsOf(build.timeout),
    repository: build.image,
    pushSecret,
  };
  return { ...said, tag: contentHash(JSON.stringify(said)) };
}

/** The image as pods name it. */
export function builtImage({ repository, tag }: ResolvedBuild): string {
  return `${repository}:${tag}`;
}
