import type { Command } from 'commander';
import { Pins } from '../../engine/pin';
import type { Cluster } from '../../kube/connect';
import { networkRegistries } from '../../registry/registries';
import type { World } from '../../ui/world';

/** Whether to pin images: without a flag, those of clusters that are not local. */
export interface PinFlags {
  readonly pin?: boolean;
}

/** Adds the flags of commands that pin images to their digests. */
export function addPinFlags(command: Command): void {
  command
    .option('--pin', 'pin images to their digests in a local cluster too, such as one of kind')
    .option('--no-pin', 'run images by tag: do not ask their registries for digests');
}

/** Pins images as the flags say. */
export function pinsFor({ pin }: PinFlags, cluster: Cluster, world: World): Pick<Pins, 'pin'> {
  if (pin === false) return { pin: async apps => [...apps] };
  const warn = (text: string) => world.err(`warning: ${text}\n`);
  return new Pins({ cluster, registries: world.registries ?? networkRegistries(world), warn, always: pin });
}
