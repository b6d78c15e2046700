import { z } from 'zod';
import { lookAtZone, readZone, type ZoneRecord } from '../../../../actions/zone.ts';
import { Invalid, NotFound } from '../../../../errors.ts';
import { editable, isBig, textOf } from '../../../portal/present/zone-text.ts';
import type { Block, Cell, Sheet } from '../../../portal/sheet.ts';
import { mailDomains } from '../../account-facts.ts';
import { type FormField, formBlock, mustConfirm } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { changeIn, recordsNow, withLine, zoneAt } from './zone-now.ts';
import { linesOf, lockOf, serverName, touchedLocks, unveiled, veiled, within } from './zone-words.ts';

const path = '/my/domains/zones';
const types = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'SRV', 'CAA', 'NS'] as const;

/** The zone editor: record by record or as text, always with the difference first, and back to what was before. */
export const zonesPage: CustomerPage = {
  path,
  goal: 'domains',
  title: 'zones.title',
  order: 20,
  area: 'domains',
  feature: 'zoneedit',
  routes: (to) => {
    to.show(path, list);
    to.show(`${path}/:zone`, sheet);
    to.show(`${path}/:zone/text`, textSheet);
    to.act(`${path}/:zone/text`, saveText, textSheet);
    to.act(`${path}/:zone/record`, oneRecord, sheet);
    to.show(`${path}/:zone/record`, recordSheet);
    to.show(`${path}/:zone/saves/:id`, comparison);
  },
};

async function list(visit: Visit): Promise<Sheet> {
  const links = (await mailDomains(visit)).map((domain) => ({ label: domain, href: `${path}/${domain}` }));
  return {
    heading: visit.say('zones.title'),
    blocks: [
      { kind: 'text', text: visit.say('zones.intro'), tone: 'meta' },
      { kind: 'links', links },
    ],
  };
}

async function sheet(visit: Visit): Promise<Sheet> {
  const { say, parts } = visit;
  const zone = await zoneAt(visit);
  const known = await visit.ask(lookAtZone(zone), z.unknown());
  const read = known.value === undefined ? undefined : readZone([{ ok: true, data: known.value }], 0, zone);
  const saves = await parts.auth.desk.zoneSaves(zone);
  const draw = (): readonly Block[] => {
    if (read === undefined || !read.ok) return [{ kind: 'text', text: visit.plain(read?.reason ?? ''), tone: 'note' }];
    return [
      { kind: 'text', text: say('zones.locks'), tone: 'meta' },
      table(visit, zone, veiled(parts.masters, editable(read.value.records))),
    ];
  };
  const form = formBlock(visit, {
    action: `${path}/${zone}/record`,
    fields: recordFields(visit),
    button: say('zones.compare'),
  });
  return {
    heading: zone,
    machine: true,
    trail: { label: say('zones.title'), href: path },
    more: [{ label: say('zones.text'), href: `${path}/${zone}/text` }],
    blocks: [
      ...knownBlocks(visit, known, draw),
      ...(form.length === 0 ? [] : [{ kind: 'heading', text: say('zones.add') } as const]),
      ...form,
      { kind: 'heading', text: say('zones.saves') },
      {
        kind: 'table',
        columns: [say('zones.when'), say('zones.who'), ''],
        empty: say('zones.saves.empty'),
        small: true,
        rows: saves.map((save) => [
          { time: visit.ago(new Date(Number(save.at)).toISOString()) },
          { text: save.author },
          { text: say('zones.save.compare'), href: `${path}/${zone}/saves/${save.id}` },
        ]),
      },
    ],
  };
}

