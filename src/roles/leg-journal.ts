/** How a worker writes about its legs: in a thread of its own where that helps. */
import { availableParallelism } from 'node:os';
import { type LegJournal, legJournalOf } from '../operations/leg-journal.ts';
import { openLegThread } from '../operations/leg-thread.ts';
import type { Core } from './core.ts';

/**
 * SQLite answers in the thread that asks, so on a machine with more than one processor a second thread asks it; MariaDB
 * is a process of its own anyhow. Opened with the core, so that a standby has it when it begins.
 */
export function openLegJournal({ config, deps, journal, lifecycle, log }: Core): LegJournal {
  const here = legJournalOf(journal, deps.timing);
  if (config.journal.kind !== 'sqlite' || availableParallelism() < 2) return here;
  const { leaseMs, verifyAfterMs, sweepMs } = deps.timing;
  const timing = { leaseMs, verifyAfterMs, sweepMs };
  const data = { journal: config.journal, timing, logLevel: config.log.level };
  const thread = openLegThread(data, here, log);
  lifecycle.onClose('thread of the journal', () => thread.close());
  return thread;
}
