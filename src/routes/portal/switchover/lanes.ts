import type { WatcherSeen } from '../../../failover/portal/desk.ts';
import type { Seen } from '../../../failover/portal/seen.ts';
import type { PortalSay } from '../texts/en.ts';

/** Masters and watchers on one time axis, as boxes in a picture of 1000 by 24. Pure. */

/** Width and height that all boxes of a lane are drawn in. */
export const laneWidth = 1000;
export const laneHeight = 24;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its look: a class of the style sheet, 'box-…'. */
  readonly look: 'active' | 'standby' | 'good' | 'warn' | 'bad' | 'order';
}

export interface Lane {
  readonly id: string;
  readonly boxes: readonly Box[];
  /** The picture in words. */
  readonly words: string;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

interface Piece<T> extends Span {
  readonly value: T;
}

/** What holds from each moment on, cut to the span; what held before the first is not known and not drawn. */
export function pieces<T>(
  marks: readonly { readonly at: number; readonly value: T }[],
  { from, to }: Span,
): readonly Piece<T>[] {
  return marks.flatMap(({ at, value }, n) => {
    const begins = Math.max(at, from);
    const ends = Math.min(marks[n + 1]?.at ?? to, to);
    return begins < ends ? [{ from: begins, to: ends, value }] : [];
  });
}

/**
 * The master that names point at, from each order on. What belongs to the first of the masters decides for the pair;
 * accounts that were moved alone do not count.
 */
export function activeMarks(seen: Seen): readonly { readonly at: number; readonly value: string }[] {
  const orders = seen.orders.filter(({ account, accounts }) => account === undefined && accounts.length === 0);
  const home = seen.masters[0]?.id ?? '';
  const [first] = orders;
  // Only the newest orders are told; a return that comes first was preceded by a switch.
  let now = first?.kind === 'return' && first.to === home ? first.from : home;
  const marks = [{ at: 0, value: now }];
  for (const { kind, from, to, at: when } of orders) {
    if (now === from && (kind === 'switch' || to === home)) now = to;
    marks.push({ at: Date.parse(when), value: now });
  }
  return marks;
}

const calm = new Set(['steady', 'failed-over']);
const slight = new Set(['suspect', 'maintenance']);

function lookOf(state: string): 'good' | 'warn' | 'bad' {
  if (calm.has(state)) return 'good';
  return slight.has(state) ? 'warn' : 'bad';
}

const tall = { good: 2, warn: 5, bad: 9 } as const;

function at(time: number, { from, to }: Span): number {
  return Math.round(((time - from) / (to - from)) * laneWidth * 10) / 10;
}

function box(piece: Span, span: Span, y: number, height: number, look: Box['look']): Box {
  const x = at(piece.from, span);
  return { x, y, width: Math.max(1, Math.round((at(piece.to, span) - x) * 10) / 10), height, look };
}

function health(piece: Piece<string>, span: Span): Box {
  const look = lookOf(piece.value);
  return box(piece, span, laneHeight - tall[look], tall[look], look);
}

function masterLane(seen: Seen, id: string, span: Span, say: PortalSay): Lane {
  const active = pieces(activeMarks(seen), span).map((piece) => {
    return piece.value === id ? box(piece, span, 1, 12, 'active') : box(piece, span, 6, 2, 'standby');
  });
  const verdicts = seen.history
    .filter(({ kind, subject, state }) => kind === 'verdict' && subject === id && state !== undefined)
    .map(({ at: when, state = '' }) => ({ at: when, value: state }));
  const states = pieces(verdicts, span);
  const orders = seen.orders
    .map((order) => Date.parse(order.at))
    .filter((when) => when >= span.from && when <= span.to)
    .map((when): Box => ({ x: at(when, span), y: 0, width: 2, height: laneHeight, look: 'order' }));
  const bad = states.filter(({ value }) => lookOf(value) === 'bad').length;
  const now = seen.active?.pair === id ? 'active' : 'standby';
  return {
    id,
    boxes: [...active, ...states.map((piece) => health(piece, span)), ...orders],
    words: say(`switchover.lane.${now}`, { bad, orders: orders.length }),
  };
}

function watcherLane({ id, turns }: WatcherSeen, span: Span, say: PortalSay): Lane {
  const known = pieces(
    turns.map(({ at: when, answers }) => ({ at: when, value: answers })),
    span,
  );
  const silent = known.filter(({ value }) => !value).length;
  return {
    id,
    boxes: known.map((piece) =>
      piece.value
        ? box(piece, span, laneHeight - tall.good, tall.good, 'good')
        : box(piece, span, laneHeight - tall.bad, tall.bad, 'bad'),
    ),
    words: say(turns.at(-1)?.answers === true ? 'switchover.lane.answers' : 'switchover.lane.silent', { silent }),
  };
}

/** Masters first. A watcher's lane begins where this portal began to ask. */
export function lanesOf(
  seen: Seen | undefined,
  watchers: readonly WatcherSeen[],
  span: Span,
  say: PortalSay,
): readonly Lane[] {
  return [
    ...(seen === undefined ? [] : seen.masters.map(({ id }) => masterLane(seen, id, span, say))),
    ...watchers.map((one) => watcherLane(one, span, say)),
  ];
}

/** Five moments of the axis, first and last included. */
export function ticksOf({ from, to }: Span): readonly number[] {
  return [0, 1, 2, 3, 4].map((n) => from + (n * (to - from)) / 4);
}

/** Width and height of a sparkline: one bar for each of the last sixty runs. */
export const sparkWidth = 240;
export const sparkHeight = 24;

/** One bar a run, as high as it took long; a failed one full. Newest on the right. */
export function sparkOf(recent: readonly string[], recentMs: readonly number[]): readonly Box[] {
  const most = Math.max(1, ...recentMs);
  const step = sparkWidth / 60;
  const offset = sparkWidth - recent.length * step;
  return recent.map((result, n) => {
    const well = result === 'ok';
    const share = well ? (recentMs[n] ?? 0) / most : 1;
    const height = Math.max(2, Math.round(share * (sparkHeight - 2)));
    const look = well ? 'good' : result === 'warning' ? 'warn' : 'bad';
    return { x: offset + n * step, y: sparkHeight - height, width: step - 1, height, look };
  });
}
