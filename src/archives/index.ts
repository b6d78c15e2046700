/** Archives of accounts: taken off the masters before an account is removed, kept here for a while, brought back on demand. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LongJobs } from '../operations/deps.ts';
import { bringStep } from './bring.ts';
import type { ArchiveDeps } from './deps.ts';
import { tidy } from './fetch.ts';
import { type ArchiveRow, allArchives, archiveRow, moveArchive } from './rows.ts';
import { takeStep } from './take.ts';
import { openTransfers } from './transfers.ts';

/** An archive as people see it. */
export interface ArchiveView {
  readonly id: string;
  readonly account: string;
  readonly operation: string;
  readonly master: string;
  readonly node: string;
  readonly state: string;
  readonly bytes?: number;
  readonly sha256?: string;
  /** Absolute, on `node`. */
  readonly file?: string;
  /** What was found in it. */
  readonly holds?: unknown;
  readonly error?: string;
  readonly begunAt: string;
  readonly verifiedAt?: string;
  readonly expiresAt?: string;
}

export interface Archives {
  readonly jobs: LongJobs;
  /** Newest first. */
  list(): Promise<readonly ArchiveView[]>;
  get(id: string): Promise<ArchiveView | undefined>;
  /** Removes what is past its time here, and copies that still lie on masters. Says how many archives expired. */
  expire(): Promise<number>;
  /** Ends transfers; what was under way is begun again by whoever runs next. */
  close(): Promise<void>;
}

function iso(ms: number | null): string | undefined {
  return ms === null ? undefined : new Date(Number(ms)).toISOString();
}

function viewOf(folder: string, row: ArchiveRow): ArchiveView {
  const more = {
    bytes: row.bytes === null ? undefined : Number(row.bytes),
    sha256: row.sha256 ?? undefined,
    file: row.file === null || row.state !== 'verified' ? undefined : join(folder, row.file),
    holds: row.wanted === null ? undefined : (JSON.parse(row.wanted) as unknown),
    error: row.error ?? undefined,
    verifiedAt: iso(row.verified_at),
    expiresAt: iso(row.expires_at),
  };
  // Entries without undefined are what the type says.
  const given = Object.fromEntries(
    Object.entries(more).filter(([, value]) => value !== undefined),
  ) as Partial<ArchiveView>;
  return {
    id: row.id,
    account: row.account,
    operation: row.operation_id,
    master: row.master,
    node: row.node,
    state: row.state,
    begunAt: iso(row.begun_at) ?? '',
    ...given,
  };
}

const FINAL = new Set(['verified', 'failed', 'expired']);

export function openArchives(deps: ArchiveDeps): Archives {
  const transfers = openTransfers(deps);

  async function expired(row: ArchiveRow): Promise<boolean> {
    if (row.state !== 'verified' || row.node !== deps.node || Number(row.expires_at ?? 0) > deps.now()) return false;
    await rm(join(deps.folder, row.id), { recursive: true, force: true });
    return moveArchive(deps, row, { state: 'expired' });
  }

  return {
    jobs: {
      step: (job, at) =>
        job.kind === 'archive' ? takeStep(deps, transfers, job.account, at) : bringStep(deps, transfers, job, at),
    },
    list: async () => (await allArchives(deps)).map((row) => viewOf(deps.folder, row)),
    async get(id) {
      const row = await archiveRow(deps, id);
      return row === undefined ? undefined : viewOf(deps.folder, row);
    },
    async expire() {
      let count = 0;
      for (const row of await allArchives(deps)) {
        if (await expired(row)) count += 1;
        const files = deps.files.get(row.master);
        if (row.on_master === 1 && FINAL.has(row.state) && files !== undefined) await tidy(deps, files, row);
      }
      return count;
    },
    close: () => transfers.close(),
  };
}
