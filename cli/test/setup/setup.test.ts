import { charts, release, Site } from './site';
import { Tools } from './tools';
import { UnreachableError } from '../../src/kube/errors';
import { CLUSTER_BUILD_STRATEGY, NAMESPACE } from '../../src/kube/types';
import { errorResponse } from '../kube/in-memory-api';

const ALL = ['keda 2.20.2', 'http-add-on 0.15.0', 'traefik 41.3.0', 'cert-manager v1.21.1'];

describe('webapp setup in an empty cluster', () => {
  const site = new Site();

  test('installs what apps need, and prints what happened', async () => {
    expect(await site.call('setup --yes')).toEqual({
      code: 0,
      out: '',
      err: `\
test (Kubernetes 1.36):
  install KEDA 2.20.2: scales apps, down to zero and back
  install KEDA HTTP add-on 0.15.0: holds the requests to a sleeping app while it wakes
  install Traefik 3.7.11: routes traffic from outside to apps
  install cert-manager 1.21.1: gets and renews TLS certificates
  entry: IngressClass traefik
  domain: names of sslip.io, with the address of the entry in them
  TLS: none; it needs a domain of your own: see --domain
  platform file: platform.yaml
✓ Installed KEDA 2.20.2
✓ Installed KEDA HTTP add-on 0.15.0
✓ Installed Traefik 3.7.11
✓ Installed cert-manager 1.21.1
✓ Wrote platform.yaml: domain, ingress, httpAddon, kubernetesVersion
Apps answer at http://<name>.203.0.113.7.sslip.io
Next: webapp deploy
`,
    });
    expect(charts(site)).toEqual(ALL);
  });

  test('writes a platform.yaml that says what each line is for', () => {
    expect(site.platform).toBe(`\
# yaml-language-server: $schema=https://unpkg.com/cdk8s-webapp-cli@0.0.0/schema/platform.schema.json
# Apps answer at <name>.<domain>. These names resolve to the address in them; replace it by a domain of your own.
domain: 203.0.113.7.sslip.io

# What routes traffic to apps.
ingress: { className: traefik, controllerNamespace: traefik }

# The KEDA HTTP add-on in the cluster. What needs a newer version is an error.
httpAddon: { version: "0.15" }

# The oldest version that apps must work with.
kubernetesVersion: "1.36"
`);
  });

  test('gives an app its host', async () => {
    site.folder.write('webapp.yaml', 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\n');
    expect((await site.call('synth')).out).toContain('host: web.203.0.113.7.sslip.io\n');
  });

  test('changes nothing the second time, and does not ask', async () => {
    const before = { platform: site.platform, changes: site.tools.changes() };
    const { code, err } = await site.call('setup');
    expect({ code, platform: site.platform, changes: site.tools.changes() }).toEqual({ code: 0, ...before });
    expect(err).toContain('  KEDA 2.20.2 is up to date\n');
  });

  test('upgrades a release that does not have the values of this version', async () => {
    const { releases } = site.tools.state;
    site.tools.change({ releases: releases.map(one => (one.name === 'keda' ? { ...one, values: {} } : one)) });
    expect(await site.call('setup --yes')).toMatchObject({ code: 0 });
    expect(charts(site)).toEqual([...ALL, 'keda 2.20.2']);
  });
});

describe('what is installed', () => {
  test('by an earlier setup is upgraded, CRDs included', async () => {
    const site = new Site(new Tools(['helm'], { releases: [release('traefik', 'traefik-40.0.0')] }));
    const { err } = await site.call('setup --yes');
    expect(err).toContain('  upgrade Traefik from chart 40.0.0 to 3.7.11\n');
    expect(err).toContain('✓ Upgraded Traefik 3.7.11\n');
    expect(site.tools.changes().filter(line => line.includes('traefik'))).toEqual([
      'helm show crds oci://ghcr.io/traefik/helm/traefik --version 41.3.0',
      expect.stringMatching(/^helm upgrade --install traefik .* --reset-then-reuse-values --labels installed-by=webapp-setup --values -$/),
    ]);
    expect(site.cluster.api.requests).toContain('PATCH /apis/apiextensions.k8s.io/v1/customresourcedefinitions/middlewares.traefik.io');
  });

  test('by an earlier setup in a newer version is not changed', async () => {
    const site = new Site(new Tools(['helm'], { releases: [release('keda', 'keda-2.99.0')] }));
    expect((await site.call('setup --yes')).err).toContain(
      '  KEDA (chart 2.99.0) is newer than the one of this webapp, and stays as it is\n');
    expect(charts(site)).toEqual(ALL.slice(1));
  });

  test.each<[string, (site: Site) => void, string]>([
    ['without Helm', site => site.putProgram('keda-operator', 'ghcr.io/kedacore/keda:2.17.0'), 'KEDA 2.17.0 in namespace elsewhere'],
    [
      'by another release', ({ tools }) => tools.change({ releases: [release('k', 'keda-2.17.0', { isOwn: false })] }),
      'KEDA 2.17.0 in namespace k',
    ],
  ])('%s is not changed', async (_, prepare, name) => {
    const site = new Site();
    prepare(site);
    expect((await site.call('setup --yes')).err).toContain(`  ${name} was installed by others, and stays as it is\n`);
    expect(charts(site)).toEqual(ALL.slice(1));
  });

  test('and too old is reported', async () => {
    const site = new Site();
    site.putProgram('keda-operator', 'ghcr.io/kedacore/keda:2.10.1');
    expect((await site.call('setup --yes')).err).toContain(
      '  KEDA 2.10.1 in namespace elsewhere was installed by others, and is too old: apps need 2.14 or newer\n');
  });

  test('decides the namespace of the add-on, which is that of KEDA', async () => {
    const site = new Site();
    site.putProgram('keda-operator', 'ghcr.io/kedacore/keda:2.20.2');
    await site.call('setup --yes');
    expect(site.platform).toContain('httpAddon: { namespace: elsewhere, version: "0.15" }\n');
  });

  test('when something fails is printed, and the next setup continues', async () => {
    const site = new Site(new Tools(['helm'], { failing: ['traefik'] }));
    expect(await site.call('setup --yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`\
✗ installing Traefik 3.7.11 failed: helm upgrade --install failed:
  Error: cannot reach the registry
Done before that: installed KEDA 2.20.2, installed KEDA HTTP add-on 0.15.0
Run webapp setup again to continue.
`),
    });
    site.tools.change({ failing: [] });
    expect(await site.call('setup --yes')).toMatchObject({ code: 0 });
    expect(charts(site)).toEqual([...ALL.slice(0, 3), ...ALL.slice(2)]);
  });

  test('is recorded by Helm before Ctrl-C ends webapp', async () => {
    const site = new Site(new Tools(['helm'], { endless: 'keda' }));
    const onInterrupt = (stop: () => void) => {
      const timer = setInterval(() => site.tools.changes().length > 0 && setTimeout(stop, 500) && clearInterval(timer), 50);
      return () => clearInterval(timer);
    };
    expect(await site.call('setup --yes', { onInterrupt })).toMatchObject({ code: 1, err: expect.stringMatching(/interrupted\n$/) });
    expect(site.tools.changes()).toEqual([expect.stringMatching(/^helm upgrade --install keda/), 'helm has ended']);
  });

  test('and never becomes ready is an error that says why', async () => {
    const site = new Site();
    site.isReady = false;
    expect((await site.call('setup --yes')).err).toContain(
      '✗ installing KEDA 2.20.2 failed: Deployment keda-operator is not ready after 300 s\n  kubectl describe pods --namespace keda\n');
    expect((await site.call('setup --yes')).err).toContain('✗ checking KEDA 2.20.2 failed: Deployment keda-operator is not ready');
  });
});

describe('webapp setup asks', () => {
  const answering = (answer: string, asked: string[] = []) => ({
    interactive: true, ask: async (question: string) => (asked.push(question), answer),
  });

  test('once, and takes everything but yes as no', async () => {
    const site = new Site();
    const asked: string[] = [];
    expect(await site.call('setup', answering('', asked))).toMatchObject(
      { code: 1, err: expect.stringContaining('not confirmed; nothing was changed') });
    expect(site.tools.changes()).toEqual([]);
    expect(await site.call('setup', answering('y', asked))).toMatchObject({ code: 0 });
    expect(asked).toEqual(['Continue? [y/N] ', 'Continue? [y/N] ']);
  });

  test('only at a terminal', async () => {
    expect(await new Site().call('setup')).toMatchObject({ code: 1, err: expect.stringContaining('pass --yes') });
  });
});

test('--dry-run prints the commands, and changes nothing', async () => {
  const site = new Site();
  const { code, out } = await site.call('setup --dry-run --domain apps.example.com --context prod');
  expect(code).toBe(0);
  expect(out).toContain(`\
# cert-manager 1.21.1
helm upgrade --install cert-manager oci://quay.io/jetstack/charts/cert-manager --version v1.21.1 --namespace cert-manager \
--create-namespace --reset-then-reuse-values --labels installed-by=webapp-setup --values - --kube-context prod <<'EOF'
crds:
  enabled: true
EOF
kubectl rollout status deployment/cert-manager --namespace cert-manager --timeout 5m --context prod
`);
  expect(out).toContain("# the issuer of certificates\nkubectl apply --server-side --filename - --context prod <<'EOF'\n");
  expect(site.tools.changes()).toEqual([]);
  expect(site.cluster.api.requests.filter(line => !line.startsWith('GET'))).toEqual([]);
  expect(site.folder.list()).toEqual([]);
});

describe('--with', () => {
  test('builds applies the releases of Tekton and Shipwright once', async () => {
    const site = new Site();
    expect(await site.call('setup --yes --with builds')).toMatchObject({ code: 0 });
    const kubectl = () => site.tools.changes().filter(line => line.startsWith('kubectl')).map(line => (
      line.replace(/^kubectl (\w+).*?(\S+)$/, '$1 $2')));
    expect(kubectl()).toEqual([
      'apply https://infra.tekton.dev/tekton-releases/pipeline/previous/v1.12.2/release.yaml',
      'annotate cdk8s-webapp.dev/setup=1.12.2',
      'apply https://github.com/shipwright-io/build/releases/download/v0.20.13/release.yaml',
      'annotate cert-manager.io/inject-ca-from=shipwright-build/shipwright-build-webhook-cert',
      'apply https://github.com/shipwright-io/build/releases/download/v0.20.13/sample-strategies.yaml',
      'annotate cdk8s-webapp.dev/setup=0.20.13',
    ]);
    expect(site.cluster.api.names('shipwright-build')).toEqual(expect.arrayContaining(
      ['Certificate shipwright-build-webhook-cert', 'Issuer selfsigned-issuer']));
    expect((await site.call('setup --with builds')).err).toContain('  Shipwright 0.20.13 is up to date\n');
    expect(kubectl()).toHaveLength(6);
  });

  test('builds creates their namespace, and tells the platform how to build', async () => {
    const site = new Site();
    const { err } = await site.call('setup --yes --with builds --registry registry.example.com/acme');
    expect(err).toContain('  builds: in namespace builds, pushed to registry.example.com/acme\n');
    expect(err).toMatch(/\nNext: webapp registry login, unless the registry lets anyone push, then webapp deploy\n$/);
    expect(site.cluster.api.find(NAMESPACE, 'builds')?.metadata.labels).toEqual({
      'app.kubernetes.io/managed-by': 'webapp-setup', 'pod-security.kubernetes.io/enforce': 'privileged',
    });
    expect(site.platform).toContain(`
# How the cluster builds the images of folders, and where it pushes them.
builds: { registry: registry.example.com/acme, namespace: builds, strategies: { dockerfile: buildkit } }
`);
    expect((await site.call('setup --with builds --registry ghcr.io/acme')).err).toContain('✓ Wrote platform.yaml: builds\n');
    expect(site.platform).toContain('builds: { registry: ghcr.io/acme, namespace: builds, strategies: { dockerfile: buildkit } }\n');
  });

  test.each([
    {
      what: 'keeps how a file says to build',
      before: 'builds:\n  registry: ghcr.io/acme\n  namespace: ci # theirs\n  strategies: { dockerfile: kaniko }\n',
      after: 'builds:\n  registry: ghcr.io/acme\n  namespace: ci # theirs\n  strategies: { dockerfile: kaniko }\n',
      namespaces: ['ci'],
    },
    {
      what: 'does not move builds away from a Secret that a file names',
      before: 'builds: { registry: ghcr.io/acme, pushSecret: registry, strategies: { buildpacks: team } }\n',
      after: 'builds: { registry: ghcr.io/acme, pushSecret: registry, strategies: { buildpacks: team, dockerfile: buildkit } }\n',
      namespaces: [],
    },
    {
      what: 'adds what a file lacks',
      before: 'builds: { registry: ghcr.io/acme }\n',
      after: 'builds: { registry: ghcr.io/acme, namespace: builds, strategies: { dockerfile: buildkit } }\n',
      namespaces: ['builds'],
    },
  ])('builds $what', async ({ before, after, namespaces }) => {
    const site = new Site(new Tools(), { 'platform.yaml': before });
    expect(await site.call('setup --yes --with builds')).toMatchObject({ code: 0 });
    expect(site.platform).toContain(after);
    expect(['builds', 'ci'].filter(name => site.cluster.api.find(NAMESPACE, name))).toEqual(namespaces);
  });

  test('builds creates the strategy for buildpacks, unless the file names another one or others have created it', async () => {
    const ours = { ...CLUSTER_BUILD_STRATEGY, metadata: { name: 'webapp-buildpacks' }, spec: { steps: [] } };
    const strategy = (site: Site) => site.cluster.api.find(CLUSTER_BUILD_STRATEGY, 'webapp-buildpacks');
    const site = new Site();
    expect((await site.call('setup --yes --with builds')).err).toContain('ClusterBuildStrategy webapp-buildpacks\n');
    expect(strategy(site)?.spec.steps).toHaveLength(1);
    expect((await site.call('setup --yes --with builds')).err).not.toContain('Applied');
    const other = new Site(new Tools(), { 'platform.yaml': 'builds: { strategies: { buildpacks: team } }\n' });
    await other.call('setup --yes --with builds');
    expect(strategy(other)).toBeUndefined();
    const taken = new Site();
    taken.cluster.api.put(ours);
    expect((await taken.call('setup --yes --with builds')).err).toContain(
      'ClusterBuildStrategy webapp-buildpacks was created by others, and stays as it is');
    expect(strategy(taken)?.spec.steps).toEqual([]);
  });

  test('builds asks for the registry at a terminal, and otherwise says what is missing', async () => {
    const asked: string[] = [];
    const answers = ['registry.example.com/acme', 'y'];
    const ask = async (question: string) => (asked.push(question), answers.shift()!);
    const site = new Site();
    expect(await site.call('setup --with builds', { interactive: true, ask })).toMatchObject({ code: 0 });
    expect(asked).toEqual([expect.stringContaining('Registry for the images'), 'Continue? [y/N] ']);
    expect(site.platform).toContain('builds: { registry: registry.example.com/acme, ');
    expect((await new Site().call('setup --yes --with builds')).err).toContain(`\
To have folders built in the cluster, add where it pushes images to builds in platform.yaml:
  registry: registry.example.com/acme
Next: webapp registry login, then webapp deploy
`);
  });

  test('builds rejects what is not a registry', async () => {
    expect(await new Site().call('setup --yes --with builds --registry https://ghcr.io')).toMatchObject(
      { code: 1, err: expect.stringContaining('the registry is "https://ghcr.io", which has a scheme') });
    expect(await new Site().call('setup --yes --registry ghcr.io/acme')).toMatchObject(
      { code: 64, err: expect.stringContaining('--registry requires --with builds') });
  });

  test('builds warns where the Shipwright of others has no such strategy', async () => {
    const site = new Site();
    site.putProgram('shipwright-build-controller', 'ghcr.io/shipwright-io/build/controller:v0.17.0', { namespace: 'shipwright-build' });
    const missing = 'builds: the cluster has no ClusterBuildStrategy buildkit; set builds.strategies in the platform file';
    expect((await site.call('setup --yes --with builds')).err).toContain(missing);
    site.cluster.api.put({ ...CLUSTER_BUILD_STRATEGY, metadata: { name: 'buildkit' }, spec: {} });
    expect((await site.call('setup --yes --with builds')).err).not.toContain(missing);
  });

  test('builds does not change the Tekton of others', async () => {
    const site = new Site();
    site.putProgram('tekton-pipelines-controller', 'ghcr.io/tektoncd/pipeline/controller:v1.6.0', { namespace: 'tekton-pipelines' });
    expect((await site.call('setup --yes --with builds')).err).toContain(
      '  Tekton Pipelines 1.6.0 in namespace tekton-pipelines was installed by others, and stays as it is\n');
    expect(site.tools.changes().join()).not.toContain('infra.tekton.dev');
  });

  test('postgres,monitoring tells the platform where Prometheus is', async () => {
    const site = new Site();
    await site.call('setup --yes --with postgres,monitoring');
    expect(charts(site)).toEqual([...ALL, 'cnpg 0.29.0', 'kube-prometheus-stack 88.5.3']);
    expect(site.platform).toContain(
      'monitoring: { namespace: monitoring, prometheus: http://kube-prometheus-stack-prometheus.monitoring:9090 }\n');
    site.folder.write('webapp.yaml', 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\nmetrics: {}\n');
    expect(await site.call('check')).toMatchObject({ code: 0 });
  });

  test('anything else is a usage error', async () => {
    expect(await new Site().call('setup --with logging')).toMatchObject(
      { code: 64, err: expect.stringContaining('Write builds, postgres, monitoring, separated by commas.') });
  });
});

describe('webapp setup tells what to do', () => {
  test.each<[string, Tools, string, string]>([
    ['without helm', new Tools([]), '', 'helm is not on the PATH\n  install it: https://helm.sh/docs/intro/install/\n'],
    ['with an old helm', new Tools(['helm'], { helmVersion: 'v3.9.1' }), '', 'helm is v3.9.1; webapp setup needs 3.14 or newer'],
    ['without kubectl, which builds need', new Tools(['helm']), ' --with builds', 'kubectl is not on the PATH\n'],
    [
      'while another helm is at work',
      new Tools(['helm'], { releases: [release('keda', 'keda-2.20.2', { status: 'pending-upgrade' })] }), '',
      'wait for it, or run helm rollback keda --namespace keda\n',
    ],
  ])('%s', async (_, tools, flags, message) => {
    expect(await new Site(tools).call(`setup --yes${flags}`)).toMatchObject({ code: 1, err: expect.stringContaining(message) });
  });

  test('without a cluster', async () => {
    const site = new Site();
    site.cluster.api.intercept = () => {
      throw new UnreachableError('127.0.0.1: connect ECONNREFUSED');
    };
    expect((await site.call('setup --yes')).err).toBe(`\
✗ cannot reach the cluster: 127.0.0.1: connect ECONNREFUSED
  to create a cluster on this computer, run webapp setup --local
`);
  });

  test('to users who may not install anything', async () => {
    const site = new Site();
    site.cluster.api.denials.push({ verb: 'create', resource: 'clusterroles' });
    expect((await site.call('setup --yes')).err).toContain(
      'you are not allowed to create clusterroles.rbac.authorization.k8s.io; ask your cluster administrator');
  });

  test('while a webhook is starting: it waits', async () => {
    const site = new Site();
    const react = site.cluster.api.intercept!;
    let failures = 3;
    site.cluster.api.intercept = (method, path, request) => {
      react(method, path, request);
      if (method !== 'PATCH' || !path.endsWith('clusterissuers/letsencrypt') || failures-- <= 0) return undefined;
      return errorResponse(500, 'InternalError', 'failed calling webhook "webhook.cert-manager.io"');
    };
    expect(await site.call('setup --yes --domain apps.example.com')).toMatchObject({ code: 0 });
    expect(failures).toBeLessThan(0);
  });
});
