import { createHash } from 'node:crypto';
import { parseChallenges } from './challenge';
import type { Credentials } from './docker-config';
import type { HttpRequest, HttpResponse } from './http';
import { sendRequest } from './http';
import type { ImageReference } from './reference';
import { DOCKER_HUB, isLoopback } from './reference';

/**
 * Why a registry did not answer a question. `unreachable`: there was no response. `denied`: it does not accept the credentials, or they do
 * not allow that. `unsupported`: it never does that. `failed`: anything else.
 */
export type RegistryErrorReason = 'unreachable' | 'denied' | 'unsupported' | 'failed';

/** A registry did not answer a question. The message says why, and does not repeat the registry's name. */
export class RegistryError extends Error {
  constructor(public readonly reason: RegistryErrorReason, message: string) {
    super(message);
  }
}

/** How to ask a registry. */
export interface Access {
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
}

/** A repository of a registry. */
export type Repository = Pick<ImageReference, 'registry' | 'repository'>;

/** What a registry says of a reference: its digest, or what it does not have. */
export type Manifest = { readonly digest: string } | { readonly missing: 'repository' | 'tag' };

/** All types of what a tag may refer to: an image, or an index of images for several platforms. */
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const DIGEST = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;

/**
 * Finds out what a tag or digest refers to.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 * @throws RegistryError
 */
export async function findManifest(image: ImageReference, access: Access = {}): Promise<Manifest> {
  const { registry, repository, tag = 'latest', digest = tag } = image;
  const session = new Session(registry, access);
  const path = `/v2/${repository}/manifests/${digest}`;
  const headers = { accept: MANIFEST_TYPES };
  // It has no body to transfer, and Docker Hub does not count it as a pull.
  const head = await session.send('HEAD', path, headers);
  const known = digestOf(head);
  if (isOk(head) && known !== undefined) return { digest: known };

  const response = await session.send('GET', path, headers);
  if (response.status === 404) return { missing: missingPart(response) };
  if (!isOk(response)) throw errorOf(response);
  return { digest: digestOf(response) ?? `sha256:${createHash('sha256').update(response.body).digest('hex')}` };
}

