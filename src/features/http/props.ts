/**
 * What the ingress controller or gateway does with the requests and responses of an app, besides routing them. An entry that cannot do it
 * is an error.
 *
 * @see docs/http.md
 */
export interface AppHttp {
  /**
   * Maximum size of a request body, as a Kubernetes quantity: `20Mi`. A larger request gets 413, and the app does not see it.
   *
   * @default - the limit of the ingress controller or gateway: 1 MiB with ingress-nginx, none with others
   * @format bytes
   */
  readonly maxBodySize?: string;

  /**
   * Further host names, such as `www.example.com`, that are redirected to the first of the app's `hosts`, with the same path and
   * status 301, or 308 from ingress-nginx. Their DNS records must point to the ingress controller or gateway too.
   *
   * @default - none
   * @format host
   */
  readonly redirectFrom?: string[];

  /**
   * Paths that are redirected. These requests do not reach the app, and do not wake it.
   *
   * @default - none
   */
  readonly redirects?: Redirect[];

  /**
   * Cross-origin requests: which other sites may call the app from a browser. Preflight requests do not reach the app.
   *
   * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
   * @default - up to the app
   */
  readonly cors?: Cors;

  /**
   * Headers of every response, such as `Strict-Transport-Security`. They replace those that the app sets.
   *
   * @default - none
   * @format headerValue
   * @keyFormat headerName
   */
  readonly responseHeaders?: { [name: string]: string };
}

/**
 * A redirect of one path.
 */
export interface Redirect {
  /**
   * The path, which must match exactly. It must be within the app's `paths`.
   *
   * @format urlPath
   */
  readonly from: string;

  /**
   * Where it is redirected: a path of the same host, or a URL such as `https://docs.example.com/start`.
   *
   * @format redirectTarget
   */
  readonly to: string;

  /**
   * Whether browsers may remember it: the status is 301, otherwise 302.
   *
   * @default true
   */
  readonly permanent?: boolean;
}

/**
 * Cross-origin resource sharing: which other sites may call an app from a browser. The names are those of the Gateway API.
 *
 * @see https://gateway-api.sigs.k8s.io/geps/gep-1767/
 */
export interface Cors {
  /**
   * Origins that may call the app, such as `https://shop.example.com`, or `*` for all.
   *
   * @format origin
   */
  readonly allowOrigins: string[];

  /**
   * HTTP methods that they may use.
   *
   * @default ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
   * @format oneOf GET HEAD POST PUT PATCH DELETE OPTIONS
   */
  readonly allowMethods?: string[];

  /**
   * Request headers that they may send, besides those that are always allowed.
   *
   * @see https://developer.mozilla.org/en-US/docs/Glossary/CORS-safelisted_request_header
   * @default ['Authorization', 'Content-Type']
   * @format headerName
   */
  readonly allowHeaders?: string[];

  /**
   * Response headers that their scripts may read, besides those that are always readable.
   *
   * @default - none
   * @format headerName
   */
  readonly exposeHeaders?: string[];

  /**
   * Whether browsers send cookies and other credentials. Cannot be combined with the origin `*`.
   *
   * @default false
   */
  readonly allowCredentials?: boolean;

  /**
   * How long browsers may remember the answer to a preflight request, as a duration.
   *
   * @default 1h
   * @format duration 1s
   */
  readonly maxAge?: string;
}
