/** The worker role: delivers legs to masters. */
import { ulid } from 'ulid';
import { systemClock } from '../clock.ts';
import { startWorker, type Worker } from '../jobs/worker.ts';
import { type LegJournal, legJournalOf } from '../operations/leg-journal.ts';
import { openPlacement } from '../operations/placement.ts';
import { startExpiry } from './archives.ts';
import type { Core } from './core.ts';
import { startCrontabs } from './crontabs.ts';
import { startDrift } from './drift.ts';
import { startFiles } from './filesync/start.ts';
import { startOwnNames } from './own-names.ts';

/** Starts a worker over the core; it takes what becomes ready in this process without a job. */
export async function openWorker(
  core: Core,
  legs: LegJournal = legJournalOf(core.journal, core.deps.timing),
): Promise<Worker> {
  const worker = await startWorker({
    core: core.deps,
    legs,
    queues: core.queues,
    node: core.config.node,
    id: ulid(),
    concurrency: Object.fromEntries(core.config.masters.map((m) => [m.id, m.concurrency])),
    probeMs: core.config.timing.probeMs,
    clock: systemClock,
    log: core.log,
  });
  core.onWake((legs) => worker.take(legs));
  startExpiry(core);
  // Only asked here: nothing is said, so there is nothing to note.
  const placement = openPlacement({ ...core.deps, reads: core.reads }, async () => {});
  startDrift(core, worker, placement);
  await startFiles(core);
  startCrontabs(core);
  startOwnNames(core, placement);
  core.lifecycle.onClose('worker', () => worker.close());
  return worker;
}
