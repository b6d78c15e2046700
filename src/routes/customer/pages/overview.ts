import { z } from 'zod';
import { uapi } from '../../../whm/call.ts';
import type { Block, Cell, Sheet } from '../../portal/sheet.ts';
import { limitsOf } from '../account-facts.ts';
import { formBlock } from '../forms.ts';
import { knownBlocks } from '../live.ts';
import type { CustomerPage } from '../page.ts';
import { copySentences, inStepSeconds } from '../place.ts';
import { durationIn, sizeIn, whenIn } from '../present/time.ts';
import { mustBeSure, sureFields } from '../sure.ts';
import type { CustomerKey } from '../texts/index.ts';
import type { Visit } from '../visit.ts';
import { accountRow } from '../who.ts';

const path = '/my/overview';

/** Where the account lives, what it has, and how much of what its package allows. */
export const overviewPage: CustomerPage = {
  path,
  goal: 'overview',
  title: 'goal.overview',
  order: 10,
  area: 'overview',
  routes: (to) => {
    to.show(path, sheet);
    to.act(`${path}/contact`, contact, sheet);
  },
};

const text = z.union([z.number(), z.string(), z.null()]).optional();
const Stats = z.array(z.looseObject({ id: z.string(), _count: text, _max: text, units: z.string().nullish() }));

/** What StatsBar::get_stats counts, and how it is called here, in the order of the page. */
const meters: Readonly<Record<string, CustomerKey>> = {
  diskusage: 'usage.disk',
  bandwidthusage: 'usage.bandwidth',
  emailaccounts: 'usage.mailboxes',
  sqldatabases: 'usage.databases',
  addondomains: 'usage.addon',
  parkeddomains: 'usage.alias',
  subdomains: 'usage.sub',
  ftpaccounts: 'usage.ftp',
  mailinglists: 'usage.lists',
  autoresponders: 'usage.responders',
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const [place, usages, { row }, limits] = await Promise.all([
    placeBlocks(visit),
    visit.ask(uapi(account, 'StatsBar::get_stats', { display: Object.keys(meters).join('|') }), Stats),
    accountRow(visit.parts, account),
    limitsOf(visit),
  ]);
  return {
    heading: row?.domain ?? account,
    machine: true,
    blocks: [
      ...place,
      { kind: 'heading', text: say('overview.account') },
      {
        kind: 'facts',
        rows: [
          { label: say('overview.user'), text: account, machine: true },
          { label: say('overview.plan'), text: row?.plan ?? limits.value?.plan ?? '–' },
          { label: say('overview.contact'), text: row?.email ?? '–', meta: say('overview.contact.help') },
        ],
      },
      ...formBlock(visit, {
        action: `${path}/contact`,
        fields: [
          { name: 'contactEmail', label: say('overview.contact'), input: 'email', required: true },
          ...(await sureFields(visit)),
        ],
        values: { contactEmail: row?.email ?? '' },
        button: say('overview.contact.change'),
        fold: say('overview.contact.change'),
      }),
      { kind: 'heading', text: say('overview.usage') },
      ...knownBlocks(visit, usages, (rows) => [usageTable(visit, rows)]),
    ],
  };
}

async function contact(visit: Visit): Promise<string> {
  const { submit, account, body } = visit;
  await mustBeSure(visit);
  return submit('account.contact', { account, contactEmail: (body['contactEmail'] ?? '').trim() }, path);
}

/** Where it lives now, whether both copies are in step, and when that last changed or was tried. */
async function placeBlocks(visit: Visit): Promise<readonly Block[]> {
  const { say, parts, account, language } = visit;
  const [copies, { row }] = await Promise.all([parts.copies(account), accountRow(parts, account)]);
  const master = parts.masters.get(copies.active);
  const when = (iso: string | undefined): string =>
    iso === undefined ? say('overview.never-known') : whenIn(language, iso);
  return [
    { kind: 'heading', text: say('overview.place') },
    {
      kind: 'facts',
      rows: [
        { label: say('overview.now'), text: `${master.site} (${master.name})` },
        {
          label: say('overview.copies'),
          text: copySentences(parts, language, copies, row?.chips ?? []).join(' '),
          ...(row === undefined ? {} : { meta: say('overview.copies.help') }),
        },
        ...(copies.copied ?? []).map((what) => ({
          label: say(what === 'files' ? 'overview.files' : 'overview.data'),
          text: behind(visit, what === 'files' ? copies.filesBehind : copies.databasesBehind),
        })),
        { label: say('overview.switch'), text: when(copies.lastSwitch), meta: say('overview.switch.help') },
        {
          label: say('overview.drill'),
          text: when(copies.lastDrill),
          meta: say(copies.drillWentWell === false ? 'overview.drill.bad' : 'overview.drill.help'),
        },
      ],
    },
  ];
}

/** How far the copy is behind, in words; 'not known' where nobody copies or nobody has looked. */
function behind({ say, language }: Visit, seconds: number | undefined): string {
  if (seconds === undefined) return say('overview.behind.unknown');
  if (seconds <= inStepSeconds) return say('overview.behind.none');
  return say('overview.behind', { time: durationIn(language, seconds) });
}

function usageTable(visit: Visit, rows: z.output<typeof Stats>): Block {
  const { say } = visit;
  const shown = Object.entries(meters).flatMap(([id, key]) => {
    const row = rows.find((one) => one.id === id);
    return row === undefined ? [] : [usageRow(visit, say(key), row)];
  });
  return {
    kind: 'table',
    columns: [say('overview.what'), say('overview.used'), say('overview.most'), say('boxes.state')],
    rows: shown,
    empty: say('overview.no-usage'),
    small: true,
  };
}

/** Sizes come in MB, counts bare; 'unlimited', and 0 for a size, is no limit. */
function usageRow(visit: Visit, label: string, row: z.output<typeof Stats>[number]): readonly Cell[] {
  const { say, language } = visit;
  const isSize = row.units === 'MB';
  const used = Number(row._count ?? 0);
  const limit = Number(row._max ?? Number.NaN);
  const most = Number.isNaN(limit) || (isSize && limit === 0) ? undefined : limit;
  const shown = (value: number): string => (isSize ? sizeIn(language, value * 1_048_576) : String(value));
  return [
    { text: label },
    { text: shown(used), number: true },
    { text: most === undefined ? say('unlimited') : shown(most), number: true },
    fullness(visit, used, most),
  ];
}

/** What is nearly full says so: at nine tenths of what is allowed. */
function fullness({ say }: Visit, used: number, most: number | undefined): Cell {
  if (most === undefined) return { text: '' };
  if (most === 0) return { text: say('overview.none-allowed'), tone: 'wait' };
  if (used >= most) return { text: say('overview.full'), tone: 'bad' };
  return used >= most * 0.9 ? { text: say('overview.nearly'), tone: 'warn' } : { text: '' };
}
