import type { Formats } from './format';
import { formatCheck } from './format';
import * as names from './names';
import type { Check } from './problem';
import { fault } from './problem';
import { bytes, cpu, cron, duration, kubernetesVersion, timezone, whole } from './units';
import { BUILD, BUILD_STRATEGIES } from '../features/build/formats';
import { CONNECTION_TRIGGERS, CONNECTIONS } from '../features/connections/formats';
import { METRICS, MONITORING } from '../features/monitoring/formats';
import { processFormats } from '../features/processes/formats';
import { ROLLOUT } from '../features/rollout/formats';
import { ARGO } from '../features/rollout/formats-argo';
import { COLD_START, MAINTENANCE } from '../features/routing/formats-responses';

/**
 * What each single value may look like: the tables that every value of the props passes before anything is made of it.
 */

/** Providers of KEDA 2.21's `podIdentity.provider`, an enum of its CRD. */
const podIdentity = oneOf('azure-workload', 'gcp', 'aws', 'aws-eks', 'none');
const port = whole(1, 65535, 8080);
const replicas = (least: number) => whole(least, 10000, Math.max(least, 3));

/** So that `keda-hpa-<name>`, the longest name made of it that must be a DNS label, fits 63 characters: KEDA's admission refuses more. */
export const LONGEST_NAME = 63 - 'keda-hpa-'.length;

const APP_DEFAULTS: Formats = {
  'resources.cpu': cpu,
  'resources.cpuLimit': cpu,
  'resources.memory': bytes,
  'resources.memoryLimit': bytes,
  'resources.ephemeralStorage': bytes,
  'health.path': names.requestPath,
  'health.port': port,
  'health.startupTimeout': duration(1),
  'health.interval': duration(1),
  'health.preStopDelay': duration(0),
  'health.terminationGracePeriod': duration(1),
  'scaling.min': replicas(0),
  'scaling.max': replicas(1),
  'scaling.replicas': replicas(0),
  'scaling.concurrency': whole(1, 1000000, 100),
  'scaling.requestRate': whole(1, 1000000, 50),
  'scaling.window': duration(1),
  'scaling.cpu': whole(1, 1000, 70),
  'scaling.memory': whole(1, 1000, 80),
  'scaling.schedule[].start': cron,
  'scaling.schedule[].end': cron,
  'scaling.schedule[].timezone': timezone,
  'scaling.schedule[].replicas': replicas(1),
  'scaling.triggers[].type': triggerType,
  ...CONNECTION_TRIGGERS,
  'scaling.triggers[].metadata{key}': names.notEmpty,
  'scaling.triggers[].name': names.label(63),
  'scaling.triggers[].authentication.secrets{key}': names.notEmpty,
  'scaling.triggers[].authentication.secrets{}.secret': names.objectName,
  'scaling.triggers[].authentication.secrets{}.key': names.dataKey,
  'scaling.triggers[].authentication.podIdentity': podIdentity,
  'scaling.triggers[].authentication.existing': names.objectName,
  'scaling.triggers[].authentication.existingInCluster': names.objectName,
  'scaling.cooldownPeriod': duration(0),
  'scaling.fallback': replicas(1),
  'timeouts.request': duration(1),
  'timeouts.responseHeader': duration(1),
  'timeouts.readiness': duration(1),
  ...COLD_START,
  'security.runAsUser': whole(0, 2147483647, 1000),
  'security.runAsGroup': whole(0, 2147483647, 1000),
  'security.capabilities[]': capability,
};

const LABELS: Formats = {
  'labels{key}': ownLabel,
  'labels{}': names.labelValue,
  'annotations{key}': names.qualifiedName,
};

const TLS: Formats = {
  'tls.clusterIssuer': names.objectName,
  'tls.secretName': names.objectName,
};

