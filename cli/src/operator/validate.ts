import type { LiveObjects } from './live-objects';
import type { Planner } from './plan';
import type { Platforms } from './platforms';
import type { PlatformResource, WebAppResource } from './resources';
import { nameOf, PLATFORM, WEB_APP } from './resources';
import type { ClaimIndex } from './triggers';
import type { Validate, Verdict } from './webhook/review';
import { checkPlatform } from '../../../src/internal-models';
import { isKind } from '../kube/types';

/** What the checks of resources need. */
export interface ValidatorOptions {
  readonly live: LiveObjects;
  readonly platforms: Platforms;
  readonly claims: ClaimIndex;
  readonly planner: Pick<Planner, 'check'>;

  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Checks resources that are about to be stored as the operator checks those that are: with the same words. */
export function validator(options: ValidatorOptions): Validate {
  return ({ apiVersion = '', kind = '', ...resource }) => {
    if (isKind({ apiVersion, kind }, WEB_APP)) return checkApp(resource as WebAppResource, options);
    const isPlatform = isKind({ apiVersion, kind }, PLATFORM);
    return { problems: isPlatform ? checkPlatform((resource as PlatformResource).spec).problems : [], warnings: [] };
  };
}

/** Nothing else runs meanwhile, so nobody sees the claims of an app that may not be stored. */
function checkApp(resource: WebAppResource, { live, platforms, claims, planner, now }: ValidatorOptions): Verdict {
  const app = nameOf(resource);
  const platform = platforms.of(app.namespace).platform?.spec;
  const { creationTimestamp = new Date(now()).toISOString() } = resource.metadata;
  const stored = live.get({ ...WEB_APP, ...app });
  // What it has is what the operator has written, and not what the author sends.
  const wanted = { ...resource, status: stored?.status, metadata: { ...resource.metadata, creationTimestamp } };
  claims.update(wanted, platform);
  try {
    const { app: planned, problems = [] } = planner.check(wanted);
    return { problems, warnings: planned?.warnings ?? [] };
  } finally {
    if (stored) claims.update(stored, platform);
    else claims.remove(app);
  }
}
