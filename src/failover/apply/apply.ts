import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { Counts, LeftZone, Step } from '../publish/model.ts';
import { runProgram } from '../publish/program.ts';
import type { Veto } from '../safety.ts';
import type { Report } from '../zone/model.ts';
import type { ItemDone } from './chunk.ts';
import { inFlight, listZones, removeLeftovers, syncFolder } from './files.ts';
import type { Ledger } from './ledger.ts';
import type { Probe } from './plan-zone.ts';
import type { Planner } from './planner.ts';
import type { Ready } from './ready.ts';
import type { Care } from './ttl-care.ts';

/**
 * Brings a whole zone directory to what is wished, in this order: new texts beside the files and on the disk; the ledger
 * on the disk; renames. A full disk is found before the first file changes. Killed before the ledger is written, nothing
 * happened; killed after it, some files are new and some old, each whole, and the next run finds the rest by their serials.
 */

export interface ApplyRequest {
  readonly dir: string;
  readonly instant: number;
  /** The active master of a zone's account. */
  activeOf(zone: string): string;
  readonly serials?: ReadonlyMap<string, readonly number[]>;
  /** Zones that somebody else wrote. */
  readonly touched?: ReadonlySet<string>;
  readonly only?: ReadonlySet<string>;
  readonly care?: Care;
  /** Why a zone must not be moved away. */
  obstacle?(zone: string): string | undefined;
  /** False: only look. */
  readonly isReal: boolean;
  /** Asked once all is planned. Any veto stops. */
  brake(extent: Extent): readonly Veto[];
}

/** Zones in the directory, and by master the zones and values that point at it away from home. */
export interface Extent {
  readonly zones: number;
  readonly away: ReadonlyMap<string, { readonly zones: number; readonly values: number }>;
}

export interface ApplyDeps {
  readonly ledger: Ledger;
  readonly planner: Planner;
  /** What was written ahead. */
  readonly ready?: Ready | undefined;
  /** For tests: named points at which a process may be killed. */
  readonly crash?: (point: ApplyPoint) => void;
  /** Monotonic milliseconds. */
  readonly ticks: () => number;
}

export type ApplyPoint = 'planned' | 'ledger-written' | 'half-renamed' | 'renamed';

/** What a zone's file says after the run. */
export interface ZoneNow {
  readonly zone: string;
  readonly home: string;
  readonly to: string;
  readonly away: number;
  readonly serial: number;
  readonly isChanged: boolean;
  readonly probe: Probe | undefined;
}

export interface Applied {
  readonly kind: 'written' | 'asks' | 'failed' | 'stopped';
  readonly zones: readonly ZoneNow[];
  /** Zone → its file as it was read or written; '' where it could not be read. */
  readonly signatures: ReadonlyMap<string, string>;
  readonly left: readonly LeftZone[];
  readonly reports: readonly { readonly zone: string; readonly report: Report }[];
  readonly counts: Counts;
  readonly steps: readonly Step[];
  readonly vetoes: readonly Veto[];
  readonly failure: string | undefined;
}

const chunkSize = 200;
const chunksInFlight = 6;
/** From so many zones on, the whole file system is synced once: a hundred times less waiting than a sync a file. */
const syncTogetherFrom = 300;
const mostReports = 1000;

interface Planned {
  readonly done: readonly ItemDone[];
  /** Zones whose new texts were written now and are not on the disk yet. */
  readonly loose: readonly string[];
  readonly failure: string | undefined;
}

export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

async function planAll(
  deps: ApplyDeps,
  request: ApplyRequest,
  zones: readonly string[],
  signal: AbortSignal,
): Promise<Planned> {
  const parts = chunks(zones, chunkSize);
  const done: (readonly ItemDone[])[] = parts.map(() => []);
  let failure: string | undefined;
  const loose: string[] = [];
  const syncsEach = zones.length < syncTogetherFrom;
  // Many texts go where they are written ahead: what is there from before a restart, or a run that asked, is kept.
  const ready = request.isReal && !syncsEach ? deps.ready : undefined;
  await ready?.open(new Set(zones));
  const into = ready === undefined ? {} : { into: ready.folder };
  await inFlight([...parts.entries()], chunksInFlight, async ([at, names]) => {
    if (failure !== undefined || signal.aborted) return;
    const items = names.map((zone) => {
      const serials = request.serials?.get(zone);
      const known = deps.ledger.known(zone);
      const isTouched = request.touched?.has(zone) === true;
      const obstacle = request.obstacle?.(zone);
      const rest = { ...(serials === undefined ? {} : { serials }), ...(obstacle === undefined ? {} : { obstacle }) };
      return { zone, active: request.activeOf(zone), known, isTouched, ...rest };
    });
    const { dir, instant, isReal, care } = request;
    const found = care === undefined ? items.map((item) => deps.ready?.find(item, instant)) : [];
    const fitting = found.filter((one) => one !== undefined);
    const rest = fitting.length === 0 ? items : items.filter((_, nth) => found[nth] === undefined);
    done[at] = fitting;
    // Looking at two hundred files takes milliseconds; the checks must have their turn.
    if (rest.length === 0) return await nextTurn();
    ready?.forget(rest.map(({ zone }) => zone));
    const chunk = { dir, instant, isReal, looks: !isReal, care, items: rest, syncsEach, ...into };
    const answer = await deps.planner.plan(chunk);
    if (!syncsEach) loose.push(...answer.items.flatMap(({ kind, zone }) => (kind === 'write' ? [zone] : [])));
    done[at] = [...fitting, ...answer.items];
    failure ??= answer.failure;
  });
  return { done: done.flat(), loose, failure };
}

