/** The pair of databases as it is now: for `tandem db status`, metrics, Nagios, and the gate of a switch back. */
import type { Clock } from '../clock.ts';
import type { Server } from './mariadb/connect.ts';
import { beat, type Counted, type Glance, glance, readBeat } from './mariadb/watch.ts';
import { DatabaseAway } from './model.ts';
import { type Direction, gateReasons, judge, type PairState, type Seen } from './verdict/plan.ts';

export interface Limits {
  readonly lagWarnMs: number;
  readonly lagGateMs: number;
}

export interface DatabasesStatus extends PairState {
  readonly servers: readonly Seen[];
  /** How long beats written just now took to arrive, by receiving master; absent where they did not within the wait. */
  readonly latencyMs: Readonly<Record<string, number>>;
}

async function seenOf(server: Server, counted: Counted | undefined): Promise<Seen> {
  try {
    return await glance(server, counted);
  } catch (error) {
    // Being away is a row in the answer; anything else is a fault.
    if (!(error instanceof DatabaseAway)) throw error;
    return { id: server.side.id, name: server.side.name, away: error.message };
  }
}

/** Looks at both at once. `counted`: by master, what was counted lately. */
export async function lookAtPair(
  servers: readonly [Server, Server],
  counted: ReadonlyMap<string, Counted> = new Map(),
): Promise<readonly [Seen, Seen]> {
  const [a, b] = servers;
  return await Promise.all([seenOf(a, counted.get(a.side.id)), seenOf(b, counted.get(b.side.id))]);
}

const stepMs = 10;

/** Writes a beat on each and waits, at most `waitMs`, until the other has it. */
async function measure(
  servers: readonly [Server, Server],
  clock: Clock,
  waitMs: number,
): Promise<Record<string, number>> {
  const latency: Record<string, number> = {};
  const [a, b] = servers;
  await Promise.all(
    (
      [
        [a, b],
        [b, a],
      ] as const
    ).map(async ([from, to]) => {
      await beat(from);
      const begun = clock.now();
      const seq = await readBeat(from, from.side.id);
      while (clock.now() - begun < waitMs) {
        if ((await readBeat(to, from.side.id)) >= seq) {
          latency[to.side.id] = clock.now() - begun;
          return;
        }
        await clock.sleep(stepMs);
      }
    }),
  );
  return latency;
}

function isPaired(seen: Seen): seen is Glance {
  return 'mark' in seen && seen.mark === 'paired';
}

/** The state now. `measureMs`: how long to wait for a beat to cross; 0 reads only. */
export async function databasesStatus(
  servers: readonly [Server, Server],
  options: { readonly clock: Clock; readonly limits: Limits; readonly measureMs: number },
): Promise<DatabasesStatus> {
  const before = await lookAtPair(servers);
  const latencyMs =
    options.measureMs > 0 && before.every(isPaired) ? await measure(servers, options.clock, options.measureMs) : {};
  const seen = options.measureMs > 0 ? await lookAtPair(servers) : before;
  return { servers: seen, latencyMs, ...judge(seen, options.limits) };
}

/** Whether databases are ready for a switch back, and if not, why. */
export async function databaseGate(
  servers: readonly [Server, Server],
  limits: Limits,
): Promise<{ readonly open: boolean; readonly reasons: readonly string[] }> {
  const seen = await lookAtPair(servers);
  const reasons = gateReasons(judge(seen, limits), { lagMs: limits.lagGateMs });
  return { open: reasons.length === 0, reasons };
}

export type { Direction };
