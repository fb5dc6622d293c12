import type { Fact, Facts } from './conditions';
import type { OperatorContext } from './context';
import type { Resolution, WantedHost } from './host-names';
import type { LiveObjects } from './live-objects';
import { liveWorkload } from './live-objects';
import type { WebAppStatus } from './resources';
import { adviceOnElsewhere, adviceOnMissing, recordsFor } from '../diagnose/dns';
import type { RolloutStatus } from '../engine/rollout';
import { rolloutStatus } from '../engine/rollout';
import { pushedTo, pushSecretOf, pushStateOf, shownEntry } from '../engine/secret-store';
import { referenceTo } from '../kube/objects';
import type { AppName, Certificate, HttpRoute, Ingress } from '../kube/types';
import { addressesOf, CERTIFICATE, conditionOf, GATEWAY, HTTP_ROUTE, INGRESS, ofKind } from '../kube/types';
import type { Workload } from '../kube/workload';
import { activeWorkload, workloadsIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** What can be seen of an app's objects. */
export interface Observation {
  readonly facts: Facts;
  readonly status: Pick<WebAppStatus, 'replicas' | 'ready' | 'selector'>;
}

/** What is observed. */
export interface ObserveRequest {
  readonly app: AppName;

  /** The objects of the release that serves traffic. */
  readonly objects: readonly Manifest[];

  /** What the status says of routing. */
  readonly routable?: Fact;
}

/** Observes the objects of an app. It sends requests only where pods are missing, to find out why. */
export async function observe(context: OperatorContext, request: ObserveRequest): Promise<Observation> {
  const { live } = context;
  const { app, objects } = request;
  const workloads = workloadsIn(objects).map(workload => ({ workload, seen: liveWorkload(live, workload) }));
  const active = workloads.find(({ workload }) => workload.metadata.name === activeWorkload(objects, app.name));
  const status = active?.seen && rolloutStatus(active.seen);
  const facts = {
    Available: await availability(context, workloads),
    Asleep: asleep(status),
    Routable: routability(context, request),
    SecretsPushed: secretsPushed(context, request),
  };
  const { matchLabels = {} } = active?.workload.spec.selector ?? {};
  const selector = Object.entries(matchLabels).map(([label, value]) => `${label}=${value}`).join(',') || undefined;
  return { facts, status: { selector, replicas: active?.seen?.status?.replicas ?? 0, ready: shownReplicas(status) } };
}

interface Observed {
  readonly workload: Workload;
  readonly seen?: Workload;
}

async function availability({ diagnoses }: OperatorContext, workloads: readonly Observed[]): Promise<Fact> {
  for (const { workload: { metadata: { name } }, seen } of workloads) {
    if (!seen) return { status: 'False', reason: 'Missing', message: `${name} does not exist yet` };
    const { state, ready, wanted } = rolloutStatus(seen);
    const available = seen.status?.availableReplicas ?? 0;
    if (state === 'scaled-to-zero' || available > 0) continue;
    const problem = await diagnoses.of(seen);
    const replicas = `${name} has ${ready} of ${wanted} replicas ready`;
    if (!problem) return { status: 'False', reason: 'Starting', message: replicas };
    const hint = problem.hint === undefined ? '' : `; ${problem.hint}`;
    return { status: 'False', reason: problem.permanent ? 'Failing' : 'Starting', message: `${replicas}: ${problem.message}${hint}` };
  }
  return { status: 'True', reason: 'Available', message: 'all processes are available' };
}

function asleep(status: RolloutStatus | undefined): Fact {
  return status?.state === 'scaled-to-zero'
    ? { status: 'True', reason: 'ScaledToZero', message: 'the app is scaled to zero, and the next request wakes it' }
    : { status: 'False', reason: 'Awake', message: 'the app has replicas' };
}

function shownReplicas(status: RolloutStatus | undefined): string {
  if (!status) return '';
  const { state, ready, wanted } = status;
  return state === 'scaled-to-zero' ? 'asleep' : `${ready}/${Math.max(ready, wanted)}`;
}

/** Whether the store of the platform has the secrets; undefined where it need not. An app is ready without. */
function secretsPushed({ live }: OperatorContext, { app, objects }: ObserveRequest): Fact | undefined {
  const entry = pushedTo(objects, app);
  if (!entry) return undefined;
  const { isPushed, problem } = pushStateOf(live.get(pushSecretOf(app)));
  if (isPushed) return { status: 'True', reason: 'Pushed', message: `${shownEntry(entry)} has the secrets of the app` };
  if (problem !== undefined) return { status: 'False', reason: 'NotPushed', message: `${shownEntry(entry)}: ${problem}` };
  return { status: 'Unknown', reason: 'Progressing', message: `External Secrets has not pushed the secrets to ${shownEntry(entry)} yet` };
}

/** Whether requests from outside the cluster can arrive, as far as the ingress controller, the gateway, cert-manager and DNS say it. */
function routability(context: OperatorContext, request: ObserveRequest): Fact {
  const { live } = context;
  const { objects } = request;
  const routes = ofKind(objects, HTTP_ROUTE);
  const ingresses = ofKind(objects, INGRESS);
  if (routes.length + ingresses.length === 0) {
    return { status: 'True', reason: 'Internal', message: 'the app is reached inside the cluster' };
  }
  // They are looked up in any case, so that the answer is there when it is what matters.
  const hosts = ofHosts(context, request, wantedHosts(live, ingresses, routes));
  for (const wanted of routes) {
    const fact = ofRoute(wanted.metadata.name, live.get(referenceTo<HttpRoute>(asManifest(wanted))));
    if (fact) return fact;
  }
  for (const wanted of ingresses) {
    const { metadata: { name, namespace }, spec: { tls = [] } } = wanted;
    const seen = live.get(referenceTo<Ingress>(asManifest(wanted)));
    if (!seen) return { status: 'False', reason: 'Missing', message: `Ingress ${name} does not exist yet` };
    // cert-manager names a Certificate after its Secret: https://cert-manager.io/docs/usage/ingress/
    for (const { secretName } of tls) {
      const fact = secretName === undefined ? undefined : ofCertificate(live.get({ ...CERTIFICATE, namespace, name: secretName }));
      if (fact) return fact;
    }
  }
  return hosts;
}

/** The hosts that DNS has to know, with the addresses that their Ingresses and Gateways report. */
function wantedHosts(live: LiveObjects, ingresses: readonly Ingress[], routes: readonly HttpRoute[]): WantedHost[] {
  const entries = [
    ...ingresses.map(ingress => ({
      hosts: ingress.spec.rules?.flatMap(({ host }) => host ?? []) ?? [],
      addresses: addressesOf(live.get(referenceTo<Ingress>(asManifest(ingress))) ?? ingress),
    })),
    ...routes.map(({ metadata, spec: { hostnames = [], parentRefs = [] } }) => ({
      hosts: hostnames,
      addresses: parentRefs.flatMap(({ name, namespace = metadata.namespace }) => (
        live.get({ ...GATEWAY, namespace, name })?.status?.addresses?.map(({ value }) => value) ?? [])),
    })),
  ];
  const hosts = [...new Set(entries.flatMap(entry => entry.hosts))].filter(isInDns).sort();
  return hosts.map(host => {
    const own = entries.filter(entry => entry.hosts.includes(host));
    return { host, addresses: [...new Set(own.flatMap(entry => entry.addresses))] };
  });
}

/**
 * Whether a host is one that the cluster's DNS could know: not all hosts that nobody has, not one of a search domain, and not one of the
 * names that stay on a computer or its network (https://www.rfc-editor.org/rfc/rfc6761, https://www.rfc-editor.org/rfc/rfc6762).
 */
function isInDns(host: string): boolean {
  return host.includes('.') && !/\.(localhost|local)$/.test(host);
}

function ofHosts({ hostNames }: OperatorContext, { app, routable }: ObserveRequest, wanted: readonly WantedHost[]): Fact {
  const found = hostNames.resolve(app, wanted, toldOf(routable));
  const those = (resolution?: Resolution) => wanted.filter((_, i) => found[i] === resolution);
  const missing = those('missing').map(({ host, addresses }) => (
    `${host} does not resolve in the cluster: ${adviceOnMissing(host, recordsFor(host, addresses))}`));
  if (missing.length > 0) return { status: 'False', reason: 'DnsMissing', message: missing.join('\n') };
  const pending = those(undefined).map(({ host }) => host);
  if (pending.length > 0) {
    // Another process of the operator has found it out.
    if (routable && OF_HOSTS.includes(routable.reason)) return routable;
    return { status: 'Unknown', reason: 'DnsPending', message: `resolving ${pending.join(', ')}` };
  }
  const unknown = those('unknown').map(({ host }) => host);
  if (unknown.length > 0) {
    const message = `the DNS of the cluster does not answer for ${unknown.join(', ')}; to resolve them on your computer: webapp domains`;
    return { status: 'Unknown', reason: 'DnsUnknown', message };
  }
  const elsewhere = those('elsewhere').map(({ host, addresses }) => adviceOnElsewhere(host, recordsFor(host, addresses)));
  if (elsewhere.length > 0) return { status: 'True', reason: 'DnsElsewhere', message: elsewhere.join('\n') };
  return { status: 'True', reason: 'Routable', message: 'traffic is routed to the app' };
}

/** The reasons that say where hosts resolve to. */
const OF_HOSTS: readonly string[] = ['Routable', 'DnsElsewhere', 'DnsMissing', 'DnsUnknown'];

/** What a status says of all hosts of an app. */
function toldOf(routable: Fact | undefined): Resolution | undefined {
  return routable?.reason === 'Routable' ? 'ok' : undefined;
}

/** What is wrong with a route; undefined if its Gateways accept it. */
function ofRoute(name: string, seen: HttpRoute | undefined): Fact | undefined {
  const parents = seen?.status?.parents ?? [];
  if (parents.length === 0) {
    const message = `no Gateway has accepted HTTPRoute ${name} yet; check that the Gateway of the platform exists: webapp doctor`;
    return { status: 'Unknown', reason: 'Pending', message };
  }
  for (const type of ['Accepted', 'ResolvedRefs']) {
    for (const { conditions } of parents) {
      const condition = conditionOf({ status: { conditions } }, type);
      if (condition?.status !== 'False') continue;
      return { status: 'False', reason: condition.reason ?? type, message: `HTTPRoute ${name}: ${condition.message ?? condition.reason}` };
    }
  }
  return undefined;
}

/** What is wrong with a certificate; undefined if it is ready, or cert-manager does not issue it. */
function ofCertificate(seen: Certificate | undefined): Fact | undefined {
  const ready = seen && conditionOf({ status: seen.status }, 'Ready');
  if (ready?.status !== 'False') return undefined;
  const message = `Certificate ${seen!.metadata.name} is not ready: ${ready.message ?? ready.reason}; see webapp doctor`;
  return { status: 'False', reason: 'CertificateNotReady', message };
}

function asManifest(object: Ingress | HttpRoute): Manifest {
  return object as unknown as Manifest;
}
