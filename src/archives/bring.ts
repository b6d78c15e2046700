/**
 * A restore on one master, a step at a time: the archive is brought there → WHM restores it.
 *
 *   bringing ──► brought ──► starting ──► running ──► done
 *      └────────────┴────────────┴───────────┴──────► failed
 *
 * WHM names a restore only in the answer to the call that begins it. When that answer is lost nobody may begin another
 * one before it is sure that the first did nothing.
 */
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { lookAtAccount, readAccount } from '../actions/account/seen.ts';
import { messageOf } from '../errors.ts';
import type { JobAt, JobStep } from '../operations/deps.ts';
import { whm } from '../whm/call.ts';
import type { ArchiveDeps } from './deps.ts';
import { FilesAway } from './files-away.ts';
import { folderName, type MasterFiles } from './master-files.ts';
import { persist } from './persist.ts';
import { type ArchiveRow, addRestore, archiveRow, moveRestore, type RestoreRow, restoreRow } from './rows.ts';
import { goesOn, sessionIn, unclear } from './take.ts';
import type { Transfers } from './transfers.ts';

/** One step towards the account being back on the leg's master. */
export async function bringStep(
  deps: ArchiveDeps,
  transfers: Transfers,
  job: { readonly account: string; readonly archive: string },
  at: JobAt,
): Promise<JobStep> {
  const archive = await archiveRow(deps, job.archive);
  const row = await restoreRow(deps, at.leg);
  if (row?.state === 'done') return { kind: 'over' };
  if (row?.state === 'failed' && row.told === 0) {
    await moveRestore(deps, row, { told: 1 });
    return failed(`the archive was not restored: ${row.error ?? 'no reason'}`);
  }
  const why = notUsable(deps, archive, job, at);
  if (archive === undefined || why !== undefined) return failed(why ?? '');
  const files = deps.files.get(at.master);
  if (archive.node !== deps.node)
    return goesOn(`the archive lies on ${archive.node}, whose worker has to bring it`, 5000);
  if (files === undefined || row === undefined || row.state === 'failed') return begin(deps, archive, row, at);
  return next(deps, transfers, files, archive, row, at);
}

function failed(reason: string): JobStep {
  return { kind: 'failed', reason, hint: 'See tandem archive list; then ask again.' };
}

function notUsable(
  deps: ArchiveDeps,
  archive: ArchiveRow | undefined,
  job: { readonly account: string; readonly archive: string },
  at: JobAt,
): string | undefined {
  if (archive === undefined) return `there is no archive ${job.archive}`;
  if (archive.account !== job.account) return `archive ${job.archive} is of ${archive.account}, not of ${job.account}`;
  if (archive.state !== 'verified') return `archive ${job.archive} is ${archive.state}`;
  return deps.files.has(at.master) ? undefined : `no way to the files of ${deps.nameOf(at.master)} is configured`;
}

async function begin(
  deps: ArchiveDeps,
  archive: ArchiveRow,
  before: RestoreRow | undefined,
  at: JobAt,
): Promise<JobStep> {
  const present = await isThere(archive.account, at);
  if (typeof present !== 'boolean') return present;
  if (present) return failed(`This system already has an account named “${archive.account}”.`);
  await addRestore(deps, {
    leg_id: at.leg,
    archive_id: archive.id,
    master: at.master,
    state: 'bringing',
    session: null,
    attempt: (before?.attempt ?? 0) + 1,
    error: null,
    told: 0,
    holder: null,
    held_until: null,
    begun_at: deps.now(),
  });
  return goesOn(`the archive of ${archive.account} is brought`, 0);
}

async function isThere(account: string, at: JobAt): Promise<boolean | JobStep> {
  const outcome = await at.call(lookAtAccount(account));
  if (outcome.kind === 'done') return readAccount([{ ok: true, data: outcome.data }], 0) !== undefined;
  if (outcome.kind === 'refused') return readAccount([{ ok: false, reason: outcome.reason }], 0) !== undefined;
  return unclear(outcome, 'whether the account is there cannot be read yet');
}

function next(
  deps: ArchiveDeps,
  transfers: Transfers,
  files: MasterFiles,
  archive: ArchiveRow,
  row: RestoreRow,
  at: JobAt,
): Promise<JobStep> {
  switch (row.state) {
    case 'bringing':
      return bringing(deps, transfers, files, archive, row, at);
    case 'brought':
      return start(deps, files, archive, row, at);
    case 'starting':
      return afterDoubt(deps, archive, row, at);
    default:
      return follow(deps, files, archive, row, at);
  }
}

async function bringing(
  deps: ArchiveDeps,
  transfers: Transfers,
  files: MasterFiles,
  archive: ArchiveRow,
  row: RestoreRow,
  at: JobAt,
): Promise<JobStep> {
  if (deps.now() - Number(row.begun_at) > deps.limits.giveUpMs) {
    await moveRestore(deps, row, { state: 'failed', error: 'it took too long', holder: null });
    return goesOn('the restore has failed', 0);
  }
  await transfers.begin('restores', row.leg_id, at.leg, (signal) => bringArchive(deps, files, archive, row, signal));
  return goesOn(`the archive of ${archive.account} is brought`, 1000);
}

