import { NODE_PORTS } from './parts';
import { fieldsOf } from '../config/merge';
import { GATEWAY, GATEWAY_CLASS, NAMESPACE } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** The label of objects that `webapp setup` created. */
export const OWN = { label: 'app.kubernetes.io/managed-by', value: 'webapp-setup' } as const;

/** The Gateway of all apps, for Envoy Gateway. */
export const PUBLIC_GATEWAY = { name: 'public', namespace: 'gateways' } as const;

/** The annotation of a Gateway with the issuer of its certificates. */
export const ISSUER_ANNOTATION = 'cert-manager.io/cluster-issuer';

/** The Secret with the Gateway's certificate. */
const CERTIFICATE = 'public-tls';

/** The issuers that can be created. */
export const ISSUERS = ['letsencrypt', 'letsencrypt-staging', 'self-signed'] as const;

export type IssuerName = typeof ISSUERS[number];

/** https://letsencrypt.org/docs/acme-protocol-updates/ and https://letsencrypt.org/docs/staging-environment/ */
const ACME_SERVERS = {
  'letsencrypt': 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const;

/** What an issuer depends on. */
export interface IssuerOptions {
  readonly name: IssuerName;

  /** Where Let's Encrypt sends messages about the account. */
  readonly email?: string;

  /** The IngressClass of the Ingress by which Let's Encrypt checks that a host is ours. */
  readonly ingressClass?: string;

  /** The namespace of cert-manager, where a ClusterIssuer looks for Secrets. */
  readonly namespace: string;
}

/**
 * A ClusterIssuer, with what it needs.
 *
 * @see https://cert-manager.io/docs/configuration/acme/http01/
 * @see https://cert-manager.io/docs/configuration/selfsigned/#bootstrapping-ca-issuers
 */
export function issuerObjects({ name, email, ingressClass, namespace }: IssuerOptions): Manifest[] {
  const issuer = (own: string, spec: object) => ownObject('cert-manager.io/v1', 'ClusterIssuer', { name: own }, { spec });
  if (name !== 'self-signed') {
    const solvers = [{ http01: { ingress: { ingressClassName: ingressClass } } }];
    const privateKeySecretRef = { name: `${name}-account` };
    return [issuer(name, { acme: { server: ACME_SERVERS[name], email, privateKeySecretRef, solvers } })];
  }
  const authority = {
    isCA: true,
    commonName: 'self-signed authority of webapp setup',
    secretName: 'self-signed-authority',
    privateKey: { algorithm: 'ECDSA', size: 256 },
    issuerRef: { name: 'self-signed-root', kind: 'ClusterIssuer' },
  };
  return [
    issuer('self-signed-root', { selfSigned: {} }),
    ownObject('cert-manager.io/v1', 'Certificate', { name: 'self-signed-authority', namespace }, { spec: authority }),
    issuer(name, { ca: { secretName: 'self-signed-authority' } }),
  ];
}

/** What a Gateway depends on. */
export interface GatewayOptions {
  readonly local?: 'kind' | 'k3d';

  /** The issuer of its certificate, for all names below the domain. */
  readonly tls?: { readonly issuer: string; readonly domain: string };
}

/**
 * The Gateway of all apps. A request for a sleeping app is idle while it waits, up to 7 minutes by default, and Envoy would end it after 5.
 *
 * @see https://gateway.envoyproxy.io/docs/api/extension_types/#clienttrafficpolicy
 * @see https://cert-manager.io/docs/usage/gateway/
 */
export function gatewayObjects({ local, tls }: GatewayOptions): Manifest[] {
  const { name, namespace } = PUBLIC_GATEWAY;
  const allowedRoutes = { namespaces: { from: 'All' } };
  const http = { name: 'http', protocol: 'HTTP', port: 80, allowedRoutes };
  const https = tls && {
    name: 'https',
    protocol: 'HTTPS',
    port: 443,
    hostname: `*.${tls.domain}`,
    tls: { mode: 'Terminate', certificateRefs: [{ name: CERTIFICATE }] },
    allowedRoutes,
  };
  const annotations = tls ? { annotations: { [ISSUER_ANNOTATION]: tls.issuer } } : {};
  const proxy = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'local', namespace };
  return [
    ownObject(NAMESPACE.apiVersion, NAMESPACE.kind, { name: namespace }, {}),
    ...local === 'kind' ? [nodePorts(namespace, https !== undefined)] : [],
    ownObject(GATEWAY_CLASS.apiVersion, GATEWAY_CLASS.kind, { name: 'eg' }, {
      spec: {
        controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
        ...local === 'kind' ? { parametersRef: proxy } : {},
      },
    }),
    ownObject(GATEWAY.apiVersion, GATEWAY.kind, { name, namespace, ...annotations }, {
      spec: { gatewayClassName: 'eg', listeners: [http, ...https ? [https] : []] },
    }),
    ownObject('gateway.envoyproxy.io/v1alpha1', 'ClientTrafficPolicy', { name, namespace }, {
      spec: {
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name }],
        timeout: { http: { streamIdleTimeout: '600s' } },
      },
    }),
  ];
}

/**
 * Envoy's Service with the ports of the node that kind maps to this computer.
 *
 * @see https://gateway.envoyproxy.io/docs/api/extension_types/#kubernetesservicespec
 */
function nodePorts(namespace: string, isTls: boolean): Manifest {
  const ports = [{ port: 80, nodePort: NODE_PORTS.http }, ...isTls ? [{ port: 443, nodePort: NODE_PORTS.https }] : []];
  const envoyService = { type: 'NodePort', patch: { type: 'StrategicMerge', value: { spec: { ports } } } };
  return ownObject('gateway.envoyproxy.io/v1alpha1', 'EnvoyProxy', { name: 'local', namespace }, {
    spec: { provider: { type: 'Kubernetes', kubernetes: { envoyService } } },
  });
}

/**
 * The namespace of builds. Their pods violate the Pod Security Standards `baseline`, as the strategy buildkit turns off AppArmor and
 * seccomp, and `restricted`, as Tekton's own containers do too.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-levels
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildkit/buildstrategy_buildkit_cr.yaml
 */
export function buildNamespace(name: string): Manifest {
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  return ownObject(NAMESPACE.apiVersion, NAMESPACE.kind, { name, labels }, {});
}

/** An object that setup creates, and therefore may change. */
export function ownObject(apiVersion: string, kind: string, metadata: Manifest['metadata'], fields: object): Manifest {
  return { apiVersion, kind, metadata: { ...metadata, labels: { [OWN.label]: OWN.value, ...fieldsOf(metadata.labels) } }, ...fields };
}
