import { gunzipSync, gzipSync } from 'node:zlib';
import type { Settings } from './settings';
import type { GeneratedLengths, SecretStoreModel } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, Metadata, Secret } from '../kube/types';
import { SECRET } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** The labels by which the releases of an app are found. */
const APP = 'cdk8s-webapp.dev/app';
const NUMBER = 'cdk8s-webapp.dev/release';
const STATE = 'cdk8s-webapp.dev/state';

/** The labels by which previews are found: their name, and the app that they are copies of. Resources have them too. */
export const PREVIEW = 'cdk8s-webapp.dev/preview';
export const PREVIEW_OF = 'cdk8s-webapp.dev/preview-of';

/** The type of the Secrets. */
export const RELEASE_TYPE = 'cdk8s-webapp.dev/release';

/** How many of the latest releases are kept; the current one always is. */
const KEPT = 10;

/** How large a release may be, in bytes: an account that may write Secrets could store one of a gigabyte in one of a megabyte. */
const LARGEST = 32 * 1024 * 1024;

/**
 * The state of a release. `pending`: it is being deployed, or its deploy was killed. `deployed`: it became ready, and serves traffic
 * unless a later one does. `failed`: it did not become ready, or was interrupted.
 */
export type State = 'pending' | 'deployed' | 'failed';

/** The reason of interrupted releases before there was `Release.interrupted`. It is in users' Secrets, and must not change. */
const INTERRUPTED_BEFORE = 'it was interrupted';

/** A new version that gets a part of the traffic, next to the current one. */
export interface Canary {
  readonly image: string;

  /** The percentage of the traffic that it gets. */
  readonly weight: number;
}

/** Maintenance that a command has switched on. */
export interface Maintenance {
  /** The page that all requests get. */
  readonly page: string;

  /** When and by whom it was switched on. */
  readonly since: string;
  readonly by: string;
}

/** What makes an app a preview: a copy of another app that is removed after a while. */
export interface PreviewOf {
  /** How commands call it. */
  readonly name: string;

  /** The app that it is a copy of. */
  readonly of: string;

  /** How long it lives after its last deploy, in seconds. */
  readonly ttl: number;

  /** When it was deployed first, unless that is this release. */
  readonly since?: string;
}

/** What was deployed once. */
export interface Release {
  readonly number: number;
  readonly state: State;

  /** When it began, by the cluster's clock. */
  readonly created: string;

  /** What was done: `deploy`, `rollback to 3`, `config set LOG_LEVEL`, `destroy`. */
  readonly action: string;

  /** Who did it: the user of the kubeconfig and the machine. */
  readonly by: string;

  /** The image of the web process. */
  readonly image?: string;

  readonly canary?: Canary;

  readonly url?: string;

  /** Undefined while the app answers, or its file says otherwise. */
  readonly maintenance?: Maintenance;

  /** Why it failed, in a line for people. */
  readonly why?: string;

  /** Whether it was interrupted: the cluster is somewhere between it and the release before it. */
  readonly interrupted?: boolean;

  /** What `webapp config` and `webapp secrets` have set: its processes have these variables. */
  readonly settings?: Settings;

  /** The lengths of the values that are generated for it, by variable. */
  readonly generated?: GeneratedLengths;

  /** The store of its platform, which has the secrets of `webapp secrets` too; undefined if there is none. */
  readonly secretStore?: SecretStoreModel;

  /** Whether its settings are for the first deploy, before which there is nothing to apply. */
  readonly staged?: boolean;

  /** Its objects, in the order in which a deploy applies them. */
  readonly objects: readonly Manifest[];

  /** Those of them that other apps may need too, and that are never removed. */
  readonly shared: readonly Reference[];

  /** The build in the cluster that its image is from, if the folder was built: it stays as long as the release. */
  readonly builds?: readonly Reference[];

  /** The spec of the WebApp resource that it is from, if the operator deployed it. */
  readonly spec?: object;

  /** Undefined for an app that lives until it is removed. */
  readonly preview?: PreviewOf;

