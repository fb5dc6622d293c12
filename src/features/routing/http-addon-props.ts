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
 * The cluster's KEDA HTTP add-on. The defaults are those of its Helm chart.
 *
 * @see https://github.com/kedacore/http-add-on
 */
export interface HttpAddon {
  /**
   * Namespace of the add-on.
   *
   * @default keda
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * Version of the add-on's API to use.
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
   * Address of the add-on's scaler for the KEDA operator.
   *
   * @default - `keda-add-ons-http-external-scaler.<namespace>:9090`
   * @format hostAndPort
   */
  readonly scalerAddress?: string;
}
