/**
 * How what runs becomes the app without a failed request, as commands for the user: a Deployment of the same name is created anew, since
 * its selector cannot be changed. The old pods keep running without it, and EndpointSlices of their own keep the Service pointing to them,
 * whatever labels they have and however its ports are named, until the new pods are ready.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
 */
import type { KubeObject } from './objects';
import { mainContainer } from './objects';
import type { AppDraft } from '../../draft';
import type { Reader } from '../../reader';

/** A workload that becomes an app, with what is around it. */
export interface Replaced {
  readonly app: AppDraft;
  readonly object: KubeObject;
  readonly services: readonly KubeObject[];

  /** The Deployments that become its workers. */
  readonly workers: readonly KubeObject[];

  /** The other objects of the source that are about it. */
  readonly others: readonly KubeObject[];
}

/**
 * Kinds of which an app has one of its own, that are deleted before it is deployed: KEDA's webhook rejects a second one, and server-side
 * apply to one of the same name would keep fields of the old one.
 */
const BEFORE: { readonly [kind: string]: string | undefined } = {
  HorizontalPodAutoscaler: 'hpa',
  ScaledObject: 'scaledobject',
  HTTPScaledObject: 'httpscaledobject',
  InterceptorRoute: 'interceptorroute',
  PodDisruptionBudget: 'pdb',
  CronJob: 'cronjob',
};

/** Kinds that the old pods need as long as they run. Those with the name of the app are taken over. */
const AFTER: { readonly [kind: string]: string | undefined } = {
  NetworkPolicy: 'networkpolicy',
  Ingress: 'ingress',
  HTTPRoute: 'httproute',
};

/** What marks the EndpointSlices of the switch, so that no controller changes them, and they can be deleted. */
const MARK = 'endpointslice.kubernetes.io/managed-by=webapp-import';

/** Tells the user the commands. */
export function tellSwitch({ app, object, services, workers, others }: Replaced): void {
  const { at, name, namespace } = object;
  const selector = at.at('spec', 'selector', 'matchLabels')?.fields.map(([key, one]) => `${key}=${one.text ?? ''}`).join(',');
  if (!selector || name !== app.name) return;
  const inNamespace = `--namespace ${namespace ?? app.draft.namespace ?? app.name}`;
  const renamed = others.filter(one => one.name !== app.name);
  // The admission webhook of ingress-nginx rejects the same host and path in two Ingresses.
  const isInTheWay = (one: KubeObject) => one.kind === 'Ingress' && classOf(one) !== 'traefik';
  const before = [
    ...workers.map(one => `deployment/${one.name}`),
    ...others.flatMap(one => (BEFORE[one.kind] === undefined ? [] : [`${BEFORE[one.kind]}/${one.name}`])),
    ...others.flatMap(one => (one.kind === 'NetworkPolicy' && one.name === app.name ? [`networkpolicy/${one.name}`] : [])),
    ...renamed.filter(isInTheWay).map(one => `ingress/${one.name}`),
  ];
  const after = renamed.flatMap(one => (AFTER[one.kind] === undefined || isInTheWay(one) ? [] : [`${AFTER[one.kind]}/${one.name}`]));
  const service = services.find(one => one.name === app.name) ?? services[0];
  const ports = service ? portsOf(service, mainContainer(at.at('spec', 'template', 'spec'), name, undefined)) : [];
  const patch = service?.name === app.name ? portPatch(ports) : undefined;
  const [gap] = renamed.filter(isInTheWay);
  const but = gap ? `, but requests fail for some seconds, as the Ingress ${gap.name} cannot exist beside that of the app` : '';
  app.draft.last.push([
    `switch ${name}, whose Deployment is created anew as its selector cannot be changed: its old pods keep serving traffic meanwhile${but}`,
    `old=$(kubectl get pods ${inNamespace} --selector ${selector} --output name)`,
    ...ports.length === 0 ? [] : [keepEndpoints(app, service, ports, inNamespace)],
    ...patch === undefined ? [] : [`kubectl patch service ${app.name} ${inNamespace} --type merge --patch '${patch}'`],
    `kubectl delete deployment ${name} ${inNamespace} --cascade=orphan`,
    `kubectl delete replicasets ${inNamespace} --selector ${selector} --cascade=orphan`,
    ...before.length === 0 ? [] : [`kubectl delete ${before.join(' ')} ${inNamespace}`],
    `webapp deploy ${app.name} --force`,
    ...ports.length === 0 ? [] : [`kubectl delete endpointslices ${inNamespace} --selector ${MARK}`, 'sleep 5'],
    `kubectl delete $old ${[...after, inNamespace].join(' ')}`,
  ].join('\n'));
}

