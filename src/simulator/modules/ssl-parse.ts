/** What is read out of a certificate or a key. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Refusal } from '../params.ts';

export interface KeyFacts {
  /** 'bbe7e_16e2d_…': equal for a key and its certificates' keys. */
  readonly id: string;
  readonly algorithm: 'rsaEncryption' | 'id-ecPublicKey';
  /** Hex, RSA only. */
  readonly modulus: string | null;
  readonly modulusLength: number | null;
  readonly curve: string | null;
  readonly ecPublic: string | null;
}

export interface CertificateFacts {
  readonly id: string;
  readonly key: KeyFacts;
  readonly domains: readonly string[];
  /** Field of the subject or the issuer → value, by their short names: CN, O. */
  readonly subject: ReadonlyMap<string, string>;
  readonly issuer: ReadonlyMap<string, string>;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly serial: string;
  readonly selfSigned: boolean;
  readonly signature: string;
}

function md5(bytes: Uint8Array | string): string {
  return createHash('md5').update(bytes).digest('hex');
}

function hexOf(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64url').toString('hex');
}

function publicFacts(key: KeyObject): KeyFacts {
  const jwk = key.export({ format: 'jwk' });
  const isRsa = key.asymmetricKeyType === 'rsa';
  if (!isRsa && key.asymmetricKeyType !== 'ec') throw new Refusal('The key is neither an RSA nor an ECDSA key.');
  const number = isRsa ? hexOf(jwk.n) : `04${hexOf(jwk.x)}${hexOf(jwk.y)}`;
  return {
    id: `${number.slice(0, 5)}_${number.slice(-5)}_${md5(number)}`,
    algorithm: isRsa ? 'rsaEncryption' : 'id-ecPublicKey',
    modulus: isRsa ? number : null,
    modulusLength: isRsa ? (key.asymmetricKeyDetails?.modulusLength ?? null) : null,
    curve: isRsa ? null : (key.asymmetricKeyDetails?.namedCurve ?? null),
    ecPublic: isRsa ? null : number,
  };
}

function parsed<T>(read: () => T, reason: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(reason);
  }
}

/** A private key's facts. Throws Refusal when the text is none. */
export function readKey(pem: string): KeyFacts {
  const key = parsed(() => createPublicKey(createPrivateKey(pem)), 'The text is not a valid private key.');
  return publicFacts(key);
}

function names(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

/** Algorithms by their object identifiers, as they stand in the certificate. */
const SIGNATURES: readonly (readonly [oid: string, name: string])[] = [
  ['2a864886f70d01010b', 'sha256WithRSAEncryption'],
  ['2a864886f70d01010c', 'sha384WithRSAEncryption'],
  ['2a8648ce3d040302', 'ecdsa-with-SHA256'],
  ['2a8648ce3d040303', 'ecdsa-with-SHA384'],
];

function domainsOf(x: X509Certificate, subject: ReadonlyMap<string, string>): readonly string[] {
  const alternatives = (x.subjectAltName ?? '')
    .split(', ')
    .flatMap((part) => (part.startsWith('DNS:') ? [part.slice(4).toLowerCase()] : []));
  const common = subject.get('CN');
  return [...new Set([...(common === undefined ? [] : [common.toLowerCase()]), ...alternatives])];
}

function seconds(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}

/** A certificate's facts. Throws Refusal when the text is none. */
export function readCertificate(pem: string): CertificateFacts {
  const x = parsed(() => new X509Certificate(pem), 'The text is not a valid certificate.');
  const [subject, issuer] = [names(x.subject), names(x.issuer)];
  const key = parsed(() => publicFacts(x.publicKey), 'The key of the certificate cannot be read.');
  const domains = domainsOf(x, subject);
  const notAfter = seconds(x.validTo);
  const raw = x.raw.toString('hex');
  const place = (domains[0] ?? 'none').replace(/[^a-z0-9]/gu, '_');
  return {
    id: `${place}_${key.id.split('_').slice(0, 2).join('_')}_${notAfter}_${md5(x.raw)}`,
    key,
    domains,
    subject,
    issuer,
    notBefore: seconds(x.validFrom),
    notAfter,
    serial: x.serialNumber.toLowerCase(),
    selfSigned: x.checkIssued(x) && x.verify(x.publicKey),
    signature: SIGNATURES.find(([oid]) => raw.includes(oid))?.[1] ?? '',
  };
}

/** Whether a name of the certificate, perhaps with a star, stands for a domain. */
export function covers(facts: CertificateFacts, domain: string): boolean {
  const wild = `*.${domain.slice(domain.indexOf('.') + 1)}`;
  return facts.domains.some((name) => name === domain || name === wild);
}
