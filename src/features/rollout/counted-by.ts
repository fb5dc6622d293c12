import type { ResolvedScaling } from '../../model/app';

/** How something scales by the requests of a certain route. */
export function countedBy(scaling: ResolvedScaling, route: string): ResolvedScaling {
  return { ...scaling, http: scaling.http && { ...scaling.http, route } };
}
