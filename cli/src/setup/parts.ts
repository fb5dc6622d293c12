import { LABELS } from './monitoring/alerts';
import type { Part, Values } from './part';

/** What decides which parts a cluster gets, and with which values. */
export interface PartOptions {
  /** What routes traffic into the cluster, if it is installed. */
  readonly entry?: 'traefik' | 'envoy-gateway';

  readonly with: readonly Extra[];

  /** The program that runs the cluster on this computer. */
  readonly local?: 'kind' | 'k3d';

  /** Whether another IngressClass is the default. */
  readonly hasDefaultClass?: boolean;

  /** The namespace of KEDA, which is that of the add-on too. */
  readonly kedaNamespace?: string;
}

/** What `--with` adds. */
export const EXTRAS = ['builds', 'postgres', 'monitoring'] as const;

export type Extra = typeof EXTRAS[number];

/** The ports of the nodes that kind maps to the ports 80 and 443 of this computer. */
export const NODE_PORTS = { http: 30080, https: 30443 } as const;

/** The parts, in the order in which they are installed. */
export function partsOf(options: PartOptions): Part[] {
  const { entry, with: extras } = options;
  return [
    keda(options),
    httpAddon(options),
    ...entry === 'traefik' ? [traefik(options)] : [],
    ...entry === 'envoy-gateway' ? [ENVOY_GATEWAY] : [],
    certManager(options),
    ...extras.includes('postgres') ? [CLOUD_NATIVE_PG] : [],
    ...extras.includes('monitoring') ? [PROMETHEUS] : [],
    ...extras.includes('builds') ? [TEKTON, SHIPWRIGHT] : [],
  ];
}

/**
 * The Kubernetes client of KEDA sends at most 20 requests per second, and 5 ScaledObjects are reconciled at a time: too few to start again
 * with some hundred apps.
 *
 * @see https://keda.sh/docs/2.20/operate/cluster/#kubernetes-client-parameters
 * @see https://github.com/kedacore/charts/blob/main/keda/values.yaml
 */
function keda({ local }: PartOptions): Part {
  const client = { 'kube-api-qps': 100, 'kube-api-burst': 200 };
  return {
    name: 'keda',
    title: 'KEDA',
    why: 'scales apps, down to zero and back',
    version: '2.20.2',
    minimum: '2.14',
    namespace: 'keda',
    found: { names: ['keda-operator'], labels: ['keda-operator'] },
    deployments: ['keda-operator', 'keda-operator-metrics-apiserver', 'keda-admission-webhooks'],
    source: {
      kind: 'chart',
      release: 'keda',
      name: 'keda',
      repository: 'https://kedacore.github.io/charts',
      version: '2.20.2',
      values: {
        ...local ? {} : { operator: { replicaCount: 2 } },
        extraArgs: { keda: client, metricsAdapter: client },
        env: [{ name: 'KEDA_SCALEDOBJECT_CTRL_MAX_RECONCILES', value: '20' }],
      },
    },
  };
}

/**
 * The chart limits each of the three programs to 64 MiB, but they keep what they know of all apps in memory, and to half a CPU, but each
 * request to each app passes through the interceptor. The limits are high rather than removed, because with some versions of Helm
 * `cpu: null` is lost at the second upgrade.
 *
 * By default the scaler asks the interceptors for their counts twice a second, so that a sleeping app waits a quarter of a second on
 * average before anything happens. How often it tells KEDA what it knows is left as it is, five times a second: each time, KEDA writes
 * the status of every ScaledObject whose app has requests.
 *
 * @see https://github.com/kedacore/charts/blob/main/http-add-on/values.yaml
 * @see https://github.com/kedacore/http-add-on/blob/main/scaler/config.go
 * @see https://github.com/kedacore/keda/blob/v2.21.0/pkg/scaling/scale_handler.go
 */
