/** The one gated operation that moves the active master: by epoch, so that an old order that comes late changes nothing. */
import { sql } from 'kysely';
import type { Actor } from '../auth/actor.ts';
import { whyNot } from '../auth/may.ts';
import { NotAllowed, NotFound, Refused } from '../errors.ts';
import type { Deps } from './deps.ts';
import type { Db } from './record.ts';
import { OPEN_LEG, RUNNABLE_LEG } from './states.ts';

type Audit = (actor: Actor, what: string, about: string) => Promise<void>;
type ActiveDeps = Pick<Deps, 'journal' | 'masters'>;

export interface ActiveMove {
  /** The pair's active master. */
  readonly pair: string;
  /** Accounts that are elsewhere: account → master. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Of the watchers' order. */
  readonly epoch: number;
  /** Takes back a move of this same epoch whose order was not given after all. */
  readonly retreat: boolean;
}

/** What a return to a master must wait for, as the journal knows it. */
export interface Waiting {
  /** Age of the oldest unfinished leg that is not on hold, milliseconds; 0 when there is none. */
  readonly oldestLegMs: number;
  readonly legsInDoubt: number;
  readonly holds: number;
}

export interface ActiveDesk {
  /**
   * From here on new operations are led there. Answers the newest operation's sequence number: what came before it was
   * led by the old one. Throws NotAllowed, NotFound for a master that there is not, Refused for an older epoch.
   */
  move(move: ActiveMove, actor: Actor): Promise<{ readonly seq: number }>;
  /** How many legs of operations up to `seq` are still under way (those on hold left out); of these accounts, or of all. */
  open(seq: number, accounts?: readonly string[]): Promise<number>;
  waiting(master: string, accounts?: readonly string[]): Promise<Waiting>;
}

const pairRow = '*';

function allowed(actor: Actor): void {
  const why = whyNot(actor, { id: 'pair.move', audience: ['staff'] }, { kind: 'server' });
  if (why !== undefined) throw new NotAllowed(why);
}

/** Compare-and-set on the epoch. Throws Refused for an older one. */
async function movePair(db: Db, { pair, epoch, retreat }: ActiveMove): Promise<void> {
  const row = await db.selectFrom('active').selectAll().where('account', '=', pairRow).executeTakeFirst();
  if (row === undefined) {
    await db.insertInto('active').values({ account: pairRow, master: pair, epoch }).execute();
    return;
  }
  // The same order again: which accounts no switch moves may have changed since.
  if (row.epoch === epoch && row.master === pair && !retreat) return;
  const moved = await db
    .updateTable('active')
    .set({ master: pair, epoch })
    .where('account', '=', pairRow)
    .where('epoch', retreat ? '=' : '<', epoch)
    .executeTakeFirst();
  if (moved.numUpdatedRows === 1n) return;
  throw new Refused(`epoch ${epoch} is not newer than ${row.epoch}, by which ${row.master} is active`, {
    hint: 'A newer order was carried out meanwhile. See: tandem failover',
  });
}

/** Rows of one statement: databases bound how many values it may have. */
const perInsert = 500;

async function moveAccounts(db: Db, { accounts, epoch }: ActiveMove): Promise<void> {
  await db.deleteFrom('active').where('account', '<>', pairRow).execute();
  const rows = Object.entries(accounts).map(([account, master]) => ({ account, master, epoch }));
  for (let at = 0; at < rows.length; at += perInsert)
    await db
      .insertInto('active')
      .values(rows.slice(at, at + perInsert))
      .execute();
}

async function newestSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('legs')
    .select((e) => e.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}

async function waiting(deps: ActiveDeps, master: string, accounts: readonly string[]): Promise<Waiting> {
  return deps.journal.read(async (db) => {
    const rows = await db
      .selectFrom('legs')
      .innerJoin('operations', 'operations.id', 'legs.operation_id')
      .select((e) => [
        'legs.state',
        e.fn.countAll<number>().as('n'),
        sql<number>`max(${deps.journal.now()} - operations.accepted_at)`.as('age'),
      ])
      .where('legs.master', '=', master)
      .where('legs.state', 'in', [...OPEN_LEG])
      .$if(accounts.length > 0, (q) => q.where('operations.account', 'in', [...accounts]))
      .groupBy('legs.state')
      .execute();
    const count = (state: string): number => Number(rows.find((row) => row.state === state)?.n ?? 0);
    const ages = rows.filter(({ state }) => state !== 'held').map(({ age }) => Number(age));
    return { oldestLegMs: Math.max(0, ...ages), legsInDoubt: count('doubt'), holds: count('held') };
  });
}

/** Opens the desk. `audit` is told of every move; it must be durable before it resolves. */
export function openActive(deps: ActiveDeps, audit: Audit): ActiveDesk {
  const known = (id: string): void => {
    if (deps.masters.list.some((master) => master.id === id)) return;
    const ids = deps.masters.list.map((master) => master.id).join(', ');
    throw new NotFound(`there is no master ${id.slice(0, 40)}`, { hint: `The masters are: ${ids}.` });
  };
  return {
    async move(move, actor) {
      allowed(actor);
      for (const master of [move.pair, ...Object.values(move.accounts)]) known(master);
      await audit(actor, move.retreat ? 'pair.retreat' : 'pair.move', `${move.pair} epoch ${move.epoch}`);
      return deps.journal.write(async (db) => {
        await movePair(db, move);
        await moveAccounts(db, move);
        return { seq: await newestSeq(db) };
      });
    },
    open: (seq, accounts = []) =>
      deps.journal.read(async (db) => {
        const row = await db
          .selectFrom('legs')
          .innerJoin('operations', 'operations.id', 'legs.operation_id')
          .select((e) => e.fn.countAll<number>().as('n'))
          .where('legs.seq', '<=', seq)
          .where('legs.state', 'in', [...RUNNABLE_LEG])
          .$if(accounts.length > 0, (q) => q.where('operations.account', 'in', [...accounts]))
          .executeTakeFirst();
        return Number(row?.n ?? 0);
      }),
    waiting: (master, accounts = []) => {
      known(master);
      return waiting(deps, master, accounts);
    },
  };
}
