import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';

/** What of `coldStart` fits together, and which add-on has it. */
export const coldStartRules: Rule = (app, said) => {
  const { placeholder, maxPending } = app.route;
  if (!app.route.interceptor) return [];
  const own = said.coldStart?.maxPending;
  const old = app.platform.httpAddon.api === 'v1alpha1';
  return when(
    [old && own !== undefined, 'coldStart.maxPending', 'is not supported by the add-on\'s API v1alpha1', 'remove it, or set the platform\'s httpAddon.api to v1beta1', 'unsupported'],
    [own?.overflow === 'placeholder' && !placeholder, 'coldStart.maxPending.overflow', 'is placeholder, but coldStart.placeholder is missing', 'set coldStart.placeholder, or overflow: reject'],
    [said.coldStart !== undefined && maxPending?.overflow === 'reject' && placeholder, 'coldStart.maxPending.overflow', 'is reject, but with a placeholder no request waits',
      'set overflow: placeholder, or remove one of them'],
  );
};
