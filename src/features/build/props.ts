import type { SecretKey } from '../../model/props';

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
   * @default - the app's name in the `builds.registry` of the platform
   * @format repository
   */
  readonly image?: string;

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
   * @default - the `builds.pushSecret` of the platform
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
 * How the `webapp` command builds an app's image from a folder of source code: `build` in webapp.yaml. The construct itself needs the
 * image, which `webapp build` prints.
 *
 * @see docs/folder.md
 */
export interface FolderBuild {
  /**
   * Folder of the source code, relative to that of webapp.yaml.
   *
   * @default - the folder of webapp.yaml
   * @format relativePath
   */
  readonly context?: string;

  /**
   * How the image is built.
   *
   * @default - a Dockerfile if the context has one, else buildpacks
   */
  readonly strategy?: BuildStrategy;

  /**
   * Path of the Dockerfile in the context.
   *
   * @default - Dockerfile or Containerfile
   * @format pathInside
   */
  readonly dockerfile?: string;

  /**
   * The stage of the Dockerfile that becomes the image.
   *
   * @see https://docs.docker.com/build/building/multi-stage/
   * @default - the last one
   * @format notEmpty
   */
  readonly target?: string;

  /**
   * Variables of the build: build arguments of a Dockerfile, or environment variables that configure buildpacks. They may become part of
   * the image, so they must not be secret. The app itself does not get them.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * Secrets of the build, by the id that the Dockerfile mounts: `RUN --mount=type=secret,id=NPM_TOKEN`. They do not become part of the
   * image. In the cluster, the Secret is in the namespace of the builds. A build on a computer takes the value from the environment
   * variable of that name if there is one.
   *
   * @see https://docs.docker.com/build/building/secrets/
   * @default - none
   * @keyFormat secretId
   */
  readonly secrets?: { [id: string]: SecretKey };

  /**
   * Platforms that the image is built for, such as `linux/amd64`.
   *
   * @default - the platform of the builder
   * @format buildPlatform
   */
  readonly platforms?: string[];

  /**
   * Time that the build may take, as a duration.
   *
   * @default - the limit of Shipwright and Tekton, an hour by default; none on this computer
   * @format duration 1s
   */
  readonly timeout?: string;
}

/**
 * Where images are built.
 */
export enum BuildPlace {
  /** In the cluster, with Shipwright. */
  CLUSTER = 'cluster',
  /** On the computer that runs the `webapp` command. */
  LOCAL = 'local',
}

/**
 * Where a build finds the results of earlier ones.
 */
export enum BuildCache {
  /** In the app's previous image in the registry. */
  REGISTRY = 'registry',
  /** Nowhere: each build starts from nothing. */
  NONE = 'none',
}

/**
 * How images are built.
 */
export interface Builds {
  /**
   * Where images are pushed: a registry with the path before the app's name, such as `registry.example.com/acme`.
   *
   * @default - each `buildFrom` says it itself, and a folder can be built for a local cluster only
   * @format repository
   */
  readonly registry?: string;

  /**
   * Name of a Secret of type `kubernetes.io/dockerconfigjson` that the cluster pushes images with. It is in the namespace of the builds.
   *
   * @see https://shipwright.io/docs/build/authentication/
   * @default - pushed without authentication
   * @format objectName
   */
  readonly pushSecret?: string;

  /**
   * Namespace of the builds. The pods of a build violate the Pod Security Standard `restricted`, so where apps' namespaces enforce it,
   * builds need a namespace of their own.
   *
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   * @default - the namespace of the app
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * Where the `webapp` command builds a folder.
   *
   * @default - in the cluster if it has Shipwright, else on the computer that runs the command
   */
  readonly where?: BuildPlace;

  /**
   * Where the build of a folder finds the results of earlier builds.
   *
   * With BuildCache.REGISTRY, the cluster pushes all images of an app to one tag, as BuildKit looks for the previous layers under the tag
   * that it pushes to. Apps run their images by digest, so do not let the registry delete images without a tag. With BuildCache.NONE, each
   * image has a tag of its own.
   *
   * @default BuildCache.REGISTRY
   */
  readonly cache?: BuildCache;

  /**
   * ClusterBuildStrategies that images are built with.
   *
   * @default - `webapp-buildpacks`, and a strategy of Shipwright for Dockerfiles
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
   * Name of the ClusterBuildStrategy for BuildStrategy.BUILDPACKS. Shipwright's own, `buildpacks-v3`, puts the program below `/tmp` of the
   * image, so that it works for apps with `security.readOnlyRoot: false` alone.
   *
   * @see docs/build.md
   * @default - `webapp-buildpacks`, which `webapp setup --with builds` installs
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
