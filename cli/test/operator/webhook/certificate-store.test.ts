import { X509Certificate } from 'node:crypto';
import type { Secret } from '../../../src/kube/types';
import { SECRET } from '../../../src/kube/types';
import { OPERATOR_NAME, WEBHOOK_SECRET } from '../../../src/operator/manifest/names';
import { CertificateStore } from '../../../src/operator/webhook/certificate-store';
import { errorResponse } from '../../kube/in-memory-api';
import { TestCluster } from '../../kube/test-cluster';

const DAY = 24 * 60 * 60 * 1000;
const NAMESPACE = 'webapp-system';
const CONFIGURATION = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' };
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g;

class Site {
  public readonly cluster = new TestCluster();
  public readonly store = new CertificateStore(this.cluster, NAMESPACE);

  constructor(annotations?: { [key: string]: string }) {
    this.cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const webhooks = [{ name: 'validate.cdk8s-webapp.dev', failurePolicy: 'Ignore', clientConfig: { service: { name: OPERATOR_NAME } } }];
    this.cluster.api.put({ ...CONFIGURATION, metadata: { name: OPERATOR_NAME, annotations }, webhooks });
  }

  public async secret(): Promise<{ [key: string]: string }> {
    const { data = {} } = (await this.cluster.objects.get<Secret>({ ...SECRET, name: WEBHOOK_SECRET, namespace: NAMESPACE }))!;
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  }

  /** What the API server trusts. */
  public async bundle(): Promise<string> {
    const { webhooks } = (await this.cluster.objects.get({ ...CONFIGURATION, name: OPERATOR_NAME }))! as any;
    return Buffer.from(webhooks[0].clientConfig.caBundle ?? '', 'base64').toString();
  }

  public writes(): string[] {
    return this.cluster.api.requests.filter(request => !request.startsWith('GET'));
  }
}

describe('the certificate of the webhook', () => {
  test('is for the Service of the operator, and issued by the authority that the API server is told', async () => {
    const site = new Site();
    const { certificate, authorities } = await site.store.refresh();
    const [leaf, authority] = [new X509Certificate(certificate), new X509Certificate(authorities)];
    expect(leaf.checkHost('webapp-operator.webapp-system.svc')).toBe('webapp-operator.webapp-system.svc');
    expect([leaf.ca, authority.ca, leaf.verify(authority.publicKey)]).toEqual([false, true, true]);
    expect(await site.secret()).toMatchObject({ 'tls.crt': certificate, 'ca.crt': authorities });
    expect(await site.bundle()).toBe(authorities);
  });

  test('is the same for all replicas, and is written once', async () => {
    const site = new Site();
    const first = await site.store.refresh();
    const writes = site.writes().length;
    expect(await new CertificateStore(site.cluster, NAMESPACE).refresh()).toEqual(first);
    expect(await site.store.refresh()).toEqual(first);
    expect(site.writes()).toHaveLength(writes);
  });

  test('is that of the replica that was first, if two start at once', async () => {
    const site = new Site();
    const [one, other] = await Promise.all([site.store.refresh(), new CertificateStore(site.cluster, NAMESPACE).refresh()]);
    expect(one).toEqual(other);
  });

  test('is replaced a month before it expires, and until then the API server trusts both', async () => {
    const site = new Site();
    const first = await site.store.refresh();
    await site.cluster.clock.sleep(330 * DAY);
    expect(await site.store.refresh()).toEqual(first);
    await site.cluster.clock.sleep(6 * DAY);
    const next = await site.store.refresh();
    expect(next.certificate).not.toBe(first.certificate);
    expect((await site.bundle()).match(PEM)).toEqual([next.authorities.match(PEM)![0], first.authorities]);
    await site.cluster.clock.sleep(340 * DAY);
    expect((await site.store.refresh()).authorities.match(PEM)).toHaveLength(2);
  });

  test.each<[string, object]>([
    ['is not a certificate', { 'tls.crt': 'eA==', 'tls.key': 'eA==', 'ca.crt': 'eA==' }],
    ['is empty', {}],
  ])('is replaced if it %s', async (_, data) => {
    const site = new Site();
    site.cluster.api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: WEBHOOK_SECRET, namespace: NAMESPACE }, data });
    const { certificate } = await site.store.refresh();
    expect(new X509Certificate(certificate).subject).toBe('CN=webapp-operator.webapp-system.svc');
  });

  test('is left to cert-manager where that has it', async () => {
    const site = new Site({ 'cert-manager.io/inject-ca-from': 'webapp-system/webhook' });
    const metadata = { name: WEBHOOK_SECRET, namespace: NAMESPACE, annotations: { 'cert-manager.io/certificate-name': 'webhook' } };
    site.cluster.api.put({ apiVersion: 'v1', kind: 'Secret', metadata, data: { 'tls.crt': 'YQ==', 'tls.key': 'Yg==', 'ca.crt': 'Yw==' } });
    const writes = site.writes().length;
    expect(await site.store.refresh()).toEqual({ certificate: 'a', key: 'b', authorities: 'c' });
    expect(site.writes()).toHaveLength(writes);
  });

  test('is waited for where cert-manager has not issued it yet, as the API server would not trust another one', async () => {
    const site = new Site({ 'cert-manager.io/inject-ca-from': 'webapp-system/webhook' });
    await expect(site.store.refresh()).rejects.toThrow('Secret webapp-operator-webhook has no certificate of cert-manager yet');
    expect(site.writes()).toEqual([]);
  });

  test('is told again where the configuration was applied anew', async () => {
    const site = new Site();
    const { authorities } = await site.store.refresh();
    site.cluster.api.put({ ...CONFIGURATION, metadata: { name: OPERATOR_NAME }, webhooks: [{ name: 'a', clientConfig: {} }] });
    await site.store.refresh();
    expect(await site.bundle()).toBe(authorities);
  });

  test('fails to be kept if the API server refuses it, for another reason than a conflict', async () => {
    const site = new Site();
    site.cluster.api.intercept = (method, path) => method === 'POST' && path.endsWith('/secrets')
      ? errorResponse(403, 'Forbidden', 'secrets is forbidden') : undefined;
    await expect(site.store.refresh()).rejects.toThrow('secrets is forbidden');
  });
});
