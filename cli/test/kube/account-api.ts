import type { Rule } from './documented-roles';
import type { InMemoryApi } from './in-memory-api';
import { errorResponse, response } from './in-memory-api';
import type {
  ApiRequest, ApiResponse, AttachRequest, ExecRequest, ExecResult, ForwardRequest, KubernetesApi, StreamRequest,
} from '../../src/kube/api';
import { ApiError } from '../../src/kube/errors';
import type { Pod } from '../../src/kube/types';

interface Access {
  readonly verb: string;
  readonly group: string;

  /** With its subresource: `deployments/scale`. */
  readonly resource: string;

  /** Undefined for all namespaces, and for what is in none. */
  readonly namespace?: string;
}

/**
 * The API as an account has it that may do what some Roles allow, and nothing else.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export class AccountApi implements KubernetesApi {
  /** What was asked for and denied, such as `get services/proxy in keda`. */
  public readonly denied = new Set<string>();

  /** @param rules those of each namespace */
  constructor(private readonly api: InMemoryApi, private readonly rules: { readonly [namespace: string]: readonly Rule[] }) {}

  public async send(method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> {
    if (path.endsWith('/selfsubjectaccessreviews')) {
      const { spec: { resourceAttributes: { subresource, resource, ...access } } } = request.body as Review;
      const asked = { ...access, resource: subresource === undefined ? resource : `${resource}/${subresource}` };
      return response(200, JSON.stringify({ status: { allowed: this.isAllowed(asked) } }));
    }
    const access = accessOf(method, path);
    return access && !this.isAllowed(access) ? forbidden(access) : this.api.send(method, path, request);
  }

  public async stream(path: string, request: StreamRequest, onText: (text: string) => void): Promise<void> {
    this.check(accessOf('GET', path)!);
    return this.api.stream(path, request, onText);
  }

  public async exec(pod: Pick<Pod, 'metadata'>, request: ExecRequest): Promise<ExecResult> {
    this.checkConnection(pod, 'exec');
    return this.api.exec(pod, request);
  }

  public async attach(pod: Pick<Pod, 'metadata'>, request: AttachRequest): Promise<void> {
    this.checkConnection(pod, 'attach');
    return this.api.attach(pod, request);
  }

  public async forward(pod: Pick<Pod, 'metadata'>, request: ForwardRequest): Promise<void> {
    this.checkConnection(pod, 'portforward');
    return this.api.forward(pod, request);
  }

  /** Since Kubernetes 1.35 a WebSocket needs both verbs: https://github.com/kubernetes/kubernetes/pull/134577 */
  private checkConnection({ metadata: { namespace } }: Pick<Pod, 'metadata'>, subresource: string): void {
    for (const verb of ['get', 'create']) this.check({ verb, group: '', resource: `pods/${subresource}`, namespace });
  }

  private check(access: Access): void {
    if (!this.isAllowed(access)) throw new ApiError(403, forbidden(access).text);
  }

  private isAllowed(access: Access): boolean {
    const { verb, group, resource, namespace } = access;
    const has = (all: readonly string[], one: string) => all.includes(one) || all.includes('*');
    const isAllowed = (this.rules[namespace ?? ''] ?? []).some(rule => (
      has(rule.verbs, verb) && has(rule.apiGroups, group) && has(rule.resources, resource)));
    if (!isAllowed) this.denied.add(`${verb} ${group === '' ? resource : `${resource}.${group}`} in ${namespace ?? 'the cluster'}`);
    return isAllowed;
  }
}

interface Review {
  readonly spec: { readonly resourceAttributes: Access & { readonly subresource?: string } };
}

/** What a request needs; undefined for what everybody may ask: https://kubernetes.io/docs/reference/access-authn-authz/authorization/ */
function accessOf(method: string, path: string): Access | undefined {
  const pattern = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?/;
  const [, group = '', namespace, plural, name, subresource] = pattern.exec(path) ?? [];
  if (plural === undefined) return undefined;
  const verb = subresource === 'proxy' ? 'get'
    : { GET: name === undefined ? 'list' : 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method]!;
  return { verb, group, resource: subresource === undefined ? plural : `${plural}/${subresource}`, namespace };
}

function forbidden({ verb, group, resource, namespace }: Access): ApiResponse {
  const [plural] = resource.split('/');
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const message = `${plural} is forbidden: User "few" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  return errorResponse(403, 'Forbidden', message);
}
