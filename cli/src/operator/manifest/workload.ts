/** The pods of the operator, as hardened as those of apps, and who may reach them and whom they may reach. */
import { LABELS, OPERATOR_NAME, PORTS } from './names';
import { METRICS_PORT } from '../../engine/canary-health';
import type { Manifest } from '../../render/synthesis';

export interface WorkloadOptions {
  readonly namespace: string;
  readonly image: string;
  readonly replicas: number;

  /** Whether the operator serves the webhook. */
  readonly webhook: boolean;
}

const COMPONENT = 'app.kubernetes.io/component';
const SELECTOR = { 'app.kubernetes.io/name': OPERATOR_NAME, [COMPONENT]: 'operator' };

export function operatorWorkload(options: WorkloadOptions): Manifest[] {
  return [deployment(options), service(options), disruptionBudget(options), networkPolicy(options)];
}

function deployment(options: WorkloadOptions): Manifest {
  const { namespace, replicas } = options;
  return {
    ...object('apps/v1', 'Deployment', namespace),
    spec: {
      replicas,
      selector: { matchLabels: SELECTOR },
      // The webhook has to answer all the time.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: { labels: { ...LABELS, ...SELECTOR } },
        spec: {
          containers: [container(options)],
          enableServiceLinks: false,
          securityContext: { runAsGroup: 1000, runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
          serviceAccountName: OPERATOR_NAME,
          terminationGracePeriodSeconds: 35,
          topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(topologyKey => (
            { labelSelector: { matchLabels: SELECTOR }, maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway' })),
        },
      },
    },
  };
}

function container({ namespace, image, webhook }: WorkloadOptions): object {
  const check = (path: string, fields: object) => ({ httpGet: { path, port: 'health' }, ...fields });
  return {
    name: 'operator',
    image,
    args: ['operator', 'run', '--namespace', namespace, ...webhook ? [] : ['--no-webhook']],
    ports: portsOf(webhook).map(([name, containerPort]) => ({ name, containerPort })),
    startupProbe: check('/healthz', { failureThreshold: 120, periodSeconds: 1, timeoutSeconds: 1 }),
    livenessProbe: check('/healthz', { failureThreshold: 6, periodSeconds: 10, timeoutSeconds: 5 }),
    readinessProbe: check('/readyz', { failureThreshold: 3, periodSeconds: 5, timeoutSeconds: 2 }),
    // Until everyone knows that it ends, the API server may still call the webhook.
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    resources: {
      // Thousands of apps fit in the limit. Unlike that of an app, the request is what a cluster with few apps needs.
      requests: { 'cpu': '100m', 'memory': '256Mi', 'ephemeral-storage': '64Mi' },
      limits: { 'memory': '1Gi', 'ephemeral-storage': '1Gi' },
    },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
  };
}

function portsOf(webhook: boolean): [name: string, port: number][] {
  return Object.entries(PORTS).filter(([name]) => webhook || name !== 'webhook');
}

function service({ namespace, webhook }: WorkloadOptions): Manifest {
  const ports = [
    ...webhook ? [{ name: 'webhook', port: 443, targetPort: 'webhook' }] : [],
    { name: 'metrics', port: PORTS.metrics, targetPort: 'metrics' },
  ];
  return { ...object('v1', 'Service', namespace), spec: { ports, selector: SELECTOR } };
}

function disruptionBudget({ namespace }: WorkloadOptions): Manifest {
  return {
    ...object('policy/v1', 'PodDisruptionBudget', namespace),
    spec: { maxUnavailable: 1, selector: { matchLabels: SELECTOR }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  };
}

/**
 * A policy is about the ports of pods, and the DNS of OpenShift has another one:
 * https://github.com/openshift/cluster-dns-operator/blob/master/assets/dns/daemonset.yaml
 */
const DNS_PORTS = [53, 5353];

/** Those of registries and of the API server, which is not at that of its Service: kubeadm and k3s, minikube, MicroK8s. */
const API_PORTS = [443, 6443, 8443, 16443];

/**
 * In: the webhook, which the API server calls from an address that no policy can know; metrics and probes. Out: DNS, the API server
 * and registries, which are at any address, and the interceptor of the HTTP add-on.
 *
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
function networkPolicy({ namespace, webhook }: WorkloadOptions): Manifest {
  const to = (...ports: readonly [protocol: string, port: number][]) => ({ ports: ports.map(([protocol, port]) => ({ port, protocol })) });
  return {
    ...object('networking.k8s.io/v1', 'NetworkPolicy', namespace),
    spec: {
      podSelector: { matchLabels: SELECTOR },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: portsOf(webhook).map(([port]) => ({ port, protocol: 'TCP' })) }],
      egress: [
        to(...DNS_PORTS.flatMap((port): [string, number][] => [['UDP', port], ['TCP', port]])),
        to(...API_PORTS.map((port): [string, number] => ['TCP', port])),
        { to: [{ namespaceSelector: {} }], ...to(['TCP', 8080], ['TCP', 9090], ['TCP', METRICS_PORT]) },
      ],
    },
  };
}

function object(apiVersion: string, kind: string, namespace: string): Manifest {
  return { apiVersion, kind, metadata: { name: OPERATOR_NAME, namespace, labels: LABELS } };
}
