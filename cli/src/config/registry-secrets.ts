import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { appOf, loadFor } from './app-plan';
import type { ConfigOptions } from './config';
import { readPlatform } from './files';
import type { Fields, Strings } from './merge';
import { stringsOf } from './merge';
import type { Cluster } from '../kube/connect';
import { DOCKER_HUB, parseReference } from '../registry/reference';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** What the cluster does with the credentials of a registry. */
export type Purpose = 'pull' | 'push';

/** Where the credentials of a registry are for a purpose. */
export interface SecretUse {
  readonly purpose: Purpose;
  readonly namespace: string;

  /** The names of Secrets that the files have for it, of which one is enough. */
  readonly names: readonly string[];
}

/** The apps and the platform of the files, with what they say about registries. Props are not checked. */
export class RegistryConfig {
  /** Reads the files. Without the default file there are no apps, but there may be a platform. */
  public static async load(cluster: Cluster, options: ConfigOptions, world: World): Promise<RegistryConfig> {
    if (options.file === DEFAULT_FILE && !existsSync(resolve(world.cwd, options.file))) {
      const platform = await readPlatform(options.platform, world);
      return new RegistryConfig(platform?.in(options.env).props ?? {}, [{ namespace: cluster.namespace, props: {} }]);
    }
    const config = await loadFor(cluster, options, world);
    config.failIfUnreadable();
    const apps = config.apps.map(document => ({ namespace: appOf(config, document).namespace, props: document.props }));
    return new RegistryConfig(config.platform?.props ?? {}, apps);
  }

  private constructor(
    private readonly platform: Fields, private readonly apps: readonly { readonly namespace: string; readonly props: Fields }[],
  ) {}

  /** The registry to which images are pushed, as the platform's file says. */
  public get pushRegistry(): string | undefined {
    const { registry } = this.builds;
    return registry === undefined ? undefined : registryOf(registry);
  }

  /**
   * Where the apps have the credentials of a registry.
   *
   * @param purpose only for this; by default for pulling, and for pushing where images are pushed to the registry
   */
  public secretUses(registry: string, purpose?: Purpose): SecretUse[] {
    const { builds } = this;
    return this.apps.flatMap(({ namespace, props: { imagePullSecrets, buildFrom } }) => {
      const { image, pushSecret = builds.pushSecret } = stringsOf(buildFrom);
      const target = image ?? builds.registry;
      const isPushedTo = target === undefined ? pushSecret !== undefined : registryOf(target) === registry;
      const pull = new Set([...listOf(this.platform.imagePullSecrets), ...listOf(imagePullSecrets)]);
      const uses: SecretUse[] = [
        { purpose: 'pull', namespace, names: [...pull] },
        { purpose: 'push', namespace: builds.namespace ?? namespace, names: pushSecret === undefined ? [] : [pushSecret] },
      ];
      return uses.filter(use => (purpose === undefined ? use.purpose === 'pull' || isPushedTo : use.purpose === purpose));
    });
  }

  /** How the platform has images built. */
  private get builds(): Strings {
    return stringsOf(this.platform.builds);
  }
}

const DEFAULT_FILE = 'webapp.yaml';

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/**
 * The registry of a name, which may have a scheme and a path.
 *
 * @throws Failure where it is the name of something else
 */
export function registryOf(name: string): string {
  const written = name.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  // To docker, a word without a dot is not a registry, but a user of Docker Hub.
  const registry = parseReference(`${written}/image`)?.registry;
  const isHost = registry !== undefined && (registry !== DOCKER_HUB || /^(?:[\w-]+\.)?docker\.io(?:\/|$)/.test(written));
  if (!isHost) throw new Failure(`${name} is not a registry; use a host such as ghcr.io, or docker.io for Docker Hub`);
  return registry;
}
