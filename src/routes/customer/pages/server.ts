import { z } from 'zod';
import { type OwnName, ownNamesOf } from '../../../actions/own-names/names.ts';
import { lookAtZone, readZone } from '../../../actions/zone.ts';
import { Invalid } from '../../../errors.ts';
import type { Placed } from '../../../operations/placement.ts';
import type { Block, Cell, Sheet } from '../../portal/sheet.ts';
import { mailDomains } from '../account-facts.ts';
import type { SiteAnswer } from '../deps.ts';
import { formBlock } from '../forms.ts';
import type { CustomerPage } from '../page.ts';
import type { Visit } from '../visit.ts';
import { accountRow } from '../who.ts';

const path = '/my/overview/server';

/** Choose my server: where the site lives, the names that stay on one server, and the preferred one. */
export const serverPage: CustomerPage = {
  path,
  goal: 'overview',
  title: 'server.title',
  order: 20,
  area: 'overview',
  routes: (to) => {
    to.show(path, sheet);
    to.act(path, choose, sheet);
  },
};

/** So many domains are shown; who has more sees the main one first. */
const most = 12;

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const place = await placeOf(visit);
  return {
    heading: say('server.title'),
    blocks: [
      ...factBlocks(visit, place),
      ...(await nameBlocks(visit, place)),
      { kind: 'heading', text: say('server.preferred') },
      ...choiceBlocks(visit, place),
    ],
  };
}

interface Place extends Placed {
  readonly active: string;
  readonly waits: boolean;
}

async function placeOf({ parts, account }: Visit): Promise<Place> {
  const [{ active }, { row }] = await Promise.all([parts.copies(account), accountRow(parts, account)]);
  const placed = await parts.placement.of(account, row?.plan ?? '');
  return { ...placed, active, waits: parts.placement.waits(account) };
}

/** 'Dublin (M1)' */
function called({ parts }: Visit, master: string): string {
  const { site, name } = parts.masters.get(master);
  return `${site} (${name})`;
}

function factBlocks(visit: Visit, place: Place): readonly Block[] {
  const { say } = visit;
  const isHome = place.active === place.preferred;
  return [
    {
      kind: 'facts',
      rows: [
        { label: say('overview.now'), text: called(visit, place.active) },
        {
          label: say('server.preferred'),
          text: called(visit, place.preferred),
          ...(isHome ? {} : { tone: 'wait', meta: say(place.waits ? 'server.moves' : 'server.away') }),
        },
        { label: say('server.failure'), text: say(place.isProtected ? 'server.protected' : 'server.unprotected') },
      ],
    },
  ];
}

/** The address that stands at an own name in the zone, if it is a server's. */
function addressAt(visit: Visit, zone: unknown, domain: string, own: OwnName): string | undefined {
  const read = readZone([{ ok: true, data: zone }], 0, domain);
  if (!read.ok) return undefined;
  const record = read.value.records.find((r) => r.name === `${own.name}.` && (r.type === 'A' || r.type === 'AAAA'));
  const [address] = record?.data ?? [];
  return address !== undefined && visit.parts.masters.owns(address) ? address : undefined;
}

interface Row {
  readonly cells: readonly Cell[];
  readonly answer: SiteAnswer | undefined;
}

function nameRow(visit: Visit, zone: unknown, domain: string, own: OwnName): Row {
  const { say, parts } = visit;
  const site: Cell = { text: called(visit, own.master) };
  const name = (more: Cell): Cell => ({ text: own.name, machine: true, ...more });
  if (zone === undefined) return { cells: [name({}), site, { text: '…', tone: 'wait' }], answer: undefined };
  const address = addressAt(visit, zone, domain, own);
  if (address === undefined)
    return { cells: [name({}), site, { text: say('server.name.none'), tone: 'wait' }], answer: undefined };
  const answer = parts.siteCheck(own.name, address);
  return { cells: [name({ href: `http://${own.name}/` }), site, answerCell(visit, answer)], answer };
}

function answerCell({ say }: Visit, answer: SiteAnswer): Cell {
  switch (answer.kind) {
    case 'asking':
      return { text: say('server.check.asking'), tone: 'busy' };
    case 'answers':
      return answer.status < 400
        ? { text: say('server.check.answers'), tone: 'good' }
        : { text: say('server.check.status', { status: answer.status }), tone: 'warn' };
    case 'redirects':
      return { text: say('server.check.redirects', { name: answer.to }), tone: 'warn' };
    case 'silent':
      return { text: say('server.check.silent'), tone: 'bad' };
  }
}

async function nameBlocks(visit: Visit, place: Place): Promise<readonly Block[]> {
  const { say, parts } = visit;
  if (ownNamesOf(parts.masters, '').length === 0) return [];
  const domains = (await mailDomains(visit)).slice(0, most);
  const zones = await Promise.all(domains.map((domain) => visit.ask(lookAtZone(domain), z.unknown())));
  const rows = domains.flatMap((domain, at) =>
    ownNamesOf(parts.masters, domain).map((own) => nameRow(visit, zones[at]?.value, domain, own)),
  );
  const redirected = rows.some(({ answer }) => answer?.kind === 'redirects');
  const isAwaited =
    rows.some(({ answer }) => answer?.kind === 'asking') || zones.some(({ value }) => value === undefined);
  return [
    { kind: 'heading', text: say('server.names') },
    { kind: 'text', text: say('server.names.what'), tone: 'meta', ...(isAwaited ? { stale: true } : {}) },
    {
      kind: 'table',
      columns: [say('server.name'), say('server.server'), say('server.check')],
      empty: say('server.names.empty'),
      rows: rows.map(({ cells }) => cells),
    },
    ...(redirected
      ? [
          {
            kind: 'text',
            text: say(place.mayChoose ? 'server.redirects.choose' : 'server.redirects'),
            tone: 'note',
          } as const,
        ]
      : []),
  ];
}

function choiceBlocks(visit: Visit, place: Place): readonly Block[] {
  const { say, parts } = visit;
  if (!place.mayChoose) return [{ kind: 'text', text: say('server.choice.no') }];
  const { list } = parts.masters;
  return [
    { kind: 'text', text: say('server.choice.what'), tone: 'meta' },
    ...formBlock(visit, {
      action: path,
      fields: [
        {
          name: 'master',
          label: say('server.preferred'),
          input: 'select',
          required: true,
          options: list.map(({ id }) => id),
          optionLabels: Object.fromEntries(list.map(({ id }) => [id, called(visit, id)])),
        },
      ],
      values: { master: place.preferred },
      button: say('server.choice.save'),
    }),
  ];
}

async function choose(visit: Visit): Promise<string> {
  const { parts, account, body, actor } = visit;
  const master = body['master'] ?? '';
  if (!parts.masters.list.some(({ id }) => id === master))
    throw new Invalid('form.again', [{ path: 'master', message: 'form.fill' }]);
  const { row } = await accountRow(parts, account);
  await parts.placement.choose(account, row?.plan ?? '', master, actor);
  return path;
}