  /** Objects of earlier releases that were kept, though this release does not have them: they hold data, or are builds that run. */
  readonly kept: readonly Reference[];
}

/** A release as it is created. */
export type NewRelease = Omit<Release, 'created'>;

/** A release, and the version of the Secret that holds it. */
export interface StoredRelease {
  readonly release: Release;
  readonly resourceVersion: string;
}

/** The Secret that holds a release. */
export function releaseSecret({ name, namespace }: AppName, number: number): Reference<Secret> {
  return { ...SECRET, namespace, name: `webapp-${name}-${number}` };
}

/** What a release has deployed, for another one that deploys it again. */
export function contentOf(
  { objects, shared, builds, image, canary, url, generated }: Release,
): Pick<Release, 'objects' | 'shared' | 'builds' | 'image' | 'canary' | 'url' | 'generated'> {
  return { objects, shared, builds, image, canary, url, generated };
}

/** The releases of an app, the latest first. */
export async function listReleases(cluster: Cluster, app: AppName): Promise<StoredRelease[]> {
  return (await secretsOf(cluster, app)).map(read).sort((a, b) => b.release.number - a.release.number);
}

async function secretsOf({ objects }: Cluster, { name, namespace }: AppName): Promise<Secret[]> {
  return objects.list(SECRET, { namespace, labels: { [APP]: name }, fields: { type: RELEASE_TYPE } });
}

/** The app of a release, by the metadata of its Secret. */
export function appOfRelease({ labels = {}, namespace }: Metadata): AppName {
  return { name: labels[APP], namespace: namespace! };
}

/** Whether a release is deleted by nobody when the resource of its app is: `webapp` has stored it, as it does without a resource. */
export function isWithoutOwner({ ownerReferences = [] }: Metadata): boolean {
  return ownerReferences.length === 0;
}

/** Whether an app has releases without an owner. */
export async function hasReleasesWithoutOwner(cluster: Cluster, app: AppName): Promise<boolean> {
  return (await secretsOf(cluster, app)).some(({ metadata }) => isWithoutOwner(metadata));
}

/** What is to be known of the releases of an app among others. */
export interface LatestReleases {
  readonly app: AppName;
  readonly latest: Release;

  /** The one that serves traffic; undefined before the first. */
  readonly current?: Release;
}

/**
 * The latest and the current release of every app that has any.
 *
 * @param namespace undefined for all namespaces
 */
export async function latestReleases({ objects }: Cluster, namespace: string | undefined): Promise<LatestReleases[]> {
  const secrets = await objects.list(SECRET, { namespace, fields: { type: RELEASE_TYPE } });
  const apps = new Map<string, { readonly app: AppName; readonly secrets: Secret[] }>();
  for (const secret of secrets) {
    const app = appOfRelease(secret.metadata);
    const key = `${app.namespace}/${app.name}`;
    apps.set(key, { app, secrets: [...apps.get(key)?.secrets ?? [], secret] });
  }
  const numberOf = ({ metadata }: Secret) => Number(metadata.labels?.[NUMBER]);
  return [...apps.values()].map(({ app, secrets: own }) => {
    own.sort((a, b) => numberOf(b) - numberOf(a));
    const latest = read(own[0]).release;
    // A release is large, so only as many are read as are needed.
    for (const secret of own) {
      const { release } = secret === own[0] ? { release: latest } : read(secret);
      if (isDeployed(release)) return { app, latest, current: release };
    }
    return { app, latest };
  });
}

/**
 * The releases of an app, the latest first; undefined where the user is not allowed to see them: preflight reports that with everything
 * else.
 */
export async function visibleReleases(cluster: Cluster, app: AppName): Promise<StoredRelease[] | undefined> {
  const releases = await unlessForbidden(async () => listReleases(cluster, app));
  return releases === FORBIDDEN ? undefined : releases;
}

/** Whether a release became ready, so that it can be rolled back to. What `destroy` leaves behind did not. */
export function isDeployed({ state, objects }: Release): boolean {
  return state === 'deployed' && objects.length > 0;
}

