/**
 * How an image is built from source code.
 */
export enum BuildStrategy {
  /** Cloud Native Buildpacks, which detect the language. */
  BUILDPACKS = 'buildpacks',
  /** A Dockerfile. */
  DOCKERFILE = 'dockerfile',
}

/**
 * An image that the cluster builds from git, with Shipwright.
 *
 * @see https://shipwright.io/docs/build/build/
 */
export interface Build {
  /**
   * URL of the repository: `https://github.com/acme/web` or `git@github.com:acme/web.git`.
   *
   * @format gitUrl
   */
  readonly git: string;

  /**
   * Revision to build, preferably the full hash of a commit. A branch or tag is built once, as it is then: only another revision is built
   * again.
   *
   * @format revision
   */
  readonly revision: string;

  /**
   * Repository that the image is pushed to, without a tag: `ghcr.io/acme/web`. The tag is derived from the fields of the build.
   *
   * @format repository
   */
  readonly image: string;

  /**
   * How the image is built.
   *
   * @default BuildStrategy.BUILDPACKS
   */
  readonly strategy?: BuildStrategy;

  /**
   * Folder of the source code in the repository.
   *
   * @default - the root of the repository
   * @format pathInside
   */
  readonly context?: string;

  /**
   * Path of the Dockerfile in the context. Requires BuildStrategy.DOCKERFILE.
   *
   * @default Dockerfile
   * @format pathInside
   */
  readonly dockerfile?: string;

  /**
   * Name of a Secret of type `kubernetes.io/dockerconfigjson` that the image is pushed with.
   *
   * @see https://shipwright.io/docs/build/authentication/
   * @default - pushed without authentication
   * @format objectName
   */
  readonly pushSecret?: string;

  /**
   * Name of a Secret of type `kubernetes.io/ssh-auth` or `kubernetes.io/basic-auth` that the repository is read with.
   *
   * @see https://shipwright.io/docs/build/authentication/
   * @default - the repository is public
   * @format objectName
   */
  readonly gitSecret?: string;

  /**
   * Environment variables of the build, which configure buildpacks. The app itself does not get them.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * Time that the build may take, as a duration.
   *
   * @default - the limit of Shipwright and Tekton, an hour by default
   * @format duration 1s
   */
  readonly timeout?: string;
}

/**
 * How the cluster builds images.
 */
export interface Builds {
  /**
   * ClusterBuildStrategies that images are built with.
   *
   * @default - two strategies of Shipwright
   */
  readonly strategies?: BuildStrategies;
}

/**
 * Which ClusterBuildStrategy builds what.
 *
 * @see https://shipwright.io/docs/build/buildstrategies/
 */
export interface BuildStrategies {
  /**
   * Name of the ClusterBuildStrategy for BuildStrategy.BUILDPACKS.
   *
   * @see https://github.com/shipwright-io/build/tree/main/samples/v1beta1/buildstrategy
   * @default buildpacks-v3
   * @format objectName
   */
  readonly buildpacks?: string;

  /**
   * Name of the ClusterBuildStrategy for BuildStrategy.DOCKERFILE. It has a parameter `dockerfile`, as all of Shipwright's own do.
   *
   * @see https://github.com/shipwright-io/build/tree/main/samples/v1beta1/buildstrategy
   * @default buildah-shipwright-managed-push
   * @format objectName
   */
  readonly dockerfile?: string;
}
