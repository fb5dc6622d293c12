import type { PlatformProps } from '../../platform/props';
import type { Problem } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { when } from '../../validation/rule';

/** Whether anybody asks for an app's metrics. */
export const metricsRules: Rule = ({ platform }, said) => when(
  [said.metrics !== undefined && !platform.monitoring, 'metrics', 'is set, but the platform has no monitoring', 'leave it away, or ask the platform team for monitoring: {}', 'unsupported'],
);

/** What of a platform's monitoring fits together. */
export function monitoringRules({ monitoring }: Partial<PlatformProps>): Problem[] {
  return when(
    [monitoring?.podMonitor === false && monitoring.labels !== undefined, 'monitoring.labels', 'is set, but there are no PodMonitors that could have them', 'leave away either of the two'],
  );
}
