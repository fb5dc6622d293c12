import type { NodeToleration, Spread } from './props';
import type { Strings } from './strings';

/** Where pods run. */
export interface SchedulingModel {
  readonly nodeSelector: Strings;
  readonly tolerations: readonly NodeToleration[];
  readonly spread: `${Spread}`;
  /** Undefined for the default of the cluster. */
  readonly priorityClass?: string;
}
