import { Formats } from './format';
import * as names from './names';
import { whole } from './units';

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
};