function table(visit: Visit, zone: string, records: readonly ZoneRecord[]): Block {
  const { say, parts } = visit;
  const doing = (record: ZoneRecord): Cell => {
    const lock = lockOf(parts.masters, zone, record);
    const edit = `${path}/${zone}/record?line=${encodeURIComponent(textOf(record))}`;
    if (lock !== undefined) return { text: say('zones.locked'), tone: 'wait', meta: say(`zones.lock.${lock}`) };
    return visit.mayChange ? { text: say('zones.edit'), href: edit } : { text: '' };
  };
  return {
    kind: 'table',
    columns: [say('zones.name'), say('zones.type'), say('zones.ttl'), say('zones.value'), ''],
    empty: say('zones.empty'),
    rows: records.map((record) => [
      { text: within(zone, record.name), machine: true },
      { text: record.type },
      { text: String(record.ttl), number: true },
      { text: shownData(visit, record), machine: true },
      doing(record),
    ]),
  };
}

/** A record's value, the server's own name in words. */
function shownData({ say }: Visit, record: ZoneRecord): string {
  const text = record.type === 'TXT' ? record.data.join('') : record.data.join(' ');
  return text.replaceAll(serverName, say('zones.server'));
}

function recordFields(visit: Visit): readonly FormField[] {
  const { say } = visit;
  return [
    { name: 'name', label: say('zones.name'), help: say('zones.name.help'), input: 'text', required: true },
    { name: 'type', label: say('zones.type'), input: 'select', required: true, options: types },
    {
      name: 'ttl',
      label: say('zones.ttl'),
      help: say('zones.ttl.help'),
      input: 'number',
      required: true,
      default: '14400',
    },
    { name: 'data', label: say('zones.value'), help: say('zones.value.help'), input: 'text', required: true },
  ];
}

const line = /^(\S+) (\d+) (\S+) ([\s\S]*)$/;

function lineIn(visit: Visit): string {
  const given = visit.body['line'] ?? visit.request.query['line'];
  return typeof given === 'string' ? given.slice(0, 5000) : '';
}

/** One record, to be changed or removed. */
async function recordSheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const zone = await zoneAt(visit);
  const given = lineIn(visit);
  const found = line.exec(given);
  if (found === null) throw new NotFound('problem.not-found');
  const [, name, ttl, type, data = ''] = found;
  const bare = type === 'TXT' ? data.replace(/^"|"$/g, '').replaceAll(/\\(.)/g, '$1') : data;
  const action = `${path}/${zone}/record`;
  return {
    heading: say('zones.record', { name: name ?? '' }),
    trail: { label: zone, href: `${path}/${zone}` },
    blocks: [
      ...formBlock(visit, {
        action,
        fields: recordFields(visit),
        values: { name, ttl, type, data: bare },
        hidden: { line: given },
        button: say('zones.compare'),
      }),
      ...formBlock(visit, {
        action,
        fields: [],
        hidden: { line: given, remove: '1' },
        button: say('zones.remove'),
        danger: true,
      }),
    ],
  };
}

/** A record is added, changed or removed: as the whole text, so that the difference is always of the whole zone. */
async function oneRecord(visit: Visit): Promise<Sheet> {
  const { body } = visit;
  const zone = await zoneAt(visit);
  const isRemoval = body['remove'] === '1';
  const fresh = isRemoval ? '' : freshLine(visit);
  const text = withLine(await recordsNow(visit, zone), lineIn(visit), fresh);
  return difference(visit, zone, text);
}

function freshLine(visit: Visit): string {
  const { body } = visit;
  const missing = ['name', 'type', 'ttl', 'data'].filter((name) => (body[name] ?? '').trim() === '');
  if (missing.length > 0)
    throw new Invalid(
      'form.again',
      missing.map((path) => ({ path, message: 'form.fill' })),
    );
  if (!/^\d{1,9}$/.test((body['ttl'] ?? '').trim()))
    throw new Invalid('form.again', [{ path: 'ttl', message: 'zones.ttl.wrong' }]);
  const [name, type, ttl, data] = [body['name'], body['type'], body['ttl'], body['data']].map((one) =>
    (one ?? '').trim(),
  );
  const value = type === 'TXT' ? `"${(data ?? '').replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"` : data;
  return `${name} ${ttl} ${type} ${value}`;
}

