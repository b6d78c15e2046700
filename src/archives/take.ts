/**
 * An archive of an account, a step at a time: lists what must be in it → WHM packs it → it is fetched and verified.
 *
 *   starting ──► packing ──► fetching ──► verified ──► expired
 *      └────────────┴────────────┴──────► failed
 *
 * A leg that removes the account waits for one that was made of the account's active master, or of the very master it
 * works on: so nothing is removed anywhere whose data nobody has.
 */
import { ulid } from 'ulid';
import { messageOf } from '../errors.ts';
import type { JobAt, JobStep } from '../operations/deps.ts';
import { whm } from '../whm/call.ts';
import type { Answer, Outcome } from '../whm/outcome.ts';
import type { ArchiveDeps } from './deps.ts';
import { fetchArchive, tidy } from './fetch.ts';
import { folderName } from './master-files.ts';
import { type ArchiveRow, addArchive, archivesOf, moveArchive } from './rows.ts';
import type { Transfers } from './transfers.ts';
import { listedIn, lists, lookAtKeys, type Wanted, wantedOf } from './wanted.ts';

const OVER: JobStep = { kind: 'over' };

export function goesOn(sentence: string, waitMs = 1000): JobStep {
  return { kind: 'goes-on', waitMs, sentence };
}

/** What is told to a leg when the way to its master or its answers fail: it comes back. */
export function unclear(outcome: Exclude<Outcome, { kind: 'done' }>, what: string): JobStep {
  return goesOn(`${what}: ${outcome.reason}`, 2000);
}

/** One step towards an archive of `account` that the leg may rely on. */
export async function takeStep(deps: ArchiveDeps, transfers: Transfers, account: string, at: JobAt): Promise<JobStep> {
  const rows = await archivesOf(deps, at.operation);
  if (rows.some((row) => row.state === 'verified' && (row.of_active === 1 || row.master === at.master))) return OVER;
  const row = rows.find((one) => one.leg_id === at.leg && one.told === 0);
  if (row === undefined) return begin(deps, account, at);
  switch (row.state) {
    case 'failed':
      return tellFailure(deps, row);
    case 'starting':
      return (await tooLong(deps, row)) ?? start(deps, row, at);
    case 'packing':
      return (await tooLong(deps, row)) ?? follow(deps, transfers, row, at);
    default:
      return (await tooLong(deps, row)) ?? fetching(deps, transfers, row, at);
  }
}

/** Told once; who asks again wants a new one. */
async function tellFailure(deps: ArchiveDeps, row: ArchiveRow): Promise<JobStep> {
  await moveArchive(deps, row, { told: 1 });
  return failed(`no archive of ${row.account} could be made, so nothing was removed: ${row.error ?? 'no reason'}`);
}

function failed(reason: string): JobStep {
  return { kind: 'failed', reason, hint: 'Remove the reason, then ask again; or terminate it without an archive.' };
}

async function tooLong(deps: ArchiveDeps, row: ArchiveRow): Promise<JobStep | undefined> {
  if (deps.now() - Number(row.begun_at) < deps.limits.giveUpMs) return undefined;
  return fail(deps, row, 'it took too long');
}

async function answers(at: JobAt, calls: ReturnType<typeof lists>): Promise<readonly Answer[] | JobStep> {
  const read: Answer[] = [];
  for (const call of calls) {
    const outcome = await at.call(call);
    if (outcome.kind === 'done') read.push({ ok: true, data: outcome.data });
    else if (outcome.kind === 'refused') read.push({ ok: false, reason: outcome.reason });
    else return unclear(outcome, 'what an archive must hold cannot be read yet');
  }
  return read;
}

function isStep(value: readonly Answer[] | JobStep): value is JobStep {
  return 'kind' in value;
}

/** undefined: no such account here, so there is nothing to lose. */
async function wantedAt(account: string, at: JobAt): Promise<Wanted | JobStep | undefined> {
  const listed = await answers(at, lists(account));
  if (isStep(listed)) return listed;
  const found = listedIn(account, listed);
  if (found === undefined) return undefined;
  if (typeof found === 'string') return failed(`what an archive of ${account} must hold cannot be read: ${found}`);
  const keys = await answers(at, [lookAtKeys(found)]);
  if (isStep(keys)) return keys;
  const wanted = wantedOf(found, keys[0] ?? { ok: false, reason: 'no answer' });
  return typeof wanted === 'string' ? failed(`the DKIM keys of ${account} cannot be read: ${wanted}`) : wanted;
}

async function begin(deps: ArchiveDeps, account: string, at: JobAt): Promise<JobStep> {
  const wanted = await wantedAt(account, at);
  if (wanted === undefined) return OVER;
  if ('kind' in wanted) return wanted;
  if (!deps.files.has(at.master)) {
    return {
      kind: 'failed',
      reason: `no archive of ${account} can be taken off ${deps.nameOf(at.master)}, so nothing was removed: no way to its files is configured`,
      hint: `Set archives for master ${at.master} in tandem.yaml; or terminate it without an archive.`,
    };
  }
  const active = await deps.active(account);
  await addArchive(deps, {
    id: ulid(),
    operation_id: at.operation,
    leg_id: at.leg,
    account,
    master: at.master,
    of_active: active === at.master ? 1 : 0,
    node: deps.node,
    state: 'starting',
    session: null,
    attempt: 0,
    bytes: null,
    sha256: null,
    file: null,
    wanted: JSON.stringify(wanted),
    error: null,
    told: 0,
    on_master: 0,
    holder: null,
    held_until: null,
    begun_at: deps.now(),
    verified_at: null,
    expires_at: null,
  });
  return goesOn(`an archive of ${account} is begun`, 0);
}

