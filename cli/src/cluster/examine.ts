import type { Cluster } from './connect';
import { Finding, lacking, unknown, well } from './finding';
import { ApiError } from './kubernetes-api';
import { allowed, BESIDE_APPLYING, Deed, FORBIDDEN, may, notAllowed, resourceOf } from './permissions';
import { notInstalled } from './words';

/** What of the platform matters here. */
export interface Wanted {
  /** The namespace of the add-on. */
  readonly addonNamespace: string;

  /** The version of the add-on's API that is used. */
  readonly addonApi: string;

  readonly ingressClass?: string;
  readonly gateway?: { readonly name: string; readonly namespace?: string };
  readonly clusterIssuer?: string;
}

/** What a cluster has and lacks of what apps need. */
export async function examine(cluster: Cluster, wanted: Wanted): Promise<Finding[]> {
  const { gitVersion } = await cluster.api.json('GET', '/version');
  const looks = [keda, addon, entry, issuer, permissions];
  return [well('Kubernetes', gitVersion), ...(await Promise.all(looks.map(async look => look(cluster, wanted)))).flat()];
}

async function keda(cluster: Cluster): Promise<Finding[]> {
  if (!await cluster.objects.knows('keda.sh/v1alpha1', 'ScaledObject')) return [absent('KEDA', 'keda.sh/v1alpha1', 'ScaledObject')];
  return [await running(cluster, 'KEDA', undefined, ['app=keda-operator', 'app.kubernetes.io/name=keda-operator'], 'keda-operator')];
}

async function addon(cluster: Cluster, { addonNamespace, addonApi }: Wanted): Promise<Finding[]> {
  const kind = addonApi === 'v1alpha1' ? 'HTTPScaledObject' : 'InterceptorRoute';
  const version = `http.keda.sh/${addonApi}`;
  if (!await cluster.objects.knows(version, kind)) return [absent('HTTP add-on', version, kind)];
  return [await running(cluster, 'HTTP add-on', addonNamespace, [], 'keda-add-ons-http-interceptor')];
}

