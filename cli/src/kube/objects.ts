import type { KubernetesApi } from './api';
import { sendJson } from './api';
import { fieldConflicts, isConflict, isNotFound } from './errors';
import { notInstalled } from './explain';
import type { Permission } from './permissions';
import type { Kind, KubernetesObject, Metadata } from './types';
import { BUILD_RUN, groupOf, isKind, JOB, SCALED_OBJECT } from './types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** The name of an object. */
export interface Reference<T extends KubernetesObject = KubernetesObject> extends Kind<T> {
  readonly namespace?: string;
  readonly name: string;
}

/** The field manager of applied objects: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
export const MANAGER = 'webapp';

/** That of objects which the operator applies. */
export const OPERATOR_MANAGER = 'webapp-operator';

/** The field manager of `webapp scale`, whose fields the next deploy takes back. */
export const SCALE_MANAGER = 'webapp-scale';

/** The field manager of `webapp maintenance` for resources, whose fields no deploy takes back. */
export const MAINTENANCE_MANAGER = 'webapp-maintenance';

/** The field manager of `webapp config` and `webapp secrets`, for the annotation of a resource, which no deploy takes back. */
export const SETTINGS_MANAGER = 'webapp-settings';

/** The field manager of the annotation of a resource that says what a command has done to its spec. */
export const CHANGE_MANAGER = 'webapp-change';

/** The field manager of `webapp restart`, whose fields no deploy has. */
export const RESTART_MANAGER = 'webapp-restart';

export interface ApplyOptions {
  /** Only asks what the result would be. */
  readonly dryRun?: boolean;

  /** Takes ownership of fields that other managers set. */
  readonly force?: boolean;

  /**
   * The field manager.
   *
   * @default MANAGER
   */
  readonly manager?: string;
}

/** What an object must have to be deleted: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-deletion */
export type Preconditions = Pick<Metadata, 'uid' | 'resourceVersion'>;

export interface ListOptions {
  /** All namespaces, if there is none. */
  readonly namespace?: string;

  /** With which values; `true` stands for any value. */
  readonly labels?: { readonly [label: string]: string | true };
  readonly fields?: { readonly [field: string]: string };
}

export function referenceTo<T extends KubernetesObject = KubernetesObject>(
  { apiVersion, kind, metadata: { name, namespace } }: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>,
): Reference<T> {
  return { apiVersion, kind, namespace, name };
}

/** An object in a message: `Service web`. */
export function shown({ kind, name, metadata }: { kind: string; name?: string; metadata?: { name: string } }): string {
  return `${kind} ${name ?? metadata?.name}`;
}

/** Whether two references are to the same object, in whichever version of its API. */
export function sameObject(a: Reference, b: Reference): boolean {
  return isKind(a, b) && a.name === b.name && a.namespace === b.namespace;
}

/** The references that are not to objects of others. */
export function without<T extends Reference>(references: readonly T[], others: readonly Reference[]): T[] {
  return references.filter(one => !others.some(other => sameObject(one, other)));
}

/** The references, each object once. */
export function unique<T extends Reference>(references: readonly T[]): T[] {
  return references.filter((one, i) => references.findIndex(other => sameObject(one, other)) === i);
}

/** Objects of every kind that the cluster has. */
export class Objects {
  private readonly served = new Map<string, Promise<readonly ApiResource[]>>();

  constructor(private readonly api: KubernetesApi) {}

  /** Whether the cluster has a kind. */
  public async knows({ apiVersion, kind }: Kind): Promise<boolean> {
    return await this.resource(apiVersion, kind) !== undefined;
  }

  /** Asks the cluster again which kinds it has of an API version: a resource definition may have been installed or removed since. */
  public forget(apiVersion: string): void {
    this.served.delete(apiVersion);
  }

  /** The permission for a verb on an object. The cluster has to have its kind. */
  public async permission(verb: string, { apiVersion, kind }: Reference): Promise<Permission> {
    return { verb, group: groupOf(apiVersion), resource: (await this.resource(apiVersion, kind))!.name };
  }

  /** The object; undefined if there is none. */
  public async get<T extends KubernetesObject>(reference: Reference<T>): Promise<T | undefined> {
    return unlessMissing(async () => sendJson<T>(this.api, 'GET', await this.pathOf(reference)));
  }

  public async list<T extends KubernetesObject>(kind: Kind<T>, { namespace, labels = {}, fields = {} }: ListOptions): Promise<T[]> {
    const path = await this.collectionPath(kind, namespace);
    const query = { labelSelector: selector(labels), fieldSelector: selector(fields), limit: 500 };
    const items: T[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const page: Page<T> = await sendJson(this.api, 'GET', path, { query: { ...query, continue: token || undefined } });
      items.push(...page.items);
      token = page.metadata?.continue || undefined;
    }
    return items;
  }

  public async create<T extends KubernetesObject = KubernetesObject>(
    object: Manifest, { dryRun, manager = MANAGER }: Pick<ApplyOptions, 'dryRun' | 'manager'> = {},
  ): Promise<T> {
    const query = { fieldManager: manager, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined };
    return sendJson(this.api, 'POST', await this.collectionPath(object, object.metadata.namespace), { body: object, query });
  }