/** The form of everything that an app's props say. */
export const webAppFormats = formatCheck({
  'name': names.label(LONGEST_NAME),
  'image': names.image,
  'command[]': names.notEmpty,
  port,
  'hosts[]': names.host,
  'paths[]': names.urlPath,
  'headers{key}': names.headerName,
  'headers{}': names.headerValue,
  'env{key}': names.envName,
  'secretEnv{key}': names.envName,
  'secretEnv{}.secret': names.objectName,
  'secretEnv{}.key': names.dataKey,
  'envFromSecrets[]': names.objectName,
  'files{key}': names.filePath,
  'volumes{key}': names.label(63),
  'volumes{}.path': names.filePath,
  'volumes{}.claim': names.objectName,
  'volumes{}.size': bytes,
  'volumes{}.memory': bytes,
  'volumes{}.empty': bytes,
  'volumes{}.storageClass': names.objectName,
  'serviceAccount.name': names.objectName,
  'serviceAccount.annotations{key}': names.qualifiedName,
  'patches[].kind': names.notEmpty,
  ...BUILD,
  ...MAINTENANCE,
  ...METRICS,
  ...ROLLOUT,
  ...ARGO,
  ...processFormats(APP_DEFAULTS, LONGEST_NAME),
  ...CONNECTIONS,
  ...TLS,
  ...LABELS,
  ...APP_DEFAULTS,
});

/** The form of everything that a platform's props say. */
export const platformFormats = formatCheck({
  'domain': names.domain,
  'clusterDomain': names.clusterDomain,
  'kubernetesVersion': kubernetesVersion,
  'ingress.className': names.objectName,
  'ingress.annotations{key}': names.qualifiedName,
  'ingress.controllerNamespace': names.namespace,
  'ingress.upstreamHeader': names.headerName,
  'gateway.name': names.objectName,
  'gateway.namespace': names.namespace,
  'gateway.sectionName': names.objectName,
  'gateway.httpSectionName': names.objectName,
  'gateway.controllerNamespace': names.namespace,
  'httpAddon.namespace': names.namespace,
  'httpAddon.interceptorService': names.label(63),
  'httpAddon.interceptorPort': port,
  'httpAddon.scalerAddress': scalerAddress,
  'imagePullSecrets[]': names.objectName,
  'scheduling.nodeSelector{key}': names.qualifiedName,
  'scheduling.nodeSelector{}': names.labelValue,
  'scheduling.tolerations[].key': names.qualifiedName,
  'scheduling.tolerations[].operator': oneOf('Equal', 'Exists'),
  'scheduling.tolerations[].value': names.labelValue,
  'scheduling.tolerations[].effect': oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
  'scheduling.priorityClass': names.objectName,
  'cloudNativePgNamespace': names.namespace,
  ...BUILD_STRATEGIES,
  ...MONITORING,
  ...CONNECTIONS,
  ...TLS,
  ...LABELS,
  ...Object.fromEntries(Object.entries(APP_DEFAULTS).map(([path, check]) => [`appDefaults.${path}`, check])),
});

function oneOf(...values: string[]): Check {
  return value => values.includes(value) ? undefined : fault(`is "${value}"`, `write one of ${values.join(', ')}`);
}

function triggerType(value: string) {
  if (value === 'cpu' || value === 'memory') return fault(`is "${value}", which has a property of its own`, `write scaling.${value}: 70 for 70 percent of what is reserved`);
  if (!/^[a-z][a-z0-9-]*$/.test(value)) return fault(`is "${value}", which is no KEDA scaler`, 'write one such as rabbitmq or prometheus');
  return undefined;
}

function capability(value: string) {
  if (value.startsWith('CAP_')) return fault(`is "${value}"`, `write ${value.slice(4)}, without CAP_`);
  if (!/^[A-Z][A-Z_]*$/.test(value)) return fault(`is "${value}", which is no capability`, 'write one such as NET_BIND_SERVICE');
  return undefined;
}

/** Labels that pods are selected by must stay what they are for the life of an app. */
function ownLabel(value: string) {
  if (/^app\.kubernetes\.io\/(name|component|managed-by)$/.test(value)) return fault('tells the app\'s pods apart from others', 'choose another key, such as example.com/name');
  return names.qualifiedName(value);
}

function scalerAddress(value: string) {
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?:\d{1,5}$/.test(value)) return fault(`is "${value}", which is no address`, 'write host:port, such as keda-add-ons-http-external-scaler.keda:9090');
  return undefined;
}