function httpAddon({ local, kedaNamespace = 'keda' }: PartOptions): Part {
  const resources = (cpu: readonly [request: string, limit: string], memory: readonly [request: string, limit: string]): Values => (
    { requests: { cpu: local ? '10m' : cpu[0], memory: memory[0] }, limits: { cpu: cpu[1], memory: memory[1] } });
  return {
    name: 'http-add-on',
    title: 'KEDA HTTP add-on',
    why: 'holds the requests to a sleeping app while it wakes',
    version: '0.15.0',
    minimum: '0.11',
    namespace: kedaNamespace,
    found: { names: ['keda-add-ons-http-interceptor'] },
    deployments: ['keda-add-ons-http-interceptor', 'keda-add-ons-http-external-scaler', 'keda-add-ons-http-controller-manager'],
    source: {
      kind: 'chart',
      release: 'http-add-on',
      name: 'keda-add-ons-http',
      repository: 'https://kedacore.github.io/charts',
      version: '0.15.0',
      values: {
        interceptor: { ...local ? { replicas: { min: 1 } } : {}, resources: resources(['250m', '4'], ['128Mi', '512Mi']) },
        scaler: {
          ...local ? { replicas: 1 } : {},
          resources: resources(['100m', '1'], ['64Mi', '256Mi']),
          extraEnvs: { KEDA_HTTP_QUEUE_TICK_DURATION: '100ms' },
        },
        operator: { resources: resources(['50m', '1'], ['64Mi', '256Mi']) },
      },
    },
  };
}

/**
 * Ingresses of apps refer to the interceptor by a Service of type ExternalName, as the IngressRoutes of canaries do. The time to read a
 * request is a minute by default, which is too short for uploads.
 *
 * @see https://github.com/traefik/traefik-helm-chart/blob/master/traefik/values.yaml
 * @see https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress/
 */
function traefik({ local, hasDefaultClass }: PartOptions): Part {
  const transport = { respondingTimeouts: { readTimeout: '600s' } };
  const port = (nodePort: number) => ({ transport, ...local === 'kind' ? { nodePort } : {} });
  return {
    name: 'traefik',
    title: 'Traefik',
    why: 'routes traffic from outside to apps',
    version: '3.7.11',
    namespace: 'traefik',
    found: { names: ['traefik'], labels: ['traefik'] },
    deployments: ['traefik'],
    source: {
      kind: 'chart',
      release: 'traefik',
      name: 'traefik',
      repository: 'oci://ghcr.io/traefik/helm/traefik',
      version: '41.3.0',
      keepsCrds: true,
      values: {
        ...local ? {} : { deployment: { replicas: 2 }, podDisruptionBudget: { enabled: true, maxUnavailable: 1 } },
        ...local === 'kind' ? { service: { spec: { type: 'NodePort' } } } : {},
        ...hasDefaultClass ? { ingressClass: { isDefaultClass: false } } : {},
        providers: {
          kubernetesIngress: { allowExternalNameServices: true },
          kubernetesCRD: { allowExternalNameServices: true },
        },
        ports: { web: port(NODE_PORTS.http), websecure: port(NODE_PORTS.https) },
      },
    },
  };
}

/** @see https://gateway.envoyproxy.io/docs/install/install-helm/ */
const ENVOY_GATEWAY: Part = {
  name: 'envoy-gateway',
  title: 'Envoy Gateway',
  why: 'routes traffic from outside to apps',
  version: '1.9.0',
  minimum: '1.2',
  namespace: 'envoy-gateway-system',
  found: { names: ['envoy-gateway'] },
  deployments: ['envoy-gateway'],
  source: {
    kind: 'chart',
    release: 'eg',
    name: 'gateway-helm',
    repository: 'oci://docker.io/envoyproxy/gateway-helm',
    version: 'v1.9.0',
    keepsCrds: true,
    values: {},
  },
};

/**
 * @see https://cert-manager.io/docs/installation/helm/
 * @see https://cert-manager.io/docs/usage/gateway/
 */
function certManager({ entry }: PartOptions): Part {
  return {
    name: 'cert-manager',
    title: 'cert-manager',
    why: 'gets and renews TLS certificates',
    version: '1.21.1',
    namespace: 'cert-manager',
    found: { names: ['cert-manager'], labels: ['cert-manager'] },
    deployments: ['cert-manager', 'cert-manager-cainjector', 'cert-manager-webhook'],
    source: {
      kind: 'chart',
      release: 'cert-manager',
      name: 'cert-manager',
      repository: 'oci://quay.io/jetstack/charts/cert-manager',
      version: 'v1.21.1',
      values: { crds: { enabled: true }, ...entry === 'envoy-gateway' ? { config: { gatewayAPI: { enabled: true } } } : {} },
    },
  };
}

