/** What platforms come to: every decision made. */
import type { PlatformModel } from '../../../../src/internal';
import { checkPlatform } from '../../../../src/internal-models';
import type { PlatformProps } from 'cdk8s-webapp';

/** A platform with every decision made. Platforms are few, and have many apps: each is resolved once. */
export function platformModel(props: PlatformProps): PlatformModel {
  const known = MODELS.get(props) ?? checkPlatform(props).platform;
  MODELS.set(props, known);
  return known;
}

const MODELS = new WeakMap<PlatformProps, PlatformModel>();

/** The platform of a cluster without one. */
export const NO_PLATFORM: PlatformProps = {};
