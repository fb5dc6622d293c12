/** Redirects, headers and single-page fallbacks of hosts of sites, which all write paths with parameters. */
import type { AppDraft } from '../draft';
import type { Reader } from '../reader';

/** A redirect of a site's host. */
export interface SiteRedirect {
  readonly at: Reader;

  /** A path, or a URL of another host of the site. */
  readonly from: string;
  readonly to: string;
  readonly permanent: boolean;

  /** The only host that it is about. */
  readonly host?: string;
}

/** A path without parameters, wildcards and patterns. */
function isPlain(path: string): boolean {
  return path.startsWith('/') && !/[*:()\\{}[\]?#]/.test(path);
}

/** Whether it stands for all paths: `/(.*)`, `/:path*`, `/*`. */
export function isEverything(path: string): boolean {
  return /^\/?(\(\.\*\)|\(\.\+\)|:\w+\*|:\w+\(\.\*\)|\*|)$/.test(path);
}

/** Sets a redirect of one path, or of a whole host to the first of the app. */
export function setRedirect({ at, from, to, permanent, host }: SiteRedirect, app: AppDraft): void {
  const [, fromHost = host, path = from] = /^https?:\/\/([^/:*]+)(\/.*)?$/.exec(from) ?? [];
  const [, target, rest = '/'] = /^https?:\/\/([^/:*$]+)(\/.*)?$/.exec(to) ?? [];
  const keepsPath = /^\/?(\$1|:\w+\*?|:splat|)$/.test(rest);
  if (fromHost !== undefined && target !== undefined && isEverything(path) && keepsPath) {
    const hosts = (app.props.hosts as string[] | undefined) ?? [];
    app.set(['hosts'], [...new Set([target, ...hosts])]);
    app.take(at, ['http', 'redirectFrom'], [...(app.get(['http', 'redirectFrom']) as string[] | undefined) ?? [], fromHost]);
  } else if (fromHost !== undefined && fromHost !== (app.props.hosts as string[] | undefined)?.[0]) {
    at.none('redirects are of one path each', 'write http: { redirectFrom: [HOST] } for a whole host, or do it in the app');
  } else if (isPlain(path) && (target !== undefined || isPlain(to.replace(/[?#].*$/, '')))) {
    const before = (app.get(['http', 'redirects']) as { readonly from: string }[] | undefined) ?? [];
    if (before.some(one => one.from === path)) return at.taken('an earlier rule is about the path');
    app.take(at, ['http', 'redirects'], [...before, { from: path, to: rooted(to), ...permanent ? {} : { permanent: false } }]);
  } else {
    at.none('redirects are of one path each, without parameters', 'do it in the app, or write each of them');
  }
  return undefined;
}

/** A URL of a host alone is that of its root. */
function rooted(url: string): string {
  return /^https?:\/\/[^/?#]+$/.test(url) ? `${url}/` : url;
}

/** Sets a header of every response; one of some paths has no counterpart. */
export function setHeader(name: string, at: Reader, isOfAll: boolean, app: AppDraft, value = at.text): void {
  if (isOfAll && value !== undefined) app.take(at, ['http', 'responseHeaders', name], value);
  else at.none('headers are those of every response', 'write http: { responseHeaders: … }, or set it in the app');
}
