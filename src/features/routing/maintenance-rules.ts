import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';

/** Whether something is there that can answer in an app's place. One that is switched off is checked as well, so that the switch works. */
export const maintenanceRules: Rule = (app, said) => {
  if (said.maintenance === undefined) return [];
  if (!app.route.interceptor) {
    return when([true, 'maintenance', 'is not supported, because the app is not scaled by HTTP, so nothing can answer in its place', 'remove it, or set scaling.concurrency']);
  }
  return when([app.platform.httpAddon.api === 'v1alpha1', 'maintenance', 'is not supported by the add-on\'s API v1alpha1',
    'remove it, or set the platform\'s httpAddon.api to v1beta1']);
};
