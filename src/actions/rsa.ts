/**
 * The public half of an RSA private key, as a DKIM record carries it. Only reads DER (RFC 8017, RFC 5958): no secret
 * arithmetic, and no cryptography that would have to be imported here.
 */

interface Element {
  readonly tag: number;
  readonly body: Uint8Array;
  readonly end: number;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function elementAt(der: Uint8Array, start: number): Element | undefined {
  const tag = der[start];
  const first = der[start + 1];
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) return undefined;
  let length = first < 0x80 ? first : 0;
  for (const byte of der.subarray(start + 2, start + 2 + lengthBytes)) length = length * 256 + byte;
  const from = start + 2 + lengthBytes;
  const end = from + length;
  return end > der.length ? undefined : { tag, body: der.subarray(from, end), end };
}

function children(sequence: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  for (let element = elementAt(sequence, 0); element !== undefined; element = elementAt(sequence, element.end))
    found.push(element);
  return found;
}

function wrap(tag: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = body.length < 0x80 ? [body.length] : [0x80 | length.length, ...length];
  return Uint8Array.from([tag, ...head, ...body]);
}

/** Modulus and exponent, from PKCS#1 or from the PKCS#8 wrapping of it. */
function publicNumbers(der: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined {
  const outer = elementAt(der, 0);
  if (outer?.tag !== 0x30) return undefined;
  const [, second, third] = children(outer.body);
  if (second?.tag === 0x30 && third?.tag === 0x04) return publicNumbers(third.body);
  return second?.tag === 0x02 && third?.tag === 0x02 ? [second.body, third.body] : undefined;
}

/** rsaEncryption with NULL parameters. */
const algorithm = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/** The base64 SubjectPublicKeyInfo of a PEM private key, or undefined when the text is no RSA private key. */
export function publicKeyOf(pem: string): string | undefined {
  const base64 = pem.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '');
  if (base64 === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  const numbers = publicNumbers(bytesOf(base64));
  if (numbers === undefined) return undefined;
  const key = wrap(0x30, Uint8Array.from([...wrap(0x02, numbers[0]), ...wrap(0x02, numbers[1])]));
  const info = wrap(0x30, Uint8Array.from([...algorithm, ...wrap(0x03, Uint8Array.from([0, ...key]))]));
  return btoa(String.fromCharCode(...info));
}

/** Whether two PEM texts hold the same key, however they are wrapped. */
export function isSameKey(a: string, b: string): boolean {
  const key = publicKeyOf(a);
  return key === undefined ? a.replace(/\s+/g, '') === b.replace(/\s+/g, '') : key === publicKeyOf(b);
}
