/**
 * The API server as the operator uses it: each request is measured, has a deadline unless its response is a stream, and changes something
 * only while this replica may.
 *
 * Without a deadline, a request on a connection that died silently would hold its worker until the kernel gives up, a quarter of an hour
 * later.
 */
import type {
  ApiRequest, ApiResponse, AttachRequest, ExecRequest, ExecResult, ForwardRequest, KubernetesApi, StreamRequest,
} from '../../kube/api';
import type { Clock } from '../../kube/clock';
import { ApiError, UnreachableError } from '../../kube/errors';
import type { Pod } from '../../kube/types';

/** A request that is over. */
export interface MeasuredRequest {
  readonly method: string;

  /** As in roles: `get`, `list`, `watch`, `create`, `update`, `patch` or `delete`; `exec`. */
  readonly verb: string;

  /** As in roles, with a subresource after a slash: `deployments/scale`. Empty where it is none, as in discovery. */
  readonly resource: string;

  /** The status; `<error>`, as in client-go, where there is no response. */
  readonly code: string;

  /** In milliseconds. */
  readonly took: number;
}

export type RequestObserver = (request: MeasuredRequest) => void;

export interface OperatorApiOptions {
  readonly clock: Pick<Clock, 'now' | 'timeout'>;
  readonly observe: RequestObserver;

  /** Whether this replica may change something. */
  readonly mayWrite: () => boolean;
}

/** This replica may not change anything, as another one may lead. */
export class NotLeader extends Error {}

/** How long to wait for a response, retries included, in milliseconds: as long as the API server tries. */
const DEADLINE = 60_000;

export class OperatorApi implements KubernetesApi {
  constructor(private readonly api: KubernetesApi, private readonly options: OperatorApiOptions) {}

  /** @throws NotLeader in place of a change that this replica may not make */
  public async send(method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> {
    if (method !== 'GET') this.checkMayWrite();
    const ended = this.begin(method, path, request.query?.watch === true);
    try {
      const response = await this.withDeadline(request.signal, async signal => this.api.send(method, path, { ...request, signal }));
      ended(String(response.status));
      return response;
    } catch (error) {
      ended('<error>');
      throw error;
    }
  }

  public async stream(path: string, request: StreamRequest, onText: (text: string) => void): Promise<void> {
    const ended = this.begin('GET', path, request.query?.watch === true);
    try {
      await this.api.stream(path, request, onText);
      ended('200');
    } catch (error) {
      ended(error instanceof ApiError ? String(error.status) : '<error>');
      throw error;
    }
  }

  /** @throws NotLeader in place of a command that this replica may not run */
  public async exec(pod: Pick<Pod, 'metadata'>, request: ExecRequest): Promise<ExecResult> {
    this.checkMayWrite();
    return this.api.exec(pod, request);
  }

  /** @throws NotLeader likewise */
  public async attach(pod: Pick<Pod, 'metadata'>, request: AttachRequest): Promise<void> {
    this.checkMayWrite();
    return this.api.attach(pod, request);
  }

  /** @throws NotLeader likewise */
  public async forward(pod: Pick<Pod, 'metadata'>, request: ForwardRequest): Promise<void> {
    this.checkMayWrite();
    return this.api.forward(pod, request);
  }

  private checkMayWrite(): void {
    if (!this.options.mayWrite()) throw new NotLeader('this replica is not the leader');
  }

  private begin(method: string, path: string, isWatch: boolean): (code: string) => void {
    const { clock, observe } = this.options;
    const began = clock.now();
    const { resource, name } = resourceAt(path);
    const verb = method !== 'GET' ? VERBS[method] : isWatch ? 'watch' : resource !== '' && name === undefined ? 'list' : 'get';
    return code => observe({ method, verb, resource, code, took: clock.now() - began });
  }

  private async withDeadline<T>(stop: AbortSignal | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = this.options.clock.timeout(DEADLINE);
    // `AbortSignal.any` keeps every signal that it has made for as long as `stop` lives: https://github.com/nodejs/node/issues/55351
    const either = new AbortController();
    const abort = () => either.abort(stop!.reason);
    const expire = () => either.abort(late.reason);
    if (stop?.aborted) abort();
    stop?.addEventListener('abort', abort);
    late.addEventListener('abort', expire);
    try {
      return await send(either.signal);
    } catch (error) {
      if (late.aborted && !stop?.aborted) throw new UnreachableError(`the API server did not answer within ${DEADLINE / 1000} seconds`);
      throw error;
    } finally {
      stop?.removeEventListener('abort', abort);
      late.removeEventListener('abort', expire);
    }
  }
}

const VERBS: { readonly [method: string]: string } = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** What a path of the API is about. */
function resourceAt(path: string): { readonly resource: string; readonly name?: string } {
  const pattern = /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/;
  const [, resource, name, subresource] = pattern.exec(path) ?? [];
  if (resource === undefined) return { resource: '' };
  return { resource: subresource === undefined ? resource : `${resource}/${subresource}`, name };
}
