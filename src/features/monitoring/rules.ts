import type { PlatformProps } from '../../platform/props';
import type { Problem } from '../../validation/problem';
import { about, when } from '../../validation/rule';

/** Whether anybody asks for an app's metrics. */
export const metricsRules = about(['metrics'], ({ platform }) => when(
  [!platform.monitoring, 'metrics',
    'is not supported, because the platform has no monitoring',
    'remove it, or ask your platform team to set monitoring: {}', 'unsupported'],
));

/** What of a platform's monitoring fits together. */
export function monitoringRules({ monitoring }: Partial<PlatformProps>): Problem[] {
  const { logs } = monitoring ?? {};
  return when(
    [monitoring?.podMonitor === false && monitoring.labels !== undefined, 'monitoring.labels',
      'has no effect when podMonitor is false',
      'remove one of them'],
    [logs !== undefined && logs.loki === undefined && logs.victoriaLogs === undefined, 'monitoring.logs',
      'names no store',
      'set loki or victoriaLogs to its URL', 'missing'],
    [logs?.loki !== undefined && logs.victoriaLogs !== undefined, 'monitoring.logs.victoriaLogs',
      'cannot be combined with loki',
      'remove one of them'],
  );
}