function isOk({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

function digestOf({ headers: { 'docker-content-digest': digest } }: HttpResponse): string | undefined {
  return typeof digest === 'string' && DIGEST.test(digest) ? digest : undefined;
}

/** @throws RegistryError where it is not a registry that has answered */
function missingPart(response: HttpResponse): 'repository' | 'tag' {
  const [first] = errorsIn(response);
  if (!first) throw new RegistryError('failed', 'it answered 404, but not as a registry does');
  return first.code === 'NAME_UNKNOWN' ? 'repository' : 'tag';
}

/**
 * Lists the tags of a repository.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 * @returns undefined where there is no such repository
 * @throws RegistryError
 */
export async function listTags({ registry, repository }: Repository, access: Access = {}): Promise<string[] | undefined> {
  const session = new Session(registry, access);
  const found: string[] = [];
  for (let path: string | undefined = `/v2/${repository}/tags/list`; path !== undefined;) {
    const response: HttpResponse = await session.send('GET', path);
    if (response.status === 404) {
      missingPart(response);
      return undefined;
    }
    if (!isOk(response)) throw errorOf(response);
    const { tags } = jsonOf<{ readonly tags?: readonly string[] | null }>(response);
    found.push(...tags ?? []);
    path = nextPage(response);
  }
  return found;
}

/** The path of the next page of a list. Nothing is asked of another server. */
function nextPage({ headers: { link: header }, url }: HttpResponse): string | undefined {
  const [, link] = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(String(header ?? '')) ?? [];
  if (link === undefined) return undefined;
  const { pathname, search } = new URL(link, url);
  return `${pathname}${search}`;
}

/** What Google's registries answer where a tag refers to a manifest: https://github.com/genuinetools/reg/issues/136 */
const STILL_TAGGED = 'GOOGLE_MANIFEST_DANGLING_TAG';

/**
 * Deletes the manifest of a digest, and with it all tags that refer to it. Where a registry wants the tag to be deleted first, this deletes
 * the one of the image.
 *
 * Docker Hub, GitHub's registry and Distribution as it is by default do not support it: they answer 405.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#deleting-manifests
 * @see https://github.com/docker/hub-feedback/issues/2360
 * @see https://github.com/containers/skopeo/issues/1880
 * @see https://distribution.github.io/distribution/about/configuration/#delete
 * @returns whether there was one
 * @throws RegistryError
 */
export async function deleteManifest(image: ImageReference & { readonly digest: string }, access: Access = {}): Promise<boolean> {
  const { registry, repository, tag, digest } = image;
  const session = new Session(registry, access);
  const send = async (reference: string) => session.send('DELETE', `/v2/${repository}/manifests/${reference}`);
  let response = await send(digest);
  if (tag !== undefined && errorsIn(response)[0]?.code === STILL_TAGGED) {
    const tagged = await findManifest({ registry, repository, tag }, access);
    if ('digest' in tagged && tagged.digest === digest && isOk(await send(tag))) response = await send(digest);
  }
  if (response.status === 404) {
    missingPart(response);
    return false;
  }
  if (response.status === 405) throw new RegistryError('unsupported', 'it does not support deleting images');
  if (!isOk(response)) throw errorOf(response);
  return true;
}

/**
 * Checks whether a registry accepts credentials, as `docker login` does.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support
 * @returns whether it asked for them; some registries ask only for some repositories
 * @throws RegistryError where it does not accept them
 */
export async function checkCredentials(registry: string, access: Access): Promise<boolean> {
  const session = new Session(registry, access);
  const response = await session.send('GET', '/v2/');
  if (!isOk(response)) throw errorOf(response);
  return session.wasAsked;
}

const USER_AGENT = { 'user-agent': 'webapp' };

/** Requests to one registry with the same credentials. */
class Session {
  /** Whether the registry asked for credentials. */
  public wasAsked = false;

  private base?: string;
  private authorization?: string;

  constructor(private readonly registry: string, private readonly access: Access) {
    const { credentials } = access;
    if (credentials?.type === 'bearer') this.authorization = `Bearer ${credentials.token}`;
  }

  /**
   * Sends a request, and once more with what the registry asks for.
   *
   * @throws RegistryError where there is no response, or it denies access
   */
  public async send(method: string, path: string, headers: HttpRequest['headers'] = {}): Promise<HttpResponse> {
    const attempt = async () => this.request(path, {
      method,
      headers: { ...headers, ...USER_AGENT, ...this.authorization === undefined ? {} : { authorization: this.authorization } },
    });
    let response = await attempt();
    const { 'www-authenticate': challenges } = response.headers;
    if (response.status === 401 && challenges !== undefined) {
      this.wasAsked = true;
      this.authorization = await this.authorize(challenges);
      if (this.authorization === undefined) throw new RegistryError('denied', 'it requires credentials');
      response = await attempt();
    }
    if (response.status === 401 || response.status === 403) throw errorOf(response);
    return response;
  }

  /**
   * What to send in answer to a challenge; undefined where there is nothing.
   *
   * @see https://distribution.github.io/distribution/spec/auth/token/
   */
  private async authorize(header: string): Promise<string | undefined> {
    const { credentials } = this.access;
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters;
    if (bearer?.realm !== undefined && credentials?.type !== 'bearer') return `Bearer ${await this.token(bearer.realm, bearer)}`;
    const takesPassword = challenges.some(({ scheme }) => scheme === 'basic');
    return takesPassword && credentials?.type === 'password' ? basic(credentials) : undefined;
  }

  /** A token for what is being asked. An identity token is exchanged by OAuth: https://distribution.github.io/distribution/spec/auth/oauth/ */
  private async token(realm: string, { service, scope }: { readonly service?: string; readonly scope?: string }): Promise<string> {
    const { credentials } = this.access;
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.host))) {
      throw new RegistryError('failed', `its token server ${realm} does not use HTTPS`);
    }
    const wanted = Object.entries({ service, scope }).filter((one): one is [string, string] => one[1] !== undefined);
    const response = await respond(url, tokenRequest(url, wanted, credentials), this.access);
    if (!isOk(response)) throw errorOf(response);
    const { token, access_token: accessToken } = jsonOf<{ readonly token?: string; readonly access_token?: string }>(response);
    const given = token || accessToken;
    if (!given) throw new RegistryError('failed', `its token server ${url.host} gave no token`);
    return given;
  }

  /** Like docker, tries HTTP where a registry on this computer does not speak HTTPS. */
  private async request(path: string, request: HttpRequest): Promise<HttpResponse> {
    const { registry, access } = this;
    const host = registry === DOCKER_HUB ? 'registry-1.docker.io' : registry;
    const from = async (base: string) => {
      const response = await respond(new URL(base + path), request, access);
      this.base = base;
      return response;
    };
    if (this.base !== undefined) return from(this.base);
    try {
      return await from(`https://${host}`);
    } catch (error) {
      if (!isLoopback(registry) || access.signal?.aborted) throw error;
      return from(`http://${host}`);
    }
  }
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A request for a token: with an identity token by OAuth, else with a user and password, or with nothing. */
function tokenRequest(url: URL, wanted: readonly [string, string][], credentials: Credentials | undefined): HttpRequest {
  if (credentials?.type === 'identity') {
    const grant = { grant_type: 'refresh_token', refresh_token: credentials.token, client_id: 'webapp' };
    const body = new URLSearchParams([...Object.entries(grant), ...wanted]).toString();
    return { method: 'POST', headers: { ...USER_AGENT, 'content-type': 'application/x-www-form-urlencoded' }, body };
  }
  for (const [name, value] of wanted) url.searchParams.append(name, value);
  return { method: 'GET', headers: { ...USER_AGENT, ...credentials?.type === 'password' ? { authorization: basic(credentials) } : {} } };
}