  /**
   * Replaces an object.
   *
   * @throws ApiError 409 where the object has a resourceVersion, and another client changed it since
   */
  public async replace<T extends KubernetesObject = KubernetesObject>(object: Manifest): Promise<T> {
    return sendJson(this.api, 'PUT', await this.pathOf(referenceTo(object)), { body: object, query: { fieldManager: MANAGER } });
  }

  /**
   * Changes some fields of an object: https://www.rfc-editor.org/rfc/rfc7386
   *
   * @throws ApiError 409 where the change has a resourceVersion, and another client changed the object since
   */
  public async merge<T extends KubernetesObject>(reference: Reference<T>, change: object, manager = MANAGER): Promise<T> {
    const request = { body: change, type: 'application/merge-patch+json', query: { fieldManager: manager } };
    return sendJson(this.api, 'PATCH', await this.pathOf(reference), request);
  }

  /** Sets the number of a workload's pods. */
  public async scale(reference: Reference, replicas: number): Promise<void> {
    const request = { body: { spec: { replicas } }, type: 'application/merge-patch+json' };
    await sendJson(this.api, 'PATCH', `${await this.pathOf(reference)}/scale`, request);
  }

  /**
   * Creates or changes an object. Fields that other managers set to another value stay theirs, and are an error; those of `webapp scale`
   * are taken back.
   *
   * @returns the result
   */
  public async apply<T extends KubernetesObject = KubernetesObject>(
    object: Manifest, { dryRun, force = false, manager = MANAGER }: ApplyOptions = {},
  ): Promise<T> {
    const path = await this.pathOf(referenceTo(object));
    const send = async (forced: boolean): Promise<T> => sendJson(this.api, 'PATCH', path, {
      body: object,
      type: 'application/apply-patch+yaml',
      query: { fieldManager: manager, fieldValidation: 'Strict', force: forced, dryRun: dryRun ? 'All' : undefined },
    });
    try {
      return await send(force);
    } catch (error) {
      if (!isConflict(error) || force) throw error;
      const conflicts = fieldConflicts(error);
      const own = conflicts.length > 0 && conflicts.every(conflict => [manager, SCALE_MANAGER].includes(conflict.manager ?? ''));
      if (!own) throw error;
      return send(true);
    }
  }

  /**
   * Changes some fields of the status of a resource.
   *
   * @returns the metadata of the result
   */
  public async mergeStatus(reference: Reference, status: object, manager: string): Promise<Metadata> {
    const request = { body: { status }, type: 'application/merge-patch+json', query: { fieldManager: manager } };
    return (await sendJson<KubernetesObject>(this.api, 'PATCH', `${await this.pathOf(reference)}/status`, request)).metadata;
  }

  /**
   * Deletes an object and what it owns, if it exists. A Job and a BuildRun exist until their pods are gone, and a ScaledObject until its
   * HorizontalPodAutoscaler, which keeps scaling, is deleted.
   *
   * @param only the `uid` that it must have, or also its version
   * @throws ApiError 409 where it has another one
   */
  public async remove(reference: Reference, only?: string | Preconditions): Promise<void> {
    const propagationPolicy = [JOB, BUILD_RUN, SCALED_OBJECT].some(kind => isKind(reference, kind)) ? 'Foreground' : 'Background';
    const preconditions = typeof only === 'string' ? { uid: only } : only;
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, preconditions };
    await unlessMissing(async () => sendJson(this.api, 'DELETE', await this.pathOf(reference), { body }));
  }

  /**
   * The path of all objects of a kind, or of those of a namespace.
   *
   * @throws Failure if the cluster does not have the kind
   */
  public async collectionPath({ apiVersion, kind }: Kind, namespace?: string): Promise<string> {
    const found = await this.resource(apiVersion, kind);
    if (!found) {
      const { message, hint } = notInstalled(apiVersion, kind);
      throw new Failure(`${message}\n  ${hint}`);
    }
    return `${root(apiVersion)}${found.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : ''}/${found.name}`;
  }

  private async pathOf(reference: Reference): Promise<string> {
    return `${await this.collectionPath(reference, reference.namespace)}/${encodeURIComponent(reference.name)}`;
  }

  private async resource(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    let resources = this.served.get(apiVersion);
    if (!resources) {
      const discovery = sendJson<{ readonly resources: readonly ApiResource[] }>(this.api, 'GET', root(apiVersion));
      resources = discovery.then(list => list.resources, error => {
        if (isNotFound(error)) return [];
        this.forget(apiVersion); // the next call tries again
        throw error;
      });
      this.served.set(apiVersion, resources);
    }
    return (await resources).find(resource => resource.kind === kind && !resource.name.includes('/'));
  }
}

interface Page<T> {
  readonly items: readonly T[];
  readonly metadata?: { readonly continue?: string };
}

/** A kind in the API's discovery. */
interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function root(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** A selector as the API takes it: by values, or with `true` by whether there is one. Undefined selects everything. */
export function selector(values: { readonly [name: string]: string | true }): string | undefined {
  return Object.entries(values).map(([name, value]) => value === true ? name : `${name}=${value}`).join(',') || undefined;
}

async function unlessMissing<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

