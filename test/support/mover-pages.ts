/** The pages of file sync and databases with something in them: what their roles would have written down. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { databasesState } from '../../src/dbsync/state-file.ts';
import type { Report } from '../../src/filesync/report.ts';
import { filesState } from '../../src/filesync/watch.ts';
import { databasePages } from '../../src/roles/databases/page.ts';
import { filesPages } from '../../src/roles/filesync/page.ts';
import type { PortalPage } from '../../src/routes/portal/page.ts';

/** The last hour, one of each minute. */
function minutes<T>(make: (at: number, n: number) => T, now: number): T[] {
  return Array.from({ length: 60 }, (_, n) => make(now - (59 - n) * 60_000, n));
}

async function writeStates(stateDir: string, now: number): Promise<void> {
  for (const name of ['filesync', 'dbsync']) await mkdir(join(stateDir, name));
  const report: Report = {
    ...{
      side: 1,
      at: now,
      connected: true,
      isolated: false,
      backlog: 3,
      oldestMs: 900,
      scanning: 0,
      unwatched: 0,
      large: 0,
      rsyncRuns: 0,
      files: 9,
    },
    ...{
      conflicts: 1,
      paused: { 'home/eve': 'by ana' },
      held: { 'home/bob': 'many go' },
      off: [],
      working: {},
      roundTripMs: 10,
    },
    ...{
      skewMs: 0,
      sentBytes: 5,
      receivedBytes: 0,
      mailboxes: { count: 0, waiting: 0, failed: 0, off: false },
      sources: {},
      rsync: '3.5.0',
    },
    kept: ['conflicts/2026-11-28T10-20-30-x.1/home/bob/a'],
  };
  const one = { name: 'M1', report, why: '', aheadMs: 0, sentPerSecond: 1200 };
  await filesState.write(join(stateDir, 'filesync'), {
    at: now,
    masters: [
      { ...one, id: 'm1' },
      { ...one, id: 'm2', name: 'M2', report: null, why: 'refused' },
    ],
    history: minutes((at, n) => ({ at, oldestMs: [n % 7 === 0 ? 900 : 100 + 10 * n, n > 40 ? null : 200] }), now),
  });
  await databasesState.write(join(stateDir, 'dbsync'), {
    ...{ at: now, errant: 0, conflicts: 0, warnings: [{ code: 'db.cut', sentence: 'M2 → M1: cut' }] },
    directions: [
      { from: 'm1', to: 'm2', kind: 'steady', lagMs: 20, waiting: 0, sentence: '' },
      { from: 'm2', to: 'm1', kind: 'cut', lagMs: null, waiting: 4, sentence: 'the connection is cut' },
    ],
    servers: [
      { id: 'm1', name: 'M1', up: true, databases: 9, binlogBytes: 2_000_000, readOnly: true },
      { id: 'm2', name: 'M2', up: true, databases: 9, binlogBytes: 2_400_000, readOnly: false },
    ],
    history: minutes((at, n) => ({ at, lagMs: [n === 30 ? 4000 : 20 + n, n > 50 ? null : 80] }), now),
  });
}

/** Writes it into a folder that is there and empty, and gives the pages that read it. */
export async function moverPages(stateDir: string, now: number): Promise<readonly PortalPage[]> {
  await writeStates(stateDir, now);
  const peer = { host: '127.0.0.1', port: 3306 };
  const mariadb = { ...peer, user: 'root', peer, from: '127.0.0.1', directory: stateDir };
  const filesync = { kind: 'folder' as const, path: stateDir };
  const masters = ['m1', 'm2'].map((id) => ({ id, name: id.toUpperCase(), mariadb, filesync }));
  return [...databasePages({ stateDir, masters }, Date.now), ...filesPages({ stateDir, masters })];
}
