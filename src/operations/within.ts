/**
 * How far an asker sees. The question goes into the look itself: what is beyond is never read, so that it costs neither
 * more nor less than what does not exist, and a page of a list is full of what the asker may see.
 */
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Subject } from '../actions/define.ts';
import type { Actor } from '../auth/actor.ts';
import type { Schema } from '../store/schema.ts';
import type { Within } from './model.ts';
import { padded } from './statements.ts';

/** Of operations, those that are within. */
export function rowsWithin(e: ExpressionBuilder<Schema, 'operations'>, within: Within): Expression<SqlBool> {
  // An empty list finds nothing: no account has an empty name.
  const ofAccounts = e('account', 'in', padded(within.accounts.length === 0 ? [''] : within.accounts));
  const { reseller } = within;
  if (reseller === undefined) return ofAccounts;
  const [before = '', after = ''] = JSON.stringify({ kind: 'package', name: `${reseller}_\n` }).split('\\n');
  const pattern = `${before.replaceAll(/[!%_]/g, '!$&')}%${after}`;
  const itself = JSON.stringify({ kind: 'reseller', name: reseller } satisfies Subject);
  return e.or([ofAccounts, sql<SqlBool>`${e.ref('subject')} like ${pattern} escape '!'`, e('subject', '=', itself)]);
}

/** The same question about one subject. */
export function isWithin(within: Within, subject: Subject): boolean {
  if (subject.kind === 'account') return within.accounts.includes(subject.account);
  if (within.reseller === undefined || subject.kind === 'server') return false;
  return subject.kind === 'reseller'
    ? subject.name === within.reseller
    : subject.name.startsWith(`${within.reseller}_`);
}

/** How far an actor sees, given the accounts that it owns; undefined: everything. */
export function withinOf(actor: Actor, owned: readonly string[]): Within | undefined {
  const { scope } = actor;
  if (scope === 'all') return undefined;
  if ('account' in scope) return { accounts: [scope.account] };
  return { accounts: [...new Set([scope.reseller, ...owned])], reseller: scope.reseller };
}
