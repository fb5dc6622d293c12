import type { AppSize, ConfigMapKey, ContainerSecurity, Resources, SecretKey, SecretVariable } from '../../model/props';

/**
 * How a volume of the app is mounted in another container.
 */
export interface ContainerVolume {
  /**
   * Absolute path of the directory in the container.
   *
   * @default - the path in the app
   * @format filePath
   */
  readonly path?: string;

  /**
   * Whether the container mounts the volume read-only.
   *
   * @default - as in the app
   */
  readonly readOnly?: boolean;
}

/**
 * A container in the pods of the app, besides the one that runs the app. It has nothing of the app's configuration but what it names.
 */
export interface AppContainer {
  /**
   * Container image with a tag or a digest.
   *
   * @default - the app's; `command` or `args` is then required
   * @format image
   */
  readonly image?: string;

  /**
   * The program to run. Overrides the ENTRYPOINT of the image.
   *
   * @default - that of the image
   * @format notEmpty
   */
  readonly command?: string[];

  /**
   * Arguments of the program. Overrides the CMD of the image.
   *
   * @default - those of the image
   */
  readonly args?: string[];

  /**
   * Environment variables.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * Environment variables from single keys of Secrets, or with values that are generated, as in `secretEnv` of the app.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly secretEnv?: { [name: string]: SecretVariable };

  /**
   * Environment variables from single keys of ConfigMaps.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly configMapEnv?: { [name: string]: ConfigMapKey };

  /**
   * Names of Secrets of which every key becomes an environment variable.
   *
   * @default - none
   * @format objectName
   */
  readonly envFromSecrets?: string[];

  /**
   * Names of ConfigMaps of which every key becomes an environment variable.
   *
   * @default - none
   * @format objectName
   */
  readonly envFromConfigMaps?: string[];

  /**
   * Whether the container also has all variables of the process that it runs with, those of connections and `PORT` included. Its own take
   * precedence.
   *
   * @default false
   */
  readonly shareEnv?: boolean;

  /**
   * Text files, by absolute path.
   *
   * @default - none
   * @keyFormat filePath
   */
  readonly files?: { [path: string]: string };

  /**
   * Files from single keys of Secrets, by absolute path.
   *
   * @default - none
   * @keyFormat filePath
   */
  readonly secretFiles?: { [path: string]: SecretKey };

  /**
   * Files from single keys of existing ConfigMaps, by absolute path.
   *
   * @default - none
   * @keyFormat filePath
   */
  readonly configMapFiles?: { [path: string]: ConfigMapKey };

  /**
   * Whether the container also has the `files`, `secretFiles` and `configMapFiles` of the app, at the same paths.
   *
   * @default false
   */
  readonly shareFiles?: boolean;

  /**
   * Volumes of the app that the container mounts, by name: `{ cache: {} }`. `/tmp` is its own unless a volume is mounted there.
   *
   * @default - none
   * @keyFormat label 63
   */
  readonly volumes?: { [name: string]: ContainerVolume };

  /**
   * CPU and memory, by name. An init container with a size of its own keeps the disk limit of the app.
   *
   * @default - AppSize.XS for a sidecar, and that of the app for an init container
   */
  readonly size?: AppSize;

  /**
   * CPU and memory amounts that override those of `size`.
   *
   * @default - the amount of `size`
   */
  readonly resources?: Resources;

  /**
   * Security settings of the container.
   *
   * @default - the user of the app, a read-only root file system and no capabilities
   */
  readonly security?: ContainerSecurity;

  /**
   * Processes whose pods have the container: `web`, names of `workers` and `cronJobs`, and `release` for the release command.
   *
   * @default ['web']
   */
  readonly processes?: string[];
}

/**
 * A container that runs as long as the app does, in the same pod, such as a proxy to a database. It shares the network of the app: each
 * reaches the other at `localhost`.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export interface Sidecar extends AppContainer {
  /**
   * Port that the sidecar listens on. What starts after it, such as the app, waits until it accepts connections there. A sidecar that does
   * not within two minutes is restarted.
   *
   * @default - what starts after it does not wait
   * @range 1..65535
   */
  readonly port?: number;

  /**
   * Whether the sidecar starts before the init containers, which can then use it. Requires Kubernetes 1.29.
   *
   * @default false
   */
  readonly beforeInitContainers?: boolean;
}
