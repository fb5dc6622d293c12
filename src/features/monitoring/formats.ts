import type { Formats } from '../../validation/format';
import * as names from '../../validation/names';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';
import { whole } from '../../validation/units';

/** The form of where an app's metrics are. */
export const METRICS: Formats = {
  'metrics.path': names.requestPath,
  'metrics.port': whole(1, 65535, 9090),
};

/** The form of how a platform's monitoring finds them. */
export const MONITORING: Formats = {
  'monitoring.labels{key}': names.qualifiedName,
  'monitoring.labels{}': names.labelValue,
  'monitoring.namespace': names.namespace,
  'monitoring.prometheus': address,
};

function address(value: string): ReturnType<Check> {
  const hint = 'write one such as http://prometheus.monitoring:9090';
  if (!/^https?:\/\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[\w./-]*)?$/.test(value)) return fault(`is ${quoted(value)}, which is no address of an API`, hint);
  return undefined;
}
