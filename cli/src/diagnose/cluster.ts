import type { EntryRequirements } from './entry';
import { checkEntry, checkIssuer } from './entry';
import type { Finding, Program } from './finding';
import { absent, checkProgram, failed, findProgram, ok, unknown } from './finding';
import { sendJson } from '../kube/api';
import type { Cluster } from '../kube/connect';
import { ASK_FOR_ROLE } from '../kube/explain';
import {
  DEPLOY_PERMISSIONS, FORBIDDEN, isAllowed, missingPermissions, permissions, resourceOf, unlessForbidden,
} from '../kube/permissions';
import { HTTP_SCALED_OBJECT, INTERCEPTOR_ROUTE, SCALED_OBJECT } from '../kube/types';

/** What apps need from a cluster. */
export interface Requirements extends EntryRequirements {
  /** The namespace of the HTTP add-on. */
  readonly addonNamespace: string;

  /** The version of the add-on's API. */
  readonly addonApi: string;
}

/** Checks whether a cluster has what apps need. */
export async function checkCluster(cluster: Cluster, requirements: Requirements): Promise<Finding[]> {
  const { gitVersion } = await sendJson<{ readonly gitVersion: string }>(cluster.api, 'GET', '/version');
  const checks = [checkKeda, checkAddon, checkEntry, checkIssuer, checkPermissions];
  return [ok('Kubernetes', gitVersion), ...(await Promise.all(checks.map(async check => check(cluster, requirements)))).flat()];
}

async function checkKeda(cluster: Cluster): Promise<Finding[]> {
  if (!await cluster.objects.knows(SCALED_OBJECT)) return [absent('KEDA', SCALED_OBJECT)];
  const fix = 'run webapp setup, or see https://keda.sh/docs/latest/deploy/';
  const keda = { name: 'KEDA', deployment: 'keda-operator', label: 'keda-operator', fix };
  return [await checkProgram(cluster, keda), ...await checkKedaTuning(cluster, keda)];
}

/** From how many on KEDA's defaults are too low: https://keda.sh/troubleshooting/latest/api-server-throttling */
const MANY_SCALED_OBJECTS = 400;

/** What tells that KEDA is prepared for many apps. */
const KEDA_SETTINGS = { argument: '--kube-api-qps', variable: 'KEDA_SCALEDOBJECT_CTRL_MAX_RECONCILES' };

/** Whether KEDA is prepared for as many apps as there are. */
async function checkKedaTuning(cluster: Cluster, keda: Program): Promise<Finding[]> {
  const all = await unlessForbidden(async () => cluster.objects.list(SCALED_OBJECT, {}));
  if (all === FORBIDDEN || all.length < MANY_SCALED_OBJECTS) return [];
  const found = await findProgram(cluster, keda);
  if (found === FORBIDDEN || !found) return [];
  const containers = found.spec.template.spec?.containers ?? [];
  const { argument, variable } = KEDA_SETTINGS;
  const missing = [
    ...containers.some(({ args = [] }) => args.some(one => one.startsWith(argument))) ? [] : [`the argument ${argument}`],
    ...containers.some(({ env = [] }) => env.some(({ name }) => name === variable)) ? [] : [`the variable ${variable}`],
  ];
  if (missing.length === 0) return [];
  const message = `there are ${all.length} ScaledObjects, and Deployment ${found.metadata.name} does not have ${missing.join(' and ')}`;
  return [failed('KEDA tuning', `${message}: apps wake and sleep late`, 'run webapp setup, which sets both, or see docs/operator.md')];
}

async function checkAddon(cluster: Cluster, { addonNamespace: namespace, addonApi }: Requirements): Promise<Finding[]> {
  const kind = addonApi === 'v1alpha1' ? HTTP_SCALED_OBJECT : { ...INTERCEPTOR_ROUTE, apiVersion: `http.keda.sh/${addonApi}` };
  if (!await cluster.objects.knows(kind)) return [absent('HTTP add-on', kind)];
  const fix = 'check httpAddon.namespace in platform.yaml, or run webapp setup';
  return [await checkProgram(cluster, { name: 'HTTP add-on', namespace, deployment: 'keda-add-ons-http-interceptor', fix })];
}

/** The resources of every app. */
const APPLIED = [
  'serviceaccounts', 'services', 'configmaps', 'deployments.apps', 'jobs.batch', 'poddisruptionbudgets.policy',
  'networkpolicies.networking.k8s.io', 'scaledobjects.keda.sh', 'interceptorroutes.http.keda.sh',
];

async function checkPermissions(cluster: Cluster, { addonNamespace, namespace, gateway }: Requirements): Promise<Finding[]> {
  const route = gateway ? 'httproutes.gateway.networking.k8s.io' : 'ingresses.networking.k8s.io';
  const needed = [
    ...[...APPLIED, route].flatMap(resource => permissions(resource, 'get', 'create', 'patch', 'delete')),
    ...Object.values(DEPLOY_PERMISSIONS).flat(),
    ...permissions('pods/log', 'get'),
    ...permissions('events', 'list'),
  ];
  // The ReferenceGrant that lets a Gateway's routes refer to the interceptor.
  const inAddon = gateway ? permissions('referencegrants.gateway.networking.k8s.io', 'get', 'create', 'patch') : [];
  const verbs = new Map<string, string[]>();
  for (const [where, all] of [[namespace, needed], [addonNamespace, inAddon]] as const) {
    for (const permission of await missingPermissions(cluster, all, where)) {
      const what = `${resourceOf(permission)} in namespace ${where}`;
      verbs.set(what, [...verbs.get(what) ?? [], permission.verb]);
    }
  }
  const missing = [...verbs].map(([what, all]) => `${all.join(', ')} ${what}`);
  const canProbe = await isAllowed(cluster, permissions('services/proxy', 'get')[0], addonNamespace);
  return [
    missing.length === 0
      ? ok('permissions', `everything that a deploy to namespace ${namespace} needs`)
      : failed('permissions', `you are not allowed to ${missing.join('; ')}`, ASK_FOR_ROLE),
    canProbe
      ? ok('probing', 'a deploy can probe apps through the interceptor')
      : unknown('probing', `a deploy cannot probe apps: you are not allowed to get services/proxy in namespace ${addonNamespace}`),
  ];
}
