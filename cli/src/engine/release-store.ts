import { gunzipSync, gzipSync } from 'node:zlib';
import type { Cluster } from '../kube/connect';
import { Reference } from '../kube/objects';
import type { Manifest } from '../render/synthesis';

/** The labels by which the releases of an app are found. */
const APP = 'cdk8s-webapp.dev/app';
const NUMBER = 'cdk8s-webapp.dev/release';
const STATE = 'cdk8s-webapp.dev/state';

/** The type of the Secrets. */
const RELEASE_TYPE = 'cdk8s-webapp.dev/release';

/** How many releases are kept; the last good one is kept besides. */
const KEPT = 10;

/**
 * How a release stands. `pending` is one that is being made, or was when its deploy was killed; `deployed` came up, and is what serves unless
 * there is a later one; of one that `failed` nothing is meant to remain.
 */
export type State = 'pending' | 'deployed' | 'failed';

/** Why a release failed that was interrupted: the cluster is half-way between it and the one before. */
export const INTERRUPTED = 'it was interrupted';

/** An app, and where it is. */
export interface AppName {
  readonly name: string;
  readonly namespace: string;
}

/** What was deployed once. */
export interface Release {
  readonly number: number;
  readonly state: State;

  /** When it began, by the cluster's clock. */
  readonly created: string;

  /** What was done: `deploy`, `rollback to 3`, `destroy`. */
  readonly action: string;

  /** Who did it: the user of the kubeconfig and the machine. */
  readonly by: string;

  /** The image of the web process. */
  readonly image?: string;

  /** The version beside it, and the percent of the requests that it gets; none where there is one version. */
  readonly canary?: { readonly image: string; readonly weight: number };

  readonly url?: string;

  /** Why it failed, in a line. */
  readonly why?: string;

  /** Its objects in the order in which they were made. */
  readonly objects: readonly Manifest[];

  /** Those of them that other apps may need too, and that are never removed. */
  readonly shared: readonly Reference[];

  /** Objects of earlier releases that hold data and were left, though this one has them no more. */
  readonly kept: readonly Reference[];
}

/** A release and the Secret that it is in. */
export interface Stored {
  readonly release: Release;
  readonly resourceVersion: string;
}

export function secretName(app: string, number: number): string {
  return `webapp-${app}-${number}`;
}

/** The releases of an app, the latest first. */
export async function releasesOf({ objects }: Cluster, { name, namespace }: AppName): Promise<Stored[]> {
  const secrets = await objects.list('v1', 'Secret', namespace, `${APP}=${name}`, `type=${RELEASE_TYPE}`);
  return secrets.map(stored).sort((a, b) => b.release.number - a.release.number);
}

/** Whether a release came up, and so can be gone back to. What `destroy` leaves is none. */
export function cameUp({ state, objects }: Release): boolean {
  return state === 'deployed' && objects.length > 0;
}

/** The release that serves, or ought to. */
export function lastGood(releases: readonly Stored[]): Release | undefined {
  return releases.map(({ release }) => release).find(cameUp);
}

export async function createRelease({ objects }: Cluster, app: AppName, release: Omit<Release, 'created'>): Promise<Stored> {
  return stored(await objects.create(secretOf(app, release)));
}

/**
 * Writes a release anew.
 *
 * @throws ApiError 409 where somebody else has written it since
 */
export async function updateRelease({ api }: Cluster, app: AppName, { release, resourceVersion }: Stored): Promise<Stored> {
  const secret = secretOf(app, release);
  const body = { ...secret, metadata: { ...secret.metadata, resourceVersion } };
  return stored(await api.json('PUT', `/api/v1/namespaces/${app.namespace}/secrets/${secret.metadata.name}`, { body, query: { fieldManager: 'webapp' } }));
}

/** Removes the releases that are more than are kept. */
export async function forgetOld(cluster: Cluster, app: AppName): Promise<void> {
  const releases = await releasesOf(cluster, app);
  const good = lastGood(releases);
  for (const { release } of releases.slice(KEPT)) if (release !== good) await forget(cluster, app, release.number);
}

export async function forget({ objects }: Cluster, { name, namespace }: AppName, number: number): Promise<void> {
  await objects.remove({ apiVersion: 'v1', kind: 'Secret', namespace, name: secretName(name, number) });
}

function secretOf({ name, namespace }: AppName, release: Omit<Release, 'created'>): Manifest {
  const { number, state } = release;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName(name, number),
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'webapp', [APP]: name, [NUMBER]: String(number), [STATE]: state },
    },
    type: RELEASE_TYPE,
    data: { release: gzipSync(JSON.stringify(release)).toString('base64') },
  };
}

function stored({ metadata, data }: any): Stored {
  const release = JSON.parse(gunzipSync(Buffer.from(data.release, 'base64')).toString('utf8'));
  return { release: { ...release, created: metadata.creationTimestamp }, resourceVersion: metadata.resourceVersion };
}
