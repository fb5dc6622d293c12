import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { describeWithAddon, kubectl } from './cluster';

/** A Traefik for the apps of one namespace only, so that a test depends only on its own configuration. */
export interface Traefik {
  /** Its IngressClass. */
  readonly className: string;
  /** Its URL inside the cluster. */
  readonly url: string;
}

const IMAGE = process.env.TEST_TRAEFIK_IMAGE ?? 'traefik:v3.7.13';

/** Like `describe`, but skipped with a notice if the CRDs of Traefik are not installed. */
export function describeTraefik(): typeof describe | typeof describe.skip {
  try {
    kubectl(['get', 'crd', 'middlewares.traefik.io', 'ingressroutes.traefik.io']);
    return describeWithAddon;
  } catch {
    process.stderr.write('\n!!! SKIPPED: this cluster does not have the CRDs of Traefik, and these tests need them\n\n');
    return describe.skip;
  }
}

/** Runs a Traefik in a namespace until the tests of the block have finished. */
export function temporaryTraefik(namespace: string): Traefik {
  const className = `traefik-${randomBytes(3).toString('hex')}`;
  beforeAll(() => {
    kubectl(['apply', '--server-side', '--filename', '-'], objects(namespace, className).map(object => stringify(object)).join('---\n'));
    kubectl(['rollout', 'status', 'deployment', 'traefik', '--namespace', namespace, '--timeout=120s']);
  });
  afterAll(() => kubectl(['delete', 'ingressclass,clusterrolebinding', className, '--ignore-not-found']));
  return { className, url: `http://traefik.${namespace}` };
}

function objects(namespace: string, className: string): object[] {
  const metadata = { name: 'traefik', namespace };
  const labels = { app: 'traefik' };
  const provider = (name: string, ...settings: string[]) => [
    `--providers.${name}=true`,
    ...[`namespaces=${namespace}`, 'allowExternalNameServices=true', ...settings].map(setting => `--providers.${name}.${setting}`),
  ];
  const args = [
    '--entryPoints.web.address=:8000',
    '--entryPoints.websecure.address=:8443',
    '--entryPoints.websecure.http.tls=true',
    '--entryPoints.traefik.address=:8080',
    '--ping=true',
    ...provider('kubernetesIngress', `ingressClass=${className}`),
    ...provider('kubernetesCRD'),
    '--global.checkNewVersion=false',
    '--global.sendAnonymousUsage=false',
  ];
  const container = {
    name: 'traefik',
    image: IMAGE,
    args,
    ports: [{ name: 'web', containerPort: 8000 }],
    readinessProbe: { httpGet: { path: '/ping', port: 8080 }, periodSeconds: 1 },
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }], // it buffers large requests there
  };
  const rbac = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: className },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'traefik', namespace }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: className },
      spec: { controller: 'traefik.io/ingress-controller' },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ name: 'web', port: 80, targetPort: 'web' }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'traefik',
            securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [container],
            volumes: [{ name: 'tmp', emptyDir: {} }],
          },
        },
      },
    },
  ];
}
