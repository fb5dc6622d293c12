/**
 * Errors of the Kubernetes API, by type.
 *
 * What code decides on is a field: the status, its reason, its details. Kubernetes does not always have one. Where a fact is in the text
 * of a message alone, the text is parsed here, in this file only, and each function says what is missing.
 */
import type { V1Status } from '@kubernetes/client-node';

/** The API server could not be reached. */
export class UnreachableError extends Error {}

/** A pod cannot be connected to at a port, for example because nothing listens there. The message is that of the container runtime. */
export class PortError extends Error {}

/** The API server answered a request with an error. */
export class ApiError extends Error {
  /** The server's own description; empty where it was not the API server that answered, but a proxy in front of it. */
  public readonly details: V1Status;

  constructor(public readonly status: number, text: string) {
    const details = parseStatus(text);
    super(details?.message || text.trim() || `HTTP status ${status}`);
    this.details = details ?? {};
  }

  /** A word such as `AlreadyExists`. https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go */
  public get reason(): string {
    return this.details.reason ?? '';
  }
}

/**
 * The Status that is the body of a response; undefined if it is something else, such as an answer of an app behind the API server's
 * proxy.
 */
export function parseStatus(text: string): V1Status | undefined {
  try {
    const body = JSON.parse(text) as V1Status | null;
    return body?.kind === 'Status' && body.apiVersion === 'v1' ? body : undefined;
  } catch {
    return undefined;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Another client changed the object, or an apply would change a field of another manager. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

/** The object exists already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

/** The object is not valid, or a field of it cannot be changed. */
export function isInvalid(error: unknown): boolean {
  return error instanceof ApiError && error.status === 422;
}

/** The namespace whose absence is the error; undefined where the error is another one. */
export function missingNamespace({ reason, details: { details } }: ApiError): string | undefined {
  return reason === 'NotFound' && details?.kind === 'namespaces' ? details.name : undefined;
}

/** A field that an apply would take from another manager. */
export interface FieldConflict {
  /** Such as `spec.replicas`. */
  readonly field: string;

  /** The manager's name, undefined where the server does not say it. */
  readonly manager?: string;
}

/** The fields that an apply would take from other managers. The manager is in the text alone: `conflict with "NAME" using VERSION`. */
export function fieldConflicts(error: unknown): FieldConflict[] {
  if (!(error instanceof ApiError)) return [];
  const causes = error.details.details?.causes ?? [];
  return causes.filter(({ reason }) => reason === 'FieldManagerConflict').map(({ field = '', message = '' }) => (
    { field: field.replace(/^\./, ''), manager: /^conflict with "([^"]*)"/.exec(message)?.[1] }));
}

/** The server does not know who sent the request. For an anonymous user it answers 403, and only the text has the user's name. */
export function isUnauthenticated(error: ApiError): boolean {
  return error.status === 401 || (error.status === 403 && error.message.includes('User "system:anonymous"'));
}

/** What a role would have to allow. */
export interface DeniedRequest {
  readonly verb: string;
  readonly group: string;

  /** A subresource follows a slash. */
  readonly resource: string;
  readonly namespace?: string;
}

/**
 * The permission that a request lacked; undefined where the error is another one. An authorizer and an admission plugin both answer 403
 * with the reason Forbidden, and the verb and the namespace are in the text alone.
 */
export function deniedRequest(error: ApiError): DeniedRequest | undefined {
  if (error.status !== 403 || isUnauthenticated(error)) return undefined;
  const pattern = /cannot (\w+) resource "([^"]*)" in API group "([^"]*)"(?: in the namespace "([^"]*)")?/;
  const [, verb, resource, group, namespace] = pattern.exec(error.message) ?? [];
  return verb === undefined ? undefined : { verb, group, resource, namespace };
}

/** Why an admission plugin rejects pods. */
export interface PodRejection {
  readonly by: 'quota' | 'podSecurity' | 'limitRange' | 'priorityClass' | 'other';

  /** The part of the message that says what is wrong. */
  readonly detail: string;

  /** Whether it would reject such a pod every time. A quota may have room later, and a webhook may look at the user. */
  readonly permanent: boolean;
}

/**
 * What rejected a pod. Admission plugins all answer 403 with the reason Forbidden, and a controller repeats the message in a condition or
 * an event: the text alone says which one it was.
 */
export function podRejection(message: string): PodRejection {
  const quota = exceededQuota(message);
  if (quota !== undefined) return { by: 'quota', detail: quota, permanent: false };
  const [, podSecurity] = /violates PodSecurity (.*)$/s.exec(message) ?? [];
  if (podSecurity !== undefined) return { by: 'podSecurity', detail: podSecurity, permanent: true };
  if (/usage per (Container|Pod)/.test(message)) return { by: 'limitRange', detail: message, permanent: true };
  if (/no PriorityClass/.test(message)) return { by: 'priorityClass', detail: message, permanent: true };
  return { by: 'other', detail: message, permanent: false };
}

/**
 * Why a program could not be started in a container, from the message of the container runtime; undefined where the message is about
 * something else. Only the end of it is about the program: `exec: "psql": executable file not found in $PATH`.
 */
export function startError(message: string): string | undefined {
  return /unable to start container process: (?:error during container init: )?(.*)$/s.exec(message)?.[1];
}

/** What would exceed a ResourceQuota; undefined where the error is another one. */
export function exceededQuota(message: string): string | undefined {
  return /exceeded quota: (.*)$/s.exec(message)?.[1];
}

/** A message without the words that surround it where an admission webhook wrote it; the webhook's name is in the text alone. */
export function webhookDenial(message: string): { readonly webhook: string; readonly message: string } | undefined {
  const [, webhook, rest] = /^admission webhook "([^"]*)" denied the request: (.*)$/s.exec(message) ?? [];
  return webhook === undefined ? undefined : { webhook, message: rest };
}

