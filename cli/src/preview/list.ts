import type { PreviewOf, PreviewRelease } from '../engine/release-store';
import { listPreviewReleases } from '../engine/release-store';
import { serverTime } from '../engine/server-time';
import type { Cluster } from '../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName } from '../kube/types';
import { previewOf } from '../operator/preview';
import { nameOf, WEB_APP } from '../operator/resources';

/** A preview in a cluster. */
export interface Preview {
  readonly app: AppName;
  readonly preview: PreviewOf;

  /** Whether it has a WebApp resource, which the operator deletes when it has expired. */
  readonly hasResource: boolean;
  readonly url?: string;
  readonly image?: string;

  /** When it was deployed first. */
  readonly created: string;

  /** When it is to be removed, in milliseconds since 1970; undefined before the operator has looked at it. */
  readonly expires?: number;
}

/** Where to look for previews, and of which apps. */
export interface PreviewSearch {
  /** All namespaces, if there are none. */
  readonly namespaces?: readonly string[];

  /** All apps, if there are none. */
  readonly of?: readonly string[];
}

/** The previews that the command and the operator have deployed, in the order of their names. */
export async function listPreviews(cluster: Cluster, { namespaces, of }: PreviewSearch): Promise<Preview[]> {
  const found = await Promise.all((namespaces ?? [undefined]).map(async namespace => {
    const resources = await listResources(cluster, namespace);
    const released = latest(await listPreviewReleases(cluster, { namespace })).map(({ app, release }): Preview => {
      const { preview, url, image, created } = release;
      const expires = Date.parse(created) + preview.ttl * 1000;
      return { app, preview, hasResource: false, url, image, created: preview.since ?? created, expires };
    });
    return [...resources, ...released.filter(one => !resources.some(other => isSame(one, other)))];
  }));
  const key = ({ app, preview }: Preview) => `${preview.name} ${app.namespace} ${app.name}`;
  return found.flat().filter(one => of === undefined || of.includes(one.preview.of)).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The latest release of each preview. */
function latest(releases: readonly PreviewRelease[]): PreviewRelease[] {
  return releases.filter(one => !releases.some(other => isSame(one, other) && other.release.number > one.release.number));
}

function isSame({ app }: { readonly app: AppName }, { app: other }: { readonly app: AppName }): boolean {
  return app.name === other.name && app.namespace === other.namespace;
}

async function listResources(cluster: Cluster, namespace: string | undefined): Promise<Preview[]> {
  if (!await cluster.objects.knows(WEB_APP)) return [];
  const resources = await unlessForbidden(async () => cluster.objects.list(WEB_APP, { namespace }));
  if (resources === FORBIDDEN) return [];
  return resources.flatMap(resource => {
    const preview = previewOf(resource);
    if (!preview) return [];
    const { url, image, expires } = resource.status ?? {};
    const { creationTimestamp: created } = resource.metadata;
    return [{ app: nameOf(resource), preview, hasResource: true, url, image, created, expires: expires ? Date.parse(expires) : undefined }];
  });
}

/** Those whose time is over, by the clock of the API server. */
export async function expiredPreviews(cluster: Cluster, previews: readonly Preview[]): Promise<Preview[]> {
  if (previews.length === 0) return [];
  const now = await serverTime(cluster, previews[0].app.namespace);
  return previews.filter(({ expires }) => expires !== undefined && expires <= now);
}
