import { type RawBuilder, sql } from 'kysely';
import type { AuditEntry } from './audit.ts';
import type { AuthDeps } from './journal.ts';

export interface AuditFilter {
  /** Part of who, what or on what; '' for all. */
  readonly q?: string;
  /** 'operation', 'sign-in', 'person': the event's first word; '' for all. */
  readonly event?: string;
  readonly before?: number;
  readonly limit: number;
}

const searched = ['actor', 'subject', 'detail', 'address'] as const;

/** Whatever stands in `q` is text: nothing in it is a pattern. */
function holds(column: (typeof searched)[number], q: string): RawBuilder<boolean> {
  return sql<boolean>`instr(lower(${sql.ref(column)}), ${q.toLowerCase()}) > 0`;
}

/** The newest entries that a filter leaves, newest first; `before` pages on by number. */
export async function auditFind(deps: AuthDeps, filter: AuditFilter): Promise<readonly AuditEntry[]> {
  const { q = '', event = '', before, limit } = filter;
  return deps.journal.read((db) => {
    let query = db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit);
    if (before !== undefined) query = query.where('seq', '<', before);
    if (event !== '') query = query.where((e) => e.or([e('event', '=', event), e('event', 'like', `${event}.%`)]));
    if (q !== '') query = query.where((e) => e.or(searched.map((name) => holds(name, q))));
    return query.execute();
  });
}

const pageSize = 1000;

/** The whole trail, oldest first, a page at a time. */
export async function* auditPages(deps: AuthDeps): AsyncGenerator<readonly AuditEntry[]> {
  let after = 0;
  for (;;) {
    const from = after;
    const page = await deps.journal.read((db) =>
      db.selectFrom('audit').selectAll().where('seq', '>', from).orderBy('seq').limit(pageSize).execute(),
    );
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = Number(page.at(-1)?.seq ?? after);
  }
}
