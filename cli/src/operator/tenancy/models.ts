/** Platforms with every decision made: they are few, and have many apps, so each is resolved once. */
import type { PlatformModel } from '../../../../src/internal';
import { checkPlatform } from '../../../../src/internal';
import type { PlatformProps } from 'cdk8s-webapp';

export function platformModel(props: PlatformProps): PlatformModel {
  const known = MODELS.get(props) ?? checkPlatform(props).platform;
  MODELS.set(props, known);
  return known;
}

const MODELS = new WeakMap<PlatformProps, PlatformModel>();

/** The platform of a cluster without one. */
export const NO_PLATFORM: PlatformProps = {};