function classOf({ at }: KubeObject): string | undefined {
  return at.at('spec', 'ingressClassName')?.text ?? at.at('metadata', 'annotations')?.field('kubernetes.io/ingress.class')?.text;
}

/** A port of a Service. */
interface ServicePort {
  readonly name: string;
  readonly port: number;

  /** The number that the old pods listen on. */
  readonly target: number;
}

function portsOf({ at }: KubeObject, container: Reader | undefined): ServicePort[] {
  return (at.at('spec', 'ports')?.items ?? []).flatMap(one => {
    const port = one.field('port')?.number;
    const wanted = one.field('targetPort') ?? one.field('port');
    const named = container?.field('ports')?.items.find(item => item.field('name')?.text === wanted?.text);
    const target = wanted?.number ?? named?.field('containerPort')?.number;
    const isTcp = (one.field('protocol')?.text ?? 'TCP') === 'TCP';
    return port === undefined || target === undefined || !isTcp ? [] : [{ name: one.field('name')?.text ?? '', port, target }];
  });
}

/** The name that a port gets whose name the port of the app needs. */
const OLD = 'old';

/**
 * The ports of a Service while the app is deployed: its port http is that of the app, and no two can have one name, nor one no name.
 *
 * @returns undefined if nothing is in the way
 */
function portPatch(ports: readonly ServicePort[]): string | undefined {
  const inTheWay = ports.find(({ name, port }) => port !== 80 && (name === '' || name === 'http'));
  if (!inTheWay) return undefined;
  const others = ports.filter(one => one !== inTheWay && one.port !== 80);
  const { port, target } = inTheWay;
  const all = [{ name: 'http', port: 80, target }, { name: OLD, port, target }, ...others];
  return JSON.stringify({ spec: { ports: all.map(one => ({ name: one.name, port: one.port, targetPort: one.target })) } });
}

/** Copies the endpoints of the Service, for all names that its ports have meanwhile. */
function keepEndpoints(app: AppDraft, service: KubeObject, ports: readonly ServicePort[], inNamespace: string): string {
  const main = ports.find(({ name }) => name === 'http') ?? ports.find(({ port }) => port === 80) ?? ports[0];
  const meanwhile = portPatch(ports) ? ['http', OLD] : ['http'];
  const names = new Map(meanwhile.map(name => [name, main.target]));
  for (const { name, target } of ports) names.set(name, target);
  const [mark, tool] = MARK.split('=');
  const slice = JSON.stringify({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${app.name}-switch-{{$i}}`, labels: { 'kubernetes.io/service-name': app.name, [mark]: tool } },
    addressType: '{{.addressType}}',
    ports: [...names].map(([name, port]) => ({ name, port })),
    endpoints: ['ENDPOINTS'],
  });
  const endpoints = '{{range $j, $one := .endpoints}}{{if $j}},{{end}}'
    + '{"addresses":["{{index .addresses 0}}"],"conditions":{"ready":{{.conditions.ready}}}}{{end}}';
  const template = `{{range $i, $slice := .items}}${slice.replace('"ENDPOINTS"', endpoints)}{{end}}`;
  return [
    `kubectl get endpointslices ${inNamespace} --selector kubernetes.io/service-name=${service.name} --output go-template='${template}'`,
    `kubectl apply ${inNamespace} --filename -`,
  ].join(' \\\n  | ');
}
