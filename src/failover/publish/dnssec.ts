import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { RrsigData } from 'dns-packet';

/** Whether a resolver that checks would believe an answer: RFC 4034, 4035, 5702, 6605, 8080. Pure, no network. */

/** A record set and what signs it. */
export interface SignedSet {
  /** Absolute or not, any case. */
  readonly owner: string;
  /** Its number: 1 is A. */
  readonly type: number;
  /** As it goes over the wire; none of the types that are checked holds a name. */
  readonly rdata: readonly Buffer[];
  readonly signatures: readonly RrsigData[];
}

/** A DS record: which key the zone above vouches for. */
export interface Ds {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Buffer;
}

/** A name as a checking resolver writes it: small letters, lengths before the labels. */
export function wireName(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .split('.')
    .filter((label) => label !== '');
  const parts = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/** RFC 4034, appendix B. */
export function keyTagOf(rdata: Buffer): number {
  let sum = 0;
  for (const [at, byte] of rdata.entries()) sum += at % 2 === 0 ? byte << 8 : byte;
  return (sum + (sum >>> 16)) & 0xffff;
}

const digests: Readonly<Record<number, string>> = { 1: 'sha1', 2: 'sha256', 4: 'sha384' };

/** Whether a DS record of the zone above names this key. */
export function isNamedBy(zone: string, key: Buffer, ds: Ds): boolean {
  const digest = digests[ds.digestType];
  if (digest === undefined || ds.keyTag !== keyTagOf(key) || ds.algorithm !== key[3]) return false;
  return createHash(digest).update(wireName(zone)).update(key).digest().equals(ds.digest);
}

const hashes: Readonly<Record<number, string>> = {
  5: 'sha1',
  7: 'sha1',
  8: 'sha256',
  10: 'sha512',
  13: 'sha256',
  14: 'sha384',
};
const curves: Readonly<Record<number, string | undefined>> = { 13: 'P-256', 14: 'P-384', 15: 'Ed25519', 16: 'Ed448' };

function isKnownAlgorithm(algorithm: number): boolean {
  return hashes[algorithm] !== undefined || curves[algorithm] !== undefined;
}

/** Whether checking resolvers take a zone with these DS records as unsigned: they know none of them (RFC 4035, 5.2). */
export function isUncheckable(ds: readonly Ds[]): boolean {
  return !ds.some(({ digestType, algorithm }) => digests[digestType] !== undefined && isKnownAlgorithm(algorithm));
}

/** Whether all of these keys ('DNSKEY' as it goes over the wire) are of algorithms that checking resolvers do not know. */
export function areUnknown(keys: readonly Buffer[]): boolean {
  return keys.every((key) => !isKnownAlgorithm(key[3] ?? 0));
}

/** The public key of a DNSKEY record; undefined for an algorithm that is not known here. Throws for a broken key. */
function publicKey(rdata: Buffer): KeyObject | undefined {
  const algorithm = rdata[3] ?? 0;
  const key = rdata.subarray(4);
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  const half = key.length / 2;
  const crv = curves[algorithm];
  if (crv !== undefined && algorithm < 15)
    return createPublicKey({
      format: 'jwk',
      key: { kty: 'EC', crv, x: text(key.subarray(0, half)), y: text(key.subarray(half)) },
    });
  if (crv !== undefined) return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv, x: text(key) } });
  if (hashes[algorithm] === undefined) return undefined;
  const [at, length] = key[0] === 0 ? [3, key.readUInt16BE(1)] : [1, key[0] ?? 0];
  const [e, n] = [text(key.subarray(at, at + length)), text(key.subarray(at + length))];
  return createPublicKey({ format: 'jwk', key: { kty: 'RSA', e, n } });
}

/** What a signature is made over: its own fields, then the records in their one order. */
function signedBytes(set: SignedSet, signature: RrsigData): Buffer {
  const labels = set.owner.split('.').filter((label) => label !== '');
  // Fewer labels: the answer was made from a wildcard.
  const cut = labels.length - signature.labels;
  const owner = cut > 0 ? `*.${labels.slice(cut).join('.')}` : set.owner;
  const head = Buffer.alloc(18);
  head.writeUInt16BE(set.type, 0);
  head.writeUInt8(signature.algorithm, 2);
  head.writeUInt8(signature.labels, 3);
  head.writeUInt32BE(signature.originalTTL, 4);
  head.writeUInt32BE(signature.expiration, 8);
  head.writeUInt32BE(signature.inception, 12);
  head.writeUInt16BE(signature.keyTag, 16);
  const name = wireName(owner);
  const records = [...set.rdata].sort(Buffer.compare).map((rdata) => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(set.type, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(signature.originalTTL, 4);
    fixed.writeUInt16BE(rdata.length, 8);
    return Buffer.concat([name, fixed, rdata]);
  });
  return Buffer.concat([head, wireName(signature.signersName), ...records]);
}

function holds(set: SignedSet, signature: RrsigData, key: Buffer): boolean {
  try {
    const known = publicKey(key);
    if (known === undefined) return false;
    const hash = hashes[signature.algorithm];
    const options = { key: known, dsaEncoding: 'ieee-p1363' } as const;
    return verify(hash ?? null, signedBytes(set, signature), options, signature.signature);
  } catch {
    // A key or signature that cannot be read proves nothing.
    return false;
  }
}

function isZoneKey(key: Buffer): boolean {
  return (key.readUInt16BE(0) & 0x0100) !== 0 && key[2] === 3;
}

function fits(key: Buffer, signature: RrsigData): boolean {
  return isZoneKey(key) && key[3] === signature.algorithm && keyTagOf(key) === signature.keyTag;
}

/** Why no signature of a set can be believed with these keys; undefined when one can. `now`: milliseconds since 1970. */
function whyNot(set: SignedSet, keys: readonly Buffer[], zone: string, now: number): string | undefined {
  if (set.rdata.length === 0) return 'there is no answer to check';
  if (set.signatures.length === 0) return 'it is answered without a signature';
  const own = set.signatures.filter(({ signersName }) => wireName(signersName).equals(wireName(zone)));
  const pairs = own.flatMap((one) => keys.filter((key) => fits(key, one)).map((key) => [one, key] as const));
  if (pairs.length === 0) return 'it is signed with a key that the zone does not show';
  const seconds = Math.floor(now / 1000);
  const timely = pairs.filter(([one]) => one.inception <= seconds && seconds <= one.expiration);
  if (timely.length === 0) return 'its signature is not valid at this time';
  return timely.some(([one, key]) => holds(set, one, key)) ? undefined : 'its signature is wrong';
}

/**
 * Why a checking resolver refuses an answer of this zone; undefined when it accepts it. `ds`: what the zone above shows;
 * undefined where that is not known, and then the zone's own keys are trusted.
 */
export function whyBogus(
  zone: string,
  keys: SignedSet,
  answer: SignedSet,
  ds: readonly Ds[] | undefined,
  now: number,
): string | undefined {
  const zoneKeys = keys.rdata.filter((key) => key.length > 4 && isZoneKey(key));
  if (zoneKeys.length === 0) return 'it shows no keys';
  if (ds === undefined ? areUnknown(zoneKeys) : isUncheckable(ds)) return undefined;
  const trusted = ds === undefined ? zoneKeys : zoneKeys.filter((key) => ds.some((one) => isNamedBy(zone, key, one)));
  if (trusted.length === 0) return 'none of its keys is the one that the DS record names';
  const why = whyNot(keys, trusted, zone, now);
  if (why !== undefined) return `of its keys: ${why}`;
  return whyNot(answer, zoneKeys, zone, now);
}
