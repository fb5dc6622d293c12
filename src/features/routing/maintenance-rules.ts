import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';

/** Whether something is there that can answer in an app's place. One that is switched off is checked as well, so that the switch works. */
export const maintenanceRules: Rule = (app, said) => {
  if (said.maintenance === undefined) return [];
  if (!app.route.interceptor) {
    return when([true, 'maintenance', 'is set, but the app is not scaled by HTTP, so that nothing stands before it that could answer', 'leave it away, or add scaling.concurrency']);
  }
  return when([app.platform.httpAddon.api === 'v1alpha1', 'maintenance', 'is set, but the add-on\'s API v1alpha1 has no answers of its own',
    'leave it away, or set the platform\'s httpAddon.api to v1beta1']);
};
