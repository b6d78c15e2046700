/**
 * Knowing a master before anything is delivered to it: whose mark it carries and which version it runs. Looked at when
 * the worker starts, when the master comes back, and from time to time.
 */
import type { Logger } from '../log.ts';
import type { Deps } from '../operations/deps.ts';
import { claimMark, foreignSentence, journalId, type MarkFound } from '../operations/mark.ts';
import type { Reach } from '../operations/reach.ts';
import { noteVersion } from '../operations/version.ts';

export interface AcquaintDeps {
  readonly core: Deps;
  readonly reach: Reach;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A master may be worked on from now on. */
  readonly onKnown: (master: string) => void;
}

export interface Acquaintance {
  /** Whether this master may be worked on: it was looked at since it was last away, and is no other journal's. */
  knows(master: string): boolean;
  /** The master was away: it is looked at anew before anything is sent to it. */
  forget(master: string): void;
  /** Looks at every reachable master that is due. */
  turn(): Promise<void>;
}

const MARK_MS = 3_600_000;
const VERSION_MS = 600_000;

interface Memory {
  known: boolean;
  markAt: number;
  versionAt: number;
  /** What was last warned of, so that it is told once. */
  warned: string;
}

/** Nothing is known and nothing asked yet. */
export function openAcquaintance(deps: AcquaintDeps): Acquaintance {
  const { core, reach, now } = deps;
  const memory = new Map<string, Memory>(core.masters.list.map((m) => [m.id, stranger()]));

  async function look(master: string, known: Memory): Promise<void> {
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
    if ('reason' in found) warn(master, known, found);
    if (found.kind === 'unknown' || found.kind === 'absent') return;
    known.markAt = now();
    if (known.known) return;
    known.known = true;
    deps.onKnown(master);
  }

  function warn(master: string, known: Memory, { kind, reason }: Extract<MarkFound, { reason: string }>): void {
    if (known.warned === `${kind} ${reason}`) return;
    known.warned = `${kind} ${reason}`;
    const text =
      kind === 'cannot'
        ? 'this master keeps no mark, so another Tandem on it would not be noticed'
        : 'the mark of this master could not be read, so nothing is sent to it yet';
    deps.log.warn({ master, reason }, text);
  }

  return {
    knows: (master) => memory.get(master)?.known ?? false,
    forget: (master) => void memory.set(master, stranger()),
    async turn() {
      await Promise.all([...memory].map(([master, known]) => look(master, known)));
    },
  };
}

function stranger(): Memory {
  return { known: false, markAt: Number.NEGATIVE_INFINITY, versionAt: Number.NEGATIVE_INFINITY, warned: '' };
}
