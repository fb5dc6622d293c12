/**
 * A reference to an image, as docker understands it.
 *
 * @see https://github.com/distribution/reference
 */
export interface ImageReference {
  /** The host of the registry, with its port if it has one. Docker Hub is `docker.io`. */
  readonly registry: string;

  /** The name in the registry: `library/nginx` for `nginx`. */
  readonly repository: string;

  /** The tag; undefined where none is written, which means `latest` if there is no digest either. */
  readonly tag?: string;

  readonly digest?: string;
}

export const DOCKER_HUB = 'docker.io';

const HOST_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = new RegExp(`^(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const NAME_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const NAME = new RegExp(`^(${NAME_PART}(?:/${NAME_PART})*)(?::(\\w[\\w.-]{0,127}))?(?:@(${DIGEST}))?$`);

/** Reads a reference; undefined where docker would not accept it. */
export function parseReference(written: string): ImageReference | undefined {
  const { host, rest } = splitHost(written);
  const [, name, tag, digest] = NAME.exec(rest) ?? [];
  if (name === undefined || !HOST.test(host)) return undefined;
  return { registry: host, repository: host === DOCKER_HUB && !name.includes('/') ? `library/${name}` : name, tag, digest };
}

/** What is before the first slash is a host only if it cannot be a part of a name. */
function splitHost(written: string): { readonly host: string; readonly rest: string } {
  const [first, ...others] = written.split('/');
  const isHost = others.length > 0 && (first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase());
  if (!isHost) return { host: DOCKER_HUB, rest: written };
  return { host: canonicalHost(first), rest: others.join('/') };
}

/** The host of a registry by its usual name: Docker Hub has several. */
export function canonicalHost(host: string): string {
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? DOCKER_HUB : host;
}

/** An image in a message: with the first digits of its digest, in a form that nobody takes for a reference. */
export function shownImage(written: string): string {
  const [image, digest] = split(written);
  return digest === undefined ? image : `${image} (${digest.replace(/^(\w+:\w{12})\w*$/, '$1')})`;
}

/** An image in a message beside another one: with its digest only if they do not differ otherwise. */
export function shownBeside(other: string, written: string): string {
  const [image] = split(written);
  return image === split(other)[0] ? shownImage(written) : image;
}

function split(written: string): [image: string, digest?: string] {
  const at = written.indexOf('@');
  return at === -1 ? [written] : [written.slice(0, at), written.slice(at + 1)];
}

/** Whether two references are to the same version: by their digests, or by their tags where one of them has no digest. */
export function isSameVersion(a: string, b: string): boolean {
  const [one, other] = [parseReference(a), parseReference(b)];
  if (!one || !other) return a === b;
  if (one.registry !== other.registry || one.repository !== other.repository) return false;
  if (one.digest !== undefined && other.digest !== undefined) return one.digest === other.digest;
  return (one.tag ?? 'latest') === (other.tag ?? 'latest');
}

/** Whether a registry runs on this computer; docker speaks HTTP with these alone, if they do not speak HTTPS. */
export function isLoopback(registry: string): boolean {
  return /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(registry);
}

/** The registry of images that are yet to be built: no name below `invalid` is ever one. https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const UNBUILT = 'unbuilt.invalid/';

/** What stands for the image of an app whose folder is yet to be built. */
export function placeholderOf(app: string): string {
  return `${UNBUILT}${app}@sha256:${'0'.repeat(64)}`;
}

export function isPlaceholder(image: string): boolean {
  return image.startsWith(UNBUILT);
}
