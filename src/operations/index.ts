/** The operations core as the doors see it. */
import { messageOf, NotFound } from '../errors.ts';
import { accept, parseRequest } from './accept.ts';
import { carryOut, withdrawUnsent } from './choices.ts';
import type { Deps } from './deps.ts';
import { dryRun } from './dry-run.ts';
import { knownNow } from './known-reach.ts';
import { adoptMaster, resumeMaster } from './master-choices.ts';
import type { Actor, Choice, OperationFilter, Operations, OperationView, Request, Until, Within } from './model.ts';
import type { Db, OperationRow } from './record.ts';
import { legsOf, operationById } from './statements.ts';
import { FINAL_OPERATION } from './states.ts';
import { viewOf } from './view.ts';
import { rowsWithin } from './within.ts';

/** Asked before anything is accepted or chosen; throws NotAllowed. */
export type Permit = (actor: Actor, action: string, params: Record<string, unknown>) => void;
/** Told of what people did; must be durable before it resolves. */
export type Audit = (actor: Actor, what: string, about: string) => Promise<void>;

const PAGE = 50;

/** Builds the core. `permit` is the one question that every door asks. */
export function openOperations(deps: Deps, permit: Permit, audit: Audit): Operations {
  const get = async (id: string, within?: Within) => (await views(deps, (db) => found(deps, db, id, within)))[0];

  async function need(id: string): Promise<OperationView> {
    const view = await get(id);
    if (view === undefined) throw new NotFound(`there is no operation ${id}`);
    return view;
  }

  return {
    get,
    async accept(request) {
      const parsed = parseRequest(request);
      permit(request.actor, parsed.action.id, parsed.params);
      return accept(deps, request, parsed);
    },
    async dryRun(request: Request) {
      const { action, params } = parseRequest(request);
      permit(request.actor, action.id, params);
      return dryRun(deps, action, params);
    },
    list: (filter = {}) => views(deps, (db) => filtered(db, filter)),
    async wait(id, until, ms, signal) {
      await waitFor(deps, id, until, ms, signal);
      return need(id);
    },
    watch: (listener) => deps.changes.watch(listener),
    async choose(id: string, master: string, choice: Choice, actor: Actor) {
      const view = await need(id);
      permit(actor, view.action, { ...view.params });
      await audit(actor, `operation.${choice}`, `${id} ${master}`);
      await carryOut(deps, id, master, choice);
      return need(id);
    },
    async withdraw(id: string, actor: Actor) {
      const view = await need(id);
      permit(actor, view.action, { ...view.params });
      await audit(actor, 'operation.withdraw', id);
      await withdrawUnsent(deps, id);
      return need(id);
    },
    resume: (master, actor) => resumeMaster(deps, audit, master, actor),
    adoptMaster: (master, actor) => adoptMaster(deps, audit, master, actor),
  };
}

async function views(
  deps: Deps,
  find: (db: Db) => Promise<readonly OperationRow[]>,
): Promise<readonly OperationView[]> {
  return deps.journal.read(async (db) => {
    const rows = await find(db);
    const known = rows.length === 0 ? [] : await knownNow(deps);
    const found: OperationView[] = [];
    for (const row of rows)
      found.push(
        await viewOf(
          { db, journal: deps.journal, masters: deps.masters, known },
          row,
          (await deps.journal.prepare(legsOf)(db, { operation: row.id })).rows,
        ),
      );
    return found;
  });
}

async function found(deps: Deps, db: Db, id: string, within?: Within): Promise<readonly OperationRow[]> {
  if (within !== undefined) return filtered(db, { id, within });
  return (await deps.journal.prepare(operationById)(db, { operation: id })).rows;
}

function filtered(db: Db, filter: OperationFilter & { readonly id?: string }): Promise<OperationRow[]> {
  let query = db
    .selectFrom('operations')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(Math.min(filter.limit ?? PAGE, 500));
  if (filter.state === 'open') query = query.where('state', 'in', ['accepted', 'following', 'undecided']);
  else if (filter.state === 'held') {
    query = query.where('id', 'in', db.selectFrom('legs').select('operation_id').where('state', '=', 'held'));
  } else if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  const { within } = filter;
  if (within !== undefined) query = query.where((e) => rowsWithin(e, within));
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.account !== undefined) query = query.where('account', '=', filter.account);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return query.execute();
}

/** Changes wake it; the poll is for changes made by a process that cannot tell us. */
async function waitFor(deps: Deps, id: string, until: Until, ms: number, signal?: AbortSignal): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    const changed = nextChange(deps, id, Math.max(0, Math.min(deps.timing.pollMs, end - Date.now())), signal);
    const row = await deps.journal.read((db) =>
      db.selectFrom('operations').select('state').where('id', '=', id).executeTakeFirst(),
    );
    const over = row === undefined || isOver(row.state, until);
    if (over || Date.now() >= end || signal?.aborted === true) {
      changed.cancel();
      if (!over && until !== 'final') await noteCallerLeft(deps, id);
      return;
    }
    await changed.promise;
  }
}

function isOver(state: string, until: Until): boolean {
  if (FINAL_OPERATION.some((s) => s === state)) return true;
  return until === 'decided' && (state === 'following' || state === 'undecided');
}

/** The first caller goes without the outcome: an equal request within a day gets it instead of doing it again. */
async function noteCallerLeft(deps: Deps, id: string): Promise<void> {
  try {
    await deps.journal.write((db) =>
      db.updateTable('operations').set({ caller_left: 1 }).where('id', '=', id).execute(),
    );
  } catch (error) {
    // The answer that it goes on is still true and worth giving.
    deps.log.warn(
      { operation: id, reason: messageOf(error) },
      'it could not be noted that a caller left without outcome',
    );
  }
}

function nextChange(
  deps: Deps,
  id: string,
  ms: number,
  signal?: AbortSignal,
): { promise: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  const promise = new Promise<void>((resolve) => {
    const stop = deps.changes.watch((changed) => {
      if (changed === id) cancel();
    });
    const timer = setTimeout(() => cancel(), ms);
    cancel = () => {
      clearTimeout(timer);
      stop();
      // A caller may wait through a thousand looks on one signal.
      signal?.removeEventListener('abort', cancel);
      resolve();
    };
    signal?.addEventListener('abort', cancel, { once: true });
  });
  return { promise, cancel: () => cancel() };
}