/** The release that serves traffic, or should. */
export function currentRelease(releases: readonly StoredRelease[]): Release | undefined {
  return releases.map(({ release }) => release).find(isDeployed);
}

/** The settings that the next release has, unless it changes them. */
export function currentSettings(releases: readonly StoredRelease[]): Settings {
  return releases.map(({ release }) => release).find(({ state }) => state === 'deployed')?.settings ?? {};
}

/** Whether what releases before this one have applied is gone: it has removed it when it was ready. */
export function hasReplacedOthers({ state, staged }: Release): boolean {
  return state === 'deployed' && !staged;
}

/**
 * Stores a release.
 *
 * @param owner what it is deleted with
 * @throws ApiError AlreadyExists where there is a release of that number
 */
export async function createRelease({ objects }: Cluster, app: AppName, release: NewRelease, owner?: object): Promise<StoredRelease> {
  const { metadata, ...secret } = secretOf(app, release);
  const owned = owner ? { ...metadata, ownerReferences: [owner] } : metadata;
  return read(await objects.create<Secret>({ ...secret, metadata: owned } as Manifest));
}

/** @throws ApiError 409 where another process changed it since it was read */
export async function updateRelease(
  { objects }: Cluster, app: AppName, { release, resourceVersion }: StoredRelease,
): Promise<StoredRelease> {
  const secret = secretOf(app, release);
  return read(await objects.replace<Secret>({ ...secret, metadata: { ...secret.metadata, resourceVersion } }));
}

export async function deleteRelease({ objects }: Cluster, app: AppName, number: number): Promise<void> {
  await objects.remove(releaseSecret(app, number));
}

/**
 * The releases beyond the number that is kept.
 *
 * @param releases all of them, the latest first
 */
export function oldReleases(releases: readonly StoredRelease[]): Release[] {
  const current = currentRelease(releases);
  return releases.slice(KEPT).map(({ release }) => release).filter(release => release !== current);
}

/** The releases of previews, or of those of an app, in a namespace or in all of them. */
export async function listPreviewReleases(
  { objects }: Cluster, { namespace, of }: { readonly namespace?: string; readonly of?: string },
): Promise<PreviewRelease[]> {
  const labels = { [PREVIEW]: true as const, ...of === undefined ? {} : { [PREVIEW_OF]: of } };
  const secrets = await objects.list(SECRET, { namespace, labels, fields: { type: RELEASE_TYPE } });
  return secrets.flatMap(secret => {
    const { release } = read(secret);
    const { preview } = release;
    return preview ? [{ app: appOfRelease(secret.metadata), release: { ...release, preview } }] : [];
  });
}

/** A release of a preview. */
export interface PreviewRelease {
  readonly app: AppName;
  readonly release: Release & { readonly preview: PreviewOf };
}

function secretOf(app: AppName, release: NewRelease): Manifest {
  const { number, state, preview } = release;
  const { apiVersion, kind, namespace, name } = releaseSecret(app, number);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'webapp',
        [APP]: app.name,
        [NUMBER]: String(number),
        [STATE]: state,
        ...preview && previewLabels(preview),
      },
    },
    type: RELEASE_TYPE,
    data: { release: gzipSync(JSON.stringify(release)).toString('base64') },
  };
}

export function previewLabels({ name, of }: Pick<PreviewOf, 'name' | 'of'>): { [label: string]: string } {
  return { [PREVIEW]: name, [PREVIEW_OF]: of };
}

function read({ metadata, data = {} }: Secret): StoredRelease {
  const content = gunzipSync(Buffer.from(data.release, 'base64'), { maxOutputLength: LARGEST });
  const written: NewRelease = JSON.parse(content.toString('utf8'));
  const interrupted = written.interrupted ?? (written.why === INTERRUPTED_BEFORE ? true : undefined);
  return { release: { ...written, interrupted, created: metadata.creationTimestamp }, resourceVersion: metadata.resourceVersion };
}
