import type { AuditEntry } from '../../../auth/audit.ts';
import { clock, type TimeModel } from './time.ts';

export interface AuditRow {
  readonly seq: number;
  readonly time: TimeModel;
  readonly actor: string;
  readonly address: string;
  readonly event: string;
  readonly subject: string;
  /** The operation's page when the entry is about one. */
  readonly href: string;
  readonly detail: string;
}

/** One entry of the audit trail. What is about an operation has its id as the subject's first word. */
function auditRow(entry: AuditEntry, now: number): AuditRow {
  const { seq, actor, address, event, subject, detail } = entry;
  const id = event.startsWith('operation.') ? (subject.split(' ')[0] ?? '') : '';
  return {
    ...{ seq, actor, address, event, subject, detail },
    time: clock(new Date(Number(entry.at)).toISOString(), now),
    href: id === '' ? '' : `/operations/${encodeURIComponent(id)}`,
  };
}

export interface AuditModel {
  readonly rows: readonly AuditRow[];
  /** Address of the next older page, '' on the last. */
  readonly older: string;
}

/** Entries, newest first; a full page leads on to the older ones. */
export function auditModel(entries: readonly AuditEntry[], pageSize: number, now: number): AuditModel {
  const last = entries.at(-1);
  return {
    rows: entries.map((entry) => auditRow(entry, now)),
    older: last !== undefined && entries.length === pageSize ? `/audit?before=${last.seq}` : '',
  };
}
