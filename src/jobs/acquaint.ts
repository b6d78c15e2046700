/**
 * Knowing a master before anything is delivered to it: whose mark it carries and which version it runs. Looked at when
 * the worker starts, when the master comes back, and from time to time.
 */
import type { Logger } from '../log.ts';
import type { Deps } from '../operations/deps.ts';
import { claimMark, foreignSentence, journalId, type MarkFound } from '../operations/mark.ts';
import type { Reach, ReachState } from '../operations/reach.ts';
import { noteVersion } from '../operations/version.ts';

export interface AcquaintDeps {
  readonly core: Deps;
  readonly reach: Reach;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Tells all workers how a master stands: that it is back only when it is known again. */
  readonly tell: (master: string, state: ReachState) => void;
  /** A master may be worked on from now on. */
  readonly onKnown: (master: string) => void;
}

export interface Acquaintance {
  /** Whether this master may be worked on: it was looked at since it was last away, and is no other journal's. */
  knows(master: string): boolean;
  /** The master went or came back: it is looked at anew before anything is sent to it. */
  changed(master: string, state: ReachState): void;
  /** Looks at a master that is reachable and due; called by the worker's loop for this master. */
  turn(master: string): Promise<void>;
}

const MARK_MS = 3_600_000;
const VERSION_MS = 600_000;

interface Memory {
  known: boolean;
  /** It was looked at in vain. */
  strange: boolean;
  markAt: number;
  versionAt: number;
  /** What was last warned of, so that it is told once. */
  warned: string;
}

/** Nothing is known and nothing asked yet. */
export function openAcquaintance(deps: AcquaintDeps): Acquaintance {
  const { core, reach, now } = deps;
  const memory = new Map<string, Memory>(core.masters.list.map((m) => [m.id, stranger()]));

  async function turn(master: string): Promise<void> {
    const known = memory.get(master);
    if (known === undefined) throw new RangeError(`no master is called ${master}`);
    if (reach.of(master).state !== 'reachable') return;
    if (now() - known.versionAt >= VERSION_MS) await lookAtVersion(master, known);
    if (reach.of(master).state === 'reachable' && now() - known.markAt >= MARK_MS) await lookAtMark(master, known);
  }

  async function lookAtVersion(master: string, known: Memory): Promise<void> {
    const outcome = await noteVersion(core, master);
    if (outcome === undefined) return;
    reach.note(master, '', outcome);
    if (outcome.kind === 'done') known.versionAt = now();
  }

  async function lookAtMark(master: string, known: Memory): Promise<void> {
    const client = core.clients.get(master);
    if (client === undefined) return;
    const found = await claimMark(client, await journalId(core.journal));
    // Away and back while it was asked: what was forgotten must be looked at anew.
    if (memory.get(master) === known) heed(master, known, found);
  }

  function heed(master: string, known: Memory, found: MarkFound): void {
    if (found.kind === 'foreign') {
      known.known = false;
      reach.park(master, foreignSentence(found.journal));
      return;
    }
    if ('reason' in found) warnOnce(deps.log, master, known, found);
    if (found.kind === 'unknown' || found.kind === 'absent') inVain(master, known, found);
    else learn(master, known);
  }

  function learn(master: string, known: Memory): void {
    known.markAt = now();
    if (known.known) return;
    known.known = true;
    deps.tell(master, reach.of(master));
    deps.onKnown(master);
  }

  /** It answers, but nothing may be sent to it: as lead it would stop all that it leads. Told once for each absence. */
  function inVain(master: string, known: Memory, found: MarkFound): void {
    if (known.known || known.strange) return;
    known.strange = true;
    const reason = 'reason' in found ? `its mark could not be read: ${found.reason}` : 'it has no mark yet';
    deps.tell(master, { state: 'unreachable', since: now(), reason });
  }

  return {
    knows: (master) => memory.get(master)?.known ?? false,
    changed(master, state) {
      memory.set(master, stranger());
      if (state.state !== 'reachable') deps.tell(master, state);
    },
    turn,
  };
}

type Untold = Extract<MarkFound, { reason: string }>;

function warnOnce(log: Logger, master: string, known: Memory, { kind, reason }: Untold): void {
  if (known.warned === `${kind} ${reason}`) return;
  known.warned = `${kind} ${reason}`;
  const text =
    kind === 'cannot'
      ? 'this master keeps no mark, so another Tandem on it would not be noticed'
      : 'the mark of this master could not be read, so nothing is sent to it yet';
  log.warn({ master, reason }, text);
}

function stranger(): Memory {
  return {
    known: false,
    strange: false,
    markAt: Number.NEGATIVE_INFINITY,
    versionAt: Number.NEGATIVE_INFINITY,
    warned: '',
  };
}
