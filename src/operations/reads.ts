/**
 * Reading, for the doors: from the master that has nothing unfinished on what is asked, else from one that has the
 * least; lists are overlaid with what the journal has not finished, and say how old they are.
 */
import { z } from 'zod';
import { type Unchanged, unchanged } from '../store/unchanged.ts';
import type { WhmCall } from '../whm/call.ts';
import { whm } from '../whm/call.ts';
import type { Heard, Outcome } from '../whm/outcome.ts';
import { activeMaster } from './active.ts';
import { accountChips, chipFor } from './chips.ts';
import type { Deps } from './deps.ts';
import { type KnownMaster, knownMasters } from './known-reach.ts';
import type { AccountRow, Actor, Reads } from './model.ts';
import type { Db } from './record.ts';
import { OPEN_LEG } from './states.ts';
import { readStatus } from './status.ts';
import { iso } from './view.ts';

/** A list of accounts is asked for again when it is older, milliseconds. */
const FRESH_MS = 2000;
/** A worker that fell silent is noticed by the clock, not by a change. */
const ORDER_MS = 500;

const Listed = z.object({
  acct: z.array(
    z.object({
      user: z.string(),
      domain: z.string(),
      owner: z.string().default(''),
      plan: z.string().default(''),
      email: z.string().default(''),
      suspended: z.coerce.number().default(0),
      diskused: z.coerce.string().default(''),
    }),
  ),
});

interface Snapshot {
  readonly rows: z.output<typeof Listed>['acct'];
  readonly at: number;
  readonly from: string;
}

export interface ReadsOptions {
  readonly redis: () => 'up' | 'away';
  readonly nodes: number;
}

export interface OpenReads extends Reads {
  /** The reseller that owns an account, from the last list read; for the permission question. */
  ownerOf(account: string): string | undefined;
}

/** Opens reading over the same parts as the operations. */
export function openReads(deps: Deps, options: ReadsOptions): OpenReads {
  const orders = unchanged<readonly string[]>(deps.journal, { mostMs: ORDER_MS });
  let snapshot: Snapshot | undefined;
  let reading: Promise<Snapshot | undefined> | undefined;
  /** Owners as they were last shown, accounts included that no master's list has yet. */
  let owners: ReadonlyMap<string, string> = new Map();

  async function readList(): Promise<Snapshot | undefined> {
    const read = await relay(deps, orders, whm('listaccts'), null);
    if (read.outcome.kind !== 'done') return snapshot;
    const parsed = Listed.safeParse(read.outcome.data);
    if (parsed.success) snapshot = { rows: parsed.data.acct, at: Date.now(), from: read.master };
    else deps.log.warn({ master: read.master, reason: parsed.error.message }, 'the list of accounts could not be read');
    return snapshot;
  }

  async function list(): Promise<Snapshot | undefined> {
    if (snapshot !== undefined && Date.now() - snapshot.at < FRESH_MS) return snapshot;
    reading ??= readList().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    status: () => readStatus(deps, options),
    ownerOf: (account) => snapshot?.rows.find((r) => r.user === account)?.owner ?? owners.get(account),
    async accounts(actor, waitMs) {
      const read = await (waitMs === undefined ? list() : atMost(list(), waitMs, () => snapshot));
      const rows = await deps.journal.read((db) => overlay(deps, db, read?.rows ?? [], read?.at ?? Date.now()));
      owners = new Map(rows.map((row) => [row.user, row.owner]));
      return {
        rows: rows.filter((row) => sees(actor, row)),
        readAt: iso(read?.at ?? 0),
        from: read?.from ?? '',
      };
    },
    call: (call, account, options) => relay(deps, orders, call, account ?? null, options),
    order: (account) => orderOf(deps, orders, account ?? null),
  };
}

/** What `work` brings within `ms`, else what there is; the work goes on and its end is nobody's failure. */
async function atMost<T>(work: Promise<T>, ms: number, otherwise: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise()), ms);
  });
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function sees(actor: Actor, row: AccountRow): boolean {
  if (actor.scope === 'all') return true;
  if ('reseller' in actor.scope) return row.owner === actor.scope.reseller || row.user === actor.scope.reseller;
  return row.user === actor.scope.account;
}

