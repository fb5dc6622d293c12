import { Failure } from '../../ui/failure';
import type { World } from '../../ui/world';

export interface Confirmation {
  /** What will be lost, in lines for people. */
  readonly about: string;

  /** What the command is about to do: `remove all of this`. */
  readonly to: string;

  /** What the user has to type. */
  readonly name: string;

  /** What the failure says where the user types something else. */
  readonly otherwise: string;
}

/**
 * Asks before something is destroyed.
 *
 * @throws Failure where the user does not confirm it, or there is nobody to ask
 */
export async function confirm({ about, to, name, otherwise }: Confirmation, world: World): Promise<void> {
  if (!world.interactive) throw new Failure('there is no terminal to ask for confirmation; pass --yes');
  world.err(about);
  const answer = await world.ask(`To ${to}, type ${name}: `);
  if (answer.trim() !== name) throw new Failure(`not confirmed; ${otherwise}`);
}

export const REMOVAL = { to: 'remove all of this', otherwise: 'nothing was removed' };
