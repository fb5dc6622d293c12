import type { TestCluster } from './test-cluster';
import type { Variables } from '../../src/engine/settings';
import type { PushSecret, Secret } from '../../src/kube/types';
import { CLUSTER_SECRET_STORE, EXTERNAL_SECRET, PUSH_SECRET, SECRET } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';

/** The store as a platform names it, for the app of tests. */
export const VAULT = { name: 'vault', kind: 'ClusterSecretStore', key: 'shop/web', deletionPolicy: 'Delete' } as const;

/** Simulates External Secrets and a store to which it can push, with what it reports. Create it after other controllers. */
export class TestStore {
  /** The secrets in the store, by key. */
  public readonly entries = new Map<string, Variables>();

  /** How often something was pushed. */
  public pushes = 0;

  /** Why the provider takes and gives nothing. */
  public problem?: string;

  /** Whether the controller runs. */
  public isRunning = true;

  constructor(private readonly cluster: TestCluster) {
    const { api, clock } = cluster;
    this.report({ conditions: [{ type: 'Ready', status: 'True', reason: 'Valid' }], capabilities: 'ReadWrite' });
    const { onWrite, intercept } = api;
    api.onWrite = (object, given) => {
      onWrite?.(object, given);
      if (object.kind === 'PushSecret') clock.after(1, () => this.push(object.metadata.name));
      if (object.kind === 'ExternalSecret') clock.after(1, () => this.fetch(object));
    };
    api.intercept = (method, path, request) => {
      if (method === 'DELETE' && path.includes('/pushsecrets/')) this.forget(path.split('/').at(-1)!);
      return intercept?.(method, path, request);
    };
  }

  /** What the controller says of the store. */
  public report(status: object): void {
    this.cluster.api.put({ ...CLUSTER_SECRET_STORE, metadata: { name: 'vault' }, status }, 'external-secrets');
  }

  /** Tries again what failed, as the controller does by itself. */
  public retry(): void {
    this.push('web-secrets');
  }

  private push(name: string): void {
    const { api } = this.cluster;
    const live = api.find<PushSecret>(PUSH_SECRET, name);
    if (!live || !this.isRunning) return;
    const { metadata: { generation }, spec: { selector, data: [{ match }] }, status } = live;
    if (status?.syncedResourceVersion === `${generation}-hash`) return;
    const source = api.find<Secret>(SECRET, selector.secret.name);
    const problem = source ? this.problem : 'could not get source secret';
    if (problem !== undefined) {
      const conditions = [{ type: 'Ready', status: 'False', reason: 'Errored', message: `set secret failed: ${problem}` }];
      // The controller does not look again because of a status that it has written.
      if (status?.conditions?.[0].status !== 'False') this.tell(live, { conditions });
      return;
    }
    this.pushes++;
    this.entries.set(match.remoteRef.remoteKey, decoded(source!));
    const conditions = [{ type: 'Ready', status: 'True', reason: 'Synced', message: 'PushSecret synced successfully' }];
    this.tell(live, { conditions, syncedResourceVersion: `${generation}-hash` });
  }

  private tell({ metadata: { name } }: PushSecret, status: object): void {
    this.cluster.api.change({ ...PUSH_SECRET, metadata: { name, namespace: 'shop' } }, { status }, 'external-secrets');
  }

  private forget(name: string): void {
    const live = this.cluster.api.find<PushSecret>(PUSH_SECRET, name);
    const { deletionPolicy } = (live?.spec ?? {}) as { readonly deletionPolicy?: string };
    if (live && deletionPolicy === 'Delete') this.entries.delete(live.spec.data[0].match.remoteRef.remoteKey);
  }

  private fetch({ metadata: { name }, status, spec }: Manifest): void {
    const { api } = this.cluster;
    if (status !== undefined || !this.isRunning || !api.find(EXTERNAL_SECRET, name)) return;
    const { dataFrom: [{ extract }] } = spec as { readonly dataFrom: readonly { readonly extract: { readonly key: string } }[] };
    const found = this.entries.get(extract.key);
    const condition = this.problem !== undefined
      ? { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: 'could not get secret data from provider' }
      : { type: 'Ready', status: 'True', reason: found ? 'SecretSynced' : 'SecretDeleted' };
    if (found && this.problem === undefined) {
      const data = Object.fromEntries(Object.entries(found).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
      api.put({ ...SECRET, metadata: { name, namespace: 'shop' }, data } as unknown as Manifest, 'external-secrets');
    }
    api.change({ ...EXTERNAL_SECRET, metadata: { name, namespace: 'shop' } }, { status: { conditions: [condition] } }, 'external-secrets');
  }
}

function decoded({ data = {} }: Secret): Variables {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}
