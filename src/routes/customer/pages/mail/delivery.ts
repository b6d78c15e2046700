import { z } from 'zod';
import { type WhmCall, whm } from '../../../../whm/call.ts';
import type { Known } from '../../../portal/remembered.ts';
import type { Block, Cell, Sheet } from '../../../portal/sheet.ts';
import { mailDomains } from '../../account-facts.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const path = '/my/mail/delivery';
/** So many deliveries are shown, the newest first. */
const most = 200;

const Record = z.object({
  user: z.string().nullish(),
  domain: z.string().nullish(),
  sender: z.string().nullish(),
  recipient: z.string().nullish(),
  type: z.string().nullish(),
  message: z.string().nullish(),
  actionunixtime: z.union([z.number(), z.string()]).nullish(),
  sendunixtime: z.union([z.number(), z.string()]).nullish(),
});
const Found = z.object({ records: z.array(Record) });

type Delivery = z.output<typeof Record> & { readonly master: string };

/** What became of the account's mail, on every server: after a switch the answer may be on either. */
export const deliveryPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'delivery.title',
  order: 90,
  area: 'mail',
  feature: 'emailtrace',
  routes: (to) => {
    to.show(path, sheet);
  },
};

/** WHM's search, which only root may ask: bounded to the account there, and once more here. */
function search(account: string): WhmCall {
  return whm('emailtrack_search', {
    success: 1,
    defer: 1,
    failure: 1,
    inprogress: 1,
    max_results_by_type: most,
    'api.filter.enable': 1,
    'api.filter.a.field': 'user',
    'api.filter.a.arg0': account,
    'api.filter.a.type': 'eq',
  });
}

async function sheet(visit: Visit): Promise<Sheet> {
  const { say, parts, account } = visit;
  const { list } = parts.masters;
  const [domains, ...answers] = await Promise.all([
    mailDomains(visit),
    ...list.map((master) => visit.askOn(master.id, search(account), Found)),
  ]);
  const rows = list.flatMap(({ id }, at) => (answers[at]?.value?.records ?? []).map((row) => ({ ...row, master: id })));
  const own = ownOf(rows, account, domains).toSorted((a, b) => timeOf(b) - timeOf(a));
  return {
    heading: say('delivery.title'),
    blocks: [
      { kind: 'text', text: say('delivery.intro'), tone: 'meta' },
      ...stateBlocks(visit, answers),
      ...(answers.some((one) => one.value !== undefined) ? [table(visit, own.slice(0, most))] : []),
    ],
  };
}

/** Only what is the account's: the user is what WHM filtered by, the domain is a second lock on the same door. */
export function ownOf(rows: readonly Delivery[], account: string, domains: readonly string[]): readonly Delivery[] {
  const isOwn = (address: string | null | undefined): boolean =>
    domains.includes((address ?? '').toLowerCase().split('@')[1] ?? '');
  return rows.filter(
    (row) => row.user === account && (isOwn(row.sender) || isOwn(row.recipient) || row.sender === account),
  );
}

function timeOf(row: Delivery): number {
  return Number(row.actionunixtime ?? row.sendunixtime ?? 0);
}

/** For each server whether it has answered: a gap must not look like 'nothing was delivered'. */
function stateBlocks(visit: Visit, answers: readonly Known<unknown>[]): readonly Block[] {
  return visit.parts.masters.list.flatMap(({ site }, at): readonly Block[] => {
    const known = answers[at];
    if (known === undefined || known.value !== undefined) return [];
    if (known.problem === '') return [{ kind: 'unread', text: visit.say('delivery.unread', { site }) }];
    return [{ kind: 'text', text: visit.say('delivery.missing', { site }), tone: 'note', stale: known.old }];
  });
}

function table(visit: Visit, rows: readonly Delivery[]): Block {
  const { say } = visit;
  return {
    kind: 'table',
    columns: [
      say('delivery.when'),
      say('delivery.from'),
      say('delivery.to'),
      say('delivery.result'),
      say('delivery.on'),
    ],
    empty: say('delivery.empty'),
    rows: rows.map((row) => [
      { time: visit.ago(new Date(timeOf(row) * 1000).toISOString()) },
      { text: row.sender ?? '', machine: true },
      { text: row.recipient ?? '', machine: true },
      resultCell(visit, row),
      { text: visit.siteOf(row.master) },
    ]),
  };
}

function resultCell(visit: Visit, row: Delivery): Cell {
  const meta = (row.message ?? '') === '' ? {} : { meta: visit.plain(row.message ?? '') };
  switch (row.type) {
    case 'success':
      return { text: visit.say('delivery.success'), tone: 'good', ...meta };
    case 'defer':
      return { text: visit.say('delivery.defer'), tone: 'wait', ...meta };
    case 'failure':
      return { text: visit.say('delivery.failure'), tone: 'bad', ...meta };
    default:
      return { text: visit.say('delivery.inprogress'), tone: 'busy', ...meta };
  }
}