/** The archive will not come about; the next step tells why. */
async function fail(deps: ArchiveDeps, row: ArchiveRow, error: string): Promise<JobStep> {
  await moveArchive(deps, row, { state: 'failed', error });
  const files = deps.files.get(row.master);
  if (row.attempt > 0 && files !== undefined) await tidy(deps, files, row);
  return goesOn('the archive has failed', 0);
}

/** Each try to start has a folder of its own, so an earlier one whose answer was lost cannot be taken for it. */
async function start(deps: ArchiveDeps, row: ArchiveRow, at: JobAt): Promise<JobStep> {
  const files = deps.files.get(at.master);
  if (files === undefined) return fail(deps, row, 'no way to the files of the master is configured any more');
  const attempt = row.attempt + 1;
  const folder = folderName(row.id, attempt);
  if (!(await moveArchive(deps, row, { attempt, on_master: 1 }))) return goesOn('the archive goes on', 0);
  try {
    await files.prepare(folder);
  } catch (error) {
    const reason = `its folder cannot be made: ${messageOf(error)}`;
    deps.log.warn({ archive: row.id, master: at.master, reason }, 'an archive cannot be begun');
    return attempt < MOST_STARTS ? goesOn(`the archive cannot be begun yet: ${reason}`) : fail(deps, row, reason);
  }
  const tarroot = files.path(folder);
  const call = whm('start_background_pkgacct', { user: row.account, tarroot, compressionsetting: 'compress' });
  return begun(deps, row, attempt, await at.call(call));
}

async function begun(deps: ArchiveDeps, row: ArchiveRow, attempt: number, outcome: Outcome): Promise<JobStep> {
  if (outcome.kind === 'refused') return fail(deps, row, outcome.reason);
  if (outcome.kind !== 'done') {
    if (outcome.kind === 'in-doubt' && attempt >= MOST_STARTS) return fail(deps, row, outcome.reason);
    return unclear(outcome, `packing of ${row.account} cannot be begun yet`);
  }
  const session = sessionIn(outcome.data, 'session_id');
  if (session === undefined) return fail(deps, row, 'WHM began to pack it and named no session');
  await moveArchive(deps, row, { state: 'packing', session });
  return goesOn(`${row.account} is being packed`, FIRST_LOOK_MS);
}

const MOST_STARTS = 5;
const FIRST_LOOK_MS = 200;
const SLOWEST_LOOK_MS = 5000;

/** A session's id in an answer; undefined when there is none that could be one. */
export function sessionIn(data: unknown, name: string): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const value = (data as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' && /^[A-Za-z0-9_.-]{1,190}$/.test(value) ? value : undefined;
}

function stateIn(data: unknown): string {
  return (typeof data === 'object' && data !== null && String((data as { state?: unknown }).state ?? '')) || '';
}

/** Looks often at first, since most accounts are small, then less and less. */
function lookAgain(deps: ArchiveDeps, row: ArchiveRow): number {
  const age = deps.now() - Number(row.begun_at);
  return Math.min(SLOWEST_LOOK_MS, Math.max(FIRST_LOOK_MS, age / 5));
}

async function follow(deps: ArchiveDeps, transfers: Transfers, row: ArchiveRow, at: JobAt): Promise<JobStep> {
  const session_id = row.session ?? '';
  const outcome = await at.call(whm('get_pkgacct_session_state', { session_id }));
  if (outcome.kind === 'refused') return fail(deps, row, outcome.reason);
  if (outcome.kind !== 'done') return unclear(outcome, `nobody knows how far the packing of ${row.account} is`);
  const state = stateIn(outcome.data).toUpperCase();
  if (state === 'COMPLETED') {
    await moveArchive(deps, row, { state: 'fetching' });
    return fetching(deps, transfers, { ...row, state: 'fetching' }, at);
  }
  if (state === 'RUNNING') return goesOn(`${row.account} is being packed`, lookAgain(deps, row));
  return fail(deps, row, await whyFailed(at, session_id, state));
}

/** The last words of the session's log, which says more than its state. */
async function whyFailed(at: JobAt, session_id: string, state: string): Promise<string> {
  const outcome = await at.call(whm('fetch_pkgacct_master_log', { session_id }));
  const log = outcome.kind === 'done' ? String((outcome.data as { log?: unknown } | undefined)?.log ?? '') : '';
  const line = log.trim().split('\n').at(-1) ?? '';
  const words = (/"contents":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line).replace(/\\n|[^\x20-\x7e\xa0-\uffff]/g, ' ');
  return `packing ended as ${state === '' ? 'something unknown' : state}${words.trim() === '' ? '' : `: ${words.trim().slice(0, 300)}`}`;
}

async function fetching(deps: ArchiveDeps, transfers: Transfers, row: ArchiveRow, at: JobAt): Promise<JobStep> {
  await transfers.begin('archives', row.id, at.leg, (signal) => fetchArchive(deps, row, signal));
  return goesOn(`the archive of ${row.account} is being fetched and read`, lookAgain(deps, row));
}
