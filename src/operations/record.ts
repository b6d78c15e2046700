/** Rows of the journal as the core reads them. */
import type { Kysely, Selectable } from 'kysely';
import type { Action, Key, Place, Subject } from '../actions/define.ts';
import { NotFound } from '../errors.ts';
import type { LegsTable, OperationsTable, Schema } from '../store/schema.ts';
import type { Deps, Wake } from './deps.ts';
import { mayRun, padded, type Standing, standingOf } from './statements.ts';

export type Db = Kysely<Schema>;
export type OperationRow = Selectable<OperationsTable>;
export type LegRow = Selectable<LegsTable>;
/** What of an operation changes while its legs run. */
export type OperationNow = Pick<OperationRow, 'state' | 'lead' | 'lead_epoch' | 'committed' | 'refusal' | 'decided_at'>;

/** The name of an operation's leg on a master. */
export function legIdOf(operation: string, master: string): string {
  return `${operation}.${master}`;
}

/** The operation that a leg is named after. */
export function operationOfLeg(leg: string): string {
  return leg.slice(0, leg.indexOf('.'));
}

/** An operation as the runner needs it: its action found, its parameters opened. */
export interface Opened {
  readonly operation: OperationRow;
  readonly action: Action;
  readonly params: Record<string, unknown>;
  readonly keys: readonly Key[];
}

/** One leg of it. */
export interface Work extends Opened {
  readonly leg: LegRow;
}

/** Keys and subject are stored by accept() as JSON of these very types. */
export function keysOfRow(row: Pick<OperationRow, 'keys'>): readonly Key[] {
  return JSON.parse(row.keys) as readonly Key[];
}

export function subjectOfRow(row: Pick<OperationRow, 'subject'>): Subject {
  return JSON.parse(row.subject) as Subject;
}

export function placeOf(deps: Deps, leg: Pick<LegRow, 'master' | 'first_sent_at'>): Place {
  return { master: deps.masters.get(leg.master), masters: deps.masters, sent: leg.first_sent_at !== null };
}

export async function operationRow(db: Db, id: string): Promise<OperationRow> {
  const row = await db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new NotFound(`there is no operation ${id}`);
  return row;
}

export function legRows(db: Db, operation: string): Promise<LegRow[]> {
  return db.selectFrom('legs').selectAll().where('operation_id', '=', operation).orderBy('master').execute();
}

/** Of these legs, the ones that may run now. */
export async function runnable(deps: Pick<Deps, 'journal'>, db: Db, ids: readonly string[]): Promise<readonly Wake[]> {
  if (ids.length === 0) return [];
  const { rows } = await deps.journal.prepare(standingOf)(db, { legs: padded(ids) });
  return wakesOf(rows);
}

/** The same of legs that were read in this very transaction. */
export function wakesOf(legs: readonly Standing[]): readonly Wake[] {
  return legs.filter(mayRun).map(({ id, master, turn }) => ({ leg: id, master, turn }));
}
