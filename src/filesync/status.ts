import type { Agent } from './agent.ts';
import type { Doveadm } from './doveadm.ts';
import { keptIn } from './kept.ts';

/** What an agent says of itself; ages and times in milliseconds. */
export interface Status {
  readonly side: 1 | 2;
  readonly connected: boolean;
  readonly isolated: boolean;
  /** Paths that the other side may not have yet. */
  readonly backlog: number;
  /** Age of the oldest change that the other side may not have; 0 when there is none. */
  readonly oldestMs: number;
  readonly scanning: number;
  /** Directories whose changes are found by a scan only, every five minutes. */
  readonly unwatched: number;
  readonly large: number;
  /** How often rsync ran since the agent began: once for each change of a large file, on the side that dials. */
  readonly rsyncRuns: number;
  readonly files: number;
  readonly conflicts: number;
  readonly paused: Readonly<Record<string, string>>;
  readonly held: Readonly<Record<string, string>>;
  /** Accounts that operations of Tandem work on, with the ids of these. */
  readonly working: Readonly<Record<string, readonly string[]>>;
  /** Accounts whose files do not travel because Tandem said so. */
  readonly off: readonly string[];
  /** Mailboxes that are no Maildirs; `off`: no doveadm is configured, so they do not travel. */
  readonly mailboxes: Doveadm['figures'];
  readonly roundTripMs: number | null;
  readonly skewMs: number | null;
  /** Since the agent began. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sources: Readonly<Record<string, string>>;
  readonly rsync: string | null;
}

/** Age of the oldest change that the other side may not have. A version holds the time of its change. */
function oldestMsOf({ site, gather, doveadm }: Agent): number {
  const waits = earlier(gather.oldest, doveadm.oldest);
  const told = waits === undefined ? 0 : site.now() - waits;
  // The first pending key is the one that waits longest.
  for (const key of site.store.pending) {
    const version = site.store.get(key)?.version ?? [0, 0];
    return Math.max(1, told, Math.round(site.now() - Math.max(...version) / 1000));
  }
  return waits === undefined ? 0 : Math.max(1, told);
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** Looks at an agent. */
export function statusOf(agent: Agent): Status {
  const { site, sender } = agent;
  const health = agent.peer?.health;
  return {
    side: site.side,
    connected: agent.isConnected,
    isolated: agent.isIsolated,
    backlog: sender.backlog,
    oldestMs: oldestMsOf(agent),
    scanning: agent.scans.waiting,
    unwatched: agent.unwatched.total,
    large: agent.bulk.active,
    rsyncRuns: agent.bulk.runs,
    files: [...site.files.values()].reduce((sum, count) => sum + count, 0),
    conflicts: [...site.trees.values()].reduce((sum, branch) => sum + keptIn(branch, 'conflicts').length, 0),
    paused: site.stops.paused,
    held: site.stops.held,
    working: site.stops.working,
    off: Object.keys(site.stops.off).sort(),
    mailboxes: agent.doveadm.figures,
    roundTripMs: health?.roundTripMs ?? null,
    skewMs: health?.skewMs ?? null,
    sentBytes: agent.earlier.sentBytes + (health?.sentBytes ?? 0),
    receivedBytes: agent.earlier.receivedBytes + (health?.receivedBytes ?? 0),
    sources: Object.fromEntries(agent.sources),
    rsync: agent.rsync,
  };
}
