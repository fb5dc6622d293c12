import { shell } from './call';
import { entryObjects, knownDomain, ownIssuer } from './finish';
import { describe } from './plan';
import type { SetupPlan } from './setup-plan';
import { commandOf } from './steps';
import type { Manifest } from '../render/synthesis';

/** What would be done, before the user is asked. */
export function summary(plan: SetupPlan): string {
  const { title, isNew, found, planned, local, file } = plan;
  const head = isNew ? `create ${local!.title}, with docker` : undefined;
  const lines = [
    ...head === undefined ? [] : [head], ...planned.map(describe),
    entryLine(plan), domainLine(plan), issuerLine(plan), ...buildsLines(plan),
  ];
  const kubernetes = found.kubernetes === undefined ? '' : ` (Kubernetes ${found.kubernetes})`;
  return [`${title}${kubernetes}:`, ...lines.map(line => `  ${line}`), `  platform file: ${file.name}`, ''].join('\n');
}

function entryLine({ entry }: SetupPlan): string {
  switch (entry.kind) {
    case 'installed': return entry.name === 'traefik' ? 'entry: IngressClass traefik' : 'entry: Gateway public in namespace gateways';
    case 'ingress': return `entry: IngressClass ${entry.ingressClass.metadata.name}, which the cluster has`;
    case 'gateway': {
      const { name, namespace } = entry.gateway.metadata;
      return `entry: Gateway ${name} in namespace ${namespace}, which the cluster has`;
    }
  }
}

function domainLine({ domain }: SetupPlan): string {
  switch (domain.kind) {
    case 'given': return `domain: ${domain.domain}`;
    case 'sslip': return 'domain: names of sslip.io, with the address of the entry in them';
    case 'none': return 'domain: none, so apps need hosts';
  }
}

function issuerLine({ issuer }: SetupPlan): string {
  switch (issuer.kind) {
    case 'create': return issuer.name === 'self-signed'
      ? 'TLS: ClusterIssuer self-signed, whose certificates no browser trusts'
      : `TLS: ClusterIssuer ${issuer.name}, whose terms you accept: https://letsencrypt.org/repository/`;
    case 'existing': return `TLS: ClusterIssuer ${issuer.name}, which the cluster has`;
    case 'decided': return 'TLS: as the platform file says';
    case 'none': return `TLS: none${issuer.why === undefined ? '' : `; ${issuer.why}`}`;
  }
}

function buildsLines({ builds }: SetupPlan): string[] {
  if (!builds) return [];
  const { props: { namespace, registry, strategies }, lacksStrategy } = builds;
  const where = namespace === undefined ? 'in the namespaces of apps' : `in namespace ${namespace}`;
  const line = `builds: ${where}, ${registry === undefined ? 'with no registry to push to; see --registry' : `pushed to ${registry}`}`;
  const hint = `builds: the cluster has no ClusterBuildStrategy ${strategies?.dockerfile}; set builds.strategies in the platform file`;
  return lacksStrategy ? [line, hint] : [line];
}

/** The commands that do the same, for a shell. */
export function script(plan: SetupPlan): string {
  const { local, isNew, planned, steps, options, file, builds } = plan;
  const changing = steps.filter(({ done }) => done !== undefined);
  const others = planned.filter(({ decision }) => decision.action === 'none' || decision.action === 'leave');
  const objects: [what: string, objects: readonly Manifest[]][] = [
    ['the Gateway of all apps', entryObjects(plan, knownDomain(plan))], ['the issuer of certificates', ownIssuer(plan)],
    ['the namespace of builds and their strategy for buildpacks', builds?.objects ?? []],
  ];
  const blocks = [
    ...isNew ? [[`# ${local!.title}`, shell(local!.creation())]] : [],
    ...others.length > 0 ? [others.map(one => `# ${describe(one)}`)] : [],
    ...changing.map(({ title, actions }) => [`# ${title}`, ...actions.map(action => commandOf(action, options))]),
    ...objects.filter(([, all]) => all.length > 0).map(([what, all]) => [`# ${what}`, commandOf({ kind: 'apply', objects: all }, options)]),
    [`# Without --dry-run, webapp setup also writes ${file.name}, with the external address of the entry.`],
  ];
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`;
}
