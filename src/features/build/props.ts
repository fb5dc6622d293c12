/**
 * How an image is made of source code.
 */
export enum BuildStrategy {
  /** Cloud Native Buildpacks, which see for themselves what language it is. */
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
   * What of it to build: best a commit's full hash. A branch or a tag is built once, for what it is then: only another revision is built anew.
   *
   * @format revision
   */
  readonly revision: string;

  /**
   * Repository that the image is pushed to, without a tag: `ghcr.io/acme/web`. The tag is made of all that is said here.
   *
   * @format repository
   */
  readonly image: string;

  /**
   * How the image is made.
   *
   * @default BuildStrategy.BUILDPACKS
   */
  readonly strategy?: BuildStrategy;

  /**
   * Folder of the repository that has the source.
   *
   * @default - the repository itself
   * @format pathInside
   */
  readonly context?: string;

  /**
   * Path of the Dockerfile in the context. Only with BuildStrategy.DOCKERFILE.
   *
   * @default Dockerfile
   * @format pathInside
   */
  readonly dockerfile?: string;

  /**
   * Name of a Secret of type `kubernetes.io/dockerconfigjson` that the image is pushed with.
   *
   * @see https://shipwright.io/docs/build/authentication/
   * @default - it is pushed without signing in
   * @format objectName
   */
  readonly pushSecret?: string;

  /**
   * Name of a Secret of type `kubernetes.io/ssh-auth` or `kubernetes.io/basic-auth` that the repository is read with.
   *
   * @see https://shipwright.io/docs/build/authentication/
   * @default - it is public
   * @format objectName
   */
  readonly gitSecret?: string;

  /**
   * Environment variables of the build, which buildpacks are configured by. The app itself does not have them.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * How long the build may take, as a duration.
   *
   * @default - as long as Shipwright and Tekton let it, an hour by default
   * @format duration 1s
   */
  readonly timeout?: string;
}

/**
 * How the cluster builds images.
 */
export interface Builds {
  /**
   * The ClusterBuildStrategies that images are built with.
   *
   * @default - two of Shipwright's own
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
