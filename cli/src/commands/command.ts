import type { Command } from 'commander';
import type { World } from '../ui/world';

/**
 * Adds the flags, the help and the action of a command.
 *
 * @param complete loads the whole program, with the flags of all commands
 */
export type Define = (command: Command, world: World, complete: () => Promise<Command>) => void;
