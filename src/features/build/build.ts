import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { builtImage } from './resolve';
import { isCutByBuildpacks, SHIPWRIGHT_BUILDPACKS } from './variables';
import { inSeconds, objectMetadata, orNone } from '../../kube/metadata';
import type { AppModel, BuildModel } from '../../model/app';
import { APP_NAMESPACE } from '../../model/names';
import type { Strings } from '../../model/strings';

const API_VERSION = 'shipwright.io/v1beta1';

/**
 * Has an app's image built. The BuildRun is named by everything that goes into the image, so that applying it again builds nothing, and
 * says all of it itself: one that referred to the Build would build what that says by the time it starts, which may be the next revision
 * already. The Build is for people, who start another run of it by hand.
 *
 * @see https://shipwright.io/docs/build/buildrun/
 */
export function createBuild(scope: Construct, app: AppModel): void {
  const { build } = app;
  if (!build) return;
  const spec = buildSpec(build);
  const { namespace } = build;
  const isElsewhere = namespace !== undefined && app.namespace !== undefined;
  const owner: Strings = isElsewhere ? { [APP_NAMESPACE]: app.namespace } : {};
  const metadata = (name: string) => {
    const common = objectMetadata(app, 'needs', name);
    return { ...common, namespace, labels: { ...common.labels, ...owner } };
  };
  // Builds of other namespaces' apps with the same name may be in the same namespace.
  const ownName = isElsewhere ? `${app.namespace}-${app.name}` : app.name;
  new ApiObject(scope, 'build', { apiVersion: API_VERSION, kind: 'Build', metadata: metadata(ownName), spec });
  new ApiObject(scope, 'build-run', {
    apiVersion: API_VERSION,
    kind: 'BuildRun',
    metadata: metadata(`${app.name}-${build.tag}`),
    spec: { build: { spec } },
  });
}

function buildSpec(build: BuildModel): object {
  const { git, revision, gitSecret, context, dockerfile, strategy, env, timeout, pushSecret } = build;
  return {
    source: { type: 'Git', git: { url: git, revision, cloneSecret: gitSecret }, contextDir: context },
    strategy: { kind: 'ClusterBuildStrategy', name: strategy },
    paramValues: dockerfile === undefined ? undefined : [{ name: 'dockerfile', value: dockerfile }],
    env: orNone(env),
    timeout: inSeconds(timeout),
    output: { image: builtImage(build), pushSecret },
  };
}

/** What is allowed of a build, and yet may not be what was meant. */
export function buildWarnings({ build }: AppModel): string[] {
  if (!build) return [];
  const { revision, strategy, env } = build;
  const isCommit = /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision);
  const cut = SHIPWRIGHT_BUILDPACKS.includes(strategy) ? env.filter(({ value }) => isCutByBuildpacks(value)) : [];
  return [
    ...isCommit ? [] : [`buildFrom.revision "${revision}" is mutable, and new commits are not built; use a commit's full hash`],
    ...cut.map(({ name }) => (
      `buildFrom.env.${name} has white space or =, and Shipwright's own ${strategy} passes on only what is before it; `
        + 'set builds.strategies.buildpacks of the Platform to webapp-buildpacks')),
  ];
}
