import type { Duplex } from 'node:stream';
import type { V1Status } from '@kubernetes/client-node';
import type {
  ApiRequest, ApiResponse, AttachRequest, ExecRequest, ExecResult, ForwardRequest, KubernetesApi, StreamRequest,
} from '../../src/kube/api';
import { ApiError, PortError } from '../../src/kube/errors';
import type { Kind, KubernetesObject, Pod } from '../../src/kube/types';
import { groupOf } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';

/** A JSON object. */
interface Fields { [field: string]: unknown }

/** An object as it is stored. */
type StoredObject = Fields & { metadata: Fields };

interface Resource {
  readonly apiVersion: string;
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resource(apiVersion: string, name: string, kind: string, namespaced = true): Resource {
  return { apiVersion, name, kind, namespaced };
}

const RESOURCES = [
  resource('v1', 'namespaces', 'Namespace', false),
  resource('v1', 'nodes', 'Node', false),
  resource('v1', 'pods', 'Pod'),
  resource('v1', 'services', 'Service'),
  resource('v1', 'configmaps', 'ConfigMap'),
  resource('v1', 'secrets', 'Secret'),
  resource('v1', 'events', 'Event'),
  resource('v1', 'serviceaccounts', 'ServiceAccount'),
  resource('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  resource('apps/v1', 'deployments', 'Deployment'),
  resource('apps/v1', 'replicasets', 'ReplicaSet'),
  resource('batch/v1', 'jobs', 'Job'),
  resource('batch/v1', 'cronjobs', 'CronJob'),
  resource('coordination.k8s.io/v1', 'leases', 'Lease'),
  resource('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  resource('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy'),
  resource('networking.k8s.io/v1', 'ingresses', 'Ingress'),
  resource('networking.k8s.io/v1', 'ingressclasses', 'IngressClass', false),
  resource('gateway.networking.k8s.io/v1', 'gateways', 'Gateway'),
  resource('gateway.networking.k8s.io/v1', 'gatewayclasses', 'GatewayClass', false),
  resource('gateway.networking.k8s.io/v1', 'httproutes', 'HTTPRoute'),
  resource('gateway.networking.k8s.io/v1beta1', 'referencegrants', 'ReferenceGrant'),
  resource('gateway.envoyproxy.io/v1alpha1', 'envoyproxies', 'EnvoyProxy'),
  resource('gateway.envoyproxy.io/v1alpha1', 'clienttrafficpolicies', 'ClientTrafficPolicy'),
  resource('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', false),
  resource('rbac.authorization.k8s.io/v1', 'clusterroles', 'ClusterRole', false),
  resource('rbac.authorization.k8s.io/v1', 'clusterrolebindings', 'ClusterRoleBinding', false),
  resource('rbac.authorization.k8s.io/v1', 'roles', 'Role'),
  resource('rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding'),
  resource('admissionregistration.k8s.io/v1', 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', false),
  resource('admissionregistration.k8s.io/v1', 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', false),
  resource('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', false),
  resource('external-secrets.io/v1', 'externalsecrets', 'ExternalSecret'),
  resource('external-secrets.io/v1', 'secretstores', 'SecretStore'),
  resource('external-secrets.io/v1', 'clustersecretstores', 'ClusterSecretStore', false),
  resource('external-secrets.io/v1alpha1', 'pushsecrets', 'PushSecret'),
  resource('cert-manager.io/v1', 'issuers', 'Issuer'),
  resource('cert-manager.io/v1', 'certificates', 'Certificate'),
  resource('cert-manager.io/v1', 'clusterissuers', 'ClusterIssuer', false),
  resource('monitoring.coreos.com/v1', 'podmonitors', 'PodMonitor'),
  resource('monitoring.coreos.com/v1', 'prometheusrules', 'PrometheusRule'),
  resource('argoproj.io/v1alpha1', 'rollouts', 'Rollout'),
  resource('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  resource('keda.sh/v1alpha1', 'scaledobjects', 'ScaledObject'),
  resource('http.keda.sh/v1beta1', 'interceptorroutes', 'InterceptorRoute'),
  resource('postgresql.cnpg.io/v1', 'clusters', 'Cluster'),
  resource('postgresql.cnpg.io/v1', 'databases', 'Database'),
  resource('metrics.k8s.io/v1beta1', 'pods', 'PodMetrics'),
  resource('postgresql.cnpg.io/v1', 'backups', 'Backup'),
  resource('postgresql.cnpg.io/v1', 'scheduledbackups', 'ScheduledBackup'),
  resource('shipwright.io/v1beta1', 'builds', 'Build'),
  resource('shipwright.io/v1beta1', 'clusterbuildstrategies', 'ClusterBuildStrategy', false),
  resource('shipwright.io/v1beta1', 'buildruns', 'BuildRun'),
  resource('cdk8s-webapp.dev/v1alpha1', 'webapps', 'WebApp'),
  resource('cdk8s-webapp.dev/v1alpha1', 'platforms', 'Platform', false),
];

/** The target of a request. */
interface Target {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;

  /** What follows the subresource, such as the path of a proxied request. */
  readonly rest: string;
}

interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** A change of an object, as watches are told of it. */
interface Change {
  readonly version: number;
  readonly target: Target;
  readonly before?: StoredObject;

  /** The last state, with `isDeleted`. */
  readonly object: StoredObject;
  readonly isDeleted: boolean;
}

/** A watch of a client. */
interface Watcher {
  readonly target: Target;
  readonly query: NonNullable<ApiRequest['query']>;
  readonly accept?: string;
  readonly send: (event: object) => void;
  readonly end: (error?: Error) => void;

  /** Whether the connection is dead, and neither side knows. */
  isSilent: boolean;
}

/** A command that runs in a container. */
export interface ExecCommand {
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly input: Buffer;
}

/** A request that the user is not allowed to send; an undefined field matches everything. */
export interface Denial {
  readonly verb?: string;
  readonly resource?: string;
  readonly namespace?: string;
}

/**
 * The Kubernetes API in memory, as far as the engine and the operator use it: discovery, server-side apply with field managers and
 * conflicts, merge patches, optimistic concurrency, dry runs, selectors, preconditions, access reviews, logs and the proxy; lists in pages
 * and watches, whose connections a test can end or silence, and whose history it can forget. There are no controllers: tests simulate
 * them with `onWrite`.
 */
export class InMemoryApi implements KubernetesApi {
  /** All requests so far, such as `PATCH /api/v1/namespaces/shop/services/web`. */
  public readonly requests: string[] = [];

  /** What the user is not allowed to do. */
  public readonly denials: Denial[] = [];

  /** Kinds that the cluster does not have. */
  public readonly absent = new Set<string>();

  /** Logs by pod and container: `web-1/main`, with `(previous)` at the end for the previous run. */
  public readonly logs = new Map<string, string>();

  /** Responds to a request in place of the API, for example with an error. It may also throw. */
  public intercept?: (method: string, path: string, request: ApiRequest) => ApiResponse | undefined;

  /** The reason why an admission plugin rejects an object. */
  public admit?: (object: Manifest) => string | undefined;

  /** Responds to requests through the API server's proxy, by default with status 200. */
  public proxy?: (service: string, path: string, host?: string) => ApiResponse;

  /** Runs a command in a container, by default one that succeeds. It may throw, as if the connection was lost. */
  public run?: (command: ExecCommand) => ExecResult;

  /** What a container's process does with a connection, by default nothing. */
  public process?: (pod: string, request: AttachRequest) => Promise<void>;

  /** What a program in a pod does with a connection to its port, by default nothing listens. */
  public listen?: (pod: string, port: number, stream: Duplex) => Promise<void>;

  /** Simulates the controllers: called after each stored change. */
  public onWrite?: (object: Manifest, api: InMemoryApi) => void;

  private readonly stored = new Map<string, StoredObject>();

  /** What watches can still be told of. */
  private history: Change[] = [];

  /** The version up to which changes are forgotten. */
  private compacted = 0;
  private readonly watchers = new Set<Watcher>();

  /** The rest of lists that were read in part, by token. */
  private readonly pages = new Map<string, { readonly items: StoredObject[]; readonly version: number }>();

  /** The paths of fields, by object and manager. */
  private readonly owners = new Map<string, Map<string, Set<string>>>();

  /** What each manager of an object did last. */
  private readonly operations = new Map<string, 'Apply' | 'Update'>();
  private version = 0;

  constructor(private readonly now: () => number, ...namespaces: string[]) {
    for (const name of namespaces) this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** Creates or replaces an object, including its status, as another client. */
  public put(object: Manifest, manager = 'kubectl'): void {
    const target = this.targetOf(object);
    this.store(target, merged(this.stored.get(keyOf(target)) ?? {}, object as unknown as Fields), manager, leavesOf(object));
  }

  /** Changes fields of an object, including its status, as another client. */
  public change(reference: Reference, change: Fields, manager = 'kubectl'): void {
    const target = this.targetOf(reference);
    const before = this.stored.get(keyOf(target));
    if (before) this.store(target, merged(before, change), manager, leavesOf(change));
  }

  /** Deletes an object as another client. */
  public delete(reference: Reference): void {
    this.forget(keyOf(this.targetOf(reference)));
  }

  /** The live object; undefined if it does not exist. */
  public find<T extends KubernetesObject = KubernetesObject>(kind: Kind<T>, name: string, namespace = 'shop'): T | undefined {
    return this.stored.get(keyOf(this.targetOf({ ...kind, metadata: { name, namespace } }))) as unknown as T | undefined;
  }

  /** All live objects of a kind. */
  public all<T extends KubernetesObject>({ apiVersion, kind }: Kind<T>): T[] {
    return this.everything().filter(object => object.kind === kind && object.apiVersion === apiVersion) as T[];
  }

  /** All live objects. */
  public everything(): KubernetesObject[] {
    return [...this.stored.values()] as unknown as KubernetesObject[];
  }

  /** All objects of a namespace, such as `Service web`, except those of some kinds. */
  public names(namespace = 'shop', except: readonly string[] = ['Secret', 'Pod', 'ReplicaSet']): string[] {
    const all = [...this.stored.values()].filter(({ metadata }) => metadata.namespace === namespace);
    return all.filter(({ kind }) => !except.includes(kind as string)).map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  }

  /** Removes a kind and its objects, as if its resource definition was deleted. Delete it from `absent` to install it again. */
  public uninstall({ apiVersion, kind }: Kind): void {
    for (const [key, object] of this.stored) if (object.apiVersion === apiVersion && object.kind === kind) this.forget(key);
    this.endWatches(undefined, kind);
    this.absent.add(kind);
  }

  /** How many watches are open. */
  public get watches(): number {
    return this.watchers.size;
  }

  /** Ends all watches, or those of a kind: as the server does after some time, or with an error, as a broken connection. */
  public endWatches(error?: Error, kind?: string): void {
    for (const watcher of this.watchers) if (kind === undefined || watcher.target.resource.kind === kind) watcher.end(error);
  }

  /** Makes all open connections of watches dead: nothing arrives there any more. */
  public silenceWatches(): void {
    for (const watcher of this.watchers) watcher.isSilent = true;
  }

  /** Tells watches that want to know which version they have seen. */
  public sendBookmarks(): void {
    for (const { query, send, target: { resource: { kind, apiVersion } } } of this.watchers) {
      if (query.allowWatchBookmarks !== true) continue;
      send({ type: 'BOOKMARK', object: { kind, apiVersion, metadata: { resourceVersion: String(this.version) } } });
    }
  }

  /** Sends an error to all watches, as the server does where it cannot continue. */
  public failWatches(code: number, reason: string): void {
    for (const { send } of this.watchers) send({ type: 'ERROR', object: rejection(code, reason, reason).status });
    this.endWatches();
  }

  /** Forgets all changes so far, and lists that were read in part: who asks for them has to list again. */
  public compact(): void {
    this.compacted = this.version;
    this.history = [];
    this.pages.clear();
  }

  public async send(method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> {
    await Promise.resolve();
    request.signal?.throwIfAborted();
    const given = this.intercept?.(method, path, request);
    if (given) return given;
    try {
      const answer = this.answer(method, path, request);
      this.requests.push(`${method} ${path}`);
      if (typeof answer === 'string') return response(200, answer);
      return 'headers' in answer ? answer as ApiResponse : response(200, JSON.stringify(answer));
    } catch (error) {
      if (error instanceof Rejection) return response(error.status.code!, JSON.stringify(error.status));
      throw error;
    }
  }

  public async stream(path: string, request: StreamRequest, onText: (text: string) => void): Promise<void> {
    if (request.query?.watch === true) return this.watch(path, request, onText);
    const { status, text } = await this.send('GET', path, request);
    if (status >= 400) throw new ApiError(status, text);
    onText(text);
  }

  private async watch(path: string, request: StreamRequest, onText: (text: string) => void): Promise<void> {
    await Promise.resolve();
    request.signal?.throwIfAborted();
    const given = this.intercept?.('GET', path, request);
    if (given) {
      if (given.status >= 400) throw new ApiError(given.status, given.text);
      return onText(given.text);
    }
    const query = request.query ?? {};
    const since = Number(query.resourceVersion);
    const target = this.watched(path);
    this.requests.push(`WATCH ${path}`);
    await new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        this.watchers.delete(watcher);
        request.signal?.removeEventListener('abort', abort);
        if (error) reject(error);
        else resolve();
      };
      const abort = () => end(request.signal!.reason as Error);
      const send = (event: object) => {
        if (watcher.isSilent) return;
        // Text arrives in pieces that end anywhere.
        const text = `${JSON.stringify(event)}\n`;
        const middle = Math.floor(text.length / 2);
        try {
          onText(text.slice(0, middle));
          onText(text.slice(middle));
        } catch (error) {
          end(error as Error);
        }
      };
      const watcher: Watcher = { target, query, accept: request.accept, send, end, isSilent: false };
      request.signal?.addEventListener('abort', abort);
      this.watchers.add(watcher);
      if (since < this.compacted) {
        send({ type: 'ERROR', object: rejection(410, 'Expired', `too old resource version: ${since}`).status });
        return end();
      }
      for (const change of this.history.filter(({ version }) => version > since)) this.tell(watcher, change);
    });
  }

  private watched(path: string): Target {
    try {
      const target = this.parse(path);
      this.authorize('watch', target);
      return target;
    } catch (error) {
      throw error instanceof Rejection ? new ApiError(error.status.code!, JSON.stringify(error.status)) : error;
    }
  }

  private tell({ target, query, accept, send }: Watcher, { target: changed, before, object, isDeleted }: Change): void {
    const { resource: { apiVersion, kind }, namespace } = changed;
    if (apiVersion !== target.resource.apiVersion || kind !== target.resource.kind) return;
    if (target.namespace !== undefined && target.namespace !== namespace) return;
    const wasMatch = before !== undefined && matches(before, query);
    const isMatch = !isDeleted && matches(object, query);
    const sent = partOf(object, accept);
    if (wasMatch && !isMatch) send({ type: 'DELETED', object: sent });
    if (isMatch) send({ type: wasMatch ? 'MODIFIED' : 'ADDED', object: sent });
  }

  private record(change: Change): void {
    this.history.push(change);
    for (const watcher of this.watchers) this.tell(watcher, change);
  }

  public async exec(pod: Pick<Pod, 'metadata'>, request: ExecRequest): Promise<ExecResult> {
    const parts: Uint8Array[] = [];
    for await (const part of request.stdin ?? []) parts.push(part);
    request.signal?.throwIfAborted();
    this.checkConnection(pod, 'exec');
    const { container, command, onOutput } = request;
    const result = this.run?.({ pod: pod.metadata.name, container, command, input: Buffer.concat(parts) }) ?? { exitCode: 0, output: '' };
    if (!onOutput) return result;
    await onOutput(Buffer.from(result.output), 'stdout');
    return { ...result, output: '' };
  }

  public async attach(pod: Pick<Pod, 'metadata'>, request: AttachRequest): Promise<void> {
    this.checkConnection(pod, 'attach');
    await this.process?.(pod.metadata.name, request);
  }

  public async forward(pod: Pick<Pod, 'metadata'>, { port, stream, onOpen }: ForwardRequest): Promise<void> {
    this.checkConnection(pod, 'portforward');
    if (!this.find({ apiVersion: 'v1', kind: 'Pod' }, pod.metadata.name, pod.metadata.namespace)) {
      throw new ApiError(404, JSON.stringify(rejection(404, 'NotFound', `pods "${pod.metadata.name}" not found`).status));
    }
    onOpen?.();
    if (!this.listen) throw new PortError('connection refused');
    await this.listen(pod.metadata.name, port, stream);
  }

  private checkConnection({ metadata: { name, namespace } }: Pick<Pod, 'metadata'>, subresource: string): void {
    try {
      this.authorize('create', { ...this.parse(`/api/v1/namespaces/${namespace}/pods/${name}`), subresource });
    } catch (error) {
      throw error instanceof Rejection ? new ApiError(error.status.code!, JSON.stringify(error.status)) : error;
    }
  }

  private answer(method: string, path: string, request: ApiRequest): object | string {
    if (path === '/version') return { gitVersion: 'v1.36.0' };
    if (path.endsWith('/selfsubjectaccessreviews')) return this.review(request.body as AccessReview);
    const root = /^\/(?:api|apis)\/((?:[^/]+\/)?v\d[a-z\d]*)$/.exec(path);
    if (root) return this.discover(root[1]);

    const target = this.parse(path);
    const query = request.query ?? {};
    this.authorize(verbOf(method, target), target);
    if (target.subresource === 'log') return this.log(target, query);
    if (target.subresource === 'proxy') return this.proxy?.(target.name!, target.rest, request.host) ?? response(200, 'hello');
    if (method === 'GET') return target.name === undefined ? this.list(target, query, request.accept) : this.existing(target);
    if (method === 'DELETE') return this.remove(target, request.body as DeleteOptions | undefined);
    return this.write(method, target, request);
  }

  private discover(apiVersion: string): object {
    const resources = RESOURCES.filter(one => one.apiVersion === apiVersion && !this.absent.has(one.kind));
    if (resources.length === 0) throw rejection(404, 'NotFound', 'the server could not find the requested resource');
    return { resources };
  }

  private review({ spec: { resourceAttributes: { verb, resource: name, subresource, namespace } } }: AccessReview): object {
    return { status: { allowed: !this.isDenied(verb, subresource ? `${name}/${subresource}` : name, namespace) } };
  }

  private isDenied(verb: string, name: string, namespace?: string): boolean {
    const fits = (one: string | undefined, value: string | undefined) => one === undefined || one === value;
    return this.denials.some(denial => fits(denial.verb, verb) && fits(denial.resource, name) && fits(denial.namespace, namespace));
  }

  private authorize(verb: string, { resource: { name, apiVersion }, subresource, name: object, namespace }: Target): void {
    const what = subresource === undefined ? name : `${name}/${subresource}`;
    if (!this.isDenied(verb, what, namespace)) return;
    const group = groupOf(apiVersion);
    const message = `${name} "${object ?? ''}" is forbidden: User "tester" cannot ${verb} resource "${what}" in API group "${group}"`;
    throw rejection(403, 'Forbidden', `${message} in the namespace "${namespace}"`, { name: object, group, kind: name });
  }

  private list(
    { resource: { apiVersion, name }, namespace }: Target, query: NonNullable<ApiRequest['query']>, accept: string | undefined,
  ): object {
    if (query.continue !== undefined) {
      const rest = this.pages.get(String(query.continue));
      if (!rest) throw rejection(410, 'Expired', 'The provided continue parameter is too old');
      return this.page(rest.items, rest.version, Number(query.limit ?? 0));
    }
    const items = [...this.stored.entries()].filter(([key]) => {
      const target = this.parse(key);
      const isOfKind = target.resource.apiVersion === apiVersion && target.resource.name === name;
      return isOfKind && (namespace === undefined || target.namespace === namespace);
    }).map(([, object]) => object);
    // The items of a list have no kind.
    const found = items.filter(object => matches(object, query))
      .map(object => partOf(object, accept)).map(({ apiVersion: _, kind, ...object }) => object as StoredObject);
    const page = this.page(found, this.version, Number(query.limit ?? 0));
    return found.length === 0 && isOfMetadata(accept) ? { ...page, items: null } : page; // as the API server answers
  }

  private page(items: StoredObject[], version: number, limit: number): object {
    const rest = limit > 0 ? items.slice(limit) : [];
    const metadata = { resourceVersion: String(version) };
    if (rest.length === 0) return { items, metadata };
    const token = `page-${this.pages.size}-${version}`;
    this.pages.set(token, { items: rest, version });
    return { items: items.slice(0, limit), metadata: { ...metadata, continue: token } };
  }

  private existing(target: Target): StoredObject {
    const object = this.stored.get(keyOf(target));
    const { name } = target.resource;
    if (!object) throw rejection(404, 'NotFound', `${name} "${target.name}" not found`, { name: target.name, kind: name });
    return object;
  }

  private remove(target: Target, options?: DeleteOptions): object {
    const object = this.existing(target);
    for (const [field, value] of Object.entries(options?.preconditions ?? {})) {
      if (value !== object.metadata[field]) throw rejection(409, 'Conflict', `Precondition failed: ${field} does not match`);
    }
    if ((object.metadata.finalizers as string[] | undefined)?.length) {
      this.store(target, merged(object, { metadata: { deletionTimestamp: this.time() } }), 'kube-apiserver', []);
    } else {
      this.forget(keyOf(target));
    }
    return { kind: 'Status', apiVersion: 'v1', status: 'Success' };
  }

  private write(method: string, target: Target, { body, query = {}, type }: ApiRequest): object {
    const { namespace } = target;
    if (namespace !== undefined && !this.stored.has(`/api/v1/namespaces/${namespace}`)) {
      throw rejection(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' });
    }
    // The fields of a subresource are managed apart from the others.
    const manager = [query.fieldManager ?? 'unknown', ...target.subresource === undefined ? [] : [target.subresource]].join('/');
    const object = body as StoredObject;
    const dryRun = query.dryRun === 'All';
    if (method === 'POST') return this.create(target, object, manager, dryRun);

    const isApply = type === 'application/apply-patch+yaml';
    const before = isApply ? this.stored.get(keyOf(target)) : this.existing(target);
    if (before) this.checkVersion(target, object);
    const after = isApply ? this.applied(target, object, manager, query.force === true)
      : method === 'PATCH' ? merged(before!, object)
        : { ...object, status: before!.status, metadata: { ...before!.metadata, ...object.metadata } };
    this.checkValid(target, after, before);
    const fields = isApply ? leavesOf(object) : leavesOf(object).filter(field => valueAt(before!, field) !== valueAt(after, field));
    if (dryRun) return { ...after, metadata: { uid: 'dry-run', ...after.metadata } };
    const stored = this.store(target, after, manager, fields, isApply);
    const managedFields = isApply ? undefined : (object as Partial<StoredObject>).metadata?.managedFields;
    if (managedFields) this.setManagers(keyOf(target), managedFields as ManagedFields[]);
    return stored;
  }

  private create(target: Target, object: StoredObject, manager: string, dryRun: boolean): object {
    const name = String(object.metadata.name ?? `${object.metadata.generateName}${++this.version}`);
    const named = { ...target, name };
    if (this.stored.has(keyOf(named))) {
      throw rejection(409, 'AlreadyExists', `${target.resource.name} "${name}" already exists`, { name, kind: target.resource.name });
    }
    const created = merged(object, { metadata: { name } });
    this.checkValid(named, created, undefined);
    if (dryRun) return { ...created, metadata: { creationTimestamp: this.time(), ...created.metadata } };
    return this.store(named, created, manager, leavesOf(object));
  }

  /** The object after an apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
  private applied(target: Target, object: StoredObject, manager: string, force: boolean): StoredObject {
    const key = keyOf(target);
    const before = this.stored.get(key);
    const owners = this.owners.get(key) ?? new Map<string, Set<string>>();
    const fields = leavesOf(object);
    const ownersOf = (field: string) => [...owners].filter(([name, owned]) => name !== manager && owned.has(field)).map(([name]) => name);
    const conflicts = fields.flatMap(field => (
      isSame(valueAt(before ?? {}, field), valueAt(object, field)) ? [] : ownersOf(field).map(owner => ({
        reason: 'FieldManagerConflict', message: `conflict with "${owner}" using v1`, field: `.${field}`,
      }))));
    if (conflicts.length > 0 && !force) {
      throw rejection(409, 'Conflict', `Apply failed with ${conflicts.length} conflict(s)`, { name: target.name, causes: conflicts });
    }
    const after = merged(structuredClone(before ?? {}), object);
    if (target.resource.kind === 'Service' && ownersOf('spec.ports').length > 0) keepPorts(before, after);
    // A field that only this manager has is removed if it no longer applies the field.
    for (const field of owners.get(manager) ?? []) if (!fields.includes(field) && ownersOf(field).length === 0) removeAt(after, field);
    return after;
  }

  private checkVersion(target: Target, { metadata }: Fields & { metadata?: Fields }): void {
    const expected = metadata?.resourceVersion;
    if (expected === undefined || expected === this.existing(target).metadata.resourceVersion) return;
    const what = `${target.resource.name} "${target.name}"`;
    throw rejection(409, 'Conflict', `Operation cannot be fulfilled on ${what}: the object has been modified`);
  }

  private checkValid({ resource: { name, kind } }: Target, after: Fields, before?: Fields): void {
    const message = this.admit?.({ kind, ...after } as unknown as Manifest);
    if (message !== undefined) throw rejection(403, 'Forbidden', message, { kind: name });
    const ports = kind === 'Service' ? portsOf(after).map(port => port.name) : [];
    const twice = ports.findIndex((port, i) => ports.indexOf(port) < i);
    if (twice >= 0) {
      throw rejection(422, 'Invalid', `spec.ports[${twice}].name: Duplicate value: "${ports[twice]}"`, { kind: name });
    }
    const selector = (object: Fields) => (object.spec as Fields | undefined)?.selector;
    if (kind === 'Deployment' && before && !isSame(selector(before), selector(after))) {
      throw rejection(422, 'Invalid', 'spec.selector: Invalid value: field is immutable', { kind: name });
    }
    const template = (object: Fields) => JSON.stringify((object.spec as Fields | undefined)?.template);
    if (kind === 'Job' && before && template(before) !== template(after)) {
      throw rejection(422, 'Invalid', 'spec.template: Invalid value: field is immutable', { kind: name });
    }
  }

  private store(target: Target, object: StoredObject, manager: string, fields: readonly string[], isApply = false): Fields {
    const key = keyOf(target);
    const before = this.stored.get(key);
    this.own(key, manager, fields, isApply, field => !isSame(valueAt(before ?? {}, field), valueAt(object, field)));
    const { managedFields, resourceVersion, ...metadata } = object.metadata;
    const { apiVersion, kind } = target.resource;
    const content = (one: StoredObject) => ({ ...one, metadata: { ...one.metadata, managedFields: 0, resourceVersion: 0 } });
    const isChanged = !before || !isSame(content(before), content({ ...object, apiVersion, kind }));
    const isNewSpec = !before || !isSame(before.spec, object.spec);
    const stored = {
      ...object,
      apiVersion,
      kind,
      metadata: {
        uid: before?.metadata.uid ?? `uid-${++this.version}`,
        creationTimestamp: before?.metadata.creationTimestamp ?? this.time(),
        ...metadata,
        ...target.namespace === undefined ? {} : { namespace: target.namespace },
        generation: Number(before?.metadata.generation ?? 0) + (isNewSpec ? 1 : 0),
        resourceVersion: isChanged ? String(++this.version) : before!.metadata.resourceVersion,
        managedFields: [...this.owners.get(key)!].map(([name, owned]) => (
          { manager: name, operation: this.operations.get(`${key} ${name}`), fieldsV1: { fields: [...owned] } })),
      },
    };
    this.stored.set(key, stored);
    if (isChanged) this.record({ version: this.version, target, before, object: stored, isDeleted: false });
    if (isChanged) this.onWrite?.(stored as unknown as Manifest, this);
    return this.stored.get(key) ?? stored;
  }

  /** A client says who manages which fields: https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields */
  private setManagers(key: string, managedFields: readonly ManagedFields[]): void {
    this.owners.set(key, new Map(managedFields.map(({ manager, fieldsV1 }) => [manager, new Set(fieldsV1.fields)])));
    for (const { manager, operation } of managedFields) this.operations.set(`${key} ${manager}`, operation);
    this.stored.get(key)!.metadata.managedFields = managedFields;
  }

  /** Records a manager of fields. Other managers lose the fields whose value changes. */
  private own(key: string, manager: string, fields: readonly string[], isApply: boolean, isChanged: (field: string) => boolean): void {
    const owners = this.owners.get(key) ?? new Map<string, Set<string>>();
    for (const [name, owned] of owners) if (name !== manager) for (const field of fields.filter(isChanged)) owned.delete(field);
    this.operations.set(`${key} ${manager}`, isApply ? 'Apply' : 'Update');
    owners.set(manager, new Set(isApply ? fields : [...owners.get(manager) ?? [], ...fields]));
    for (const [name, owned] of owners) if (owned.size === 0 && name !== manager) owners.delete(name);
    this.owners.set(key, owners);
  }

  private forget(key: string): void {
    const before = this.stored.get(key);
    if (!before) return;
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(++this.version) } };
    this.record({ version: this.version, target: this.parse(key), before, object, isDeleted: true });
    this.stored.delete(key);
    this.owners.delete(key);
  }

  private log(target: Target, { container, previous, tailLines }: NonNullable<ApiRequest['query']>): string {
    const { name } = this.existing(target).metadata;
    const text = this.logs.get(`${name}/${container}${previous ? ' (previous)' : ''}`);
    if (text === undefined) throw rejection(400, 'BadRequest', `container "${container}" in pod "${name}" has no log`);
    return text.split('\n').slice(tailLines === undefined ? 0 : -Number(tailLines)).join('\n');
  }

  private targetOf({ apiVersion, kind, metadata: { name, namespace } }: Reference): Target {
    const found = RESOURCES.find(one => one.apiVersion === apiVersion && one.kind === kind);
    if (!found) throw new Error(`no kind ${kind} of ${apiVersion}`);
    return { resource: found, name, namespace: found.namespaced ? namespace ?? 'shop' : undefined, rest: '' };
  }

  private parse(path: string): Target {
    const pattern = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+)(?=\/))?\/(.*)$/;
    const [, core, grouped, namespace, rest] = pattern.exec(path) ?? [];
    const [name, object, subresource, ...more] = (rest ?? '').split('/');
    const found = RESOURCES.find(one => one.apiVersion === (core ?? grouped) && one.name === name && !this.absent.has(one.kind));
    if (!found) throw rejection(404, 'NotFound', 'the server could not find the requested resource');
    return { resource: found, namespace, name: object, subresource, rest: `/${more.join('/')}` };
  }

  private time(): string {
    return new Date(this.now()).toISOString().replace(/\.\d+/, '');
  }
}

/** What identifies an object. */
type Reference = Pick<Manifest, 'apiVersion' | 'kind'> & { readonly metadata: { readonly name: string; readonly namespace?: string } };

interface AccessReview {
  readonly spec: {
    readonly resourceAttributes: {
      readonly verb: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly namespace?: string;
    };
  };
}

/** An error response of the API server. */
class Rejection extends Error {
  constructor(public readonly status: V1Status) {
    super(status.message);
  }
}

function rejection(code: number, reason: string, message: string, details?: V1Status['details']): Rejection {
  return new Rejection({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details });
}

/** What of an object a client gets. */
function partOf(object: StoredObject, accept: string | undefined): StoredObject {
  return isOfMetadata(accept) ? { metadata: object.metadata } as StoredObject : object;
}

function isOfMetadata(accept = ''): boolean {
  return accept.includes('as=PartialObjectMetadata');
}

export function response(status: number, text: string, headers: ApiResponse['headers'] = {}): ApiResponse {
  return { status, headers, text };
}

/** An error of the API server, as a response. */
export function errorResponse(code: number, reason: string, message: string): ApiResponse {
  return response(code, JSON.stringify(rejection(code, reason, message).status));
}

function keyOf({ resource: { apiVersion, name: plural }, namespace, name }: Target): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}/${name}`;
}

function verbOf(method: string, { name, subresource }: Target): string {
  if (subresource === 'proxy') return 'get';
  if (method === 'GET') return name === undefined ? 'list' : 'get';
  return { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method]!;
}

function requirements(selector: unknown): [string, string][] {
  return String(selector ?? '').split(',').filter(part => part !== '').map(part => part.split('=') as [string, string]);
}

function matches(object: StoredObject, query: NonNullable<ApiRequest['query']>): boolean {
  const labels = (object.metadata.labels ?? {}) as Fields;
  return requirements(query.labelSelector).every(([label, value]) => value === undefined ? label in labels : labels[label] === value)
    && requirements(query.fieldSelector).every(([field, value]) => valueAt(object, field) === value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A JSON merge patch. */
function merged<T extends Fields>(base: Fields, change: T | object): T & { metadata: Fields } {
  const result: Fields = { ...base };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name];
    else if (value !== undefined) result[name] = isFields(value) ? merged(isFields(result[name]) ? result[name] : {}, value) : value;
  }
  return result as T & { metadata: Fields };
}

/** Replaces dots in the name of a field, such as a label, in a path. */
const DOT = '\u2024';

interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly fieldsV1: { readonly fields: readonly string[] };
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
}

function portsOf(service: Fields | undefined): ServicePort[] {
  return (service?.spec as { ports?: ServicePort[] } | undefined)?.ports ?? [];
}

/** An apply merges the ports of a Service by their numbers: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy */
function keepPorts(before: Fields | undefined, after: Fields): void {
  const ours = portsOf(after);
  const others = portsOf(before).filter(({ port }) => !ours.some(one => one.port === port));
  after.spec = { ...after.spec as Fields, ports: [...ours, ...others] };
}

/** The paths of an object's values, except those that identify it. */
function leavesOf(object: object, prefix = ''): string[] {
  const identity = ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace', 'metadata.resourceVersion', 'metadata.uid'];
  return Object.entries(object).flatMap(([name, value]) => {
    const path = `${prefix}${name.replaceAll('.', DOT)}`;
    if (identity.includes(path)) return [];
    return isFields(value) && Object.keys(value).length > 0 ? leavesOf(value, `${path}.`) : [path];
  });
}

function valueAt(object: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (isFields(value) ? value[name.replaceAll(DOT, '.')] : undefined), object);
}

/** Removes a field, and what is around it if nothing else is in there: its manager had that too. */
function removeAt(object: Fields, path: string): void {
  const names = path.split('.').map(name => name.replaceAll(DOT, '.'));
  const around = path.split('.').slice(0, -1).join('.');
  const parent = valueAt(object, around);
  if (names.length === 1) delete object[names[0]];
  else if (isFields(parent)) delete parent[names[names.length - 1]];
  if (isFields(parent) && names.length > 1 && Object.keys(parent).length === 0) removeAt(object, around);
}
