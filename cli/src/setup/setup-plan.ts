import type { BuildsPlan } from './builds';
import { chooseBuilds } from './builds';
import type { Domain } from './domain';
import { chooseDomain, isDerived } from './domain';
import type { Entry, InstalledEntry } from './entry';
import { chooseEntry, defaultClass, ENTRIES } from './entry';
import type { Found } from './found';
import { lookAt, NOTHING } from './found';
import type { ClusterOptions, Helm, HelmRelease } from './helm';
import type { Issuer } from './issuer';
import { chooseIssuer } from './issuer';
import type { LocalCluster, LocalTool } from './local';
import { PUBLIC_GATEWAY } from './objects';
import type { Part, PartName } from './part';
import type { Extra } from './parts';
import { partsOf } from './parts';
import type { PlannedPart } from './plan';
import { planPart, releaseOf } from './plan';
import type { PlatformFileOptions } from './platform-file';
import { PlatformFile } from './platform-file';
import type { Step } from './steps';
import { stepOf } from './steps';
import type { Cluster } from '../kube/connect';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** What the command line says. */
export interface SetupOptions extends ClusterOptions, PlatformFileOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;

  /** A cluster on this computer, with the program that runs it, if the command line names one. */
  readonly local?: LocalTool | true;

  readonly entry?: InstalledEntry;
  readonly with: readonly Extra[];

  /** The domain of apps, or `sslip.io`. */
  readonly domain?: string;

  /** The issuer of certificates: one to create, an existing one, or `none`. */
  readonly issuer?: string;

  readonly email?: string;

  /** Where the cluster pushes the images that it builds: `registry.example.com/acme`. */
  readonly registry?: string;
}

/** What would be done to a cluster, and why. */
export interface SetupPlan {
  /** The cluster's name in messages. */
  readonly title: string;

  readonly options: SetupOptions;
  readonly local?: LocalCluster;

  /** Whether the local cluster has to be created. */
  readonly isNew: boolean;

  readonly found: Found;
  readonly planned: readonly PlannedPart[];
  readonly entry: Entry;
  readonly domain: Domain;
  readonly issuer: Issuer;

  /** Undefined if the cluster does not build. Images for a local cluster are built on this computer, and need no registry. */
  readonly builds?: BuildsPlan;
  readonly file: PlatformFile;
  readonly steps: readonly Step[];
}

/** What a plan is for. */
export interface Target {
  readonly options: SetupOptions;
  readonly local?: LocalCluster;
  readonly isNew: boolean;

  /** Undefined while it has to be created. */
  readonly cluster?: Cluster;
  readonly helm: Helm;
}

/** Decides what would be done. */
export async function planSetup({ options, local, isNew, cluster, helm }: Target, world: World): Promise<SetupPlan> {
  const file = PlatformFile.open(options, world);
  const { domain: ofFile } = file.props;
  if (local && options.env === undefined && ofFile !== undefined && !isDerived(ofFile)) {
    throw new Failure([
      `${file.name} has the domain ${ofFile}, which is that of another cluster`,
      '  pass --env local to write the values of the local cluster into an environment of it, or --platform FILE for another file',
    ].join('\n'));
  }
  // What a file says about other clusters is not so in the local one.
  const platform = local ? {} : file.props;
  const found = cluster ? await lookAt(cluster) : NOTHING;
  const releases = cluster ? await helm.releases() : [];
  const entry = chooseEntry({ flag: options.entry, found, own: ownParts(releases), platform });
  const domain = chooseDomain({
    flag: options.domain,
    ofFile: local && ofFile !== undefined && !isDerived(ofFile) ? undefined : ofFile,
    local: await local?.domain(),
    hasFile: file.exists,
  });
  const hasOwnDomain = domain.kind === 'given' && !isDerived(domain.domain);
  const issuer = chooseIssuer({ flag: options.issuer, entry, found, platform, hasOwnDomain });
  const installed = {
    found,
    releases,
    hasValues: async ({ source }: Part, { namespace }: HelmRelease) => source.kind === 'chart' && helm.hasValues(source, namespace),
  };
  const otherDefault = found.ingressClasses.filter(({ metadata }) => metadata.name !== 'traefik');
  const parts = partsOf({
    entry: entry.kind === 'installed' ? entry.name : undefined,
    with: options.with,
    local: local?.tool,
    hasDefaultClass: defaultClass(otherDefault) !== undefined,
    kedaNamespace: found.parts.get('keda')?.namespace,
  });
  const planned: PlannedPart[] = [];
  for (const part of parts) planned.push(await planPart(part, installed));
  const steps = planned.flatMap(one => stepOf(one, helm, options) ?? []);
  const title = local?.title ?? cluster!.context;
  const shipwright = local ? undefined : planned.find(({ part }) => part.name === 'shipwright');
  const builds = shipwright && chooseBuilds({
    registry: options.registry, ofFile: file.props.builds, found, isInstalled: shipwright.decision.action !== 'leave',
  });
  return { title, options, local, isNew, found, planned, entry, domain, issuer, builds, file, steps };
}

/** The entries that an earlier setup installed. */
function ownParts(releases: readonly HelmRelease[]): Set<PartName> {
  const parts = ENTRIES.flatMap(entry => partsOf({ entry, with: [] }).filter(({ name }) => name === entry));
  return new Set(parts.filter(part => releaseOf(part, releases)?.isOwn).map(({ name }) => name));
}

/** Whether there is anything to confirm. */
export function hasChanges({ isNew, steps, found, entry, issuer, builds }: SetupPlan): boolean {
  const hasGateway = found.gateways.some(({ metadata }) => metadata.namespace === PUBLIC_GATEWAY.namespace);
  const newGateway = entry.kind === 'installed' && entry.name === 'envoy-gateway' && !hasGateway;
  const newIssuer = issuer.kind === 'create' && !found.issuers.some(({ metadata }) => metadata.name === issuer.name);
  return isNew || steps.some(({ done }) => done !== undefined) || newGateway || newIssuer || Boolean(builds?.isNew);
}
