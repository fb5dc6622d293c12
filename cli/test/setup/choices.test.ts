import { charts, Site } from './site';
import { Tools } from './tools';
import { CLUSTER_ISSUER, GATEWAY, SERVICE } from '../../src/kube/types';

describe('the entry', () => {
  test('is the IngressClass that the cluster has', async () => {
    const site = new Site();
    site.putIngressClass('public', 'k8s.io/ingress-nginx');
    site.putEntryService();
    await site.call('setup --yes');
    expect(charts(site).join()).not.toContain('traefik');
    expect(site.platform).toContain('domain: 203.0.113.7.sslip.io\n');
    expect(site.platform).toContain('ingress: { className: public, controller: nginx }\n');
  });

  test.each([
    [['--providers.kubernetesingress.allowExternalNameServices=true'], ''],
    [[], ', interceptorBackend: interceptor-namespace'],
  ])('is a Traefik of others, which may refuse ExternalName: %j', async (args, more) => {
    const site = new Site();
    site.putIngressClass('traefik', 'traefik.io/ingress-controller');
    site.putProgram('traefik', 'rancher/mirrored-library-traefik:3.6.2', { namespace: 'kube-system', args });
    await site.call('setup --yes --domain apps.example.com');
    expect(site.platform).toContain(`ingress: { className: traefik, controllerNamespace: kube-system${more} }\n`);
  });

  test('is Traefik beside another one, if that is chosen', async () => {
    const site = new Site(new Tools(), { 'platform.yaml': 'gateway: { name: old }\n' });
    site.putIngressClass('public', 'k8s.io/ingress-nginx');
    await site.call('setup --yes --entry traefik');
    expect(site.valuesOf('traefik')).toMatchObject({ ingressClass: { isDefaultClass: false } });
    expect(site.platform).toContain('ingress: { className: traefik, controllerNamespace: traefik }\n');
    expect(site.platform).not.toContain('gateway');
  });

  test('is a Gateway that the cluster has', async () => {
    const site = new Site();
    site.cluster.api.absent.delete('Gateway');
    const listeners = [{ name: 'web', protocol: 'HTTP' }, { name: 'secure', protocol: 'HTTPS' }];
    const status = { addresses: [{ type: 'IPAddress', value: '192.0.2.1' }] };
    const metadata = { name: 'shared', namespace: 'infra' };
    site.cluster.api.put({ ...GATEWAY, metadata, spec: { gatewayClassName: 'x', listeners }, status });
    await site.call('setup --yes');
    expect(site.platform).toContain('domain: 192.0.2.1.sslip.io\n');
    expect(site.platform).toContain('gateway: { name: shared, namespace: infra, sectionName: secure, httpSectionName: web }\n');
    expect(site.platform).toContain('tls: {}\n');
  });

  test('is a Gateway of Envoy Gateway, if that is chosen', async () => {
    const site = new Site();
    expect(await site.call('setup --yes --entry envoy-gateway')).toMatchObject({ code: 0 });
    expect(site.platform).toContain('domain: 203.0.113.7.sslip.io\n');
    expect(site.platform).toContain('gateway: { name: public, namespace: gateways, sectionName: http, '
      + 'controller: envoy-gateway, controllerNamespace: envoy-gateway-system }\n');
    expect(site.platform).not.toContain('tls:');
  });

  test('gets a certificate once there is an issuer for it, and keeps it', async () => {
    const site = new Site();
    await site.call('setup --yes --entry envoy-gateway');
    expect(await site.call('setup --yes --issuer self-signed')).toMatchObject({ code: 0 });
    const listeners = () => site.cluster.api.find(GATEWAY, 'public', 'gateways')!.spec.listeners.map(({ name }) => name);
    expect(listeners()).toEqual(['http', 'https']);
    expect(site.platform).toContain('sectionName: https, controller: envoy-gateway');
    expect(site.platform).toContain('httpSectionName: http');
    expect(site.platform).toContain('tls: {}\n');
    const before = site.platform;
    await site.call('setup --yes');
    expect(listeners()).toEqual(['http', 'https']);
    expect(site.platform).toBe(before);
  });

  test.each<[string, string, string]>([
    ['of several must be named', '', 'the cluster has the IngressClasses a, b\n  name one of them as ingress.className in platform.yaml'],
    ['of the file must exist', 'ingress: { className: nginx }\n', 'platform.yaml names IngressClass nginx, which the cluster does not'],
    ['of the file may be a Gateway', 'gateway: { name: main }\n', 'platform.yaml names Gateway main, which the cluster does not have'],
  ])('%s', async (_, file, message) => {
    const site = new Site(new Tools(), file === '' ? {} : { 'platform.yaml': file });
    for (const name of ['a', 'b']) site.putIngressClass(name, 'example.com/c', false);
    expect(await site.call('setup --yes')).toMatchObject({ code: 1, err: expect.stringContaining(message) });
    expect(site.tools.changes()).toEqual([]);
  });
});

