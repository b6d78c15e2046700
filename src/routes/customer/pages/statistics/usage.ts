/** What the account uses: disk is the larger of the copies, traffic the sum of what each of them served. */
import { z } from 'zod';
import { uapi } from '../../../../whm/call.ts';
import type { Known } from '../../../portal/remembered.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import { numberIn, sizeIn } from '../../present/time.ts';
import type { Visit } from '../../visit.ts';
import { type Month, monthBars, monthsOf } from './months.ts';

const path = '/my/statistics';
const MB = 1_048_576;

const quota = z.object({ megabytes_used: z.coerce.number(), megabyte_limit: z.coerce.number().nullish() });
const bandwidth = z.array(z.object({ bytes: z.coerce.number(), month_start: z.coerce.number() }));
const stats = z.array(
  z.object({ name: z.string(), _count: z.coerce.string().nullish(), _max: z.coerce.string().nullish() }),
);

/** Counted things, in the order of the page, and what they are called on every page. */
const counted = {
  emailaccounts: 'usage.mailboxes',
  addondomains: 'usage.addon',
  subdomains: 'usage.sub',
  parkeddomains: 'usage.alias',
  sqldatabases: 'usage.databases',
  ftpaccounts: 'usage.ftp',
} as const;

async function ofAll<T>(visit: Visit, ask: (master: string) => Promise<Known<T>>): Promise<readonly Known<T>[]> {
  return Promise.all(visit.parts.masters.list.map((master) => ask(master.id)));
}

/** Sites that have not answered: a sum without them is too small, and says so. */
function missing(visit: Visit, answers: readonly Known<unknown>[]): readonly Block[] {
  const sites = visit.parts.masters.list
    .filter((_master, at) => answers[at]?.value === undefined)
    .map((one) => one.site);
  if (sites.length === 0) return [];
  return [{ kind: 'text', text: visit.say('usage.without', { sites: sites.join(', ') }), tone: 'note', stale: true }];
}

function toneOf(percent: number): 'good' | 'warn' | 'bad' {
  if (percent >= 95) return 'bad';
  return percent >= 80 ? 'warn' : 'good';
}

function meter(visit: Visit, label: string, used: number, most: number | undefined): Block {
  const { say, language } = visit;
  const size = (mb: number): string => sizeIn(language, mb * MB);
  if (most === undefined || most === 0) {
    return { kind: 'meter', label, text: say('usage.free', { used: size(used) }), percent: 0, tone: 'good' };
  }
  const percent = Math.min(100, Math.round((used * 100) / most));
  return {
    kind: 'meter',
    label,
    text: say('usage.of', { used: size(used), most: size(most) }),
    percent,
    tone: toneOf(percent),
  };
}

async function diskBlocks(visit: Visit): Promise<readonly Block[]> {
  const answers = await ofAll(visit, (id) => visit.askOn(id, uapi(visit.account, 'Quota::get_quota_info'), quota));
  const found = answers.flatMap((one) => (one.value === undefined ? [] : [one.value]));
  const largest = found.toSorted((a, b) => b.megabytes_used - a.megabytes_used)[0];
  if (largest === undefined) return unreadOr(visit, answers);
  const limit = largest.megabyte_limit ?? undefined;
  return [meter(visit, visit.say('usage.disk'), largest.megabytes_used, limit), ...missing(visit, answers)];
}

function unreadOr(visit: Visit, answers: readonly Known<unknown>[]): readonly Block[] {
  const [first] = answers;
  return first === undefined ? [] : knownBlocks(visit, first, () => []);
}

const shownMonths = 12;

async function trafficBlocks(visit: Visit, limitMb: number | undefined): Promise<readonly Block[]> {
  const { say, language } = visit;
  const answers = await ofAll(visit, (id) => visit.askOn(id, uapi(visit.account, 'Stats::get_bandwidth'), bandwidth));
  const found = answers.flatMap((one) => (one.value === undefined ? [] : [one.value]));
  if (found.length === 0) return unreadOr(visit, answers);
  const months = monthsOf(found.flat(), visit.parts.clock(), shownMonths);
  const now = months.at(-1)?.bytes ?? 0;
  const isNothing = months.every(({ bytes }) => bytes === 0);
  const table: Block = {
    kind: 'table',
    columns: [say('usage.month'), say('usage.traffic.bytes')],
    rows: months
      .toReversed()
      .map((one) => [{ text: one.label(language) }, { text: sizeIn(language, one.bytes), number: true }]),
    empty: '',
    fold: say('usage.as-table'),
  };
  return [
    meter(visit, say('usage.traffic'), now / MB, limitMb),
    ...(isNothing
      ? [{ kind: 'text', text: say('usage.no-traffic', { count: months.length }), tone: 'meta' } as const]
      : [chart(visit, months, limitMb), table]),
    ...missing(visit, answers),
  ];
}

function chart(visit: Visit, months: readonly Month[], limitMb: number | undefined): Block {
  const { say, language } = visit;
  const bound = limitMb === undefined || limitMb === 0 ? undefined : limitMb * MB;
  const drawn = monthBars(months, bound, language);
  return {
    kind: 'bars',
    label: say('usage.chart', { count: months.length }),
    caption: say('usage.chart.caption', { most: sizeIn(language, drawn.top) }),
    bars: drawn.bars.map(({ bytes, ...bar }) => ({ ...bar, value: sizeIn(language, bytes) })),
    ...(drawn.boundAt === undefined ? {} : { bound: { y: drawn.boundAt, label: say('usage.bound') } }),
  };
}

type Stat = z.output<typeof stats>[number];

function countedBlock(visit: Visit, rows: readonly Stat[]): Block {
  const { say, language } = visit;
  const number = (text: string | null | undefined): string => {
    const value = Number(text);
    return Number.isFinite(value) && text !== null && text !== '' ? numberIn(language, value) : say('unlimited');
  };
  return {
    kind: 'table',
    columns: [say('usage.what'), say('usage.used'), say('usage.most')],
    rows: Object.entries(counted).flatMap(([name, key]) => {
      const found = rows.find((one) => one.name === name);
      if (found === undefined) return [];
      const isFull = Number(found._max) > 0 && Number(found._count) >= Number(found._max);
      return [
        [
          { text: say(key) },
          { text: number(found._count ?? '0'), number: true, ...(isFull ? { tone: 'warn' as const } : {}) },
          { text: number(found._max), number: true },
        ],
      ];
    }),
    empty: '',
  };
}

async function usageSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const display = [...Object.keys(counted), 'bandwidthusage'].join('|');
  const known = await visit.ask(uapi(account, 'StatsBar::get_stats', { display }), stats);
  const most = Number(known.value?.find((one) => one.name === 'bandwidthusage')?._max);
  return {
    heading: say('usage.title'),
    blocks: [
      ...(await diskBlocks(visit)),
      ...(await trafficBlocks(visit, Number.isFinite(most) ? most : undefined)),
      { kind: 'heading', text: say('usage.limits') },
      ...knownBlocks(visit, known, (rows) => [countedBlock(visit, rows)]),
      { kind: 'text', text: say('usage.how'), tone: 'meta' },
    ],
  };
}

export const usagePage: CustomerPage = {
  path,
  goal: 'statistics',
  title: 'usage.title',
  order: 10,
  area: 'statistics',
  routes: (to) => to.show(path, usageSheet),
};