function nowOf(one: Exclude<ItemDone, { kind: 'left' }>): ZoneNow {
  const { zone, home, to, away, serial, probe } = one;
  return { zone, home, to, away, serial, probe, isChanged: one.kind === 'write' };
}

/** How far a run reaches. Half of a run that was killed counts like the whole, since what it did is in it. */
export function extentOf(zones: readonly Pick<ZoneNow, 'to' | 'home' | 'away'>[], all: number): Extent {
  const away = new Map<string, { zones: number; values: number }>();
  for (const { to, home, away: values } of zones) {
    if (to === home) continue;
    const sum = away.get(to) ?? { zones: 0, values: 0 };
    away.set(to, { zones: sum.zones + 1, values: sum.values + values });
  }
  return { zones: all, away };
}

interface Summary extends Pick<Applied, 'signatures' | 'zones' | 'left' | 'reports' | 'counts'> {}

function summary(done: readonly ItemDone[]): Summary {
  const zones: ZoneNow[] = [];
  const left: LeftZone[] = [];
  const reports: { zone: string; report: Report }[] = [];
  let values = 0;
  for (const one of done) {
    if (one.kind === 'left') {
      left.push({ zone: one.zone, line: one.line, reason: one.reason });
      continue;
    }
    zones.push(nowOf(one));
    if (one.kind === 'write') values += one.values;
    for (const report of one.reports) if (reports.length < mostReports) reports.push({ zone: one.zone, report });
  }
  const changed = zones.filter(({ isChanged }) => isChanged).length;
  const counts = { zones: done.length, changed, same: zones.length - changed, left: left.length, values };
  const signatures = new Map(done.map(({ zone, signature }) => [zone, signature]));
  return { zones, signatures, left, reports, counts };
}

type Write = Extract<ItemDone, { kind: 'write' }>;

async function commitAll(deps: ApplyDeps, dir: string, writes: readonly Write[]): Promise<void> {
  const folders = new Set(writes.map(({ from }) => from));
  const parts = [...folders].flatMap((from) => {
    const zones = writes.filter((one) => one.from === from).map(({ zone }) => zone);
    return chunks(zones, chunkSize).map((some) => ({ from, zones: some }));
  });
  const half = Math.floor(parts.length / 2);
  let renamed = 0;
  deps.ready?.forget(writes.map(({ zone }) => zone));
  await inFlight(parts, chunksInFlight, async ({ from, zones }) => {
    const first = zones.slice(0, Math.ceil(zones.length / 2));
    await deps.planner.commit({ dir, from, zones: first });
    if (renamed++ === half) deps.crash?.('half-renamed');
    await deps.planner.commit({ dir, from, zones: zones.slice(first.length) });
  });
  await syncFolder(dir);
}

/** One run over the directory. Never throws for a zone's sake; throws when the directory itself cannot be listed. */
export async function applyAll(deps: ApplyDeps, request: ApplyRequest, signal: AbortSignal): Promise<Applied> {
  const steps: Step[] = [];
  let since = deps.ticks();
  const lap = (name: string): void => {
    const now = deps.ticks();
    steps.push({ name, seconds: (now - since) / 1000 });
    since = now;
  };
  const listed = await listZones(request.dir);
  await removeLeftovers(request.dir, request.isReal ? listed.leftovers : []);
  const zones = request.only === undefined ? listed.zones : listed.zones.filter((zone) => request.only?.has(zone));
  const { done, loose, failure } = await planAll(deps, request, zones, signal).catch(
    (error: unknown): Planned => ({ done: [], loose: [], failure: messageOf(error) }),
  );
  lap('read and plan');
  const sum = summary(done);
  const end = async (kind: Applied['kind'], vetoes: readonly Veto[], why?: string): Promise<Applied> => {
    if (request.isReal && kind !== 'written')
      await removeLeftovers(request.dir, (await listZones(request.dir)).leftovers);
    // The disk may be full. What an order that asks would write is kept: a person is likely to go on.
    if (kind === 'failed') await deps.ready?.remove(loose);
    return { kind, ...sum, steps, vetoes, failure: why };
  };
  if (failure !== undefined) return await end('failed', [], failure);
  if (signal.aborted) return await end('stopped', []);
  const vetoes = request.brake(extentOf(sum.zones, sum.counts.zones));
  if (!request.isReal) return await end('written', vetoes);
  if (vetoes.length > 0) return await end('asks', vetoes);
  deps.crash?.('planned');
  const writes = done.flatMap((one) => (one.kind === 'write' ? [one] : []));
  try {
    // What was written ahead is on the disk already.
    if (loose.length > 0) {
      await runProgram('sync', ['-f', request.dir], { signal });
      lap('sync');
    }
    await deps.ledger.append(writes.map(({ line }) => line));
    lap('ledger');
    deps.crash?.('ledger-written');
    await commitAll(deps, request.dir, writes);
    lap('rename');
    deps.crash?.('renamed');
  } catch (error) {
    return await end('failed', [], messageOf(error));
  }
  return await end('written', []);
}
