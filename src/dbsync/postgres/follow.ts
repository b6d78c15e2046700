/**
 * Reading one slot and applying what it says, until told to stop or until something fails. Nothing is lost by ending
 * anywhere: the slot keeps what was not confirmed, and the place that was applied is durable with the rows.
 */
import type { Clock } from '../../clock.ts';
import { type Applier, groupable, mostGrouped, openApplier } from './applier.ts';
import type { PgServer } from './connect.ts';
import { renewObjects } from './link.ts';
import { slotName } from './names.ts';
import type { Message } from './pgoutput.ts';
import { openSlot, type SlotStream } from './stream.ts';
import { Assembler, type Part } from './transactions.ts';

export interface FollowDeps {
  readonly from: PgServer;
  readonly to: PgServer;
  readonly database: string;
  readonly clock: Clock;
  /** Large transactions that failed when they were applied quickly; the next connection goes row by row. */
  readonly careful: Set<bigint>;
}

const confirmMs = 1000;
const busyMs = 20;
const mostWaitingBytes = 16_000_000;

/** So many transactions wait only after a cut, or when applying cannot keep up. */
const farBehind = 50;
/** What is applied as one transaction has one time in the receiver's log: microseconds by which it may be wrong. */
const sameMoment = 1_000_000;

/** How many of the parts that wait are applied next, as one transaction. Pure. */
export function groupSize(parts: readonly Part[]): number {
  const [first] = parts;
  if (first === undefined || parts.length < farBehind || !groupable(first)) return 1;
  let changes = 0;
  const end = parts.findIndex((part) => {
    changes += part.changes.length;
    return !groupable(part) || changes > mostGrouped || part.at - first.at > sameMoment;
  });
  return Math.max(1, end < 0 ? parts.length : end);
}

/** Parts in their order, with the sender held back while too many wait. */
class Queue {
  private readonly parts: Part[] = [];
  private bytes = 0;
  private wake: () => void = () => {};
  stream: SlotStream | undefined;

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }
  push(part: Part): void {
    this.parts.push(part);
    this.bytes += part.bytes;
    if (this.bytes > mostWaitingBytes) this.stream?.pause(true);
    this.wake();
  }
  /** The next part; when far behind, small transactions of about the same moment with it. */
  shift(): readonly Part[] {
    const taken = this.parts.splice(0, groupSize(this.parts));
    for (const part of taken) this.bytes -= part.bytes;
    if (this.bytes < mostWaitingBytes / 4) this.stream?.pause(false);
    return taken;
  }
  async more(): Promise<void> {
    if (!this.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }
  nudge(): void {
    this.wake();
  }
}

interface Flow {
  readonly deps: FollowDeps;
  readonly applier: Applier;
  readonly queue: Queue;
  readonly seenNow: () => number;
  /** The sender has nothing for us before this place. */
  reached: bigint;
  /** A part is in hand: neither waiting nor sent yet. */
  busy: boolean;
  /** A transaction is open on the applying connection. */
  half: boolean;
  isOver: boolean;
}

async function applyAll(flow: Flow): Promise<void> {
  const { queue, applier } = flow;
  while (!flow.isOver) {
    const parts = queue.shift();
    const last = parts.at(-1);
    if (last === undefined) {
      await applier.settled();
      await queue.more();
      continue;
    }
    flow.busy = true;
    // Until it has ended: what is noted in between would become part of it.
    flow.half = true;
    await applier.take(parts);
    flow.half = last.end === undefined;
    flow.busy = false;
  }
}

interface Told {
  place: bigint;
  seen: number;
}

/** Tells the sender what it need not keep, once that much is safe here. */
async function confirmOnce(flow: Flow, stream: SlotStream, told: Told): Promise<void> {
  const { applier, queue } = flow;
  const isQuiet = queue.isEmpty && !flow.busy && applier.isSettled;
  // Taken together: what had been seen at this place. An echo behind it is sent again after a restart.
  const place = isQuiet && flow.reached > applier.applied ? flow.reached : applier.applied;
  const seen = isQuiet ? flow.seenNow() : applier.appliedSeen;
  if (place <= told.place) return;
  if (seen !== told.seen || applier.applied > told.place) await applier.flush(seen);
  told.seen = seen;
  told.place = place;
  stream.confirm(place);
}

async function confirmAll(flow: Flow, stream: SlotStream): Promise<void> {
  const told: Told = { place: 0n, seen: -1 };
  while (!flow.isOver) {
    await flow.deps.clock.sleep(flow.half ? busyMs : confirmMs);
    if (!flow.isOver && !flow.half) await confirmOnce(flow, stream, told);
  }
}

/** Runs until `signal` or an error; `begun` is told when both ends are open. */
export async function follow(deps: FollowDeps, signal: AbortSignal, begun: (applier: Applier) => void): Promise<void> {
  const { from, to, database } = deps;
  await renewObjects(to, database);
  const { applier, seen } = await openApplier(to, database, slotName(to.side.id, database), deps.careful);
  const assembly = new Assembler(slotName(from.side.id, database), seen, applier.applied);
  const queue = new Queue();
  const flow: Flow = {
    deps,
    applier,
    queue,
    seenNow: () => assembly.seen,
    reached: 0n,
    busy: false,
    half: false,
    isOver: false,
  };
  const events = {
    message(message: Message): void {
      const found = assembly.take(message);
      if (found === undefined) return;
      if ('emptyEnd' in found) events.reached(found.emptyEnd);
      else queue.push(found);
    },
    reached(lsn: bigint): void {
      if (lsn > flow.reached) flow.reached = lsn;
    },
  };
  let over: () => void = () => {};
  const abort = new Promise<void>((resolve) => {
    over = resolve;
  });
  signal.addEventListener('abort', over, { once: true });
  let stream: SlotStream | undefined;
  try {
    if (signal.aborted) return;
    stream = await openSlot(from, database, slotName(to.side.id, database), events);
    queue.stream = stream;
    begun(applier);
    await Promise.race([applyAll(flow), confirmAll(flow, stream), stream.ended, abort]);
  } finally {
    signal.removeEventListener('abort', over);
    flow.isOver = true;
    queue.nudge();
    // The applying connection holds the origin: it must go whatever becomes of the other.
    await Promise.all([stream?.close(), applier.close()]);
  }
}