describe('the domain', () => {
  test.each<[string, ConstructorParameters<typeof Site>[2], string, string | undefined]>([
    ['has the IP address of the entry', { ip: '203.0.113.7' }, '', '203.0.113.7.sslip.io'],
    ['has an IPv6 address with dashes', { ip: '2001:db8::1' }, '', '2001-db8--1.sslip.io'],
    ['has no label that begins with a dash', { ip: '::1' }, '', '0--1.sslip.io'],
    ['is the one that the command line names', { ip: '203.0.113.7' }, ' --domain apps.example.com', 'apps.example.com'],
    ['is not set if the load balancer has only a name', { hostname: 'a.elb.amazonaws.com' }, '', undefined],
  ])('%s', async (_, loadBalancer, flags, domain) => {
    const site = new Site(new Tools(), {}, loadBalancer);
    const { code, err } = await site.call(`setup --yes${flags}`);
    expect(code).toBe(0);
    expect(/^domain: (.*)$/m.exec(site.platform)?.[1]).toBe(domain);
    const note = domain === undefined
      ? '! there is no domain: the entry is the load balancer a.elb.amazonaws.com, and names of sslip.io need a fixed IP address'
      : flags === '' ? `Apps answer at http://<name>.${domain}\n` : 'Point the DNS record of *.apps.example.com to 203.0.113.7\n';
    expect(err).toContain(note);
  });

  test('is waited for, but not forever', async () => {
    const site = new Site(new Tools(), {}, {});
    const service = { ...SERVICE, metadata: { name: 'traefik', namespace: 'traefik' } };
    const assign = () => site.cluster.api.change(service, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
    site.cluster.clock.after(30, assign);
    await site.call('setup --yes');
    expect(site.platform).toContain('domain: 192.0.2.1.sslip.io\n');
    expect((await new Site(new Tools(), {}, {}).call('setup --yes')).err).toContain(
      '! there is no domain: the entry has no external address yet; run webapp setup --domain sslip.io once it has one');
  });

  test('of a file stays, with a warning if its address is an old one', async () => {
    const site = new Site(new Tools(), { 'platform.yaml': 'domain: 198.51.100.1.sslip.io\n' });
    expect((await site.call('setup --yes')).err).toContain(
      '! the domain is 198.51.100.1.sslip.io, but the address of the entry is 203.0.113.7; --domain sslip.io changes it');
    expect(site.platform).toContain('domain: 198.51.100.1.sslip.io\n');
    await site.call('setup --yes --domain sslip.io');
    expect(site.platform).toContain('domain: 203.0.113.7.sslip.io\n');
  });

  test('is not added to a file that has none', async () => {
    const site = new Site(new Tools(), { 'platform.yaml': 'podSecurity: baseline\n' });
    await site.call('setup --yes');
    expect(site.platform).not.toContain('domain');
  });

  test('must be valid', async () => {
    const site = new Site();
    expect(await site.call('setup --yes --domain https://example.com')).toMatchObject(
      { code: 1, err: expect.stringContaining('--domain is "https://example.com", which has a scheme') });
    expect(site.tools.changes()).toEqual([]);
  });
});

describe('the issuer', () => {
  const put = ({ cluster }: Site, ...names: string[]) => {
    cluster.api.absent.delete('ClusterIssuer');
    for (const name of names) cluster.api.put({ ...CLUSTER_ISSUER, metadata: { name } });
  };

  test("is Let's Encrypt if you have a domain of your own", async () => {
    const site = new Site();
    await site.call('setup --yes --domain apps.example.com --email ops@example.com');
    expect(site.cluster.api.find(CLUSTER_ISSUER, 'letsencrypt')).toMatchObject({
      spec: { acme: { email: 'ops@example.com', solvers: [{ http01: { ingress: { ingressClassName: 'traefik' } } }] } },
    });
    expect(site.platform).toContain('tls: { clusterIssuer: letsencrypt, redirect: true }\n');
  });

  test.each<[string, string, string[], string | undefined]>([
    ['is the only one that the cluster has', '', ['corporate'], 'corporate'],
    ['is not chosen from several', '', ['one', 'two'], undefined],
    ['is the one that the command line names', ' --issuer two', ['one', 'two'], 'two'],
    ['is not created with --issuer none', ' --issuer none', [], undefined],
    ['may be self-signed', ' --issuer self-signed', [], 'self-signed'],
  ])('%s', async (_, flags, names, expected) => {
    const site = new Site();
    put(site, ...names);
    expect(await site.call(`setup --yes --domain apps.example.com${flags}`)).toMatchObject({ code: 0 });
    expect(/^tls: \{ clusterIssuer: ([^,]*), redirect: true \}$/m.exec(site.platform)?.[1]).toBe(expected);
  });

  test('that others created is not changed', async () => {
    const site = new Site();
    put(site, 'letsencrypt');
    const { err } = await site.call('setup --yes --domain apps.example.com --issuer letsencrypt');
    expect(err).toContain('! ClusterIssuer letsencrypt was created by others, and stays as it is\n');
    expect(site.cluster.api.find(CLUSTER_ISSUER, 'letsencrypt')).not.toHaveProperty('spec');
  });

  test.each([
    ['--issuer corporate', 'the cluster has no ClusterIssuer corporate; it has none\n  or choose one to create: letsencrypt, '],
    ['--issuer letsencrypt --entry envoy-gateway', 'letsencrypt cannot issue the certificate of a Gateway'],
  ])('cannot be %s', async (flags, message) => {
    expect((await new Site().call(`setup --yes --domain apps.example.com ${flags}`)).err).toContain(message);
  });
});
