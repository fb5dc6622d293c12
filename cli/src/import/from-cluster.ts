import type { SourceFile } from './source/node';
import { fieldsOf } from '../config/merge';
import type { Cluster } from '../kube/connect';
import type { Kind, KubernetesObject } from '../kube/types';
import { Failure } from '../ui/failure';

const DEPLOYMENT: Kind = { apiVersion: 'apps/v1', kind: 'Deployment' };
const SERVICE: Kind = { apiVersion: 'v1', kind: 'Service' };

/** Kinds that may be about a Deployment, each where it names it. */
const AROUND: readonly Kind[] = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' },
  { apiVersion: 'http.keda.sh/v1alpha1', kind: 'HTTPScaledObject' },
  { apiVersion: 'http.keda.sh/v1beta1', kind: 'InterceptorRoute' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
];

/**
 * Reads a Deployment and the objects around it. Secrets are not read, and of ConfigMaps only the names of their keys are kept.
 *
 * @param target `deploy/web`
 * @throws Failure if the Deployment does not exist
 */
export async function readFromCluster({ objects, namespace, context }: Cluster, target: string, folder: string): Promise<SourceFile> {
  const [, name] = /^(?:deploy(?:ment)?s?(?:\.apps)?\/)?([a-z0-9][a-z0-9.-]*)$/.exec(target) ?? [];
  if (name === undefined) throw new Failure(`--from-cluster is ${target}; name a Deployment, such as deploy/web`);
  const deployment = await objects.get<KubernetesObject>({ ...DEPLOYMENT, namespace, name });
  if (!deployment) {
    throw new Failure(`the namespace ${namespace} of ${context} has no Deployment ${name}; name its namespace with --namespace`);
  }
  const list = async ({ apiVersion, kind }: Kind): Promise<KubernetesObject[]> => {
    if (!await objects.knows({ apiVersion, kind })) return [];
    // Items of a list do not name their kind.
    return (await objects.list<KubernetesObject>({ apiVersion, kind }, { namespace })).map(one => ({ ...one, apiVersion, kind }));
  };

  const template = fieldsOf(fieldsOf(fieldsOf(deployment).spec).template);
  const labels = fieldsOf(fieldsOf(template.metadata).labels);
  const selects = (selector: unknown) => {
    const pairs = Object.entries(fieldsOf(selector));
    return pairs.length > 0 && pairs.every(([label, value]) => labels[label] === value);
  };
  const image = imageOf(template);
  const [deployments, services, ...others] = await Promise.all([list(DEPLOYMENT), list(SERVICE), ...AROUND.map(list)]);
  const behind = services.filter(one => selects(fieldsOf(fieldsOf(one).spec).selector));
  // Workers and jobs run the same image.
  const same = deployments.filter(one => one.metadata.name !== name && imageOf(fieldsOf(fieldsOf(fieldsOf(one).spec).template)) === image);
  const names = new Set([name, ...same.map(one => one.metadata.name), ...behind.map(one => one.metadata.name)]);
  const isAbout = (one: KubernetesObject) => {
    const spec = fieldsOf(fieldsOf(one).spec);
    if (one.kind === 'PodDisruptionBudget') return selects(fieldsOf(spec.selector).matchLabels);
    if (one.kind === 'CronJob') return imageOf(fieldsOf(fieldsOf(fieldsOf(spec.jobTemplate).spec).template)) === image;
    // What KEDA creates goes with its ScaledObject.
    if (/^keda-hpa-/.test(one.metadata.name)) return false;
    return [...JSON.stringify(spec).matchAll(/"(?:name|service|deployment)":"([^"]+)"/g)].some(([, named]) => names.has(named));
  };
  const found = [{ ...deployment, ...DEPLOYMENT }, ...same, ...behind, ...others.flat().filter(isAbout)];
  const get = async (kind: string, one: string) => objects.get<KubernetesObject>({ apiVersion: 'v1', kind, namespace, name: one });
  const referred = await Promise.all([
    ...namesIn(found, /"configMap":\{[^}]*?"name":"([^"]+)"/g).map(async one => get('ConfigMap', one)),
    ...namesIn(found, /"claimName":"([^"]+)"/g).map(async one => get('PersistentVolumeClaim', one)),
  ]);
  const kept = referred.filter(one => one !== undefined).map(one => withoutValues(one));
  const items = [...found, ...kept].map(({ metadata, ...rest }) => ({ ...rest, metadata: withoutFields(metadata), status: undefined }));
  return { name: target, folder, text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 1), hasLines: false };
}

function imageOf(template: unknown): unknown {
  const { containers } = fieldsOf(fieldsOf(template).spec);
  return Array.isArray(containers) ? fieldsOf(containers[0]).image : undefined;
}

function namesIn(objects: readonly object[], pattern: RegExp): string[] {
  return [...new Set([...JSON.stringify(objects).matchAll(pattern)].map(([, name]) => name))];
}

function withoutValues(object: KubernetesObject): KubernetesObject {
  const { data, binaryData, ...rest } = object as KubernetesObject & { data?: object; binaryData?: object };
  const kind = data || binaryData ? { apiVersion: 'v1', kind: 'ConfigMap' } : { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
  return { ...rest, ...kind, data: Object.fromEntries(Object.keys(data ?? {}).map(key => [key, ''])) } as KubernetesObject;
}

/** What the API server and kubectl write for themselves. */
function withoutFields(metadata: KubernetesObject['metadata']): object {
  const { name, namespace, labels, annotations } = metadata as { readonly [field: string]: unknown };
  const own = Object.entries(fieldsOf(annotations)).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration');
  return { name, namespace, labels, ...own.length === 0 ? {} : { annotations: Object.fromEntries(own) } };
}
