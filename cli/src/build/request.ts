import type { Source } from './source';
import type { AppName } from '../kube/types';

/** A key of a Secret. */
export interface SecretReference {
  readonly secret: string;
  readonly key: string;
}

/** An image to be built from a folder of this computer: all that a builder has to know. */
export interface BuildRequest {
  readonly app: AppName;
  readonly source: Source;

  /** How it is built. Static files come with a Dockerfile of ours. */
  readonly strategy: 'dockerfile' | 'buildpacks';

  /** The path of the Dockerfile in the source; undefined with buildpacks. */
  readonly dockerfile?: string;

  /** Whether the app mounts a volume at `/tmp`, which hides what its image has there. */
  readonly hidesTmp?: boolean;

  /** Build arguments of a Dockerfile, or environment variables of buildpacks. */
  readonly env: { readonly [name: string]: string };

  /** What `RUN --mount=type=secret,id=NAME` mounts. */
  readonly secrets: { readonly [id: string]: SecretReference };

  /** The stage of the Dockerfile; undefined for the last one. */
  readonly target?: string;

  /** `linux/amd64`, …; none for the one of the builder. */
  readonly platforms: readonly string[];

  /** How long the build may take, in seconds; undefined for the limit of the builder. */
  readonly timeout?: number;

  /** The repository of the image, without a tag; undefined if the platform names no registry. */
  readonly repository?: string;

  /** A hash of all that goes into the image. */
  readonly hash: string;

  /** Whether it is built even if it has been, from the latest base images and without the results of earlier builds. */
  readonly rebuild?: boolean;
}

/** Is called before a build that takes its time, and may fail; not where the image exists. */
export type BeforeBuild = () => Promise<void>;

/** An image that exists. */
export interface BuiltImage {
  /** With its digest, unless the builder does not know it. */
  readonly image: string;

  /** How long the build took, in seconds; undefined if the image was there already. */
  readonly seconds?: number;
}
