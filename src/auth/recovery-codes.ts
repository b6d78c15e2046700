/** Codes that stand in for the second factor, each once. Only a keyed hash is stored: the table alone is worth nothing. */
import { randomBytes } from 'node:crypto';
import type { AuthDeps, AuthSeal } from './journal.ts';

type Deps = AuthDeps & { readonly seal: AuthSeal };

const codeCount = 10;
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** 'ab3de-fgh4j': almost fifty bits, without look-alikes. */
function newCode(): string {
  const letters = Array.from(randomBytes(64))
    .filter((byte) => byte < 256 - (256 % alphabet.length))
    .map((byte) => alphabet[byte % alphabet.length] ?? '');
  return `${letters.slice(0, 5).join('')}-${letters.slice(5, 10).join('')}`;
}

function hashOf(deps: Deps, person: string, code: string): string {
  return deps.seal.hmac(`recovery code ${person} ${code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`);
}

/** How many a person has left. */
export async function codesLeft(deps: Deps, person: string): Promise<number> {
  const found = await deps.journal.read((db) =>
    db
      .selectFrom('recovery_codes')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('person', '=', person)
      .executeTakeFirst(),
  );
  return Number(found?.n ?? 0);
}

/** Makes ten new ones; the old ones are void. They are in the answer and nowhere else. */
export async function makeCodes(deps: Deps, person: string): Promise<readonly string[]> {
  const codes = Array.from({ length: codeCount }, newCode);
  await deps.journal.write(async (db) => {
    await db.deleteFrom('recovery_codes').where('person', '=', person).execute();
    const rows = codes.map((code) => ({ person, hash: hashOf(deps, person, code) }));
    await db.insertInto('recovery_codes').values(rows).execute();
  });
  return codes;
}

/** Whoever deletes the row has spent the code: two at once cannot. */
export async function spendCode(deps: Deps, person: string, code: string): Promise<boolean> {
  const hash = hashOf(deps, person, code);
  const gone = await deps.journal.write((db) =>
    db.deleteFrom('recovery_codes').where('hash', '=', hash).where('person', '=', person).executeTakeFirst(),
  );
  return gone.numDeletedRows > 0n;
}