function orderOf(
  deps: Deps,
  orders: Unchanged<readonly string[]>,
  account: string | null,
): readonly string[] | Promise<readonly string[]> {
  return orders.get(account ?? '', () => deps.journal.read((db) => readOrder(deps, db, account)));
}

async function relay(
  deps: Deps,
  orders: Unchanged<readonly string[]>,
  call: WhmCall,
  account: string | null,
  options?: { readonly patient?: boolean; readonly heard?: Heard },
): Promise<{ outcome: Outcome; master: string }> {
  const order = await orderOf(deps, orders, account);
  let last: { outcome: Outcome; master: string } | undefined;
  for (const master of order) {
    const outcome = await deps.clients.get(master)?.call(call, options);
    if (outcome === undefined) continue;
    last = { outcome, master };
    if (outcome.kind === 'done' || outcome.kind === 'refused') return last;
  }
  return last ?? { outcome: { kind: 'not-sent', reason: 'no master can be reached' }, master: order[0] ?? '' };
}

/** Reachable ones first, then those without unfinished legs on the account, then the active one. */
async function readOrder(deps: Deps, db: Db, account: string | null): Promise<readonly string[]> {
  const known = await knownMasters(deps, db);
  const active = (await activeMaster(deps, db, account)).master;
  const behind = account === null ? new Map<string, number>() : await unfinished(db, account);
  const rank = (m: KnownMaster) =>
    (m.state === 'reachable' ? 0 : 100_000) + (behind.get(m.id) ?? 0) * 10 + (m.id === active ? 0 : 1);
  return [...known].sort((a, b) => rank(a) - rank(b)).map((m) => m.id);
}

async function unfinished(db: Db, account: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('legs')
    .innerJoin('operations', 'operations.id', 'legs.operation_id')
    .select((e) => ['legs.master', e.fn.countAll<number>().as('count')])
    .where('operations.account', '=', account)
    .where('legs.state', 'in', [...OPEN_LEG])
    .groupBy('legs.master')
    .execute();
  return new Map(rows.map((r) => [r.master, Number(r.count)]));
}

async function overlay(deps: Deps, db: Db, rows: Snapshot['rows'], at: number): Promise<readonly AccountRow[]> {
  const known = await knownMasters(deps, db);
  const chips = await accountChips(deps, db, known);
  const active = (await activeMaster(deps, db, null)).master;
  const own = new Map((await db.selectFrom('active').selectAll().execute()).map((a) => [a.account, a.master]));
  const listed = rows.map(
    (row): AccountRow => ({
      ...row,
      suspended: row.suspended === 1,
      active: own.get(row.user) ?? active,
      chips: chips.get(row.user) ?? known.map((m) => chipFor(deps.masters.get(m.id), m)),
    }),
  );
  return [...(await beingMade(db, rows, at, chips, active)), ...listed];
}

/** Accounts whose creation was accepted, or ended after the list was read, and that no list shows yet. */
async function beingMade(
  db: Db,
  rows: Snapshot['rows'],
  at: number,
  chips: ReadonlyMap<string, AccountRow['chips']>,
  active: string,
): Promise<readonly AccountRow[]> {
  const listed = new Set(rows.map((r) => r.user));
  const open = await db
    .selectFrom('operations')
    .select(['account', 'params', 'actor_name'])
    .where('action', '=', 'account.create')
    .where((e) =>
      e.or([
        e('state', 'in', ['accepted', 'following', 'undecided']),
        e.and([e('state', '=', 'done'), e('final_at', '>=', at)]),
      ]),
    )
    .orderBy('id', 'desc')
    .execute();
  return open.flatMap((o): AccountRow[] => {
    if (o.account === null || listed.has(o.account)) return [];
    const params = JSON.parse(o.params) as Record<string, unknown>;
    const text = (name: string) => (typeof params[name] === 'string' ? params[name] : '');
    return [
      {
        user: o.account,
        domain: text('domain'),
        owner: text('owner'),
        plan: text('plan') || text('package'),
        email: text('contactEmail') || text('email'),
        suspended: false,
        diskused: '',
        active,
        chips: chips.get(o.account) ?? [],
      },
    ];
  });
}
