import type { Agent } from './agent.ts';

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
  readonly files: number;
  readonly conflicts: number;
  readonly paused: Readonly<Record<string, string>>;
  readonly held: Readonly<Record<string, string>>;
  /** Accounts that operations of Tandem work on, with the ids of these. */
  readonly working: Readonly<Record<string, readonly string[]>>;
  /** Accounts whose files do not travel because Tandem said so. */
  readonly off: readonly string[];
  readonly roundTripMs: number | null;
  readonly skewMs: number | null;
  /** Since the agent began. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sources: Readonly<Record<string, string>>;
  readonly rsync: string | null;
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
    oldestMs: agent.oldestMs,
    scanning: agent.scans.waiting,
    unwatched: agent.unwatched.total,
    large: agent.bulk.active,
    files: [...site.files.values()].reduce((sum, count) => sum + count, 0),
    conflicts: agent.conflicts,
    paused: site.stops.paused,
    held: site.stops.held,
    working: site.stops.working,
    off: Object.keys(site.stops.off).sort(),
    roundTripMs: health?.roundTripMs ?? null,
    skewMs: health?.skewMs ?? null,
    sentBytes: agent.earlier.sentBytes + (health?.sentBytes ?? 0),
    receivedBytes: agent.earlier.receivedBytes + (health?.receivedBytes ?? 0),
    sources: Object.fromEntries(agent.sources),
    rsync: agent.rsync,
  };
}
