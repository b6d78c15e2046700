/**
 * Tandem's mark on a master: the id of the journal that works there. Two journals that change the same master know
 * nothing of each other's order, so a worker refuses a master that carries another journal's id. The mark lies in a
 * store of its own among the values that WHM keeps for the user whose token Tandem has.
 */
import { ulid } from 'ulid';
import type { Journal } from '../store/database.ts';
import { whmJson } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';
import { field, isFields } from '../whm/shapes.ts';
import type { Client } from './deps.ts';

const STORE = 'tandem';
const NAME = 'tandem_journal';
const DEADLINE_MS = 10_000;
/** A master's word is data: what is shown of a foreign id is short and plain. */
const PLAIN = /[^\w.:-]/g;
const LONGEST = 64;

export type MarkFound =
  | { readonly kind: 'ours' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'foreign'; readonly journal: string }
  /** The server keeps no marks, or not for this token. */
  | { readonly kind: 'cannot'; readonly reason: string }
  /** Nothing is known: ask again. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** The journal's own id, made when first asked for: two journals must never be taken for each other. */
export async function journalId(journal: Journal): Promise<string> {
  const find = () =>
    journal.read((db) => db.selectFrom('meta').select('value').where('name', '=', 'journal').executeTakeFirst());
  const known = await find();
  if (known !== undefined) return known.value;
  try {
    await journal.write((db) => db.insertInto('meta').values({ name: 'journal', value: ulid() }).execute());
  } catch (error) {
    // Another process was first; its id counts.
    if ((await find()) === undefined) throw error;
  }
  return journalId(journal);
}

/** What the answer to a look at the mark tells. */
export function judgeMark(outcome: Outcome, ours: string): MarkFound {
  switch (outcome.kind) {
    case 'done': {
      const kept = field(outcome.data, 'personalization');
      if (!isFields(kept)) return { kind: 'cannot', reason: 'its answer holds no personalization' };
      const value = field(kept[NAME], 'value');
      if (typeof value !== 'string' || value.trim() === '') return { kind: 'absent' };
      if (value.trim() === ours) return { kind: 'ours' };
      return { kind: 'foreign', journal: value.trim().replace(PLAIN, '?').slice(0, LONGEST) };
    }
    case 'refused':
    case 'denied':
      return { kind: 'cannot', reason: outcome.reason };
    case 'busy':
    case 'not-sent':
    case 'in-doubt':
      return { kind: 'unknown', reason: outcome.reason };
  }
}

/** Looks at the mark. Changes nothing. */
export async function readMark(client: Client, ours: string): Promise<MarkFound> {
  const call = whmJson('personalization_get', { store: STORE, names: [NAME] });
  return judgeMark(await client.call(call, { deadlineMs: DEADLINE_MS }), ours);
}

/** Writes our mark over whatever is there and reads it back: the answer is what then stands there. */
export async function writeMark(client: Client, ours: string): Promise<MarkFound> {
  const call = whmJson('personalization_set', { store: STORE, personalization: { [NAME]: ours } });
  const outcome = await client.call(call, { deadlineMs: DEADLINE_MS });
  if (outcome.kind !== 'done') return judgeMark(outcome, ours);
  const after = await readMark(client, ours);
  return after.kind === 'absent' ? { kind: 'cannot', reason: 'it did not keep what was written' } : after;
}

/** Looks at the mark and writes ours where there is none. */
export async function claimMark(client: Client, ours: string): Promise<MarkFound> {
  const found = await readMark(client, ours);
  return found.kind === 'absent' ? writeMark(client, ours) : found;
}

/** The alarm about a master that carries another journal's mark. */
export function foreignSentence(journal: string): string {
  return `this master belongs to another Tandem journal (${journal})`;
}
