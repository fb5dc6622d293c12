import { charts, Site } from './site';
import { State, Tools } from './tools';

/** The addresses of all names, as this computer knows them. */
const at = (...addresses: string[]) => ({ lookUp: async () => addresses });

const local = (programs: string[], state: Partial<State> = {}, files: { readonly [path: string]: string } = {}) => (
  new Site(new Tools(['helm', 'docker', ...programs], state), files));

describe('webapp setup --local', () => {
  test('creates a cluster with kind, whose ports are those of this computer', async () => {
    const site = local(['kind', 'k3d']);
    const { code, err } = await site.call('setup --local --yes', at('127.0.0.1'));
    expect(code).toBe(0);
    expect(err).toContain('kind cluster webapp:\n  create kind cluster webapp, with docker\n  install KEDA 2.20.2');
    expect(err).toContain('✓ Created kind cluster webapp\n✓ Installed KEDA 2.20.2\n');
    expect(err).toContain('✓ Wrote platform.yaml: domain, ingress, httpAddon, kubernetesVersion\n');
    expect(err).toContain('Apps answer at http://<name>.apps.localhost\n');
    expect(site.tools.changes()[0]).toBe('kind create cluster --name webapp --config - --wait 5m');
    expect(site.tools.changes()[1]).toMatch(/ --kube-context kind-webapp$/);
    expect(site.valuesOf('traefik')).toMatchObject({
      service: { spec: { type: 'NodePort' } }, ports: { web: { nodePort: 30080 }, websecure: { nodePort: 30443 } },
    });
  });

  test('creates a cluster with k3d, without its own Traefik', async () => {
    const site = local(['k3d']);
    expect(await site.call('setup --local --yes', at('::1'))).toMatchObject({ code: 0 });
    expect(site.tools.changes()[0]).toBe(
      'k3d cluster create webapp --port 80:80@loadbalancer --port 443:443@loadbalancer --k3s-arg --disable=traefik@server:* --wait');
    expect(site.valuesOf('traefik')).not.toHaveProperty('service');
  });

  test('uses the program that the command line names', async () => {
    const site = local(['kind', 'k3d']);
    await site.call('setup --local k3d --yes', at('127.0.0.1'));
    expect(site.tools.changes()[0]).toMatch(/^k3d cluster create/);
  });

  test('sets up the cluster that exists already', async () => {
    const site = local(['kind'], { clusters: ['other', 'webapp'] });
    expect(await site.call('setup --local --yes', at('127.0.0.1'))).toMatchObject({ code: 0 });
    expect(site.tools.changes().join()).not.toContain('kind create');
    expect(charts(site)).toHaveLength(4);
    const before = { platform: site.platform, changes: site.tools.changes() };
    expect(await site.call('setup --local', at('127.0.0.1'))).toMatchObject({ code: 0 });
    expect({ platform: site.platform, changes: site.tools.changes() }).toEqual(before);
  });

  test.each<[string, string[], string]>([
    ['all names below localhost are this computer', ['127.0.0.1', '::1'], 'apps.localhost'],
    ['they are not', ['192.0.2.1'], '127.0.0.1.sslip.io'],
    ['nobody knows them', [], '127.0.0.1.sslip.io'],
  ])('has a domain that resolves if %s', async (_, addresses, domain) => {
    const site = local(['kind']);
    await site.call('setup --local --yes', at(...addresses));
    expect(site.platform).toContain(`domain: ${domain}\n`);
  });

  test('prints the commands with --dry-run, and creates nothing', async () => {
    const site = local(['kind']);
    const { out } = await site.call('setup --local --dry-run', at('127.0.0.1'));
    expect(out).toMatch(/^# kind cluster webapp\nkind create cluster --name webapp --config - --wait 5m <<'EOF'\nkind: Cluster\n/);
    expect(out).toContain('containerPort: 30080\n        hostPort: 80\n');
    expect(site.tools.changes()).toEqual([]);
  });

  test.each<[string, string[], Partial<State>, string]>([
    ['kind nor k3d', [], {}, 'neither kind nor k3d is on the PATH\n  install kind: https://kind.sigs.k8s.io/'],
    ['docker', ['kind'], { isDockerRunning: false }, 'kind needs docker, which is not installed or not running\n'],
  ])('needs %s', async (_, programs, state, message) => {
    expect((await local(programs, state).call('setup --local --yes')).err).toContain(message);
  });

  test('does not write into the file of another cluster, except into an environment', async () => {
    const file = '# ours\ndomain: apps.example.com\ngateway: { name: main, namespace: infra }\ntls: {}\n';
    const site = local(['kind'], {}, { 'platform.yaml': file });
    expect((await site.call('setup --local --yes')).err).toContain(
      'platform.yaml has the domain apps.example.com, which is that of another cluster\n  pass --env local ');
    expect(site.tools.changes()).toEqual([]);
    expect(await site.call('setup --local --yes --env local', at('127.0.0.1'))).toMatchObject({ code: 0 });
    expect(site.platform).toMatch(new RegExp(`^${file}`));
    site.folder.write('webapp.yaml', 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\n');
    const { out } = await site.call('synth --env local');
    expect(out).toContain('host: web.apps.localhost\n');
    expect(out).toContain('kind: Ingress\n');
    expect(out).not.toContain('tls:');
    expect((await site.call('synth')).out).toContain('web.apps.example.com');
  });

  test('cannot be combined with a context', async () => {
    expect(await local(['kind']).call('setup --local --context prod')).toMatchObject({ code: 64 });
  });
});
