/** What a deploy adds to the objects that a file says: what commands have set, and the hash by which pods see new values. */
import { withConfigHash } from './config-hash';
import { withMaintenance } from './maintenance';
import type { Maintenance } from './release-store';
import { pushSecretsFor } from './secret-store';
import type { Settings } from './settings';
import { withoutSettings, withSettings } from './settings';
import type { SecretStoreModel } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** What commands have set for an app. */
export interface Additions {
  readonly maintenance?: Maintenance;
  readonly settings: Settings;

  /** The store that has the secrets too; undefined if the platform has none. */
  readonly secretStore?: SecretStoreModel;

  /** The settings until now, where the objects are those of the current release, which have them already. */
  readonly before?: Settings;
}

/** The objects that a deploy applies. */
export async function withAdditions(
  cluster: Cluster, app: AppName, objects: readonly Manifest[], { maintenance, settings, secretStore, before }: Additions,
): Promise<Manifest[]> {
  const own = withMaintenance(withoutSettings(objects, before), app.name, maintenance);
  // A store that does not take the secrets stops a deploy before it has changed anything else.
  return [...pushSecretsFor(app, settings, secretStore), ...withSettings(await withConfigHash(cluster, own), settings)];
}
