/** Findings in the journal: one table for what scans, looks back and people say about differences. */
import { createHash } from 'node:crypto';
import type { ExpressionBuilder, Selectable } from 'kysely';
import { z } from 'zod';
import type { Deps } from '../operations/deps.ts';
import type { FindingsTable, Schema } from '../store/schema.ts';
import type { Finding, FindingState, Side } from './model.ts';

export type FindingRow = Selectable<FindingsTable>;

const sides = z.array(z.object({ master: z.string(), value: z.record(z.string(), z.string()).optional() }));

/** States in which a thing has a row that is still about it. */
export const LIVE = ['open', 'repairing', 'checking', 'accepted'] as const;

/** One difference has one live row: the hash of kind, account and name. */
export function thingKey(kind: string, account: string | null, name: string): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, account, name]))
    .digest('hex');
}

export function findingOf(row: FindingRow): Finding {
  const shown: readonly Side[] = sides.parse(JSON.parse(row.sides)).map((s) => ({ master: s.master, value: s.value }));
  return {
    id: row.id,
    kind: row.kind,
    account: row.account,
    name: row.thing,
    sides: shown,
    sentence: row.sentence,
    // Only drift and the operations core write it. 'checking': its repair is over, and nobody looked yet.
    state: row.state === 'checking' ? 'repairing' : (row.state as FindingState),
    firstSeen: Number(row.found_at),
    lastSeen: Number(row.seen_at),
    endedAt: row.resolved_at === null ? undefined : Number(row.resolved_at),
    origin: row.operation_id ?? undefined,
    expects: row.expects === 'present' || row.expects === 'absent' ? row.expects : undefined,
    repairOperation: row.repair_operation ?? undefined,
    acceptedBy: row.decided_by ?? undefined,
  };
}

export interface FindingFilter {
  readonly state?: FindingState;
  readonly kind?: string;
  readonly account?: string;
  readonly master?: string;
  readonly origin?: 'known' | 'unknown';
  /** Ids older than this one, for paging. */
  readonly before?: string;
  readonly limit?: number;
}

/** Newest first. */
export function listFindings(
  { journal }: Pick<Deps, 'journal'>,
  filter: FindingFilter = {},
): Promise<readonly Finding[]> {
  return journal.read(async (db) => {
    const rows = await db
      .selectFrom('findings')
      .selectAll()
      .where((e) => e.and(conditions(e, filter)))
      .orderBy('id', 'desc')
      .limit(Math.min(filter.limit ?? 100, 1000))
      .execute();
    return rows.map(findingOf);
  });
}

type Where = ExpressionBuilder<Schema, 'findings'>;

function conditions(e: Where, filter: FindingFilter): ReturnType<Where>[] {
  const { state, kind, account, master, origin, before } = filter;
  const states = state === 'repairing' ? ['repairing', 'checking'] : [state ?? ''];
  return [
    ...(state === undefined ? [] : [e('state', 'in', states)]),
    ...equals(e, 'kind', kind),
    ...equals(e, 'account', account),
    ...equals(e, 'master', master),
    ...(origin === undefined ? [] : [e('operation_id', origin === 'known' ? 'is not' : 'is', null)]),
    ...(before === undefined ? [] : [e('id', '<', before)]),
  ];
}

function equals(e: Where, column: 'kind' | 'account' | 'master', value: string | undefined): ReturnType<Where>[] {
  return value === undefined ? [] : [e(column, '=', value)];
}

/** Open findings by kind. */
export async function countFindings({ journal }: Pick<Deps, 'journal'>): Promise<Readonly<Record<string, number>>> {
  const rows = await journal.read((db) =>
    db
      .selectFrom('findings')
      .select((e) => ['kind', e.fn.countAll<number>().as('n')])
      .where('state', 'in', ['open', 'repairing', 'checking'])
      .groupBy('kind')
      .execute(),
  );
  return Object.fromEntries(rows.map((r) => [r.kind, Number(r.n)]));
}

/** What is open or being repaired, by kind, and since when the oldest stands. */
export async function standingFindings({
  journal,
}: Pick<Deps, 'journal'>): Promise<
  readonly { readonly kind: string; readonly count: number; readonly since: number }[]
> {
  const rows = await journal.read((db) =>
    db
      .selectFrom('findings')
      .select((e) => ['kind', e.fn.countAll<number>().as('n'), e.fn.min('found_at').as('since')])
      .where('state', 'in', ['open', 'repairing', 'checking'])
      .groupBy('kind')
      .execute(),
  );
  return rows.map(({ kind, n, since }) => ({ kind, count: Number(n), since: Number(since) }));
}
