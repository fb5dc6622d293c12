/**
 * Who may send requests to an app from outside of the cluster. The ingress controller or gateway decides, before a request can wake the
 * app. An entry that cannot do it is an error. All conditions that are set must hold.
 *
 * Callers inside of the cluster do not pass the entry, and are not asked.
 *
 * @see docs/access.md
 */
export interface Access {
  /**
   * IP addresses and ranges of clients that are let in, such as `10.0.0.0/8`. Others get 403.
   *
   * The entry has to see the addresses of the clients: behind another load balancer or proxy it sees theirs, unless it is configured to
   * trust what they say.
   *
   * @default - all
   * @format ipRange
   */
  readonly allow?: string[];

  /**
   * A password that browsers ask for (HTTP basic authentication).
   *
   * @default - none
   */
  readonly password?: Password;

  /**
   * Name of one of the platform's sign-in services, its `access`, that decides.
   *
   * @default - none
   */
  readonly signIn?: string;
}

/**
 * User names and passwords for HTTP basic authentication.
 */
export interface Password {
  /**
   * Name of the Secret that has the user names and the hashes of their passwords, in the namespace of the app. Which key it needs depends
   * on the ingress controller or gateway.
   *
   * @see docs/access.md
   * @format objectName
   */
  readonly secret: string;
}

/**
 * A service of the platform that decides about each request whether its user is signed in, such as oauth2-proxy or Authelia.
 */
export interface SignInService {
  /**
   * URL that the ingress controller or gateway asks about each request, with the headers of the request. If the status is 2xx, the request
   * is let in; otherwise the client gets the response of the service. With Envoy Gateway it must be the URL of a Service:
   * `http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth`.
   *
   * @format authUrl
   */
  readonly url: string;

  /**
   * URL that browsers of users who are not signed in are redirected to. Not supported by Envoy Gateway, where `url` has to redirect them.
   *
   * @default - clients get the response of `url`
   * @format authUrl
   */
  readonly signInUrl?: string;

  /**
   * Headers of its response that the app gets with the request, such as `X-Auth-Request-Email`.
   *
   * @default - none
   * @format headerName
   */
  readonly responseHeaders?: string[];
}
