import { loadAll } from 'js-yaml';
import { call } from '../call';

const printed = async (...words: string[]) => {
  const { code, out } = await call(['setup', '--output', 'yaml', ...words]);
  expect(code).toBe(0);
  return { out, documents: loadAll(out) as { readonly kind?: string; readonly metadata?: { readonly name: string } }[] };
};

describe('webapp setup --output yaml', () => {
  test('prints the values of each chart, and which chart that is, without a cluster', async () => {
    const { out, documents } = await printed();
    expect(out.split('\n').filter(line => line.startsWith('#'))).toEqual([
      '# KEDA 2.20.2: values of the chart keda of https://kedacore.github.io/charts, version 2.20.2, release keda in namespace keda',
      '# KEDA HTTP add-on 0.15.0: values of the chart keda-add-ons-http of https://kedacore.github.io/charts, version 0.15.0, '
        + 'release http-add-on in namespace keda',
      '# Traefik 3.7.11: values of the chart oci://ghcr.io/traefik/helm/traefik, version 41.3.0, release traefik in namespace traefik',
      '# cert-manager 1.21.1: values of the chart oci://quay.io/jetstack/charts/cert-manager, version v1.21.1, '
        + 'release cert-manager in namespace cert-manager',
    ]);
    expect(documents[0]).toMatchObject({ extraArgs: { keda: { 'kube-api-qps': 100 } } });
    expect(documents[1]).toMatchObject({ scaler: { extraEnvs: { KEDA_HTTP_QUEUE_TICK_DURATION: '100ms' } } });
    expect(documents[2]).toMatchObject({ providers: { kubernetesIngress: { allowExternalNameServices: true } } });
  });

  test('adds the issuer and the Gateway as objects', async () => {
    const { documents } = await printed('--entry', 'envoy-gateway', '--domain', 'apps.example.com', '--issuer', 'corporate');
    const objects = documents.filter(({ kind }) => kind !== undefined);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata!.name}`)).toEqual(
      ['Namespace gateways', 'GatewayClass eg', 'Gateway public', 'ClientTrafficPolicy public']);
    expect(objects[2]).toMatchObject({
      metadata: { annotations: { 'cert-manager.io/cluster-issuer': 'corporate' } },
      spec: { listeners: [{ name: 'http' }, { name: 'https', hostname: '*.apps.example.com' }] },
    });
    const own = (await printed('--domain', 'apps.example.com')).documents;
    expect(own[own.length - 1]).toMatchObject({ kind: 'ClusterIssuer', metadata: { name: 'letsencrypt' } });
  });

  test('names the manifests of what has no chart', async () => {
    const { out, documents } = await printed('--with', 'builds');
    expect(documents.slice(-2)).toMatchObject([
      { kind: 'Namespace', metadata: { name: 'builds' } }, { kind: 'ClusterBuildStrategy', metadata: { name: 'webapp-buildpacks' } },
    ]);
    expect(out).toContain('# Tekton Pipelines 1.12.2\n# Apply https://infra.tekton.dev/');
    expect(out).toContain('# Apply https://github.com/shipwright-io/build/releases/download/v0.20.13/sample-strategies.yaml\n');
  });
});
