/** Takes a finished archive off its master: streamed to the store, hashed and read on the way, compared, then removed over there. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { AppError, messageOf, Refused } from '../errors.ts';
import type { ArchiveDeps } from './deps.ts';
import { FilesAway } from './files-away.ts';
import { findings } from './findings.ts';
import { inspection } from './inspect.ts';
import { archiveFile, folderName, type MasterFile, type MasterFiles } from './master-files.ts';
import { persist } from './persist.ts';
import { type ArchiveRow, allArchives, moveArchive } from './rows.ts';
import type { Wanted } from './wanted.ts';

/** Fetches it and settles its row: verified, or failed with the reason. Aborted, it leaves the row to whoever comes next. */
export async function fetchArchive(deps: ArchiveDeps, row: ArchiveRow, signal: AbortSignal): Promise<void> {
  const files = deps.files.get(row.master);
  if (files === undefined) return;
  const fetched = await persist(deps, row.id, signal, () => attemptFetch(deps, files, row, signal));
  if (fetched.kind === 'left') return;
  if (fetched.kind === 'failed') {
    await moveArchive(deps, row, { state: 'failed', error: fetched.reason, holder: null });
    await tidy(deps, files, row);
    return;
  }
  const now = deps.now();
  const kept = { state: 'verified', verified_at: now, expires_at: now + deps.limits.keepDays * 86_400_000 };
  const moved = await moveArchive(deps, row, { ...fetched.value, ...kept, node: deps.node, holder: null, error: null });
  if (moved) await tidy(deps, files, row);
}

/** The copy over there is not needed any more. What cannot be removed now is removed by the housekeeping. */
export async function tidy(deps: ArchiveDeps, files: MasterFiles, row: ArchiveRow): Promise<boolean> {
  try {
    for (let attempt = 1; attempt <= row.attempt; attempt += 1) await files.remove(folderName(row.id, attempt));
    await deps.journal.write((db) =>
      db.updateTable('archives').set({ on_master: 0 }).where('id', '=', row.id).execute(),
    );
    return true;
  } catch (error) {
    deps.log.warn(
      { archive: row.id, master: row.master, reason: messageOf(error) },
      'an archive still lies on its master; it is removed later',
    );
    return false;
  }
}

async function room(deps: ArchiveDeps, file: MasterFile): Promise<void> {
  const { limits } = deps;
  const free = await deps.free();
  if (free - file.bytes < limits.freeBytes)
    throw new Refused(`the archive has ${mb(file.bytes)} MB and the control node's disk ${mb(free)} MB free`, {
      hint: 'Make room there, or lower archives.minFreeGb.',
    });
  const kept = (await allArchives(deps)).filter((one) => one.state === 'verified' && one.node === deps.node);
  const used = kept.reduce((sum, one) => sum + Number(one.bytes ?? 0), 0);
  if (used + file.bytes > limits.mostBytes)
    throw new Refused(
      `the archives have ${mb(used)} MB of ${mb(limits.mostBytes)} and ${mb(file.bytes)} MB are needed`,
      {
        hint: 'Raise archives.mostGb or lower archives.keepDays.',
      },
    );
}

function mb(bytes: number): string {
  return String(Math.ceil(bytes / 1_048_576));
}

interface Stored {
  readonly bytes: number;
  readonly sha256: string;
  readonly file: string;
}

async function attemptFetch(
  deps: ArchiveDeps,
  files: MasterFiles,
  row: ArchiveRow,
  signal: AbortSignal,
): Promise<Stored> {
  const folder = folderName(row.id, row.attempt);
  const file = archiveFile(row.account, await files.list(folder));
  if (file === undefined) throw new Refused('WHM says that the archive is complete, and there is none');
  await room(deps, file);
  const home = join(deps.folder, row.id);
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true, mode: 0o700 });
  try {
    const sha256 = await store(files.read(folder, file.name, signal), join(home, file.name), file, row, signal);
    if ((await files.hash(folder, file.name)) !== sha256)
      throw new FilesAway('what arrived is not what the master has: the checksums differ');
    return { bytes: file.bytes, sha256, file: `${row.id}/${file.name}` };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** Writes it to the disk, reads it on the way, and makes it durable. Throws when a part of what is wanted is not in it. */
async function store(
  source: Readable,
  path: string,
  file: MasterFile,
  row: ArchiveRow,
  signal: AbortSignal,
): Promise<string> {
  // Written by begin() from a Wanted.
  const found = findings(JSON.parse(row.wanted ?? '{}') as Wanted);
  const { sink, ended } = inspection(file.name, found);
  // It is waited for below; until then its failure is no unhandled one.
  ended.catch(() => sink.destroy());
  const out = createWriteStream(`${path}.part`, { flags: 'wx', mode: 0o600, signal });
  const { sha256, bytes } = await spread(source, out, sink);
  await ended.catch((error: unknown) => {
    throw new Refused(`the archive cannot be read: ${messageOf(error)}`, { cause: error });
  });
  if (bytes !== file.bytes) throw new FilesAway(`${bytes} of ${file.bytes} bytes arrived`);
  const missing = found.missing();
  if (missing.length > 0) throw new Refused(`the archive is not complete: ${few(missing)} is missing`);
  const handle = await open(`${path}.part`, 'r+');
  await handle.sync().finally(() => handle.close());
  await rename(`${path}.part`, path);
  return sha256;
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** To the disk and to the reader, at the pace of the slower; what breaks is said by its own name. */
async function spread(
  source: Readable,
  out: WriteStream,
  reader: Writable,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const written = finished(out);
  written.catch(() => source.destroy());
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      // A reader that gave up has met damage: the rest need not come.
      if (reader.destroyed) break;
      hash.update(chunk);
      bytes += chunk.length;
      if (!out.write(chunk)) await Promise.race([once(out, 'drain'), written]);
      if (!reader.write(chunk)) await Promise.race([once(reader, 'drain'), once(reader, 'close')]);
    }
    out.end();
    reader.end();
    await written;
  } catch (error) {
    const full = out.errored;
    out.destroy();
    reader.destroy();
    if (full !== null) throw new Refused(`the archive cannot be written: ${messageOf(full)}`, { cause: full });
    throw error instanceof AppError ? error : new FilesAway(messageOf(error), { cause: error });
  }
  return { sha256: hash.digest('hex'), bytes };
}
