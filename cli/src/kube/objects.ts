import { notInstalled } from './errors';
import { ApiError, KubernetesApi } from './kubernetes-api';
import type { Deed } from './permissions';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** Which object is meant. */
export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Labels as a list is asked for by them. */
export function selectorOf(labels: { readonly [label: string]: string }): string {
  return Object.entries(labels).map(([label, value]) => `${label}=${value}`).join(',');
}

/** The field manager of what is applied: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
export const MANAGER = 'webapp';

/** That of `webapp scale`, whose fields the next deploy takes back. */
export const SCALE_MANAGER = 'webapp-scale';

export interface ApplyOptions {
  /** Only asks what would become of it. */
  readonly dryRun?: boolean;

  /** Takes over fields that others have set. */
  readonly force?: boolean;
}

export function referenceTo({ apiVersion, kind, metadata: { name, namespace } }: Manifest): Reference {
  return { apiVersion, kind, namespace, name };
}

/** An object as a person reads it. */
export function shown({ kind, name, metadata }: { kind: string; name?: string; metadata?: { name: string } }): string {
  return `${kind} ${name ?? metadata?.name}`;
}

export function sameObject(a: Reference, b: Reference): boolean {
  const group = ({ apiVersion }: Reference) => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '');
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && group(a) === group(b);
}

/** Objects of any kind that the cluster knows. */
export class Objects {
  private readonly served = new Map<string, Promise<readonly any[]>>();

  constructor(private readonly api: KubernetesApi) {}

  /** Whether the cluster knows a kind. */
  public async knows(apiVersion: string, kind: string): Promise<boolean> {
    return await this.kind(apiVersion, kind) !== undefined;
  }

  /** What doing something with an object is, as permissions name it. */
  public async deed(verb: string, { apiVersion, kind }: Reference): Promise<Deed> {
    return [verb, apiVersion.includes('/') ? apiVersion.split('/')[0] : '', (await this.kind(apiVersion, kind))!.name];
  }

  public async get(reference: Reference): Promise<any | undefined> {
    return this.orMissing(async () => this.api.json('GET', await this.pathOf(reference)));
  }

  public async list(apiVersion: string, kind: string, namespace: string | undefined, labelSelector?: string, fieldSelector?: string): Promise<any[]> {
    const path = (await this.pathOf({ apiVersion, kind, namespace, name: '' })).replace(/\/$/, '');
    const items: any[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const page: any = await this.api.json('GET', path, { query: { labelSelector, fieldSelector, limit: 500, continue: token || undefined } });
      items.push(...page.items);
      token = page.metadata?.continue || undefined;
    }
    return items;
  }

  public async create(object: Manifest, options: { readonly dryRun?: boolean } = {}): Promise<any> {
    const path = (await this.pathOf({ ...referenceTo(object), name: '' })).replace(/\/$/, '');
    return this.api.json('POST', path, { body: object, query: { fieldManager: MANAGER, fieldValidation: 'Strict', dryRun: options.dryRun ? 'All' : undefined } });
  }

  /** Merges a change into an object: https://www.rfc-editor.org/rfc/rfc7386 */
  public async merge(reference: Reference, change: object, manager = MANAGER): Promise<any> {
    return this.api.json('PATCH', await this.pathOf(reference), { body: change, type: 'application/merge-patch+json', query: { fieldManager: manager } });
  }

  /**
   * Makes an object so. Fields that others have set to another value are left to them, and an error says which, unless those others are this
   * command's own `scale`.
   *
   * @returns what it is then
   */
  public async apply(object: Manifest, { dryRun, force }: ApplyOptions = {}): Promise<any> {
    const path = await this.pathOf(referenceTo(object));
    const send = async (forced: boolean) => this.api.json('PATCH', path, {
      body: object,
      type: 'application/apply-patch+yaml',
      query: { fieldManager: MANAGER, fieldValidation: 'Strict', force: forced, dryRun: dryRun ? 'All' : undefined },
    });
    try {
      return await send(force ?? false);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || force) throw error;
      const conflicts = error.causes.filter(({ reason }) => reason === 'FieldManagerConflict');
      if (conflicts.length === 0 || !conflicts.every(({ message = '' }) => ownConflict(message))) throw error;
      return send(true);
    }
  }

  /** Removes an object, if it is there; what it owns goes too. A Job is there until its pods are gone. */
  public async remove(reference: Reference, uid?: string): Promise<void> {
    const propagationPolicy = reference.kind === 'Job' ? 'Foreground' : 'Background';
    await this.orMissing(async () => this.api.json('DELETE', await this.pathOf(reference), {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, preconditions: uid && { uid } },
    }));
  }

  public async pathOf({ apiVersion, kind, namespace, name }: Reference): Promise<string> {
    const found = await this.kind(apiVersion, kind);
    if (!found) throw new Failure(notInstalled(apiVersion, kind));
    return `${root(apiVersion)}${found.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : ''}/${found.name}/${encodeURIComponent(name)}`;
  }

  private async kind(apiVersion: string, kind: string): Promise<{ name: string; namespaced: boolean } | undefined> {
    let resources = this.served.get(apiVersion);
    if (!resources) {
      resources = this.api.json('GET', root(apiVersion)).then(list => list.resources, error => {
        if (error instanceof ApiError && error.status === 404) return [];
        throw error;
      });
      this.served.set(apiVersion, resources);
    }
    return (await resources).find(resource => resource.kind === kind && !resource.name.includes('/'));
  }

  private async orMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** A conflict's message is `conflict with "MANAGER" using VERSION`, or `… with subresource …`. */
function ownConflict(message: string): boolean {
  return [MANAGER, SCALE_MANAGER].some(manager => message.startsWith(`conflict with "${manager}"`));
}
