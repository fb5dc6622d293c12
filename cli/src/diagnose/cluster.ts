import { examineEntry, examineIssuer, WantedEntry } from './entry';
import { Finding, lacking, unknown, well } from './finding';
import { absent, running } from './program';
import type { Cluster } from '../kube/connect';
import { BESIDE_APPLYING, Deed, may, notAllowed, resourceOf } from '../kube/permissions';

/** What of the platform matters here. */
export interface Wanted extends WantedEntry {
  /** The namespace of the add-on. */
  readonly addonNamespace: string;

  /** The version of the add-on's API that is used. */
  readonly addonApi: string;
}

/** What a cluster has and lacks of what apps need. */
export async function examine(cluster: Cluster, wanted: Wanted): Promise<Finding[]> {
  const { gitVersion } = await cluster.api.json('GET', '/version');
  const looks = [keda, addon, examineEntry, examineIssuer, permissions];
  return [well('Kubernetes', gitVersion), ...(await Promise.all(looks.map(async look => look(cluster, wanted)))).flat()];
}

async function keda(cluster: Cluster): Promise<Finding[]> {
  if (!await cluster.objects.knows('keda.sh/v1alpha1', 'ScaledObject')) return [absent('KEDA', 'keda.sh/v1alpha1', 'ScaledObject')];
  return [await running(cluster, { what: 'KEDA', name: 'keda-operator', label: 'keda-operator', fix: 'see https://keda.sh/docs/latest/deploy/' })];
}

async function addon(cluster: Cluster, { addonNamespace: namespace, addonApi }: Wanted): Promise<Finding[]> {
  const kind = addonApi === 'v1alpha1' ? 'HTTPScaledObject' : 'InterceptorRoute';
  const version = `http.keda.sh/${addonApi}`;
  if (!await cluster.objects.knows(version, kind)) return [absent('HTTP add-on', version, kind)];
  return [await running(cluster, { what: 'HTTP add-on', namespace, name: 'keda-add-ons-http-interceptor', fix: 'is httpAddon.namespace in platform.yaml right?' })];
}

/** What the objects of an app are, whatever leads to it. */
const APPLIED = [
  'serviceaccounts', 'services', 'configmaps', 'deployments.apps', 'jobs.batch', 'poddisruptionbudgets.policy', 'networkpolicies.networking.k8s.io',
  'scaledobjects.keda.sh', 'interceptorroutes.http.keda.sh',
];

async function permissions(cluster: Cluster, { addonNamespace, namespace, gateway }: Wanted): Promise<Finding[]> {
  const entry = gateway ? 'httproutes.gateway.networking.k8s.io' : 'ingresses.networking.k8s.io';
  const deeds = [...[...APPLIED, entry].flatMap(resource => deedsWith(resource, 'get', 'create', 'patch', 'delete')), ...Object.values(BESIDE_APPLYING).flat(), ...deedsWith('pods/log', 'get'), ...deedsWith('events', 'list')];
  const denied = [
    ...(await notAllowed(cluster, deeds, namespace)).map(deed => [deed, namespace] as const),
    // The grant that leads a Gateway's routes to the interceptor.
    ...gateway ? (await notAllowed(cluster, deedsWith('referencegrants.gateway.networking.k8s.io', 'get', 'create', 'patch'), addonNamespace)).map(deed => [deed, addonNamespace] as const) : [],
  ];
  const verbs = new Map<string, string[]>();
  for (const [deed, where] of denied) {
    const what = `${resourceOf(deed)} in namespace ${where}`;
    verbs.set(what, [...verbs.get(what) ?? [], deed[0]]);
  }
  const lines = [...verbs].map(([what, all]) => `${all.join(', ')} ${what}`);
  const proxy = await may(cluster, ['get', '', 'services/proxy'], addonNamespace);
  return [
    lines.length === 0 ? well('permissions', `all that a deploy to namespace ${namespace} needs`) : lacking('permissions', `you may not ${lines.join('; ')}`, 'ask whoever runs the cluster for a role that allows it'),
    proxy ? well('asking apps', 'a deploy can ask apps through the interceptor') : unknown('asking apps', `without get services/proxy in namespace ${addonNamespace} a deploy cannot ask whether an app answers`),
  ];
}

function deedsWith(path: string, ...verbs: string[]): Deed[] {
  const [resource, ...group] = path.split('.');
  return verbs.map(verb => [verb, group.join('.'), resource]);
}
