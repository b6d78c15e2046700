import type { WatcherSeen } from '../../../failover/portal/desk.ts';
import type { Seen } from '../../../failover/portal/seen.ts';
import type { PortalParts } from '../deps.ts';
import { readerOf } from '../frame.ts';
import type { Names } from '../present/reader.ts';
import { ago, clock, type TimeModel } from '../present/time.ts';
import type { Block, Cell } from '../sheet.ts';

/** The tables of the switchover page. */

function zonesText({ say }: PortalParts, seen: Seen): string {
  const zones = seen.publish?.last?.outcome.counts.zones;
  return zones === undefined ? say('switchover.zones.none') : say('switchover.zones', { count: zones });
}

export interface OrderModel {
  readonly label: string;
  /** '' where there is nothing to do, or who looks may not. */
  readonly href: string;
  readonly danger: boolean;
  readonly effect: string;
}

/** PREPARE, SWITCH and RETURN, each with what it would do. Who may not order sees the effects alone. */
export function ordersOf(parts: PortalParts, seen: Seen, names: Names, maySwitch: boolean): readonly OrderModel[] {
  const { say } = parts;
  const ids = seen.masters.map(({ id }) => id);
  const home = ids[0] ?? '';
  const pair = seen.active?.pair ?? home;
  const zones = zonesText(parts, seen);
  const path = (verb: string, id: string): string => `/switchover/${verb}/${encodeURIComponent(id)}`;
  const may = (href: string): string => (maySwitch ? href : '');
  const away = { to: names(home), from: names(pair), zones };
  return [
    {
      label: say('switchover.prepare', { from: names(pair) }),
      href: path('prepare', pair),
      danger: false,
      effect: say('switchover.prepare.effect', { from: names(pair) }),
    },
    ...ids
      .filter((id) => id !== pair)
      .map((id) => ({
        label: say('switchover.switch', { from: names(pair), to: names(id) }),
        href: may(path('switch', pair)),
        danger: true,
        effect: say('switchover.switch.effect', { from: names(pair), to: names(id), zones }),
      })),
    {
      label: say('switchover.return', { to: names(home) }),
      href: pair === home ? '' : may(path('return', home)),
      danger: true,
      effect: say(pair === home ? 'switchover.return.none' : 'switchover.return.effect', away),
    },
  ];
}

/** That nothing switches by itself, and the way out. */
export function holdBlocks({ say }: PortalParts, seen: Seen, mayHold: boolean): readonly Block[] {
  if (seen.hold === undefined) return [];
  const release = { label: say('switchover.release'), action: '/switchover/release' };
  return [
    { kind: 'text', text: say('switchover.hold.on', seen.hold), tone: 'note' },
    ...(mayHold ? [{ kind: 'buttons', links: [], posts: [release] } as const] : []),
  ];
}

/** Where the pair and each moved account point, and how each watcher published it. */
export function pointsOf(
  parts: PortalParts,
  seen: Seen,
  watchers: readonly WatcherSeen[],
  names: Names,
): readonly Block[] {
  const { say } = parts;
  const pair: Cell =
    seen.active === undefined
      ? { text: say('switchover.conflict', { orders: seen.conflict.join(', ') }), tone: 'bad' }
      : { text: names(seen.active.pair), tone: 'good' };
  const accounts = Object.entries(seen.active?.accounts ?? {}).slice(0, 200);
  const published = watchers.map(({ id, seen: its }): readonly Cell[] => {
    const last = its?.publish?.last;
    if (last === undefined)
      return [{ text: say('switchover.published', { watcher: id }) }, { text: say('switchover.published.never') }];
    const tone = last.outcome.kind === 'done' ? 'good' : last.outcome.kind === 'asks' ? 'warn' : 'bad';
    const late = last.outcome.stragglers.map(({ sentence }) => sentence);
    return [
      {
        text: say('switchover.published', { watcher: id }),
        meta: say('switchover.published.order', {
          order: last.order,
          time: clock(last.at, readerOf(parts)).text,
        }),
      },
      { text: last.outcome.kind, tone, meta: [last.outcome.sentence, ...late].join(' ') },
    ];
  });
  return [
    { kind: 'heading', text: say('switchover.points') },
    {
      kind: 'table',
      columns: [say('switchover.what'), say('switchover.where')],
      empty: '',
      rows: [
        [{ text: say('switchover.pair') }, pair],
        ...accounts.map(([account, master]): readonly Cell[] => [
          { text: say('switchover.account', { account }), href: `/accounts/${encodeURIComponent(account)}` },
          { text: names(master) },
        ]),
        ...published,
      ],
    },
  ];
}

