/** Rows of the journal as the core reads them. */
import type { Kysely, Selectable } from 'kysely';
import type { Action, Key, Place, Subject } from '../actions/define.ts';
import { actionOf } from '../actions/index.ts';
import { NotFound } from '../errors.ts';
import type { LegsTable, OperationsTable, Schema } from '../store/schema.ts';
import type { Sealer } from '../store/seal.ts';
import type { Deps, Wake } from './deps.ts';
import { mayRun, padded, type Standing, standingOf } from './statements.ts';

export type Db = Kysely<Schema>;
export type OperationRow = Selectable<OperationsTable>;
export type LegRow = Selectable<LegsTable>;

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

/** The true parameters of an operation. Throws when its data key is gone (it is final and verified). */
export function paramsOf(
  seal: Sealer,
  row: Pick<OperationRow, 'id' | 'params' | 'sealed' | 'data_key'>,
): Record<string, unknown> {
  if (row.sealed === null) return parseObject(row.params);
  if (row.data_key === null)
    throw new NotFound(`the secrets of operation ${row.id} were destroyed when it was verified`);
  return parseObject(seal.openWith(seal.openDataKey(row.data_key), row.sealed));
}

function parseObject(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  // Written by accept() from a parsed z.object, so it is an object.
  return value as Record<string, unknown>;
}

/** Keys and subject are stored by accept() as JSON of these very types. */
export function keysOfRow(row: Pick<OperationRow, 'keys'>): readonly Key[] {
  return JSON.parse(row.keys) as readonly Key[];
}

export function subjectOfRow(row: Pick<OperationRow, 'subject'>): Subject {
  return JSON.parse(row.subject) as Subject;
}

/** Opens an operation for delivery or comparison. */
export function openOperation(deps: Deps, operation: OperationRow): Opened {
  const action = actionOf(operation.action);
  if (action === undefined) throw new NotFound(`operation ${operation.id} is of an unknown kind, ${operation.action}`);
  // Parsed again: the journal may hold operations of an older release.
  const params = action.params.parse(paramsOf(deps.seal, operation)) as Record<string, unknown>;
  return { operation, action, params, keys: keysOfRow(operation) };
}

export function workOf(deps: Deps, operation: OperationRow, leg: LegRow): Work {
  return { ...openOperation(deps, operation), leg };
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
