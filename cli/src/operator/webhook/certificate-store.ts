/** Keeps the certificate of the webhook in a Secret, which all replicas serve, and tells the API server its authority. */
import { X509Certificate } from 'node:crypto';
import { issueCertificate } from './certificate';
import type { Cluster } from '../../kube/connect';
import { isConflict, isNotFound } from '../../kube/errors';
import type { KubernetesObject, Secret } from '../../kube/types';
import { SECRET } from '../../kube/types';
import type { Manifest } from '../../render/synthesis';
import { LABELS, OPERATOR_NAME, WEBHOOK_SECRET } from '../manifest/names';

/** What the webhook serves. */
export interface ServedCertificate {
  readonly certificate: string;
  readonly key: string;

  /** The authority of it, and before it expires that of the previous one too, which other replicas may still serve. */
  readonly authorities: string;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/ */
interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

const CONFIGURATION = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', name: OPERATOR_NAME };

const DAY = 24 * 60 * 60 * 1000;
const LIFETIME = 365 * DAY;

/** How long before it expires a certificate is replaced: long enough for every replica to notice. */
const RENEWAL = 30 * DAY;

/** Clocks may differ. */
const TOLERANCE = DAY;

/** Annotations by which cert-manager has the certificate, and the configuration, in hand. */
const OF_CERT_MANAGER = { secret: 'cert-manager.io/certificate-name', configuration: 'cert-manager.io/inject-ca-from' };

export class CertificateStore {
  /** @param namespace that of the operator */
  constructor(private readonly cluster: Pick<Cluster, 'objects' | 'clock'>, private readonly namespace: string) {}

  /**
   * The certificate to serve now: the one in the Secret, or a new one where there is none or it expires soon. The API server is told its
   * authority if it does not know it. Called by every replica from time to time.
   *
   * A Secret of cert-manager is served as it is.
   *
   * @throws if the API server is told the authority of cert-manager, and there is no certificate of cert-manager yet
   */
  public async refresh(): Promise<ServedCertificate> {
    const { objects } = this.cluster;
    const configuration = await objects.get<WebhookConfiguration>(CONFIGURATION);
    const isInjected = configuration?.metadata.annotations?.[OF_CERT_MANAGER.configuration] !== undefined;
    const served = await this.read(isInjected);
    // A webhook without its configuration is not called.
    if (configuration && !isInjected) await this.tell(configuration, served.authorities);
    return served;
  }

  private async read(isInjected: boolean): Promise<ServedCertificate> {
    const { objects } = this.cluster;
    for (;;) {
      const secret = await objects.get<Secret>({ ...SECRET, name: WEBHOOK_SECRET, namespace: this.namespace });
      const known = secret && contentOf(secret);
      const isOfCertManager = secret?.metadata.annotations?.[OF_CERT_MANAGER.secret] !== undefined;
      if (known && (isOfCertManager || !isInjected && !this.isStale(known))) return known;
      if (isInjected) throw new Error(`Secret ${WEBHOOK_SECRET} has no certificate of cert-manager yet`);
      const fresh = await this.issue(known);
      try {
        await this.write(fresh, secret?.metadata.resourceVersion);
        return fresh;
      } catch (error) {
        // Another replica was first: its certificate is the one to serve.
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
  }

  private async issue(before: ServedCertificate | undefined): Promise<ServedCertificate> {
    const now = this.cluster.clock.now();
    const service = `${OPERATOR_NAME}.${this.namespace}.svc`;
    const { certificate, key, authority } = issueCertificate({
      names: [service, `${OPERATOR_NAME}.${this.namespace}`, `${service}.cluster.local`],
      from: now - TOLERANCE,
      until: now + LIFETIME,
    });
    const [previous = ''] = before && this.isValid(before.certificate) ? pemsOf(before.authorities) : [];
    return { certificate, key, authorities: authority + previous };
  }

  private async write({ certificate, key, authorities }: ServedCertificate, resourceVersion: string | undefined): Promise<void> {
    const data = { 'tls.crt': encoded(certificate), 'tls.key': encoded(key), 'ca.crt': encoded(authorities) };
    const metadata = { name: WEBHOOK_SECRET, namespace: this.namespace, labels: LABELS, resourceVersion };
    const secret: Manifest = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data };
    await (resourceVersion === undefined ? this.cluster.objects.create(secret) : this.cluster.objects.replace(secret));
  }

  private isStale({ certificate, key, authorities }: ServedCertificate): boolean {
    if (key === '' || authorities === '') return true;
    try {
      return Date.parse(new X509Certificate(certificate).validTo) - this.cluster.clock.now() < RENEWAL;
    } catch {
      return true; // not a certificate
    }
  }

  private isValid(certificate: string): boolean {
    try {
      return Date.parse(new X509Certificate(certificate).validTo) > this.cluster.clock.now();
    } catch {
      return false;
    }
  }

  private async tell({ metadata: { resourceVersion }, webhooks = [] }: WebhookConfiguration, authorities: string): Promise<void> {
    const caBundle = encoded(authorities);
    if (webhooks.every(({ clientConfig }) => clientConfig.caBundle === caBundle)) return;
    const told = webhooks.map(webhook => ({ ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } }));
    try {
      await this.cluster.objects.merge(CONFIGURATION, { metadata: { resourceVersion }, webhooks: told }, OPERATOR_NAME);
    } catch (error) {
      if (!isConflict(error)) throw error; // the next refresh tells it, if the replica that was first did not
    }
  }
}

function contentOf({ data = {} }: Secret): ServedCertificate {
  const decoded = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  return { certificate: decoded('tls.crt'), key: decoded('tls.key'), authorities: decoded('ca.crt') };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function pemsOf(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
}
