import type { Build } from './props';
import { literal } from './variables';
import { contentHash } from '../../kube/content-hash';
import type { BuildModel } from '../../model/app';
import type { Named } from '../../model/named';
import { secondsOf } from '../../validation/units';

/** What stands for the repository of a build that nobody named. */
export const UNKNOWN_REPOSITORY = 'unknown';

export function resolveBuild({ name, namespace, platform: { builds } }: Named, build: Build | undefined): BuildModel | undefined {
  if (build === undefined) return undefined;
  const { git, revision, gitSecret, context, dockerfile, image, pushSecret = builds.pushSecret } = build;
  // Apps of several namespaces may have their builds in one.
  const elsewhere = builds.namespace === undefined || builds.namespace === namespace ? {} : { namespace: builds.namespace, app: namespace };
  const decided = {
    ...elsewhere,
    git,
    revision,
    gitSecret,
    context,
    dockerfile,
    strategy: build.strategy === 'dockerfile' ? builds.strategies.dockerfile : builds.strategies.buildpacks,
    env: Object.entries(build.env ?? {}).map(([variable, value]) => ({ name: variable, value: literal(value) }))
      .sort((a, b) => a.name < b.name ? -1 : 1),
    timeout: secondsOf(build.timeout),
    repository: image ?? (builds.registry === undefined ? UNKNOWN_REPOSITORY : `${builds.registry}/${name}`),
    pushSecret,
  };
  return { ...decided, tag: contentHash(JSON.stringify(decided)) };
}

/** The image as pods name it. */
export function builtImage({ repository, tag }: BuildModel): string {
  return `${repository}:${tag}`;
}
