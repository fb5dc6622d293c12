/**
 * What an operator of a test may do and see: it has the rights of the operator's ServiceAccount and no others, and sees only the apps of
 * the test, so that it and an operator of the cluster leave each other alone.
 */
import { RELEASE_TYPE } from '../../src/engine/release-store';
import type { ApiRequest, ApiResponse, ExecRequest, ExecResult, KubernetesApi, StreamRequest } from '../../src/kube/api';
import { ApiError, UnreachableError } from '../../src/kube/errors';
import { OPERATOR_MANAGER } from '../../src/kube/objects';
import type { Pod } from '../../src/kube/types';
import { operatorManifest } from '../../src/operator/manifest/manifest';
import { OPERATOR_NAME } from '../../src/operator/manifest/names';
import type { Manifest } from '../../src/render/synthesis';

/** The label of the apps of a test; its value is the namespace of the operator. */
export const TEST_LABEL = 'cdk8s-webapp-test';

const RIGHTS = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding'];
const IN_NAMESPACE = ['ServiceAccount', 'Role', 'RoleBinding'];

/**
 * The objects that give the operator of a test its rights, with other names than those that are installed, and that keep other operators
 * away from the namespaces of the test: a List.
 */
export function rightsOf(namespace: string, namespaces: readonly string[]): string {
  const { objects } = operatorManifest({ namespace, image: 'unused', replicas: 1, webhook: false });
  const ofOperator = objects.filter(({ kind, metadata }) => RIGHTS.includes(kind) && !metadata.name.startsWith('cdk8s-webapp-'));
  const items = [...ofOperator.map(object => renamed(object, namespace)), ...isolation(namespace, namespaces)];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function renamed(object: Manifest, prefix: string): Manifest {
  const { kind, metadata, roleRef, spec } = object as Manifest & {
    readonly roleRef?: { readonly kind: string; readonly name: string };
    readonly spec?: { readonly policyName?: string };
  };
  const name = (plain: string) => `${prefix}-${plain}`;
  return {
    ...object,
    metadata: IN_NAMESPACE.includes(kind) ? metadata : { ...metadata, name: name(metadata.name) },
    ...roleRef?.kind === 'ClusterRole' ? { roleRef: { ...roleRef, name: name(roleRef.name) } } : {},
    ...spec?.policyName === undefined ? {} : { spec: { ...spec, policyName: name(spec.policyName) } },
  };
}

/** In the namespaces of a test, nobody else writes what an operator writes. */
function isolation(namespace: string, namespaces: readonly string[]): Manifest[] {
  if (namespaces.length === 0) return []; // a selector with no values is not valid
  const metadata = { name: `${namespace}-isolation` };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const namespaceSelector = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] };
  const all = { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['CREATE', 'UPDATE'] };
  const isOurs = `request.userInfo.username == 'system:serviceaccount:${namespace}:${OPERATOR_NAME}'`;
  const isApplied = `(has(request.options.fieldManager) && request.options.fieldManager == '${OPERATOR_MANAGER}')`;
  const isRelease = `(has(object.type) && object.type == '${RELEASE_TYPE}')`;
  // A selector of namespaces lets through what is in none.
  const isElsewhere = "request.namespace == ''";
  const expression = `${isElsewhere} || ${isOurs} || !(${isApplied} || ${isRelease})`;
  const validations = [{ expression, message: 'a test uses this namespace' }];
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: { failurePolicy: 'Fail', matchConstraints: { namespaceSelector, resourceRules: [all] }, validations },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    },
  ];
}

/** The API server as the operator of a test sees it. */
export class TestApi implements KubernetesApi {
  /** What it has changed, beside its Lease. */
  public readonly writes: string[] = [];

  /** What it has read without following it. */
  public readonly reads: string[] = [];

  /** Groups that it does not see. */
  public hidden: readonly string[] = [];
  private readonly dead = new AbortController();

  constructor(private readonly api: KubernetesApi, private readonly label: string) {}

  public kill(): void {
    this.dead.abort();
  }

  public get isKilled(): boolean {
    return this.dead.signal.aborted;
  }

  public async send(method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> {
    if (this.isKilled) throw new UnreachableError('killed');
    if (this.hidden.some(group => path === `/apis/${group}`)) return { status: 404, headers: {}, text: '{}' };
    const isDryRun = request.query?.dryRun !== undefined;
    if (method !== 'GET' && !isDryRun && !path.includes('/leases')) this.writes.push(`${method} ${path}`);
    if (method === 'GET') this.reads.push(path);
    return this.api.send(method, path, { ...request, query: this.selected(path, request.query) });
  }

  public async stream(path: string, request: StreamRequest, onText: (text: string) => void): Promise<void> {
    if (this.isKilled) throw new UnreachableError('killed');
    return this.api.stream(path, { ...request, query: this.selected(path, request.query) }, onText);
  }

  public async exec(pod: Pick<Pod, 'metadata'>, request: ExecRequest): Promise<ExecResult> {
    throw new ApiError(403, `nothing has to be run in ${pod.metadata.name}: ${request.command.join(' ')}`);
  }

  public async attach(pod: Pick<Pod, 'metadata'>): Promise<void> {
    throw new ApiError(403, `nobody has to look into ${pod.metadata.name}`);
  }

  public async forward(pod: Pick<Pod, 'metadata'>): Promise<void> {
    throw new ApiError(403, `nobody has to connect to ${pod.metadata.name}`);
  }

  private selected(path: string, query: ApiRequest['query']): ApiRequest['query'] {
    return /^\/apis\/cdk8s-webapp\.dev\/\w+\/webapps$/.test(path) ? { ...query, labelSelector: `${TEST_LABEL}=${this.label}` } : query;
  }
}
