/** What is wrong said once more as what a person does about it: the next command, for every door. */
import { foreignSentence } from './mark.ts';
import type { MasterStatus, Status } from './model.ts';

const FOREIGN = foreignSentence('').slice(0, -2);

/** What a person does about a master that is not worked on; undefined while it is. */
export function masterHint(master: Pick<MasterStatus, 'id' | 'state' | 'reason'>): string | undefined {
  switch (master.state) {
    case 'reachable':
      return undefined;
    case 'unreachable':
      return 'Work goes on by itself when it answers again; tandem doctor says what fails.';
    case 'parked':
      return master.reason?.startsWith(FOREIGN) === true
        ? `If that Tandem is gone for good: tandem adopt-master ${master.id}.`
        : `Put right what parked it, then: tandem resume ${master.id}.`;
  }
}

/** One sentence: the first thing to do now, with its command. */
export function nextStep(status: Pick<Status, 'masters' | 'workers' | 'held' | 'open' | 'drift'>): string {
  const { masters, workers, held, open, drift } = status;
  if (workers === 0) return 'No worker runs, so nothing is delivered. Start one: tandem worker.';
  const parked = about(masters, 'parked', 'is parked');
  if (parked !== undefined) return parked;
  if (held > 0) {
    const waits = held === 1 ? '1 change waits' : `${held} changes wait`;
    return `${waits} for your decision. See: tandem operations --state held.`;
  }
  const away = about(masters, 'unreachable', 'does not answer');
  if (away !== undefined) return away;
  if (open > 0) return 'Nothing to do: what is open goes on by itself. See: tandem operations --state open.';
  if (drift === 0) return 'Nothing to do.';
  const noted = drift === 1 ? '1 difference between the masters is' : `${drift} differences between the masters are`;
  return `${noted} noted. See: tandem doctor.`;
}

/** The first master in this state, why, and what to do. */
function about(masters: readonly MasterStatus[], state: MasterStatus['state'], words: string): string | undefined {
  const found = masters.find((m) => m.state === state);
  if (found === undefined) return undefined;
  return `${found.name} ${words}: ${found.reason ?? 'no reason was kept'}. ${masterHint(found) ?? ''}`;
}

/** Said when the masters run different versions: what only one can do fails on the other. undefined while they are alike. */
export function versionsDiffer(masters: readonly MasterStatus[]): string | undefined {
  const known = masters.filter((m) => m.version !== undefined);
  if (new Set(known.map((m) => m.version)).size < 2) return undefined;
  const said = known.map((m) => `${m.name} runs ${m.version ?? ''}`).join(', ');
  return `The masters run different versions: ${said}. What only the newer one can do waits on the other.`;
}
