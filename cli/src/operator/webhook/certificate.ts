/** Makes the certificate of the webhook. Only the API server sees it, which is told its authority. */
import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';

/** A certificate with its key, and the certificate of the authority that issued it, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

export interface CertificateRequest {
  /** The names of the Service: the first is the subject. */
  readonly names: readonly string[];

  /** From when it is valid, and until when, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** What differs between the authority and the certificate that it issues. */
interface Content extends Omit<CertificateRequest, 'names'> {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;

  /** The public key of the issuer. */
  readonly issuerKey: KeyObject;

  /** The names that it is for; none for an authority. */
  readonly names: readonly string[];
}

/**
 * A certificate, and an authority that issues no other: its key is forgotten.
 *
 * Elliptic keys (P-256) take a millisecond, and Go, which API servers are written in, verifies them fast.
 */
export function issueCertificate({ names, from, until }: CertificateRequest): Certificate {
  const [ofAuthority, own] = [newKeys(), newKeys()];
  const [subject] = names;
  const issuer = `${subject} authority`;
  const signingKey = ofAuthority.privateKey;
  const common = { issuer, signingKey, issuerKey: ofAuthority.publicKey, from, until };
  return {
    authority: write({ ...common, subject: issuer, publicKey: ofAuthority.publicKey, names: [] }),
    certificate: write({ ...common, subject, publicKey: own.publicKey, names }),
    key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** ecdsa-with-SHA256: https://www.rfc-editor.org/rfc/rfc5758#section-3.2 */
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function write({ subject, issuer, publicKey, signingKey, issuerKey, names, from, until }: Content): string {
  const named = (text: string) => new x509.Name([new x509.RelativeDistinguishedName([
    new x509.AttributeTypeAndValue({ type: COMMON_NAME, value: new x509.AttributeValue({ utf8String: text }) }),
  ])]);
  const extension = (extnID: string, critical: boolean, value: unknown) => (
    new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) }));
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const isAuthority = names.length === 0;
  const serial = randomBytes(16);
  serial[0] = 1 + serial[0] % 127; // positive, and without leading zeros
  const content = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: bytesOf(serial),
    signature: algorithm,
    issuer: named(issuer),
    validity: new x509.Validity({ notBefore: new Date(from), notAfter: new Date(until) }),
    subject: named(subject),
    subjectPublicKeyInfo: AsnConvert.parse(publicKey.export({ type: 'spki', format: 'der' }), x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions([
      extension(x509.id_ce_basicConstraints, true, new x509.BasicConstraints(isAuthority ? { cA: true, pathLenConstraint: 0 } : {})),
      extension(x509.id_ce_keyUsage, true, new x509.KeyUsage(x509.KeyUsageFlags[isAuthority ? 'keyCertSign' : 'digitalSignature'])),
      extension(x509.id_ce_subjectKeyIdentifier, false, new x509.SubjectKeyIdentifier(identifierOf(publicKey))),
      ...isAuthority ? [] : [
        extension(x509.id_ce_authorityKeyIdentifier, false,
          new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(identifierOf(issuerKey)) })),
        extension(x509.id_ce_extKeyUsage, false, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
        extension(x509.id_ce_subjectAltName, false,
          new x509.SubjectAlternativeName(names.map(dNSName => new x509.GeneralName({ dNSName })))),
      ],
    ]),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(content)), signingKey);
  return pem(AsnConvert.serialize(new x509.Certificate({
    tbsCertificate: content, signatureAlgorithm: algorithm, signatureValue: bytesOf(signature),
  })));
}

/** What tells keys apart; any hash does: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.2 */
function identifierOf(key: KeyObject): ArrayBuffer {
  return bytesOf(createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest().subarray(0, 20));
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

function pem(der: ArrayBuffer): string {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
