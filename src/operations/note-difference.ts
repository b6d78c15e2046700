/** What an operation's own look back, or a person's *adopt*, says about a difference: a finding like any other. */
import type { RawBuilder } from 'kysely';
import { ulid } from 'ulid';
import type { Db } from './record.ts';

interface Noted {
  readonly account: string | null;
  readonly master: string;
  readonly operation: string;
  readonly sentence: string;
}

/** Writes the finding, and asks for a look at the account soon: the comparison knows what exactly differs. */
export async function noteDifference(db: Db, now: RawBuilder<number>, noted: Noted): Promise<void> {
  if (!(await isTold(db, noted))) await insert(db, now, noted);
  await askForLook(db, now, noted);
}

/** The comparison may have been quicker, and have told exactly what this would say in a sentence. */
async function isTold(db: Db, { account, operation }: Noted): Promise<boolean> {
  const told = await db
    .selectFrom('findings')
    .select('id')
    .where('resolved_at', 'is', null)
    .where('kind', '!=', 'operation')
    .where('operation_id', '=', operation)
    .where('account', account === null ? 'is' : '=', account)
    .executeTakeFirst();
  return told !== undefined;
}

async function insert(db: Db, now: RawBuilder<number>, noted: Noted): Promise<void> {
  const { account, master, operation, sentence } = noted;
  const row = { kind: 'operation', account, thing: operation, master, sentence, sides: '[]', state: 'open' };
  await db
    .insertInto('findings')
    .values({
      id: ulid(),
      thing_key: `${operation}.${master}`,
      ...row,
      operation_id: operation,
      expects: null,
      found_at: now,
      seen_at: now,
      resolved_at: null,
      repair_operation: null,
      decided_by: null,
    })
    .execute();
}

async function askForLook(db: Db, now: RawBuilder<number>, { account, operation }: Noted): Promise<void> {
  if (account === null) return;
  const due = await db.selectFrom('drift_due').select('account').where('account', '=', account).executeTakeFirst();
  if (due !== undefined) return;
  await db
    .insertInto('drift_due')
    .values({ account, due_at: now, why: `operation ${operation}` })
    .execute();
}
