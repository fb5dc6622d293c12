import type { ContainerSecurity, VolumeSettings } from '../../model/props';

/**
 * Health checks of an app, and how its replicas start and stop.
 */
export interface Health {
  /**
   * Path that returns 2xx or 3xx to a GET request when the app is ready, such as `/healthz`.
   *
   * It is used for readiness and startup only: liveness is always a TCP check, so that an app that is slow, or
   * waits for its database, is not restarted.
   *
   * @default - the app is ready when it accepts TCP connections
   * @format requestPath
   */
  readonly path?: string;

  /**
   * `Host` header of the health checks, for an app that answers only to its own host names, as Django does with `ALLOWED_HOSTS`. Requires
   * `path`.
   *
   * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#http-probes
   * @default - the IP address of the pod
   * @format clusterDomain
   */
  readonly host?: string;

  /**
   * Headers of the health checks besides `Host`, such as `{ 'X-Forwarded-Proto': 'https' }` for an app that redirects plain HTTP. Requires
   * `path`. Everyone who may read pods can see them, so do not put secrets here.
   *
   * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#http-probes
   * @default - none
   * @format headerValue
   * @keyFormat checkHeader
   */
  readonly headers?: { [name: string]: string };

  /**
   * Use the standard gRPC health service (`grpc.health.v1.Health`). Cannot be combined with `path`.
   *
   * @default false
   */
  readonly grpc?: boolean;

  /**
   * Port that answers health checks.
   *
   * @default - the app's port
   * @range 1..65535
   */
  readonly port?: number;

  /**
   * Time that a replica may take to start, as a duration. It is checked every second during that time, so that it gets traffic as soon as
   * it is ready. A replica that is not ready by then is restarted; with an `interval` of 1s, one whose port is closed a minute later.
   *
   * @default 2m
   * @format duration 1s
   */
  readonly startupTimeout?: string;

  /**
   * Interval of the readiness checks of a running replica, as a duration. A replica gets no more requests when three of them, and those
   * of 15 seconds, have failed. With `1s`, a start is noticed earlier, as there is no separate startup check: a visitor waits for it when
   * an app wakes up.
   *
   * @default - 1s for an app that can sleep, otherwise 5s
   * @format duration 1s
   */
  readonly interval?: string;

  /**
   * Time between the start of the termination and SIGTERM, as a duration. The replica still serves requests during that time.
   *
   * Ingress controllers and load balancers need it to stop sending requests to the replica. `0s` disables it.
   *
   * @default - 5s, or half of `terminationGracePeriod` if that is below 10s
   * @format duration 0s
   */
  readonly preStopDelay?: string;

  /**
   * Time that a replica may take to stop, as a duration of at least 1s, including `preStopDelay`: it gets SIGTERM after that delay, and is
   * killed when this time is over. Must be longer than `preStopDelay`.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   * @default - `preStopDelay` plus 30s
   * @format duration 1s
   */
  readonly terminationGracePeriod?: string;
}

/**
 * A directory that is mounted into an app. Exactly one of `claim`, `size`, `memory` and `empty` is required.
 *
 * Files in a `claim` or of a `size` outlive the pod. The other two start empty in every pod.
 */
export interface AppVolume extends VolumeSettings {
  /**
   * Absolute path of the directory in the container, such as `/data`.
   *
   * @format filePath
   */
  readonly path: string;
}

/**
 * A further port of an app.
 *
 * With `hosts` or `paths` it gets HTTP requests, as the app's own port does: they wake the app. Otherwise it gets connections as they are
 * (TCP), for example git over SSH. Those do not wake an app, so such an app always has a replica.
 */
export interface AppPort {
  /**
   * Port that the app listens on. Other pods reach it at that port of the app's Service.
   *
   * @range 1..65535
   */
  readonly port: number;

  /**
   * Hosts whose HTTP requests go to this port.
   *
   * @default - the hosts of the app, with `paths`
   * @format host
   */
  readonly hosts?: string[];

  /**
   * Path prefixes of HTTP requests that go to this port. Paths reach the app unchanged.
   *
   * @default - every path, with `hosts`
   * @format urlPath
   */
  readonly paths?: string[];

  /**
   * Makes a port without HTTP reachable from outside the cluster, by a Service of type LoadBalancer named `<app>-<port name>`. `{}` uses
   * the same port.
   * The cluster must be able to provide load balancers, as those of clouds are.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
   * @default - the port is reachable only from inside the cluster
   */
  readonly loadBalancer?: LoadBalancer;
}

/**
 * A load balancer in front of a port of an app.
 */
export interface LoadBalancer {
  /**
   * Port that clients connect to, such as 22.
   *
   * @default - the port that the app listens on
   * @range 1..65535
   */
  readonly port?: number;

  /**
   * Addresses that may connect, as ranges such as `203.0.113.0/24`. Not every load balancer supports it.
   *
   * @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceSpec
   * @default - every address
   * @format cidr
   */
  readonly sourceRanges?: string[];

  /**
   * Annotations of the Service, by which clouds configure their load balancers:
   * `service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing`.
   *
   * @default - none
   * @keyFormat qualifiedName
   */
  readonly annotations?: { [key: string]: string };
}

/**
 * Security settings of the app's pods. The defaults meet the Pod Security Standard `restricted`; each field relaxes one of them.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export interface Security extends ContainerSecurity {
  /**
   * Whether the app runs as the user that its image names (`USER`), in place of user 1000. Cannot be combined with `runAsUser` and
   * `runAsGroup`.
   *
   * With the platform's `podSecurity` `restricted`, the image must name it by a number other than 0, such as `USER 1001`: Kubernetes cannot
   * tell whether a user that has a name is root, and does not start the container. The other levels allow every user.
   *
   * @see https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
   * @default false
   */
  readonly runAsImageUser?: boolean;

  /**
   * Whether a NetworkPolicy restricts who can reach the app's port.
   *
   * @default - the platform's `networkPolicy`
   */
  readonly networkPolicy?: boolean;
}

/**
 * Identity of an app in the cluster and in the cloud.
 */
export interface AppServiceAccount {
  /**
   * Name of an existing ServiceAccount in the app's namespace.
   *
   * @default - a ServiceAccount with the name of the app is created
   * @format objectName
   */
  readonly name?: string;

  /**
   * Annotations of the created ServiceAccount, which clouds use for workload identity:
   * `eks.amazonaws.com/role-arn`, `iam.gke.io/gcp-service-account`, `azure.workload.identity/client-id`.
   *
   * @default - none
   * @keyFormat qualifiedName
   */
  readonly annotations?: { [key: string]: string };

  /**
   * Whether the app gets a token for the Kubernetes API. Workload identities do not need it.
   *
   * @default false
   */
  readonly automountToken?: boolean;
}
