/** What only the operator uses of the library: it needs the models of apps, and so cdk8s. */
export type { Footprint } from './footprint';
export { footprintOf } from './footprint';
export { checkPlatform } from './platform/check';
export type { Exclusive } from './registry/collisions';
export { exclusiveProblem } from './registry/collisions';
