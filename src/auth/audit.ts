import { createHash } from 'node:crypto';
import type { AuditTable } from '../store/auth-tables.ts';
import type { AuthDeps } from './journal.ts';

/** What is told to the trail. Never a secret. */
export interface AuditInput {
  readonly actor: { readonly kind: string; readonly name: string; readonly address?: string };
  /** Stable id: 'sign-in', 'operation.accept', 'token.create'. */
  readonly event: string;
  readonly subject?: string;
  readonly detail?: string;
}

export type AuditEntry = Readonly<AuditTable>;

const limits = { actor: 80, address: 64, event: 64, subject: 255, detail: 4000 } as const;

/** The hash that chains an entry to the one before it; changing any earlier entry breaks every later one. */
export function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { previous, seq, at, actor, kind, address, event, subject, detail } = entry;
  const text = JSON.stringify([previous, seq, at, actor, kind, address, event, subject, detail]);
  return createHash('sha256').update(text).digest('hex');
}

/** Adds one entry. The row of the head is locked first, so two processes never take one number. */
export async function auditAppend(deps: AuthDeps, input: AuditInput): Promise<AuditEntry> {
  return deps.journal.write(async (db) => {
    await db
      .updateTable('audit_head')
      .set((eb) => ({ seq: eb('seq', '+', 1) }))
      .where('id', '=', 1)
      .execute();
    const head = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();
    const entry = chained(input, head.seq, head.hash, deps.clock());
    await db.insertInto('audit').values(entry).execute();
    await db.updateTable('audit_head').set({ hash: entry.hash }).where('id', '=', 1).execute();
    return entry;
  });
}

function chained(input: AuditInput, seq: number, previous: string, at: number): AuditEntry {
  const bare = {
    seq,
    at,
    actor: input.actor.name.slice(0, limits.actor),
    kind: input.actor.kind,
    address: (input.actor.address ?? '').slice(0, limits.address),
    event: input.event.slice(0, limits.event),
    subject: (input.subject ?? '').slice(0, limits.subject),
    detail: (input.detail ?? '').slice(0, limits.detail),
    previous,
  };
  return { ...bare, hash: hashOf(bare) };
}

/** The newest entries, newest first; `before` pages on by number. */
export async function auditList(
  deps: AuthDeps,
  page: { readonly before?: number; readonly limit: number },
): Promise<readonly AuditEntry[]> {
  return deps.journal.read((db) => {
    const newest = db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(page.limit);
    return (page.before === undefined ? newest : newest.where('seq', '<', page.before)).execute();
  });
}

/** The number of the first entry that was changed, removed or put in by hand; undefined while the chain is whole. */
export function brokenAt(entries: readonly AuditEntry[]): number | undefined {
  let previous = '';
  let seq = 0;
  for (const entry of entries) {
    seq += 1;
    if (entry.seq !== seq || entry.previous !== previous || hashOf(entry) !== entry.hash) return seq;
    previous = entry.hash;
  }
  return undefined;
}

/** Reads the whole trail and checks the chain, its end against the head included. */
export async function auditVerify(deps: AuthDeps): Promise<{ readonly entries: number; readonly brokenAt?: number }> {
  return deps.journal.read(async (db) => {
    const entries = await db.selectFrom('audit').selectAll().orderBy('seq').execute();
    const head = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();
    const broken = brokenAt(entries);
    if (broken !== undefined) return { entries: entries.length, brokenAt: broken };
    const whole = head.seq === entries.length && head.hash === (entries.at(-1)?.hash ?? '');
    return whole ? { entries: entries.length } : { entries: entries.length, brokenAt: entries.length + 1 };
  });
}
