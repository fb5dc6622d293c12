import type { BuildsPlan } from './builds';
import type { Entry } from './entry';
import type { Found } from './found';
import type { Issuer } from './issuer';
import { usesGateway } from './issuer';
import { PUBLIC_GATEWAY } from './objects';
import type { PartName } from './part';
import type { PlannedPart } from './plan';
import { versionAfter } from './plan';
import type { Fact } from './platform-file';
import { minorVersion } from './version';
import type { Gateway } from '../kube/types';

/** What is known once everything is installed. */
export interface Outcome {
  readonly found: Found;
  readonly planned: readonly PlannedPart[];
  readonly entry: Entry;
  readonly issuer: Issuer;
  readonly domain?: string;
  readonly builds?: BuildsPlan;

  /** Which of them take precedence over the platform's file: the command line names them, or the file is of other clusters. */
  readonly wins: { readonly entry: boolean; readonly issuer: boolean; readonly domain: boolean };
}

/** What the platform's file should say about the cluster. */
export function factsOf(outcome: Outcome): Fact[] {
  const { found, domain, wins } = outcome;
  return [
    ...domain === undefined ? [] : [fact('domain', domain, domain.endsWith('sslip.io')
      ? 'Apps answer at <name>.<domain>. These names resolve to the address in them; replace it by a domain of your own.'
      : 'Apps answer at <name>.<domain>.', wins.domain ? 'replace' : 'keep')],
    ...entryFacts(outcome),
    ...tlsFacts(outcome),
    ...addonFacts(outcome),
    ...found.kubernetes === undefined ? [] : [fact('kubernetesVersion', found.kubernetes, 'The oldest version that apps must work with.')],
    ...extraFacts(outcome),
  ];
}

function fact(prop: Fact['prop'], value: unknown, comment: string, existing: Fact['existing'] = 'keep'): Fact {
  return { prop, value, comment, existing };
}

function entryFacts(outcome: Outcome): Fact[] {
  const { entry, wins } = outcome;
  const comment = 'What routes traffic to apps.';
  const chosen = wins.entry ? 'replace' : 'keep';
  if (!usesGateway(entry)) {
    const value = entry.kind === 'ingress' ? ingressOf(outcome) : { className: 'traefik', controllerNamespace: 'traefik' };
    return [...wins.entry ? [fact('gateway', undefined, '', 'replace')] : [], fact('ingress', value, comment, chosen)];
  }
  // With a certificate, apps move to the other listener.
  const existing = wins.issuer && !wins.entry ? 'merge' : chosen;
  const value = entry.kind === 'gateway' ? gatewayOf(entry.gateway) : {
    ...PUBLIC_GATEWAY,
    ...hasTls(outcome.issuer) ? { sectionName: 'https', httpSectionName: 'http' } : { sectionName: 'http' },
    controller: 'envoy-gateway',
    controllerNamespace: 'envoy-gateway-system',
  };
  return [...wins.entry ? [fact('ingress', undefined, '', 'replace')] : [], fact('gateway', value, comment, existing)];
}

