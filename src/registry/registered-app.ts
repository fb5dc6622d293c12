import type { ApiObject } from 'cdk8s';
import type { AppModel } from '../model/app';

/** An app of the tree, as far as it may collide with others. */
export interface RegisteredApp {
  /** Path of its construct, which tells two of one name apart. */
  readonly path: string;
  /** The app as methods have amended it by now. */
  readonly model: () => AppModel;
  readonly objects: () => ApiObject[];
}
