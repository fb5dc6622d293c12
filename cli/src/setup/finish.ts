import type { Address } from './address';
import { entryAddress, sslipDomain } from './address';
import type { BuildsPlan } from './builds';
import { isDerived } from './domain';
import { factsOf } from './facts';
import type { Site } from './install';
import { applyOwn } from './install';
import { monitoringObjects } from './monitoring/objects';
import { gatewayObjects, issuerObjects } from './objects';
import type { SetupPlan } from './setup-plan';
import type { Manifest } from '../render/synthesis';

/** How long the entry may take to get an external address, in seconds. Many clusters assign one in less than a minute, and some never. */
const ADDRESS_TIMEOUT = 120;

/** Creates the Gateway and the issuer, and writes the platform's file. */
export async function finish(plan: SetupPlan, site: Site): Promise<void> {
  const { local, file, options } = plan;
  const { progress, world } = site;
  await apply(entryObjects(plan, knownDomain(plan)), site);
  const address = local ? { ip: '127.0.0.1' } : await findAddress(plan, site);
  const domain = domainAt(address, plan, site);
  // The certificate of a Gateway is for the names below the domain, which may be known only now.
  if (domain !== knownDomain(plan)) await apply(entryObjects(plan, domain), site);
  await apply(ownIssuer(plan), site);
  await apply(plan.builds?.objects ?? [], site);
  await apply(ownMonitoring(plan), site);
  const wins = {
    entry: local !== undefined || options.entry !== undefined,
    issuer: local !== undefined || options.issuer !== undefined,
    domain: local !== undefined || options.domain !== undefined,
  };
  const changed = file.write(factsOf({ ...plan, domain, wins }));
  if (changed.length > 0) progress.done(`Wrote ${file.name}: ${changed.join(', ')}`);
  world.err(conclusion(plan, domain, address));
}

/** The domain, where it does not depend on the address of the entry. */
export function knownDomain({ domain }: SetupPlan): string | undefined {
  return domain.kind === 'given' ? domain.domain : undefined;
}

/** The Gateway that setup creates, with what belongs to it. */
export function entryObjects(
  { entry, issuer, local }: Pick<SetupPlan, 'entry' | 'issuer' | 'local'>, domain: string | undefined,
): Manifest[] {
  if (entry.kind !== 'installed' || entry.name !== 'envoy-gateway') return [];
  const hasIssuer = issuer.kind === 'create' || issuer.kind === 'existing';
  return gatewayObjects({ local: local?.tool, tls: hasIssuer && domain !== undefined ? { issuer: issuer.name, domain } : undefined });
}

/** The issuer that setup creates, with what belongs to it. */
export function ownIssuer(
  { entry, issuer, planned, options: { email } }: Pick<SetupPlan, 'entry' | 'issuer' | 'planned' | 'options'>,
): Manifest[] {
  if (issuer.kind !== 'create') return [];
  const { namespace } = planned.find(({ part }) => part.name === 'cert-manager')!;
  const ingressClass = entry.kind === 'ingress' ? entry.ingressClass.metadata.name : 'traefik';
  return issuerObjects({ name: issuer.name, email, ingressClass, namespace });
}

/** The monitors, rules and dashboard of apps, where Prometheus is asked for. */
export function ownMonitoring(
  { planned, options, file }: Pick<SetupPlan, 'planned' | 'options'> & { readonly file?: SetupPlan['file'] },
): Manifest[] {
  if (!options.with.includes('monitoring')) return [];
  const [namespace, addonNamespace, certManagerNamespace] = (['monitoring', 'http-add-on', 'cert-manager'] as const).map(name => (
    planned.find(({ part }) => part.name === name)!.namespace));
  return monitoringObjects({ namespace, addonNamespace, certManagerNamespace, labels: file?.props.monitoring?.labels });
}

async function apply(objects: readonly Manifest[], site: Site): Promise<void> {
  const { changed, left } = await applyOwn(objects, site);
  if (changed.length > 0) site.progress.done(`Applied ${changed.join(', ')}`);
  if (left.length > 0) site.progress.warn(`${left.join(', ')} was created by others, and stays as it is`);
}

/** The address of the entry. Only a domain that has it in its names is worth the wait. */
async function findAddress({ entry, domain }: SetupPlan, { cluster, progress, signal }: Site): Promise<Address | undefined> {
  const end = cluster.clock.now() + (domain.kind === 'sslip' ? ADDRESS_TIMEOUT : 0) * 1000;
  for (;;) {
    const address = await entryAddress(cluster, entry);
    if (address || cluster.clock.now() >= end) return address;
    progress.waiting('waiting for the external address of the entry');
    await cluster.clock.sleep(2000, signal);
  }
}

function domainAt(
  address: Address | undefined, { domain, local, options: { domain: flag } }: SetupPlan, { progress }: Site,
): string | undefined {
  const derived = address?.ip === undefined ? undefined : sslipDomain(address.ip);
  if (domain.kind === 'given') {
    const isSslip = !local && flag === undefined && /\bsslip\.io$/.test(domain.domain);
    const isOld = isSslip && derived !== undefined && derived !== domain.domain;
    const hint = '--domain sslip.io changes it';
    if (isOld) progress.warn(`the domain is ${domain.domain}, but the address of the entry is ${address!.ip}; ${hint}`);
    return domain.domain;
  }
  if (domain.kind === 'none' || derived !== undefined) return domain.kind === 'none' ? undefined : derived;
  progress.warn(address?.hostname === undefined
    ? 'there is no domain: the entry has no external address yet; run webapp setup --domain sslip.io once it has one, or pass your own'
    : `there is no domain: the entry is the load balancer ${address.hostname}, and names of sslip.io need a fixed IP address; `
      + 'pass a domain of your own with --domain, and point *.DOMAIN to it with a CNAME record');
  return undefined;
}

function conclusion({ issuer, builds, file }: SetupPlan, domain: string | undefined, address: Address | undefined): string {
  const lines: string[] = [];
  if (domain !== undefined) {
    const isTls = issuer.kind === 'create' || issuer.kind === 'existing' || file.props.tls !== undefined;
    const target = address?.ip ?? address?.hostname;
    if (!isDerived(domain) && target !== undefined) lines.push(`Point the DNS record of *.${domain} to ${target}`);
    lines.push(`Apps answer at ${isTls ? 'https' : 'http'}://<name>.${domain}`);
  }
  return [...lines, ...builds ? nextForBuilds(builds, file.name) : ['Next: webapp deploy'], ''].join('\n');
}

/** What is still missing before the cluster can build a folder. */
function nextForBuilds({ props: { registry, pushSecret } }: BuildsPlan, file: string): string[] {
  if (registry === undefined) {
    return [
      `To have folders built in the cluster, add where it pushes images to builds in ${file}:`,
      '  registry: registry.example.com/acme',
      'Next: webapp registry login, then webapp deploy',
    ];
  }
  if (pushSecret !== undefined) return ['Next: webapp deploy'];
  return ['Next: webapp registry login, unless the registry lets anyone push, then webapp deploy'];
}
