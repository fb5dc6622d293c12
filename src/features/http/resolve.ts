import type { AppHttp, Cors, Redirect } from './props';
import type { CorsModel, HttpModel, RedirectModel } from '../../model/route';
import { quantity, seconds } from '../../validation/units';

/** What nearly every app has. */
const NONE: HttpModel = { maxBodySize: undefined, redirectFrom: [], redirects: [], cors: undefined, responseHeaders: {} };

/** What an app says about its requests and responses. */
export function resolveHttp(http: AppHttp | undefined): HttpModel {
  if (http === undefined) return NONE;
  const { maxBodySize, redirectFrom, redirects = [], cors, responseHeaders } = http;
  return {
    maxBodySize: maxBodySize === undefined ? undefined : quantity(maxBodySize)!,
    redirectFrom: redirectFrom ?? [],
    redirects: redirects.map(resolveRedirect),
    cors: cors && resolveCors(cors),
    responseHeaders: responseHeaders ?? {},
  };
}

function resolveRedirect({ from, to, permanent = true }: Redirect): RedirectModel {
  const [, scheme, host, port, path] = /^(?:(https?):\/\/([^:/]+)(?::(\d+))?)?(\/.*)$/.exec(to)!;
  const server = host === undefined ? undefined : { scheme, host, port: port === undefined ? undefined : Number(port) };
  return { from, to, path, server, permanent };
}

function resolveCors({ allowOrigins, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge }: Cors): CorsModel {
  return {
    allowOrigins,
    allowMethods: allowMethods ?? ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: allowHeaders ?? ['Authorization', 'Content-Type'],
    exposeHeaders: exposeHeaders ?? [],
    allowCredentials: allowCredentials ?? false,
    maxAge: seconds(maxAge ?? '1h')!,
  };
}
