/** The long job that a leg may have to wait for, a step a turn: between the steps the leg gives its place away. */
import { sql } from 'kysely';
import type { Deps, JobAt, JobStep } from './deps.ts';
import { runnable } from './record.ts';
import { inFlight, type Run } from './run.ts';
import { settleAgain } from './settle.ts';

/** Steps that wait for nothing follow each other within one turn. */
const MOST_STEPS = 10;

const OVER: JobStep = { kind: 'over' };

/** The next step of what has to be over on this master before the leg's own calls; 'over' where there is nothing. */
export async function longJob(run: Run): Promise<JobStep> {
  const { action, params, leg, operation } = run.work;
  // Once a call of the leg was sent its job was over; taking back needs none.
  const job = run.sent || leg.mode === 'undo' ? undefined : action.job?.(params);
  if (job === undefined) return OVER;
  const jobs = run.deps.longJobs;
  if (jobs === undefined) return { kind: 'failed', reason: 'this worker cannot archive or restore accounts' };
  const at: JobAt = {
    operation: operation.id,
    leg: leg.id,
    master: leg.master,
    async call(call) {
      const outcome = await inFlight(run, () => run.client.call(call));
      run.deps.reach.note(leg.master, run.account, outcome);
      return outcome;
    },
  };
  for (let steps = 1; ; steps += 1) {
    const step = await jobs.step(job, at);
    if (step.kind !== 'goes-on' || step.waitMs > 0 || steps >= MOST_STEPS) return step;
  }
}

/** The leg goes back to where it was; the sweep, or the job's own end, wakes it. */
export function comeBack(run: Run, step: Extract<JobStep, { kind: 'goes-on' }>): Promise<void> {
  const { deps, work, lease } = run;
  const name = deps.masters.get(work.leg.master).name;
  return settleAgain(deps, work, lease, {
    before: { state: work.leg.state },
    waitMs: step.waitMs,
    delayed: false,
    trouble: { code: 'job.goes-on', message: `${name}: ${step.sentence}` },
  });
}

/** A leg's long job has got somewhere: it looks at once instead of when it meant to. */
export async function nudge(deps: Deps, leg: string): Promise<void> {
  const wakes = await deps.journal.write(async (db) => {
    await db
      .updateTable('legs')
      .set({ due_at: deps.journal.now() })
      .where('id', '=', leg)
      .where('state', '=', 'ready')
      .where('due_at', '>', sql<number>`${deps.journal.now()}`)
      .execute();
    return runnable(deps, db, [leg]);
  });
  deps.wake(wakes);
}
