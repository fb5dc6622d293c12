/**
 * What the API server asks before it stores a resource, and the answer: in the words of the checks, all problems at once.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../../../src/internal';
import { sentence } from '../../config/diagnostic';
import type { PlatformResource, WebAppResource } from '../resources';

/** A resource that is about to be stored. A new one has no uid yet. */
export type AdmittedResource = WebAppResource | PlatformResource;

/** Who wants to store it. */
export interface Author {
  readonly username: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: { readonly [key: string]: readonly string[] };
}

/** What is wrong with a resource, and what may not be what was meant. */
export interface Verdict {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Checks a resource as the operator would. Of an app, all problems are found as if it existed. */
export type Validate = (resource: AdmittedResource, author: Author) => Verdict | Promise<Verdict>;

/** What of a request the webhook reads. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  readonly subResource?: string;
  readonly userInfo: Author;

  /** Null for a deletion. */
  readonly object?: AdmittedResource | null;
  readonly oldObject?: AdmittedResource | null;
}

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings?: readonly string[];
}

/** Answers a request. What cannot be checked is allowed: the operator tells in the status what is wrong with it. */
export async function review(request: AdmissionRequest, validate: Validate): Promise<AdmissionResponse> {
  const { uid, object, userInfo } = request;
  if (!object || !concerns(request)) return { uid, allowed: true };
  let verdict: Verdict;
  try {
    verdict = await validate(object, userInfo);
  } catch (error) {
    return { uid, allowed: true, warnings: shortened([`not checked, because the check failed: ${(error as Error).message}`]) };
  }
  const warnings = verdict.warnings.length > 0 ? { warnings: shortened(verdict.warnings) } : {};
  if (verdict.problems.length === 0) return { uid, allowed: true, ...warnings };
  const message = verdict.problems.map(sentence).join('\n');
  // The status of what does not pass the API server's own validation.
  return { uid, allowed: false, status: { code: 422, reason: 'Invalid', message }, ...warnings };
}

/**
 * Whether a request changes what an app is. Metadata and status of a resource can be written whatever its spec is, as what was valid once
 * may not be any more; and what is being deleted is of no more interest.
 */
function concerns({ operation, subResource, object, oldObject }: AdmissionRequest): boolean {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return false;
  if (subResource || object?.metadata.deletionTimestamp) return false;
  return operation === 'CREATE' || !isDeepStrictEqual(object?.spec, oldObject?.spec);
}

/**
 * What the API server passes on of one warning, and of all: the rest is cut off, or ignored.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
const LONGEST_WARNING = 256;
const LONGEST_WARNINGS = 4096;

/** Warnings as clients get them: each a line, and as many as all clients get as a whole. */
function shortened(warnings: readonly string[]): string[] {
  const lines = warnings.map(warning => {
    const characters = [...warning.replace(/\s+/g, ' ')];
    return characters.length > LONGEST_WARNING ? `${characters.slice(0, LONGEST_WARNING - 1).join('')}…` : characters.join('');
  });
  let left = LONGEST_WARNINGS;
  return lines.filter(line => (left -= [...line].length) >= 0);
}