/** @throws RegistryError where there is no response */
async function respond(url: URL, request: HttpRequest, { signal }: Access): Promise<HttpResponse> {
  try {
    return await sendRequest(url, { ...request, signal });
  } catch (error) {
    const problem = signal?.aborted ? 'it did not answer in time' : connectionProblem(error as NodeJS.ErrnoException);
    throw new RegistryError('unreachable', problem);
  }
}

function jsonOf<T>({ url, body }: HttpResponse): T {
  try {
    return JSON.parse(body.toString('utf8')) as T;
  } catch {
    throw new RegistryError('failed', `${url.host} did not answer with JSON`);
  }
}

/** What OpenSSL calls certificates of an authority that it does not know. */
const UNKNOWN_AUTHORITY = [
  'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** An error of several addresses has no message. */
function connectionProblem({ message, code = '' }: NodeJS.ErrnoException): string {
  const hint = UNKNOWN_AUTHORITY.includes(code) ? '; set NODE_EXTRA_CA_CERTS to the certificate of its authority' : '';
  return `${message || code}${hint}`;
}

interface DistributionError {
  readonly code?: string;
  readonly message?: string;
}

/** The errors in a response, as registries have them; empty where it is the response of something else. */
function errorsIn({ body }: HttpResponse): readonly DistributionError[] {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { readonly errors?: unknown };
    return Array.isArray(errors) ? errors : [];
  } catch {
    return [];
  }
}

function errorOf(response: HttpResponse): RegistryError {
  const { status } = response;
  const [first] = errorsIn(response);
  const detail = first?.message || first?.code;
  const denied = status === 401 || status === 403;
  const message = denied ? 'it denied access' : status === 429 ? 'it limits the number of requests' : `it answered with status ${status}`;
  return new RegistryError(denied ? 'denied' : 'failed', detail ? `${message} (${detail})` : message);
}
