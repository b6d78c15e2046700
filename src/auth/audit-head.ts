/**
 * The trail's end, signed. The chain shows that nothing in it was changed; a head that was kept elsewhere shows that
 * nothing was cut off its end, nor all of it written anew, by somebody who can write to the journal but has no key file.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { Invalid } from '../errors.ts';
import type { AuthDeps, AuthSeal } from './journal.ts';

export interface SignedHead {
  /** Number of the last entry, and its hash. */
  readonly seq: number;
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Ed25519, SPKI, base64: the same as long as the key file is. */
  readonly publicKey: string;
  /** Over 'tandem audit head', seq, hash and at. base64. */
  readonly signature: string;
}

const shape = z.strictObject({
  seq: z.int().min(0),
  hash: z.string(),
  at: z.int(),
  publicKey: z.string(),
  signature: z.string(),
});

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function keyOf(seal: AuthSeal): KeyObject {
  const seed = createHash('sha256').update(seal.hmac('audit head signing key')).digest();
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
}

function textOf(head: Pick<SignedHead, 'seq' | 'hash' | 'at'>): Buffer {
  return Buffer.from(JSON.stringify(['tandem audit head', head.seq, head.hash, head.at]));
}

/** The head of now, to be kept where nobody who can change the journal can change it. */
export async function auditHead(deps: AuthDeps & { readonly seal: AuthSeal }): Promise<SignedHead> {
  const row = await deps.journal.read((db) =>
    db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirstOrThrow(),
  );
  const head = { seq: Number(row.seq), hash: row.hash, at: deps.clock() };
  const key = keyOf(deps.seal);
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
  return { ...head, publicKey, signature: sign(null, textOf(head), key).toString('base64') };
}

/** What is wrong with the trail by a head that was kept; undefined: nothing. Throws Invalid for what is no head. */
export async function auditHeadProblem(
  deps: AuthDeps & { readonly seal: AuthSeal },
  kept: unknown,
): Promise<string | undefined> {
  const parsed = shape.safeParse(kept);
  if (!parsed.success) throw new Invalid('This is no signed head: give what tandem audit head printed.');
  const head = parsed.data;
  const own = createPublicKey(keyOf(deps.seal));
  if (!verify(null, textOf(head), own, Buffer.from(head.signature, 'base64')))
    return 'The head was not signed with this key file.';
  if (head.seq === 0) return undefined;
  const entry = await deps.journal.read((db) =>
    db.selectFrom('audit').select('hash').where('seq', '=', head.seq).executeTakeFirst(),
  );
  if (entry === undefined) return `Entry ${head.seq}, which the head names, is gone.`;
  return entry.hash === head.hash ? undefined : `Entry ${head.seq} is not what it was when the head was signed.`;
}
