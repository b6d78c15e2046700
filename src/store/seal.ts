/**
 * Secrets at rest. The key file's 32 bytes never encrypt anything themselves: HKDF makes one key that seals data keys
 * and one for fingerprints. Each operation has a data key of its own; when that is destroyed, what it sealed is gone.
 *
 * A sealed text is 'v1.' and base64url of: 12 random bytes, the AES-256-GCM ciphertext, the 16 byte tag. What it is
 * (a data key, a text) is authenticated with it, so one cannot be put in the other's place.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { AppError } from '../errors.ts';
import { readKeyFile } from './seal-key-file.ts';

const version = 'v1.';
const ivBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

type Purpose = 'data key' | 'text';

/** Something sealed cannot be opened: damaged, or made with another key. */
export class SealBroken extends AppError {
  readonly code = 'seal.broken';
  readonly retry = 'never';
}

/** A key that cannot be printed or turned to JSON by accident. */
export type DataKey = KeyObject;

export interface Sealer {
  /** A fresh key, and the form of it that the journal may hold. */
  createDataKey(): { readonly key: DataKey; readonly sealed: string };
  /** Throws SealBroken. */
  openDataKey(sealed: string): DataKey;
  sealWith(key: DataKey, text: string): string;
  /** Throws SealBroken. */
  openWith(key: DataKey, sealed: string): string;
  /** Fingerprint of a text that may hold secrets, base64url; comparable only under the same key file. */
  hmac(text: string): string;
}

/** Authenticated with the ciphertext. */
function mark(purpose: Purpose): Buffer {
  return Buffer.from(purpose);
}

function seal(key: KeyObject, purpose: Purpose, plain: Buffer): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(mark(purpose));
  const sealed = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return version + sealed.toString('base64url');
}

function open(key: KeyObject, purpose: Purpose, sealed: string): Buffer {
  if (!sealed.startsWith(version)) throw new SealBroken(`a sealed ${purpose} has an unknown form`);
  const bytes = Buffer.from(sealed.slice(version.length), 'base64url');
  if (bytes.length < ivBytes + tagBytes) throw new SealBroken(`a sealed ${purpose} is cut off`);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(mark(purpose)).setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new SealBroken(`a sealed ${purpose} cannot be opened`, {
      cause,
      hint: 'It is damaged, or the key file is not the one that it was sealed with: restore that key file.',
    });
  }
}

function derive(secret: Buffer, use: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `tandem ${use} v1`, keyBytes)));
}

/** Seals with keys that come from these 32 bytes. Throws RangeError for another length. */
export function sealerOf(secret: Buffer): Sealer {
  if (secret.length !== keyBytes) throw new RangeError(`a key has ${keyBytes} bytes`);
  const wrapping = derive(secret, 'data keys');
  const fingerprints = derive(secret, 'fingerprints');
  return {
    createDataKey() {
      const bytes = randomBytes(keyBytes);
      return { key: createSecretKey(bytes), sealed: seal(wrapping, 'data key', bytes) };
    },
    openDataKey: (sealed) => createSecretKey(open(wrapping, 'data key', sealed)),
    sealWith: (key, text) => seal(key, 'text', Buffer.from(text, 'utf8')),
    openWith: (key, sealed) => open(key, 'text', sealed).toString('utf8'),
    hmac: (text) => createHmac('sha256', fingerprints).update(text, 'utf8').digest('base64url'),
  };
}

/**
 * The sealer of this installation. Makes the key file (0600) at the first start, safe when two processes start at
 * once. Throws KeyFileBad when the file is damaged, or readable by others.
 */
export async function openSealer(keyFile: string): Promise<Sealer> {
  return sealerOf(await readKeyFile(keyFile));
}
