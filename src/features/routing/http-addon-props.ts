/**
 * Version of the add-on's API.
 */
export enum HttpAddonApi {
  /** InterceptorRoute, since add-on 0.14. */
  V1BETA1 = 'v1beta1',
  /** HTTPScaledObject, for older ones. */
  V1ALPHA1 = 'v1alpha1',
}

/**
 * Where and which the cluster's KEDA HTTP add-on is. The defaults are those of its Helm chart.
 *
 * @see https://github.com/kedacore/http-add-on
 */
export interface HttpAddon {
  /**
   * Namespace that it is installed in.
   *
   * @default keda
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * Which API to write.
   *
   * @default HttpAddonApi.V1BETA1
   */
  readonly api?: HttpAddonApi;

  /**
   * Name of the interceptor's Service.
   *
   * @default keda-add-ons-http-interceptor-proxy
   * @format label 63
   */
  readonly interceptorService?: string;

  /**
   * Port of the interceptor's Service.
   *
   * @default 8080
   * @range 1..65535
   */
  readonly interceptorPort?: number;

  /**
   * Address of the add-on's scaler as KEDA's operator reaches it.
   *
   * @default - `keda-add-ons-http-external-scaler.<namespace>:9090`
   * @format hostAndPort
   */
  readonly scalerAddress?: string;
}
