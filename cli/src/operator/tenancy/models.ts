/** What resources and platforms come to: the props of an app and the platform with every decision made. */
import type { PlatformModel } from '../../../../src/internal';
import { checkPlatform } from '../../../../src/internal';
import { OPERATOR_FIELDS } from '../../config/operator-fields';
import type { WebAppResource } from '../resources';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

/** The props of a resource: its spec, without what is for the operator. */
export function propsOf({ spec }: WebAppResource): WebAppProps {
  const props: { [prop: string]: unknown } = { ...spec };
  for (const field of OPERATOR_FIELDS) delete props[field];
  return props as unknown as WebAppProps;
}

/** A platform with every decision made. Platforms are few, and have many apps: each is resolved once. */
export function platformModel(props: PlatformProps): PlatformModel {
  const known = MODELS.get(props) ?? checkPlatform(props).platform;
  MODELS.set(props, known);
  return known;
}

const MODELS = new WeakMap<PlatformProps, PlatformModel>();

/** The platform of a cluster without one. */
export const NO_PLATFORM: PlatformProps = {};
