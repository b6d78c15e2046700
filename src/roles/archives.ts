/** Configuration → the store of archives and the ways to the masters' folders. */
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { folderFiles } from '../archives/folder-files.ts';
import { type Archives, openArchives } from '../archives/index.ts';
import type { MasterFiles } from '../archives/master-files.ts';
import { sshFiles } from '../archives/ssh-files.ts';
import { systemClock } from '../clock.ts';
import type { Config, MasterConfig } from '../config.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { loop } from '../loop.ts';
import { activeMaster } from '../operations/active.ts';
import type { Deps } from '../operations/deps.ts';
import { nudge } from '../operations/long-job.ts';
import type { Core } from './core.ts';

const GB = 1024 ** 3;
/** A call that begins a restore may take effect for so long after its answer was lost. */
const DOUBT_SECONDS = 600;

function wayTo(master: MasterConfig): readonly (readonly [string, MasterFiles])[] {
  const { archives, connect, hostname, id } = master;
  if (archives === undefined) return [];
  const files = archives.kind === 'ssh' ? sshFiles({ ...archives, host: connect ?? hostname }) : folderFiles(archives);
  return [[id, files]];
}

async function freeIn(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Opens the store below stateDir; closed with the lifecycle. */
export function openStore(config: Config, deps: Deps, lifecycle: Lifecycle): Archives {
  const folder = join(config.stateDir, 'archives');
  const { keepDays, mostGb, minFreeGb, giveUpMinutes } = config.archives;
  const archives = openArchives({
    journal: deps.journal,
    files: new Map(config.masters.flatMap(wayTo)),
    folder,
    node: config.node,
    owner: ulid(),
    limits: {
      keepDays,
      mostBytes: mostGb * GB,
      freeBytes: minFreeGb * GB,
      giveUpMs: giveUpMinutes * 60_000,
      leaseMs: config.timing.leaseMs,
      doubtMs: (config.timing.longestSeconds ?? DOUBT_SECONDS) * 1000,
    },
    active: async (account) => (await deps.journal.read((db) => activeMaster(deps, db, account))).master,
    nameOf: (master) => deps.masters.get(master).name,
    nudge: (leg) => nudge(deps, leg),
    log: deps.log,
    signal: lifecycle.signal,
    now: Date.now,
    free: () => freeIn(folder),
  });
  lifecycle.onClose('archives', () => archives.close());
  return archives;
}

const EVERY_MS = 600_000;

/** Lets archives go when their time is over. Stops with the core. */
export function startExpiry(core: Core): void {
  loop({
    name: 'archives',
    everyMs: EVERY_MS,
    jitter: 0.2,
    turn: () => core.archives.expire(),
    signal: core.lifecycle.signal,
    clock: systemClock,
    log: core.log,
  });
}
