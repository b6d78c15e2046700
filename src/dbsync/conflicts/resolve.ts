/**
 * After a cut: both masters apply nothing until the rows that both changed are known and decided.
 *
 *   a snapshot on each master, with its place in the log → both logs up to there, read and judged
 *   → decisions written down on both → each applies what waits, with the decisions → again, until nothing is decided
 *   → both apply freely
 *
 * Killing it anywhere is harmless: decisions that stand are carried out first by whoever comes next.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { Refused } from '../../errors.ts';
import { alone } from '../mariadb/alone.ts';
import { type Server, unlogged } from '../mariadb/connect.ts';
import { keepFilter } from '../mariadb/filter.ts';
import { appliedOf, carryInto, RowsDiffer, settlePosition } from './carry.ts';
import { closeGate, isHeld, openGates, type Pair } from './gates.ts';
import { type Shelf, type Span, withShelf } from './logs.ts';
import { carriesOf, domainOf, type Look, look, type Past, type ResolveDeps, type Resolved } from './look.ts';
import type { Decision, Unjudged } from './model.ts';
import {
  beginRun,
  closeRun,
  endRun,
  makeConflictTable,
  noteUnjudged,
  type Run,
  readDecisions,
  readRun,
  settleMoved,
} from './store.ts';

/** Rows that both sides never cease to write are left to chance at some point. */
const mostPasses = 12;
/** So few transactions that wait are applied in no time: what is written meanwhile is as if nothing had been cut. */
const fewWaiting = 50n;

async function carryRun(deps: ResolveDeps, run: Run, shelf: Shelf): Promise<void> {
  const carries = await carriesOf(deps.servers);
  const one = async (from: Server, to: Server): Promise<void> => {
    const domain = await domainOf(from);
    await settlePosition(to, domain);
    const span = { domain, since: await appliedOf(to, domain), end: BigInt(run.ends[from.side.id] ?? 0) };
    if (span.end <= span.since) return;
    const decisions = await readDecisions(to, run.id);
    const { clock, crash } = deps;
    const log = await shelf.log(from, span);
    await carryInto({ from, to, log, run: run.id, decisions, carries, clock, crash });
  };
  const [a, b] = deps.servers;
  // Both to their ends, also when one fails: nobody else may begin while the other still works.
  const results = await Promise.allSettled([one(a, b), one(b, a)]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

interface Passed extends Resolved {
  readonly past: Past;
}

/** What of a run is still to be carried, of each. */
async function spansOf([a, b]: Pair, { ends }: Run): Promise<readonly [Span, Span]> {
  const one = async (from: Server, to: Server): Promise<Span> => {
    const domain = await domainOf(from);
    return { domain, since: await appliedOf(to, domain), end: BigInt(ends[from.side.id] ?? 0) };
  };
  return [await one(a, b), await one(b, a)];
}

/** Carries a run to its end, or to the first row that was written after its look: then a new look goes on from there. */
async function finish(deps: ResolveDeps, run: Run, earlier: Past, shelf: Shelf): Promise<Past> {
  const { servers } = deps;
  await settleBoth(servers);
  const spans = await spansOf(servers, run);
  try {
    await carryRun(deps, run, shelf);
  } catch (error) {
    if (!(error instanceof RowsDiffer)) throw error;
    await settleBoth(servers);
    const now = await spansOf(servers, run);
    // Where it gets no further, no log explains the row: that is a person's.
    const isStuck = now.every((span, n) => span.since === earlier.spans?.[n]?.since);
    if (earlier.failed !== undefined && isStuck) throw error;
    return { spans, failed: run };
  }
  deps.crash('dbsync.conflict-applied');
  await endRun(servers, run);
  return { spans };
}

/** Whether both may apply freely: little waits, or customers write as fast as passes carry. */
function isClose({ decisions, unjudged, waiting }: Look, past: Past): boolean {
  if (decisions.length + unjudged.length > 0 || past.failed !== undefined) return false;
  return waiting <= fewWaiting || (past.waiting !== undefined && waiting * 2n >= past.waiting);
}

/** One pass. Answers undefined when nothing is left to decide, and little to carry. */
async function pass(deps: ResolveDeps, past: Past, shelf: Shelf): Promise<Passed | undefined> {
  const standing = await readRun(deps.servers);
  if (standing !== undefined && standing.id !== past.failed?.id) {
    await settleMoved(deps.servers, standing.id);
    return { decisions: [], unjudged: [], past: await finish(deps, standing, past, shelf) };
  }
  const found = await look(deps, past, shelf);
  if (isClose(found, past)) return undefined;
  const run = { id: randomUUID(), ends: found.ends };
  await beginRun(deps.servers, run, { ...found, at: deps.clock.now() });
  deps.crash('dbsync.conflict-decided');
  await settleMoved(deps.servers, run.id);
  if (past.failed !== undefined) await closeRun(deps.servers, past.failed);
  const done = await finish(deps, run, past, shelf);
  return { ...found, past: { ...done, waiting: found.waiting } };
}

/**
 * Closes both gates, decides and carries what waits, opens them. Answers what was decided. Throws DatabaseAway,
 * DatabaseFailed, or Refused while another process changes the pair, and then both still wait; it may be called again.
 */
export function resolveConflicts(deps: ResolveDeps): Promise<Resolved> {
  return alone(deps.servers, () => resolveAlone(deps));
}

/** The same for whoever has the pair alone already. */
export function resolveAlone(deps: ResolveDeps): Promise<Resolved> {
  // A call of the panel pauses applying and goes on with it: neither may find the other's work half done.
  return alone(deps.servers, () => allPasses(deps), { lock: 'panel', waitSeconds: 20 });
}

async function settleBoth([a, b]: Pair): Promise<void> {
  await settlePosition(a, await domainOf(b));
  await settlePosition(b, await domainOf(a));
}

/**
 * Lets both apply what waits without a look, behind what a look has carried already. What could not be compared is noted
 * on both, so that the warning outlives this process.
 */
export function goOnWithout(deps: ResolveDeps, reason: string): Promise<void> {
  return alone(deps.servers, async () => {
    const left: Unjudged = { database: '', table: '', reason: `the look at both logs failed: ${reason}` };
    await noteUnjudged(deps.servers, { id: randomUUID(), at: deps.clock.now() }, [left]);
    await settleBoth(deps.servers);
    await openGates(deps);
  });
}

async function allPasses(deps: ResolveDeps): Promise<Resolved> {
  await mkdir(deps.folder, { recursive: true, mode: 0o700 });
  const decisions: Decision[] = [];
  const unjudged: Unjudged[] = [];
  const held = await Promise.all(deps.servers.map(isHeld));
  for (const server of deps.servers) await unlogged(server, makeConflictTable);
  // What an interrupted look left has been applied freely since.
  if (held.includes(false)) await settleMoved(deps.servers, '');
  for (const server of deps.servers) {
    if (!(await closeGate(server)))
      throw new Refused(`${server.side.name} is paused.`, { hint: `tandem db resume ${server.side.id}` });
    await keepFilter(server);
  }
  await settleBoth(deps.servers);
  let past: Past = {};
  for (let n = 0; n < mostPasses; n++) {
    const found = await withShelf(deps.folder, (shelf) => pass(deps, past, shelf));
    if (found === undefined) break;
    past = found.past;
    decisions.push(...found.decisions);
    unjudged.push(...found.unjudged);
  }
  await settleMoved(deps.servers, '');
  await openGates(deps);
  return { decisions, unjudged };
}
