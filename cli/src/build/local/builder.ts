import type { BuildLog } from './build-log';
import type { LocalCluster } from './local-cluster';
import type { BuildRequest } from '../request';

/** What a builder has to be able to do. */
export interface BuildTask {
  readonly request: BuildRequest;

  /** The name of the image, with its tag. */
  readonly image: string;

  /** None for the platform of the builder. */
  readonly platforms: readonly string[];

  /** The cluster that runs the image without a registry; undefined where it is pushed. */
  readonly cluster?: LocalCluster;
}

/** A build on this computer. */
export interface LocalBuild extends BuildTask {
  /** The values of the build secrets, by their ids. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly log: BuildLog;
}

/** The images of a builder that are on this computer. */
export interface ImageStore {
  hasStored(image: string): Promise<boolean>;

  /**
   * Writes an image to an archive, in the format of `docker save`.
   *
   * @throws ProgramError
   */
  save(image: string, file: string): Promise<void>;
}

/** A program on this computer that builds images. */
export interface Builder extends ImageStore {
  readonly name: string;

  /**
   * Builds an image, and pushes it with the builder's own credentials.
   *
   * @returns its digest in the registry
   * @throws ProgramError
   */
  publish(build: LocalBuild): Promise<string>;

  /**
   * Builds an image into the builder's store.
   *
   * @throws ProgramError
   */
  store(build: LocalBuild): Promise<void>;
}

/**
 * What builders of Dockerfiles have in common.
 *
 * @param pull the flag that pulls base images even if there are some
 */
export function dockerfileFlags({ request: { env, target, rebuild }, platforms }: BuildTask, pull = '--pull'): string[] {
  return [
    ...rebuild ? [pull, '--no-cache'] : [],
    ...Object.entries(env).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...target === undefined ? [] : ['--target', target],
    ...platforms.length === 0 ? [] : ['--platform', platforms.join(',')],
  ];
}

/** What is being done, as it is shown. */
export const building = ({ request: { app } }: BuildTask, { name }: Builder) => `building ${app.name} with ${name}`;
export const pushing = ({ image }: BuildTask, { name }: Builder) => `pushing ${image} with ${name}`;
