import { BUILDPACKS_STRATEGY, buildpacksStrategy } from './buildpacks';
import type { Found } from './found';
import { buildNamespace } from './objects';
import type { Manifest } from '../render/synthesis';
import type { Builds } from 'cdk8s-webapp';

/** The namespace of builds, and the ClusterBuildStrategy for Dockerfiles, where the platform's file has none. */
const NAMESPACE = 'builds';
const DOCKERFILE = 'buildkit';

/** How the cluster builds images of folders. */
export interface BuildsPlan {
  /** What platform.yaml should say; without a registry, nobody has said where images are pushed. */
  readonly props: Builds;

  /** Their namespace, unless they are in those of the apps, and the strategy for buildpacks, unless the file names another one. */
  readonly objects: readonly Manifest[];

  /** Whether the cluster does not have that namespace yet. */
  readonly isNew: boolean;

  /** Whether the cluster cannot build Dockerfiles, as its Shipwright has no such strategy. */
  readonly lacksStrategy: boolean;
}

/** What a choice for builds depends on. */
export interface BuildsOptions {
  /** What the command line or the user says. */
  readonly registry?: string;

  /** What the platform's file says. */
  readonly ofFile?: Builds;
  readonly found: Pick<Found, 'namespaces' | 'buildStrategies'>;

  /** Whether setup installs Shipwright with its strategies. */
  readonly isInstalled: boolean;
}

/** Completes what the platform's file says about builds. A Secret that the file names is in the namespace that it has now. */
export function chooseBuilds({ ofFile = {}, registry = ofFile.registry, found, isInstalled }: BuildsOptions): BuildsPlan {
  const isPlaced = ofFile.namespace !== undefined || ofFile.pushSecret !== undefined;
  const dockerfile = ofFile.strategies?.dockerfile ?? DOCKERFILE;
  const props: Builds = {
    ...ofFile,
    ...registry === undefined ? {} : { registry },
    ...isPlaced ? {} : { namespace: NAMESPACE },
    strategies: { ...ofFile.strategies, dockerfile },
  };
  const { namespace } = props;
  const { buildpacks = BUILDPACKS_STRATEGY } = props.strategies!;
  return {
    props,
    objects: [
      ...namespace === undefined ? [] : [buildNamespace(namespace)],
      ...buildpacks === BUILDPACKS_STRATEGY ? [buildpacksStrategy()] : [],
    ],
    isNew: namespace !== undefined && !found.namespaces.includes(namespace),
    lacksStrategy: !isInstalled && !found.buildStrategies.includes(dockerfile),
  };
}