async function textSheet(visit: Visit): Promise<Sheet> {
  const { say, body } = visit;
  const zone = await zoneAt(visit);
  const typed = visit.error === undefined ? undefined : body['records'];
  const records = typed ?? (await recordsNow(visit, zone)).map(textOf).join('\n');
  return {
    heading: say('zones.text'),
    trail: { label: zone, href: `${path}/${zone}` },
    blocks: formBlock(visit, {
      action: `${path}/${zone}/text`,
      fields: [
        {
          name: 'records',
          label: say('zones.records'),
          help: say('zones.records.help'),
          input: 'textarea',
          required: true,
        },
      ],
      values: { records },
      button: say('zones.compare'),
      wide: true,
    }),
  };
}

/** First the difference; with `sure` the operation. What stood there is kept, so that it can be put back. */
async function saveText(visit: Visit): Promise<string | Sheet> {
  const { body, account, parts } = visit;
  const zone = await zoneAt(visit);
  const text = body['records'] ?? '';
  const { add, edit, remove, ...rest } = await changeIn(visit, zone, text);
  const change = { add, edit, remove, ...rest };
  if (body['sure'] !== '1') return difference(visit, zone, text);
  if (asksTwice(visit, zone, change)) {
    try {
      mustConfirm(visit, zone);
    } catch (error) {
      if (error instanceof Invalid) return difference({ ...visit, error }, zone, text);
      throw error;
    }
  }
  const now = await recordsNow(visit, zone);
  const real = (value: unknown): unknown => JSON.parse(unveiled(parts.masters, JSON.stringify(value)));
  await parts.auth.desk.zoneSave(zone, visit.actor.name, unveiled(parts.masters, now.map(textOf).join('\n')));
  const edits = { add: real(add), edit: real(edit), remove: real(remove) };
  return visit.submit('dns.edit-zone', { account, zone, ...edits }, `${path}/${zone}`);
}

/** Much at once, or a record that Tandem moves by itself: the name is typed. */
function asksTwice(visit: Visit, zone: string, change: Awaited<ReturnType<typeof changeIn>>): boolean {
  return isBig(change) || touchedLocks(visit.parts.masters, zone, change).has('moves');
}

async function difference(visit: Visit, zone: string, text: string): Promise<Sheet> {
  const { say } = visit;
  const change = await changeIn(visit, zone, text);
  const lines = linesOf(change, say);
  const isAsked = asksTwice(visit, zone, change);
  const moves = touchedLocks(visit.parts.masters, zone, change).has('moves');
  const labels = { change: say('zones.change'), before: say('zones.before'), after: say('zones.after') };
  const typed: FormField = { name: 'confirm', label: say('form.confirm'), help: zone, input: 'text', required: true };
  return {
    heading: say('zones.difference', { zone }),
    trail: { label: zone, href: `${path}/${zone}` },
    blocks: [
      { kind: 'difference', lines, labels, folded: say('zones.folded', { count: change.same }) },
      ...(moves ? [{ kind: 'text', text: say('zones.moves'), tone: 'danger' } as const] : []),
      ...formBlock(visit, {
        action: `${path}/${zone}/text`,
        fields: isAsked ? [typed] : [],
        hidden: { records: text, sure: '1' },
        button: say('zones.save', { count: lines.length }),
      }),
    ],
  };
}

/** A saved zone with the masters' names veiled as in the records that it is compared with. */
function veiledText({ parts }: Visit, text: string): string {
  const names = parts.masters.list.map(({ hostname }) => ` ${hostname}.`);
  return names.reduce((all, name) => all.replaceAll(name, ` ${serverName}`), text);
}

/** What has to be done to have again what stood there at an earlier time. */
async function comparison(visit: Visit): Promise<Sheet> {
  const zone = await zoneAt(visit);
  const save = await visit.parts.auth.desk.zoneSaved(zone, String(visit.request.params['id']));
  if (save === undefined) throw new NotFound('problem.not-found');
  try {
    return await difference(visit, zone, veiledText(visit, save.records));
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const trail = { label: zone, href: `${path}/${zone}` };
    return { heading: zone, trail, blocks: [{ kind: 'text', text: visit.say('zones.same'), tone: 'note' }] };
  }
}
