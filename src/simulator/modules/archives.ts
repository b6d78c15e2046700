/** pkgacct in the background, and restores from what it made: work that goes on after the answer. */
import { z } from 'zod';
import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type State, table } from '../state.ts';
import { accounts } from '../tables.ts';
import { ownAccount } from './access.ts';
import { membersOf, putBack, rowsMember } from './archive-rows.ts';

interface Session {
  readonly id: string;
  readonly user: string;
  readonly path: string;
  readonly deletes: boolean;
  /** Milliseconds since 1970: from then on it is over. */
  readonly readyAt: number;
  readonly state: string;
  readonly log: string;
}

const packing = table<Session>('pkgacct-sessions', { silent: true });
const restoring = table<Session>('transfer-sessions', { silent: true });

/** How archives go on this server, for tests. */
export const archiveOrder = z.strictObject({
  packMs: z.number().int().min(0).default(300),
  restoreMs: z.number().int().min(0).default(300),
  /** 'fails': pkgacct ends as FAILED. 'cut': the file is half. 'no-databases': they are not in it. */
  trouble: z.enum(['none', 'fails', 'cut', 'no-databases', 'restore-fails']).default('none'),
});
export type ArchiveOrder = z.output<typeof archiveOrder>;

const orders = table<ArchiveOrder>('archive-orders', { silent: true });

/** Sets it. Must run inside a change. */
export function obeyArchiveOrder(state: State, order: ArchiveOrder): void {
  state.of(orders).set('server', order);
}

function orderOf({ state }: Context): ArchiveOrder {
  return state.of(orders).get('server') ?? archiveOrder.parse({});
}

/** 'bob20261128143000aB3dE5fG7hJ9kL1m': the account, the moment and letters. */
function sessionId(context: Context, user: string): string {
  const moment = new Date(context.host.now()).toISOString().replace(/\D/gu, '').slice(0, 14);
  return `${user}${moment}${context.host.randomText(16)}`;
}

function rootOnly({ caller, fn }: Context): void {
  if (caller.kind !== 'root')
    throw new Refusal(`Permission denied: You do not have the required privileges to run ${fn}`);
}

function start(context: Context): Result {
  rootOnly(context);
  const { host, params, state } = context;
  const account = ownAccount(context, params.require('user'));
  const id = sessionId(context, account.user);
  const folder = params.get('tarroot') ?? '/home';
  const suffix = params.has('compressionsetting') ? '.tar.gz' : '.tar';
  state.of(packing).set(id, {
    id,
    user: account.user,
    path: `${folder}/cpmove-${account.user}${suffix}`,
    deletes: false,
    readyAt: host.now() + orderOf(context).packMs,
    state: host.files?.exists(folder) === true ? 'RUNNING' : 'FAILED',
    log: 'pkgacct started.\n',
  });
  const place = `/var/cpanel/logs/pkgacct/${id}`;
  return ok({
    complete_master_error_log: `${place}/master.error_log`,
    complete_master_log: `${place}/master.log`,
    session_id: id,
  });
}

/** Writes the file when its time has come. */
function packed(context: Context, session: Session): Session {
  const { host, state } = context;
  const { trouble } = orderOf(context);
  const account = state.of(accounts).get(session.user);
  if (trouble === 'fails' || account === undefined || host.files === undefined)
    return { ...session, state: 'FAILED', log: `${session.log}tar: write error: No space left on device\n` };
  host.files.pack(session.path, membersOf(context, account, trouble !== 'no-databases'));
  if (trouble === 'cut') host.files.cut(session.path);
  return { ...session, state: 'COMPLETED', log: `${session.log}pkgacct completed\n` };
}

function packState(context: Context): Result {
  rootOnly(context);
  const rows = context.state.of(packing);
  const session = rows.get(context.params.require('session_id'));
  if (session === undefined) throw new Refusal('The pkgacct session does not exist.');
  if (session.state !== 'RUNNING' || context.host.now() < session.readyAt) return ok({ state: session.state });
  const ended = packed(context, session);
  rows.set(ended.id, ended);
  return ok({ state: ended.state });
}

function packLog(context: Context): Result {
  rootOnly(context);
  const session = context.state.of(packing).get(context.params.require('session_id'));
  if (session === undefined) throw new Refusal('The pkgacct session does not exist.');
  return ok({ log: session.log });
}

function startRestore(context: Context): Result {
  rootOnly(context);
  const { host, params, state } = context;
  const path = params.require('cpmovepath');
  if (host.files?.exists(path) !== true) throw new Refusal(`Unable to find archive at ${path}`);
  const user = params.get('username') ?? /cpmove-([a-z0-9_]+)\.tar/u.exec(path)?.[1] ?? '';
  const id = sessionId(context, 'restore');
  const isTaken = state.of(accounts).has(user);
  state.of(restoring).set(id, {
    id,
    user,
    path,
    deletes: params.flag('delete_archive', false),
    readyAt: host.now() + orderOf(context).restoreMs,
    state: isTaken && !params.flag('overwrite', false) ? 'FAILED' : 'RESTORE_INPROGRESS',
    log: '',
  });
  return ok({ transfer_session_id: id });
}

function restored(context: Context, session: Session): Session {
  const { host } = context;
  const text = host.files?.member(session.path, `cpmove-${session.user}/${rowsMember}`);
  const fails = text === undefined || orderOf(context).trouble === 'restore-fails';
  if (!fails) putBack(context, text);
  if (session.deletes) host.files?.remove(session.path);
  return { ...session, state: fails ? 'FAILED' : 'COMPLETED' };
}

function restoreState(context: Context): Result {
  rootOnly(context);
  const rows = context.state.of(restoring);
  const session = rows.get(context.params.require('transfer_session_id'));
  if (session === undefined) throw new Refusal('The transfer session does not exist.');
  if (session.state !== 'RESTORE_INPROGRESS' || context.host.now() < session.readyAt)
    return ok({ state_name: session.state });
  const ended = restored(context, session);
  rows.set(ended.id, ended);
  return ok({ state_name: ended.state });
}

export const archives: Module = {
  whm: {
    start_background_pkgacct: start,
    get_pkgacct_session_state: packState,
    fetch_pkgacct_master_log: packLog,
    start_local_cpmove_restore: startRestore,
    get_transfer_session_state: restoreState,
  },
};
