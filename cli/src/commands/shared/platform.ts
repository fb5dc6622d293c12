/** What the platform says, for commands about an app that need no file. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileFlags } from './file-flags';
import { configOptions } from './file-flags';
import { Config } from '../../config/config';
import { readPlatform } from '../../config/files';
import { fieldsOf } from '../../config/merge';
import { Prometheus } from '../../figures/prometheus';
import type { Cluster } from '../../kube/connect';
import { clusterPlatform } from '../../operator/cluster-platform';
import { PLATFORM } from '../../operator/resources';
import { Failure } from '../../ui/failure';
import type { World } from '../../ui/world';
import type { PlatformProps } from 'cdk8s-webapp';

/** The flag of a command about an app that reads the platform too. */
export const PLATFORM_FLAG = [
  '--platform <file>', "the platform's file (default: platform.yaml in the folder of the app, or above it; else the operator's)",
] as const;

/** A platform that may come from a file nobody checked: its fields may be anything. */
export type UncheckedPlatform = { readonly [prop in keyof PlatformProps]?: unknown };

/**
 * The Prometheus of a platform; undefined where it names none.
 *
 * @param given the URL of the command line, which takes precedence
 */
export function prometheusOf({ monitoring }: UncheckedPlatform, cluster: Cluster, given: string | undefined): Prometheus | undefined {
  const address = given ?? fieldsOf(monitoring).prometheus;
  if (typeof address !== 'string') return undefined;
  if (!URL.canParse(address)) throw new Failure(`monitoring.prometheus is ${address}, which is not a URL; webapp check says more`);
  return new Prometheus(cluster, address);
}

/** The platform of an app: that of the files, or else the one that the operator has for the namespace. */
export async function platformFor(flags: FileFlags, cluster: Cluster, namespace: string, world: World): Promise<UncheckedPlatform> {
  const hasFile = existsSync(resolve(world.cwd, flags.file));
  const document = hasFile
    ? (await Config.load({ ...configOptions(flags), images: [] }, world)).platform
    : (await readPlatform(flags.platform, world))?.in(flags.env);
  if (document) return document.props;
  if (!await cluster.objects.knows(PLATFORM)) return {};
  return { ...await clusterPlatform(cluster, namespace) };
}