/** Controllers whose name is not always part of the name of the class: see `ingress.controller`. */
const CONTROLLERS: readonly (readonly [of: RegExp, controller: string])[] = [
  [/^traefik\.io\//, 'traefik'],
  [/^k8s\.io\/ingress-nginx/, 'nginx'],
  [/^haproxy\.org\//, 'haproxy'],
  [/^ingress\.k8s\.aws\/alb$/, 'alb'],
];

function ingressOf({ found, entry }: Outcome): object {
  if (entry.kind !== 'ingress') return {};
  const { metadata: { name: className }, spec } = entry.ingressClass;
  const [, controller] = CONTROLLERS.find(([of]) => of.test(spec.controller ?? '')) ?? [];
  const isNamed = controller === undefined || (controller !== 'haproxy' && className.includes(controller));
  const traefik = controller === 'traefik' ? found.parts.get('traefik') : undefined;
  return {
    className,
    ...isNamed ? {} : { controller },
    ...traefik ? { controllerNamespace: traefik.namespace } : {},
    ...traefik && !allowsExternalNames(traefik.args) ? { interceptorBackend: 'interceptor-namespace' } : {},
  };
}

/** Whether Traefik lets an Ingress refer to a Service of type ExternalName; its flags are the same in upper and lower case. */
function allowsExternalNames(args: readonly string[]): boolean {
  return args.some(arg => /^--providers\.kubernetesingress\.allowexternalnameservices(=true)?$/i.test(arg));
}

function gatewayOf({ metadata: { name, namespace }, spec: { listeners } }: Gateway): object {
  const named = (protocol: string) => listeners.filter(listener => listener.protocol === protocol).map(listener => listener.name);
  const [[http, ...otherHttp], [https, ...otherHttps]] = [named('HTTP'), named('HTTPS')];
  if (otherHttp.length > 0 || otherHttps.length > 0) return { name, namespace };
  return {
    name,
    namespace,
    ...https !== undefined ? { sectionName: https, ...http === undefined ? {} : { httpSectionName: http } } : { sectionName: http },
  };
}

function hasTls({ kind }: Issuer): boolean {
  return kind === 'create' || kind === 'existing';
}

function tlsFacts({ entry, issuer, wins }: Outcome): Fact[] {
  const existing = wins.issuer ? 'replace' : 'keep';
  if (issuer.kind === 'decided') return [];
  if (entry.kind === 'gateway') {
    const isHttps = entry.gateway.spec.listeners.some(({ protocol }) => protocol === 'HTTPS');
    return isHttps ? [fact('tls', {}, "The Gateway's listener has the certificate.")] : [];
  }
  if (issuer.kind === 'none') return wins.issuer ? [fact('tls', undefined, '', 'replace')] : [];
  if (usesGateway(entry)) return [fact('tls', {}, `The Gateway has the certificate, of ClusterIssuer ${issuer.name}.`, existing)];
  // The Middleware of a redirect is for the Traefik that has its CRDs.
  const redirect = entry.kind === 'installed' ? { redirect: true } : {};
  return [fact('tls', { clusterIssuer: issuer.name, ...redirect }, 'Each app gets a certificate of this ClusterIssuer.', existing)];
}

function partOf({ planned }: Outcome, name: PartName): PlannedPart | undefined {
  return planned.find(({ part }) => part.name === name);
}

function addonFacts(outcome: Outcome): Fact[] {
  const addon = partOf(outcome, 'http-add-on')!;
  const version = versionAfter(addon, outcome.found);
  const value = {
    ...addon.namespace === 'keda' ? {} : { namespace: addon.namespace },
    ...version === undefined ? {} : { version: minorVersion(version) },
  };
  if (Object.keys(value).length === 0) return [];
  return [fact('httpAddon', value, 'The KEDA HTTP add-on in the cluster. What needs a newer version is an error.', 'merge')];
}

function extraFacts(outcome: Outcome): Fact[] {
  const { builds } = outcome;
  const [postgres, prometheus] = [partOf(outcome, 'postgres'), partOf(outcome, 'monitoring')];
  const isOwn = prometheus && prometheus.decision.action !== 'leave';
  const address = `http://kube-prometheus-stack-prometheus.${prometheus?.namespace}:9090`;
  return [
    ...postgres && postgres.namespace !== 'cnpg-system'
      ? [fact('cloudNativePgNamespace', postgres.namespace, 'The namespace of CloudNativePG.')]
      : [],
    ...builds ? [fact('builds', builds.props, 'How the cluster builds the images of folders, and where it pushes them.', 'merge')] : [],
    ...isOwn
      ? [fact('monitoring', { namespace: prometheus.namespace, prometheus: address }, 'Where Prometheus is, for apps with metrics.')]
      : [],
  ];
}