const sightTones: Readonly<Record<string, Cell['tone']>> = { serving: 'good', suspect: 'warn', gone: 'bad' };

/** The watchers, and how each sees each master. */
export function watchersBlock(
  parts: PortalParts,
  watchers: readonly WatcherSeen[],
  shown: Seen,
  names: Names,
): readonly Block[] {
  const { say } = parts;
  const ids = shown.masters.map(({ id }) => id);
  const rows = watchers.map(({ id, seen, seenAt, why }): readonly Cell[] => [
    { text: id, href: `/switchover?from=${encodeURIComponent(id)}` },
    why === undefined
      ? { text: say('switchover.answers'), tone: 'good' }
      : { text: say('switchover.silent-one'), tone: 'bad', meta: why },
    ...ids.map((master): Cell => {
      const sight = seen?.masters.find((one) => one.id === master)?.sight;
      const tone = sight === undefined ? undefined : sightTones[sight];
      return { text: sight ?? '–', ...(tone === undefined ? {} : { tone }) };
    }),
    seenAt === undefined ? { text: '–' } : { time: ago(new Date(seenAt).toISOString(), readerOf(parts)) },
  ]);
  return [
    { kind: 'heading', text: say('switchover.watchers') },
    {
      kind: 'table',
      columns: [
        say('switchover.watcher'),
        say('switchover.state'),
        ...ids.map((id) => say('switchover.sees', { master: names(id) })),
        say('switchover.heard'),
      ],
      rows,
      empty: '',
    },
  ];
}

export interface HistoryRow {
  readonly time: TimeModel;
  readonly sentence: string;
  readonly evidence: readonly string[];
}

/** What happened, newest first, with its evidence. */
export function historyOf(parts: PortalParts, seen: Seen): readonly HistoryRow[] {
  const reader = readerOf(parts);
  return [...seen.history]
    .reverse()
    .slice(0, 60)
    .map(({ at, sentence, evidence }) => ({
      time: clock(new Date(at).toISOString(), reader),
      sentence,
      evidence: evidence.filter((line) => line !== sentence),
    }));
}

/** Planned downtime. */
export function downtimeBlock(parts: PortalParts, seen: Seen, names: Names, mayHold: boolean): readonly Block[] {
  const { say } = parts;
  const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  return [
    { kind: 'heading', text: say('switchover.downtimes'), id: 'downtime' },
    {
      kind: 'table',
      columns: [
        say('masters.window.master'),
        say('masters.window.begins'),
        say('masters.window.ends'),
        say('switchover.hold.reason'),
        '',
      ],
      empty: say('switchover.downtime.none'),
      small: true,
      rows: seen.downtime.map((one) => [
        { text: names(one.master) },
        { text: utc(one.from) },
        { text: utc(one.until) },
        { text: one.reason, meta: one.by },
        mayHold
          ? {
              buttons: [
                { label: say('switchover.downtime.end'), action: '/switchover/downtime/end', hidden: { id: one.id } },
              ],
            }
          : { text: '' },
      ]),
    },
  ];
}

/** What weakens this pair of watchers. */
export function warningsBlock(parts: PortalParts, seen: Seen): readonly Block[] {
  if (seen.warnings.length === 0) return [];
  return [
    { kind: 'heading', text: parts.say('switchover.warnings') },
    ...seen.warnings.map((text): Block => ({ kind: 'text', text, tone: 'meta' })),
  ];
}
