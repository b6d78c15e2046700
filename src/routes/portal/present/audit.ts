import type { AuditEntry } from '../../../auth/audit.ts';
import type { SelectModel } from './accounts.ts';
import type { TimeReader } from './reader.ts';
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
function auditRow(entry: AuditEntry, reader: TimeReader): AuditRow {
  const { seq, actor, address, event, subject, detail } = entry;
  const id = event.startsWith('operation.') ? (subject.split(' ')[0] ?? '') : '';
  return {
    ...{ seq, actor, address, event, subject, detail },
    time: clock(new Date(Number(entry.at)).toISOString(), reader),
    href: id === '' ? '' : `/operations/${encodeURIComponent(id)}`,
  };
}

/** What of the trail is asked for. */
export interface AuditAsked {
  readonly q: string;
  readonly event: string;
  readonly before?: number;
}

export interface AuditModel {
  readonly rows: readonly AuditRow[];
  readonly q: string;
  readonly filtered: boolean;
  readonly selects: readonly SelectModel[];
  /** Address of the next older page, '' on the last. */
  readonly older: string;
}

const events = [
  'operation',
  'sign-in',
  'person',
  'second-factor',
  'passkey',
  'session',
  'token',
  'log-in-as',
  'note',
  'master',
  'audit',
];

/** Entries, newest first; a full page leads on to the older ones. */
export function auditModel(
  entries: readonly AuditEntry[],
  asked: AuditAsked,
  pageSize: number,
  reader: TimeReader,
): AuditModel {
  const last = entries.at(-1);
  const query = new URLSearchParams();
  if (asked.q !== '') query.set('q', asked.q);
  if (asked.event !== '') query.set('event', asked.event);
  if (last !== undefined) query.set('before', String(last.seq));
  const options = ['', ...events].map((value) => ({
    value,
    label: value === '' ? reader.say('audit.any') : value,
    selected: value === asked.event,
  }));
  return {
    rows: entries.map((entry) => auditRow(entry, reader)),
    q: asked.q,
    filtered: asked.q !== '' || asked.event !== '',
    selects: [{ name: 'event', label: reader.say('audit.what'), options }],
    older: entries.length === pageSize ? `/audit?${query.toString()}` : '',
  };
}
