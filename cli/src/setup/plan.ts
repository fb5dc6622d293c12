import type { Found, FoundPart } from './found';
import { isTooOld } from './found';
import type { HelmRelease } from './helm';
import { chartVersion } from './helm';
import type { Part } from './part';
import { compareVersions, minorVersion } from './version';
import { Failure } from '../ui/failure';

/** The field manager of manifests that `webapp setup` applies with kubectl: it tells them from those that others applied. */
export const KUBECTL_MANAGER = 'webapp-setup';

/** What becomes of a part. */
export type Decision =
  | { readonly action: 'install' }
  | { readonly action: 'upgrade'; readonly from: string }
  /** It is as it should be, or newer than that. */
  | { readonly action: 'none'; readonly version: string; readonly isNewer?: boolean }
  /** Others installed it, and it is not touched. */
  | { readonly action: 'leave'; readonly version?: string; readonly isTooOld: boolean };

/** A part, and what becomes of it. */
export interface PlannedPart {
  readonly part: Part;

  /** The namespace that it is in, or will be. */
  readonly namespace: string;
  readonly decision: Decision;
}

/** What is known of what is installed. */
export interface Installed {
  readonly found: Found;
  readonly releases: readonly HelmRelease[];

  /** Whether the release of a part has the values that it should have. */
  hasValues(part: Part, release: HelmRelease): Promise<boolean>;
}

/** Decides what becomes of a part. */
export async function planPart(part: Part, installed: Installed): Promise<PlannedPart> {
  const { source, name } = part;
  const live = installed.found.parts.get(name);
  if (source.kind === 'release') {
    const namespace = live?.namespace ?? part.namespace;
    return { part, namespace, decision: live ? decideManifests(part, live) : { action: 'install' } };
  }
  const release = releaseOf(part, installed.releases);
  if (release?.isOwn) return { part, namespace: release.namespace, decision: await decideChart(part, release, installed) };
  if (!live && !release) return { part, namespace: part.namespace, decision: { action: 'install' } };
  const version = live?.version ?? (release && chartVersion(release, source));
  const tooOld = isTooOld(part, live?.version);
  return { part, namespace: live?.namespace ?? release!.namespace, decision: { action: 'leave', version, isTooOld: tooOld } };
}

/** The release of a part's chart: the own one, or else any. */
export function releaseOf({ source, title }: Part, releases: readonly HelmRelease[]): HelmRelease | undefined {
  if (source.kind !== 'chart') return undefined;
  const same = releases.filter(release => chartVersion(release, source) !== undefined);
  const found = same.find(({ isOwn }) => isOwn) ?? same[0];
  if (found && /^pending/.test(found.status) && found.isOwn) {
    const options = `${found.name} --namespace ${found.namespace}`;
    throw new Failure([
      `Helm's release ${found.name} of ${title} is in state ${found.status}: another helm is at work, or was ended before it was done`,
      `  wait for it, or run helm ${found.status === 'pending-install' ? 'uninstall' : 'rollback'} ${options}`,
    ].join('\n'));
  }
  return found;
}

async function decideChart(part: Part, release: HelmRelease, installed: Installed): Promise<Decision> {
  const { source } = part;
  if (source.kind !== 'chart') return { action: 'install' };
  const version = chartVersion(release, source)!;
  const difference = compareVersions(version, source.version);
  if (difference > 0) return { action: 'none', version: `chart ${version}`, isNewer: true };
  if (difference < 0) return { action: 'upgrade', from: `chart ${version}` };
  const isComplete = release.status === 'deployed' && await installed.hasValues(part, release);
  return isComplete ? { action: 'none', version: part.version } : { action: 'upgrade', from: part.version };
}

function decideManifests(part: Part, { version, managers, completed }: FoundPart): Decision {
  if (!managers.includes(KUBECTL_MANAGER)) return { action: 'leave', version, isTooOld: isTooOld(part, version) };
  if (completed === undefined) return { action: 'install' };
  return compareVersions(completed, part.version) < 0 ? { action: 'upgrade', from: completed } : { action: 'none', version: completed };
}

/** The version that a part has once the plan is carried out. */
export function versionAfter({ part, decision }: PlannedPart, found: Found): string | undefined {
  if (decision.action === 'install' || decision.action === 'upgrade') return part.version;
  return found.parts.get(part.name)?.version ?? (decision.action === 'none' ? part.version : undefined);
}

/** A sentence of the plan. */
export function describe({ part: { title, version, why, minimum }, namespace, decision }: PlannedPart): string {
  switch (decision.action) {
    case 'install': return `install ${title} ${version}: ${why}`;
    case 'upgrade': return `upgrade ${title} from ${decision.from} to ${version}`;
    case 'none': return decision.isNewer
      ? `${title} (${decision.version}) is newer than the one of this webapp, and stays as it is`
      : `${title} ${decision.version} is up to date`;
    case 'leave': {
      const have = `${title}${decision.version === undefined ? '' : ` ${decision.version}`} in namespace ${namespace}`;
      if (!decision.isTooOld) return `${have} was installed by others, and stays as it is`;
      return `${have} was installed by others, and is too old: apps need ${minorVersion(minimum!)} or newer`;
    }
  }
}