/** @see https://github.com/cloudnative-pg/charts/tree/main/charts/cloudnative-pg */
const CLOUD_NATIVE_PG: Part = {
  name: 'postgres',
  title: 'CloudNativePG',
  why: 'runs the databases of connections of type postgres',
  version: '1.30.0',
  minimum: '1.25',
  namespace: 'cnpg-system',
  found: { names: ['cnpg-controller-manager'], labels: ['cloudnative-pg'] },
  deployments: ['cnpg-cloudnative-pg'],
  source: {
    kind: 'chart',
    release: 'cnpg',
    name: 'cloudnative-pg',
    repository: 'https://cloudnative-pg.github.io/charts',
    version: '0.29.0',
    values: {},
  },
};

/**
 * By default the chart's Prometheus reads only the monitors of its own release.
 *
 * @see https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/values.yaml
 */
const PROMETHEUS: Part = {
  name: 'monitoring',
  title: 'Prometheus',
  why: 'collects the metrics of apps',
  version: '0.93.1',
  namespace: 'monitoring',
  found: {
    names: ['prometheus-operator', 'kube-prometheus-stack-operator'],
    labels: ['prometheus-operator', 'kube-prometheus-stack-operator'],
  },
  deployments: ['kube-prometheus-stack-operator'],
  source: {
    kind: 'chart',
    release: 'kube-prometheus-stack',
    name: 'kube-prometheus-stack',
    repository: 'oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack',
    version: '88.5.3',
    keepsCrds: true,
    values: {
      'kube-state-metrics': { metricLabelsAllowlist: LABELS },
      'prometheus': {
        prometheusSpec: {
          podMonitorSelectorNilUsesHelmValues: false,
          serviceMonitorSelectorNilUsesHelmValues: false,
          ruleSelectorNilUsesHelmValues: false,
        },
      },
    },
  },
};

/**
 * The newest minor version that Shipwright supports. Tekton has no chart of its own.
 *
 * @see https://tekton.dev/docs/installation/pipelines/
 * @see https://github.com/shipwright-io/build/tree/v0.20.13#readme
 */
const TEKTON: Part = {
  name: 'tekton',
  title: 'Tekton Pipelines',
  why: 'runs the builds of Shipwright',
  version: '1.12.2',
  namespace: 'tekton-pipelines',
  found: { names: ['tekton-pipelines-controller'] },
  deployments: ['tekton-pipelines-controller', 'tekton-pipelines-webhook'],
  source: {
    kind: 'release',
    manifests: ['https://infra.tekton.dev/tekton-releases/pipeline/previous/v1.12.2/release.yaml'],
  },
};

const SHIPWRIGHT_RELEASE = 'https://github.com/shipwright-io/build/releases/download/v0.20.13';
const SHIPWRIGHT_CERTIFICATE = 'shipwright-build-webhook-cert';

/**
 * Shipwright has no chart of its own either. The certificate of its webhook is as its operator has it.
 *
 * @see https://github.com/shipwright-io/build/tree/v0.20.13#readme
 * @see https://github.com/shipwright-io/operator/blob/v0.20.0/kodata/certificates.yaml
 */
const SHIPWRIGHT: Part = {
  name: 'shipwright',
  title: 'Shipwright',
  why: 'builds the images of apps with buildFrom',
  version: '0.20.13',
  namespace: 'shipwright-build',
  found: { names: ['shipwright-build-controller'] },
  deployments: ['shipwright-build-controller', 'shipwright-build-webhook'],
  source: {
    kind: 'release',
    manifests: [`${SHIPWRIGHT_RELEASE}/release.yaml`],
    objects: [
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Issuer',
        metadata: { name: 'selfsigned-issuer', namespace: 'shipwright-build' },
        spec: { selfSigned: {} },
      },
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { name: SHIPWRIGHT_CERTIFICATE, namespace: 'shipwright-build' },
        spec: {
          dnsNames: ['shp-build-webhook.shipwright-build.svc'],
          issuerRef: { kind: 'Issuer', name: 'selfsigned-issuer' },
          secretName: SHIPWRIGHT_CERTIFICATE,
        },
      },
    ],
    annotate: {
      crds: ['builds', 'buildruns', 'buildstrategies', 'clusterbuildstrategies'].map(name => `${name}.shipwright.io`),
      annotation: `cert-manager.io/inject-ca-from=shipwright-build/${SHIPWRIGHT_CERTIFICATE}`,
    },
    then: [`${SHIPWRIGHT_RELEASE}/sample-strategies.yaml`],
  },
};
