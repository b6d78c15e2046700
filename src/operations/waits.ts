/** Why a leg waits: its root cause, one sentence, so that nobody has to follow a chain by hand. */
import type { Masters } from '../masters.ts';
import type { Journal } from '../store/database.ts';
import type { KnownMaster } from './known-reach.ts';
import { oldestInTheWay } from './order.ts';
import { type Db, keysOfRow, type LegRow, type OperationRow } from './record.ts';
import { legById, operationById } from './statements.ts';

export interface Cause {
  readonly sentence: string;
  /** The operation that is in the way. */
  readonly operation?: string;
}

export interface World {
  readonly db: Db;
  readonly journal: Journal;
  readonly masters: Masters;
  readonly known: readonly KnownMaster[];
}

/** A chain of waits longer than this is told as it stands. */
const DEPTH = 20;

/** undefined when the leg is running, over, or simply next. */
export async function causeOf(
  world: World,
  operation: OperationRow,
  leg: LegRow,
  depth = 0,
): Promise<Cause | undefined> {
  const name = world.masters.get(leg.master).name;
  switch (leg.state) {
    case 'held':
      return {
        sentence: `on hold on ${name}: ${leg.error_message ?? 'a person has to decide'}`,
        operation: operation.id,
      };
    case 'sent':
    case 'doubt':
    case 'ready':
      break;
    default:
      return undefined;
  }
  const master = masterCause(world, leg);
  if (leg.state === 'doubt') {
    return {
      sentence: master ?? `${name} gave no answer; it is looked at when the call can no longer take effect`,
      operation: operation.id,
    };
  }
  const grace = graceCause(operation, leg);
  if (grace !== undefined) return grace;
  if (leg.released === 0) return behindLead(world, operation, leg);
  if (leg.waits > 0)
    return (
      (await behindOther(world, operation, leg, depth)) ?? (master === undefined ? undefined : { sentence: master })
    );
  return master === undefined ? undefined : { sentence: master };
}

/** A person may still undo it. */
function graceCause({ id, state, grace_until: until }: OperationRow, leg: LegRow): Cause | undefined {
  if (state !== 'accepted' || leg.state !== 'ready' || (until ?? 0) <= Date.now()) return undefined;
  const at = new Date(until ?? 0).toISOString().slice(11, 19);
  return { sentence: `it can be undone until ${at} UTC, and nothing is sent before`, operation: id };
}

/** The master itself is away or parked. */
function masterCause(world: World, leg: LegRow): string | undefined {
  const known = world.known.find((m) => m.id === leg.master);
  const name = world.masters.get(leg.master).name;
  if (known === undefined || known.state === 'reachable') return undefined;
  const since = new Date(known.since).toISOString().slice(11, 16);
  if (known.state === 'parked') return `${name} is parked since ${since} UTC: ${known.reason ?? ''}`;
  return `${name} is unreachable since ${since} UTC`;
}

function behindLead(world: World, operation: OperationRow, leg: LegRow): Cause {
  const lead = world.masters.get(operation.lead).name;
  const mine = masterCause(world, leg);
  return {
    sentence: mine === undefined ? `${lead} does it first` : `${lead} does it first; ${mine}`,
    operation: operation.id,
  };
}

async function behindOther(
  world: World,
  operation: OperationRow,
  leg: LegRow,
  depth: number,
): Promise<Cause | undefined> {
  const { journal, db } = world;
  const oldest = await oldestInTheWay(world, db, leg.master, keysOfRow(operation), leg.seq);
  if (oldest === undefined) return undefined;
  const first = (await journal.prepare(legById)(db, { leg: oldest })).rows[0];
  if (first === undefined) return undefined;
  const other = (await journal.prepare(operationById)(db, { operation: first.operation_id })).rows[0];
  if (other === undefined) return undefined;
  const deeper = depth < DEPTH ? await causeOf(world, other, first, depth + 1) : undefined;
  if (deeper === undefined) return { sentence: `behind ${other.action} (${other.id})`, operation: other.id };
  return {
    sentence: `behind ${other.action} (${other.id}): ${deeper.sentence}`,
    operation: deeper.operation ?? other.id,
  };
}