/** Brings the file and settles the row. What arrived is compared by its checksum before WHM is told of it. */
async function bringArchive(
  deps: ArchiveDeps,
  files: MasterFiles,
  archive: ArchiveRow,
  row: RestoreRow,
  signal: AbortSignal,
): Promise<void> {
  const folder = folderName(archive.id, row.attempt);
  const path = join(deps.folder, archive.file ?? '');
  const brought = await persist(deps, archive.id, signal, async () => {
    await files.prepare(folder);
    await files.write(folder, basename(path), createReadStream(path), signal);
    const there = await files.hash(folder, basename(path));
    if (there !== archive.sha256) throw new FilesAway('the checksum of what arrived is not that of the archive');
  });
  if (brought.kind === 'left') return;
  const state = brought.kind === 'done' ? { state: 'brought' } : { state: 'failed', error: brought.reason };
  await moveRestore(deps, row, { ...state, holder: null });
}

/** The call is noted before it leaves: a process that dies here leaves a doubt, never a second restore. */
async function start(
  deps: ArchiveDeps,
  files: MasterFiles,
  archive: ArchiveRow,
  row: RestoreRow,
  at: JobAt,
): Promise<JobStep> {
  const present = await isThere(archive.account, at);
  if (typeof present !== 'boolean') return present;
  if (present) {
    await moveRestore(deps, row, { state: 'failed', error: 'an account of this name was made meanwhile' });
    return goesOn('the restore has failed', 0);
  }
  const noted = { ...row, state: 'starting' };
  if (!(await moveRestore(deps, row, { state: 'starting', held_until: deps.now() + deps.limits.doubtMs })))
    return goesOn('the restore goes on', 0);
  const cpmovepath = `${files.path(folderName(archive.id, row.attempt))}/${basename(archive.file ?? '')}`;
  const outcome = await at.call(
    whm('start_local_cpmove_restore', { cpmovepath, overwrite: 0, delete_archive: 1, update_a_records: 'all' }),
  );
  if (outcome.kind === 'refused') {
    await moveRestore(deps, noted, { state: 'failed', error: outcome.reason });
    return goesOn('the restore has failed', 0);
  }
  if (outcome.kind === 'in-doubt') return unclear(outcome, 'nobody knows whether the restore began');
  if (outcome.kind !== 'done') {
    await moveRestore(deps, noted, { state: 'brought' });
    return unclear(outcome, 'the restore cannot be begun yet');
  }
  const session = sessionIn(outcome.data, 'transfer_session_id');
  if (session === undefined) return goesOn('WHM named no session of the restore', 1000);
  await moveRestore(deps, noted, { state: 'running', session });
  return goesOn(`${archive.account} is being restored`, 300);
}

/** Its session is not known. When it can no longer take effect a look tells whether it did. */
async function afterDoubt(deps: ArchiveDeps, archive: ArchiveRow, row: RestoreRow, at: JobAt): Promise<JobStep> {
  const left = Number(row.held_until ?? 0) - deps.now();
  if (left > 0)
    return goesOn('a restore may have begun; it is looked at when that can no longer be', Math.min(left, 5000));
  const present = await isThere(archive.account, at);
  if (typeof present !== 'boolean') return present;
  if (!present) {
    await moveRestore(deps, row, { state: 'brought' });
    return goesOn('the restore did not begin; it is begun again', 0);
  }
  const error =
    'the account is there, and nobody knows whether its restore came to an end: look at it, then adopt or remove it';
  await moveRestore(deps, row, { state: 'failed', error });
  return goesOn('the restore is unclear', 0);
}

const OPEN = /^(TRANSFER_PENDING|TRANSFER_INPROGRESS|RESTORE_PENDING|RESTORE_INPROGRESS|RUNNING|PAUSED|PENDING)$/;

async function follow(
  deps: ArchiveDeps,
  files: MasterFiles,
  archive: ArchiveRow,
  row: RestoreRow,
  at: JobAt,
): Promise<JobStep> {
  const outcome = await at.call(whm('get_transfer_session_state', { transfer_session_id: row.session ?? '' }));
  if (outcome.kind === 'refused') {
    await moveRestore(deps, row, { state: 'failed', error: outcome.reason });
    return goesOn('the restore has failed', 0);
  }
  if (outcome.kind !== 'done') return unclear(outcome, `nobody knows how far the restore of ${archive.account} is`);
  const state = String((outcome.data as { state_name?: unknown } | undefined)?.state_name ?? '').toUpperCase();
  if (OPEN.test(state)) return goesOn(`${archive.account} is being restored`, 1000);
  const ended =
    state === 'COMPLETED' ? { state: 'done' } : { state: 'failed', error: `WHM's restore ended as ${state}` };
  await moveRestore(deps, row, ended);
  await files
    .remove(folderName(archive.id, row.attempt))
    .catch((error: unknown) =>
      deps.log.warn({ archive: archive.id, reason: messageOf(error) }, 'a brought archive still lies on its master'),
    );
  return state === 'COMPLETED' ? { kind: 'over' } : goesOn('the restore has failed', 0);
}