/**
 * Whether the server would answer the same if an object had another image: only where it says why, and that is not the image. What a
 * webhook or a policy denies may be about the image; a policy denies with a cause that names no field. That the schema has no such field
 * is in the text alone.
 *
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/validating/dispatcher.go
 */
export function isAnswerForAnyImage(error: ApiError): boolean {
  const conflicts = fieldConflicts(error);
  if (conflicts.length > 0) return conflicts.some(({ field }) => !isImage(field));
  if (webhookDenial(error.message)) return false;
  if (missingNamespace(error) !== undefined || isUnauthenticated(error) || deniedRequest(error)) return true;
  if (error.status === 403 && exceededQuota(error.message) !== undefined) return true;
  if (/^failed to create typed patch object|strict decoding error:/.test(error.message)) return true;
  const causes = error.details.details?.causes ?? [];
  return isInvalid(error) && causes.length > 0 && causes.every(({ field = '' }) => field !== '' && !isImage(field));
}

function isImage(field: string): boolean {
  return /(^|\.)image$/.test(field);
}

/** Whether a pod has no program that listens on a port; the container runtime says so in a sentence alone. */
export function isPortRefused({ message }: PortError): boolean {
  return /connection refused/i.test(message);
}

// What the kubelet reports: a status or an event has a reason, and everything else in its message.
// --------------------------------------------

/**
 * Which resources no node has enough of for a pod that waits for one, as the scheduler counts its reasons; empty where it waits for
 * something else: `0/3 nodes are available: 2 Insufficient cpu, 1 Too many pods.`
 */
export function insufficientResources(message: string): string[] {
  const names = [...message.matchAll(/Insufficient ([\w./-]*\w)|Too many pods/g)].map(([, name = 'pod capacity']) => name);
  return [...new Set(names)].map(name => (name === 'cpu' ? 'CPU' : name));
}

/**
 * Which way a pod waits for a volume, as the scheduler says it: its claim does not exist, or has no storage, or the storage is where the
 * pod cannot be. Undefined where it waits for something else.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/volumebinding/binder.go
 */
export function volumeProblem(message: string): 'missing' | 'unbound' | 'elsewhere' | undefined {
  if (/persistentvolumeclaim "[^"]*" not found/.test(message)) return 'missing';
  if (/unbound immediate PersistentVolumeClaims|didn't find available persistent volumes|binding volumes|non-existent p/.test(message)) {
    return 'unbound';
  }
  const isElsewhere = /volume node affinity conflict|no available volume zone|max volume count|enough free storage/.test(message);
  return isElsewhere ? 'elsewhere' : undefined;
}

/** The image pull's error, without the words that a back-off puts before it. */
export function imagePullError(message: string): string {
  return message.replace(/^Back-off pulling image "[^"]*"(: )?/, '');
}

/**
 * Whether an image pull failed because the image is for processors of another architecture, as containerd, CRI-O and Docker say it.
 *
 * @see https://github.com/containerd/containerd/blob/main/core/images/image.go
 * @see https://github.com/containers/image/blob/main/internal/image/docker_list.go
 */
export function isOfOtherArchitecture(message: string): boolean {
  return /no match for platform|no matching manifest for|no image found in (?:image index|manifest list) for architecture/i.test(message);
}

/** Whether an image pull failed because the registry has no such image; the kubelet's reason is the same for all pull errors. */
export function isImageNotFound(message: string): boolean {
  return /not found|manifest unknown|does not exist/i.test(message);
}

/** Whether an image pull failed because the registry refused the credentials. */
export function isImagePullDenied(message: string): boolean {
  return /unauthorized|authentication required|denied|forbidden/i.test(message);
}

/** The Secret or ConfigMap whose absence keeps a container from starting. */
export function missingSource(message: string): { readonly kind: 'Secret' | 'ConfigMap'; readonly name: string } | undefined {
  const [, kind, name] = /(secret|configmap)s? "([^"]*)" not found/i.exec(message) ?? [];
  return kind === undefined ? undefined : { kind: kind.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap', name };
}

/** The key that a Secret or ConfigMap lacks. */
export function missingKey(message: string): { readonly key: string; readonly kind: string; readonly name: string } | undefined {
  const [, key, kind, owner] = /find key (\S+) in (Secret|ConfigMap) (\S+)/i.exec(message) ?? [];
  return key === undefined ? undefined : { key, kind, name: owner.split('/').pop()! };
}

/** The key that a volume names, and that its Secret or ConfigMap lacks; the kubelet does not say which one that is. */
export function missingVolumeKey(message: string): string | undefined {
  return /references non-existent (?:secret|config) key: (\S+)/.exec(message)?.[1];
}

/** Whether the kubelet does not start a container because its image's user is root, or may be. */
export function refusesUser(message: string): boolean {
  return /runAsNonRoot and image (?:has non-numeric user|will run as root)/.test(message);
}

/** How a probe failed: with a status, by its timeout, with what a command printed, or because nothing accepted the connection. */
export function probeFailure(message: string): { readonly status?: number; readonly timedOut: boolean; readonly output: string } {
  const [, status] = /statuscode: (\d+)/.exec(message) ?? [];
  const output = message.replace(/^\w+ probe (?:failed|errored)(?: and resulted in unknown state)?: /, '').trim().split('\n')[0];
  const timedOut = /deadline exceeded|timeout|timed out/i.test(message);
  return { status: status === undefined ? undefined : Number(status), timedOut, output };
}
