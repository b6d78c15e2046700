/** One-time links into the self-service: in for a minute, or an invitation for three days. */
import { createHash, randomBytes } from 'node:crypto';
import type { Customer } from './customers.ts';
import type { AuthDeps } from './journal.ts';

/** Where a one-time link leads. An invitation asks for a password first. */
export type CustomerLink =
  | { readonly kind: 'enter'; readonly customer: Customer }
  | { readonly kind: 'invitation'; readonly collaborator: string };

function hashOf(secret: string): string {
  return createHash('sha256').update(`my:${secret}`).digest('hex');
}

/** Makes a link and answers its secret, which is stored nowhere. */
export async function putLink({ journal, clock }: AuthDeps, link: CustomerLink, ms: number): Promise<string> {
  const secret = randomBytes(24).toString('base64url');
  const row = { hash: hashOf(secret), data: JSON.stringify(link), expires_at: clock() + ms };
  await journal.write(async (db) => {
    await db.deleteFrom('customer_links').where('expires_at', '<=', clock()).execute();
    await db.insertInto('customer_links').values(row).execute();
  });
  return secret;
}

/** Where a link leads, without spending it; undefined: unknown, over, or spent before. */
export async function linkOf({ journal, clock }: AuthDeps, secret: string): Promise<CustomerLink | undefined> {
  const row = await journal.read((db) =>
    db.selectFrom('customer_links').selectAll().where('hash', '=', hashOf(secret)).executeTakeFirst(),
  );
  if (row === undefined || Number(row.expires_at) <= clock()) return undefined;
  // Cast: written by putLink alone.
  return JSON.parse(row.data) as CustomerLink;
}

/** Spends a link. Whoever deletes the row has spent it: two at once cannot. */
export async function spendLink(deps: AuthDeps, secret: string): Promise<CustomerLink | undefined> {
  const link = await linkOf(deps, secret);
  if (link === undefined) return undefined;
  const gone = await deps.journal.write((db) =>
    db.deleteFrom('customer_links').where('hash', '=', hashOf(secret)).executeTakeFirst(),
  );
  return gone.numDeletedRows > 0n ? link : undefined;
}

/** Voids every link that leads to the same place. */
export async function dropLinks({ journal }: AuthDeps, link: CustomerLink): Promise<void> {
  await journal.write((db) => db.deleteFrom('customer_links').where('data', '=', JSON.stringify(link)).execute());
}