async function running(
  { objects }: Cluster, what: string, namespace: string | undefined, selectors: readonly string[], name: string,
): Promise<Finding> {
  try {
    const all = await objects.list('apps/v1', 'Deployment', namespace);
    const found = all.find(({ metadata }) => metadata.name === name) ?? all.find(({ metadata: { labels = {} } }) => selectors.some(selector => labels[selector.split('=')[0]] === selector.split('=')[1]));
    if (!found) return lacking(what, `its API is there, but no ${name} runs${namespace ? ` in namespace ${namespace}` : ''}`, namespace ? 'is httpAddon.namespace in platform.yaml right?' : undefined);
    const { metadata, status: { availableReplicas = 0 }, spec: { template } } = found;
    const image = template.spec.containers[0].image;
    return availableReplicas > 0 ? well(what, image) : lacking(what, `${metadata.name} has no pod that is ready`, `kubectl describe pods --namespace ${metadata.namespace}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return unknown(what, 'its API is there; whether it runs you may not see');
    throw error;
  }
}

async function entry({ objects }: Cluster, { ingressClass, gateway }: Wanted): Promise<Finding[]> {
  if (gateway) {
    const kind = 'Gateway';
    if (!await objects.knows('gateway.networking.k8s.io/v1', kind)) return [absent('entry', 'gateway.networking.k8s.io/v1', kind)];
    const found = await allowed(async () => objects.get({ apiVersion: 'gateway.networking.k8s.io/v1', kind, namespace: gateway.namespace, name: gateway.name }));
    if (found === FORBIDDEN) return [unknown('entry', `you may not see Gateway ${gateway.name}`)];
    return [found ? well('entry', `Gateway ${gateway.name}`) : lacking('entry', `there is no Gateway ${gateway.name} in namespace ${gateway.namespace}`, 'name another as gateway in platform.yaml')];
  }
  const classes = await allowed(async () => objects.list('networking.k8s.io/v1', 'IngressClass', undefined));
  if (classes === FORBIDDEN) return [unknown('entry', 'you may not see the IngressClasses')];
  const names: string[] = classes.map(({ metadata }: any) => metadata.name);
  const standard = classes.find(({ metadata }: any) => metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true');
  const chosen = ingressClass ?? standard?.metadata.name;
  if (chosen !== undefined && names.includes(chosen)) return [well('entry', `IngressClass ${chosen}`)];
  const there = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none: no ingress controller is installed';
  return [lacking('entry', ingressClass === undefined ? `no IngressClass is the default; ${there}` : `the cluster has no IngressClass ${ingressClass}; ${there}`,
    names.length > 0 ? `write ingress: { className: ${names[0]} } into platform.yaml` : 'install an ingress controller, or a gateway; see docs/routing.md')];
}

async function issuer({ objects }: Cluster, { clusterIssuer }: Wanted): Promise<Finding[]> {
  if (clusterIssuer === undefined) return [];
  if (!await objects.knows('cert-manager.io/v1', 'ClusterIssuer')) return [absent('TLS', 'cert-manager.io/v1', 'ClusterIssuer')];
  const found = await allowed(async () => objects.get({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', name: clusterIssuer }));
  if (found === FORBIDDEN) return [unknown('TLS', `you may not see ClusterIssuer ${clusterIssuer}`)];
  const ready = found?.status?.conditions?.find(({ type }: any) => type === 'Ready');
  if (ready?.status === 'True') return [well('TLS', `ClusterIssuer ${clusterIssuer}`)];
  return [found ? lacking('TLS', `ClusterIssuer ${clusterIssuer} is not ready: ${ready?.message ?? 'it has not said why'}`, `kubectl describe clusterissuer ${clusterIssuer}`)
    : lacking('TLS', `there is no ClusterIssuer ${clusterIssuer}`, 'see https://cert-manager.io/docs/configuration/')];
}

/** What a deploy of an app applies, and what else it asks for. */
const DEEDS: readonly Deed[] = [
  ...(['deployments.apps', 'services', 'serviceaccounts', 'configmaps', 'jobs.batch', 'poddisruptionbudgets.policy', 'networkpolicies.networking.k8s.io', 'ingresses.networking.k8s.io', 'scaledobjects.keda.sh', 'interceptorroutes.http.keda.sh']
    .flatMap(name => ['get', 'create', 'patch', 'delete'].map((verb): Deed => [verb, name.split('.').slice(1).join('.'), name.split('.')[0]]))),
  ...Object.values(BESIDE_APPLYING).flat(),
  ['get', '', 'pods/log'], ['list', '', 'events'],
];

async function permissions(cluster: Cluster, { addonNamespace }: Wanted): Promise<Finding[]> {
  const { namespace } = cluster;
  const denied = new Map<string, string[]>();
  for (const deed of await notAllowed(cluster, DEEDS, namespace)) denied.set(resourceOf(deed), [...denied.get(resourceOf(deed)) ?? [], deed[0]]);
  const lines = [...denied].map(([resource, verbs]) => `${verbs.join(', ')} ${resource}`);
  const proxy = await may(cluster, ['get', '', 'services/proxy'], addonNamespace);
  return [
    lines.length === 0 ? well('permissions', `all that a deploy to namespace ${namespace} needs`) : lacking('permissions', `in namespace ${namespace} you may not ${lines.join('; ')}`, 'ask whoever runs the cluster for a role that allows it'),
    proxy ? well('asking apps', 'a deploy can ask apps through the interceptor') : unknown('asking apps', `without get services/proxy in namespace ${addonNamespace} a deploy cannot ask whether an app answers`),
  ];
}

function absent(what: string, apiVersion: string, kind: string): Finding {
  const [found, fix] = notInstalled(apiVersion, kind).split('\n  ');
  return lacking(what, found, fix);
}
