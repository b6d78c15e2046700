import type { WatchDesk, WatcherSeen } from '../../../failover/portal/desk.ts';
import type { Seen } from '../../../failover/portal/seen.ts';
import type { PortalParts } from '../deps.ts';
import { readerOf } from '../frame.ts';
import { brighter, namesLight } from '../present/names-light.ts';
import type { Names } from '../present/reader.ts';
import { ago, type TimeModel } from '../present/time.ts';
import type { Block } from '../sheet.ts';
import {
  downtimeBlock,
  type HistoryRow,
  historyOf,
  holdBlocks,
  type OrderModel,
  ordersOf,
  pointsOf,
  warningsBlock,
  watchersBlock,
} from './blocks.ts';
import { type Box, type Lane, lanesOf, sparkOf, ticksOf } from './lanes.ts';

/** The switchover page as data. */

export const spans = [1, 24, 168] as const;

export interface CheckRow {
  readonly id: string;
  readonly state: string;
  readonly tone: string;
  readonly acknowledged: boolean;
  readonly mayAcknowledge: boolean;
  readonly text: string;
  readonly since: TimeModel;
  readonly spark: readonly Box[];
  readonly sparkWords: string;
}

export interface SwitchoverModel {
  readonly tone: string;
  readonly sentence: string;
  readonly note: string;
  readonly lanes: readonly (Lane & { readonly name: string; readonly kind: string })[];
  readonly ticks: readonly string[];
  readonly spans: readonly { readonly href: string; readonly text: string; readonly current: boolean }[];
  readonly orders: readonly OrderModel[];
  readonly held: readonly Block[];
  readonly checksTitle: string;
  readonly checks: readonly CheckRow[];
  readonly after: readonly Block[];
  readonly history: readonly HistoryRow[];
  readonly last: readonly Block[];
}

/** What a request wants to see. */
export interface Wanted {
  readonly hours: number;
  /** Id of the watcher whose view is shown. */
  readonly from: string;
  readonly maySwitch: boolean;
  readonly mayHold: boolean;
}

/** The watcher whose word the page shows: the wanted one, else the first that answers, else who was heard last. */
export function chosen(watchers: readonly WatcherSeen[], wanted: string): WatcherSeen | undefined {
  const heard = watchers.filter(({ seen }) => seen !== undefined);
  return (
    heard.find(({ id }) => id === wanted) ??
    heard.find(({ why }) => why === undefined) ??
    [...heard].sort((a, b) => (b.seenAt ?? 0) - (a.seenAt ?? 0))[0]
  );
}

export const hour = 3_600_000;

const checkTones: Readonly<Record<string, string>> = { ok: 'good', warning: 'warn', critical: 'bad' };

function checkRow(parts: PortalParts, one: Seen['checks'][number], mayHold: boolean): CheckRow {
  const well = one.recent.filter((result) => result === 'ok').length;
  return {
    id: one.id,
    state: one.hard,
    tone: checkTones[one.hard] ?? 'wait',
    acknowledged: one.acknowledged,
    mayAcknowledge: mayHold && !one.acknowledged && one.hard !== 'ok' && one.hard !== 'pending',
    text: one.text,
    since: ago(one.since, readerOf(parts)),
    spark: sparkOf(one.recent, one.recentMs),
    sparkWords: parts.say('switchover.spark', {
      well,
      all: one.recent.length,
      most: Math.max(0, ...one.recentMs),
    }),
  };
}

function headOf(parts: PortalParts, desk: WatchDesk, shown: WatcherSeen | undefined) {
  const { say } = parts;
  const watchers = desk.watchers();
  const light = namesLight(watchers, 0, readerOf(parts));
  const plain = {
    tone: 'redundant',
    symbol: '●',
    sentence: shown?.seen?.sentence ?? say('switchover.never'),
    href: '',
  };
  const { tone, sentence } = shown?.seen === undefined ? { ...plain, tone: 'unknown' } : brighter(plain, light);
  const said = shown?.seen?.masters.map((one) => one.sentence).join(' ') ?? '';
  const silent = shown === undefined || watchers.every(({ why }) => why !== undefined);
  return {
    tone,
    sentence: tone === 'failed-over' ? `${sentence}. ${said}` : sentence,
    note: desk.problem ?? (silent ? `${say('switchover.silent')} ${say('switchover.by-hand')}` : ''),
  };
}

/** Everything that the page draws, from memory alone. */
export function switchoverModel(parts: PortalParts, desk: WatchDesk, wanted: Wanted, names: Names): SwitchoverModel {
  const { say } = parts;
  const now = parts.clock();
  const watchers = desk.watchers();
  const shown = chosen(watchers, wanted.from);
  const span = { from: now - wanted.hours * hour, to: now };
  const seen = shown?.seen;
  const ids = new Set(seen?.masters.map(({ id }) => id) ?? []);
  const site = (id: string): string => seen?.masters.find((one) => one.id === id)?.site ?? '';
  const from = shown === undefined ? '' : `&from=${encodeURIComponent(shown.id)}`;
  return {
    ...headOf(parts, desk, shown),
    lanes: lanesOf(seen, watchers, span, say).map((lane) => ({
      ...lane,
      name: ids.has(lane.id) ? names(lane.id) : lane.id,
      kind: ids.has(lane.id) ? site(lane.id) : say('switchover.watcher'),
    })),
    ticks: ticksOf(span).map((at) => tickText(at, wanted.hours)),
    spans: spans.map((hours) => ({
      href: `/switchover?span=${hours}${from}`,
      text: say(`switchover.span.${hours}`),
      current: hours === wanted.hours,
    })),
    orders: seen === undefined ? [] : ordersOf(parts, seen, names, wanted.maySwitch),
    held: seen === undefined ? [] : holdBlocks(parts, seen, wanted.mayHold),
    checksTitle: say('switchover.checks', { watcher: shown?.id ?? '' }),
    checks: seen?.checks.map((one) => checkRow(parts, one, wanted.mayHold)) ?? [],
    after:
      seen === undefined
        ? []
        : [...pointsOf(parts, seen, watchers, names), ...watchersBlock(parts, watchers, seen, names)],
    history: seen === undefined ? [] : historyOf(parts, seen),
    last:
      seen === undefined ? [] : [...downtimeBlock(parts, seen, names, wanted.mayHold), ...warningsBlock(parts, seen)],
  };
}

function tickText(at: number, hours: number): string {
  const iso = new Date(at).toISOString();
  return hours > 24 ? iso.slice(5, 16).replace('T', ' ') : iso.slice(11, 16);
}
