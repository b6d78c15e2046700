import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { lookAtZone, readZone, type Zone, type ZoneRecord } from '../../../actions/zone.ts';
import { whyNot } from '../../../auth/may.ts';
import { type AppError, Invalid, NotAllowed, NotFound, Unreachable } from '../../../errors.ts';
import { whm } from '../../../whm/call.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, sendSheet, submitted } from '../forms.ts';
import { namesOf, readerOf } from '../frame.ts';
import { graceOf } from '../grace.ts';
import { knownBlocks, sendLive, waitFor } from '../live.ts';
import type { PortalPage } from '../page.ts';
import type { FormField } from '../present/form.ts';
import { readableDomain, storedDomain } from '../present/idn.ts';
import { ago } from '../present/time.ts';
import { changeOf, differenceOf, editable, isBig, parseZone, textOf } from '../present/zone-text.ts';
import { ownersFor, sees } from '../sees.ts';
import type { Block, Sheet } from '../sheet.ts';
import { accountsNow } from '../soon.ts';
import { actorIn } from '../who.ts';

const listed = z.object({ zone: z.array(z.looseObject({ domain: z.string() })) });
const owned = z.object({ user: z.string() });
const most = 500;
/** So long a zone may be waited for when it is about to be changed: an edit is made from what stands there. */
const editMs = 10_000;

/** DNS zones: seen, changed as text with the difference first, and put back as they were. */
export const zonesPage: PortalPage = {
  path: '/zones',
  title: 'zones.list',
  order: 60,
  needs: 'signed-in',
  routes: (parts) => {
    const router = Router();
    router.get('/zones', (request, response) => sendZones(parts, request, response));
    router.get('/zones/:zone', (request, response) => sendZone(parts, request, response));
    router.post('/zones/:zone', (request, response) =>
      submitted(
        response,
        () => saved(parts, request, response),
        (error) => sendZone(parts, request, response, error),
      ),
    );
    router.get('/zones/:zone/saves/:id', async (request, response) => {
      const zone = zoneIn(parts, request);
      await ownerIn(parts, request, zone);
      const save = await parts.auth.desk.zoneSaved(zone, String(request.params.id));
      if (save === undefined) throw new NotFound(parts.say('zones.save.none'));
      await sendDifference(parts, request, response, zone, save.records);
    });
    return router;
  },
};

function zoneIn(parts: PortalParts, request: Request): string {
  const zone = storedDomain(String(request.params['zone'])).toLowerCase();
  if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(zone) || zone.length > 253) throw new NotFound(parts.say('zones.none'));
  return zone;
}

async function sendZones(parts: PortalParts, request: Request, response: Response): Promise<void> {
  const { say } = parts;
  const actor = actorIn(request);
  const q =
    typeof request.query['q'] === 'string' ? storedDomain(request.query['q'].trim().toLowerCase().slice(0, 253)) : '';
  const known = await parts.remembered.ask({ call: whm('listzones'), shape: listed }, waitFor(request));
  const { rows } = await accountsNow(parts, actor);
  const owners = new Map(rows.map((row) => [row.domain, row.user]));
  // A reseller is shown the zones of its own accounts only; the list of all names is staff's.
  const own = (domain: string): boolean => actor.scope === 'all' || owners.has(domain);
  const draw = (value: z.output<typeof listed>): readonly Block[] => {
    const found = value.zone.map((one) => one.domain).filter((domain) => own(domain) && domain.includes(q));
    return [
      {
        kind: 'table',
        columns: [say('zones.title'), say('account.user')],
        empty: say('zones.empty'),
        rows: found
          .toSorted()
          .slice(0, most)
          .map((domain) => {
            const user = owners.get(domain);
            return [
              {
                text: domain,
                machine: true,
                href: `/zones/${encodeURIComponent(domain)}`,
                meta: readableDomain(domain),
              },
              user === undefined
                ? { text: '–' }
                : { text: user, machine: true, href: `/accounts/${encodeURIComponent(user)}` },
            ];
          }),
      },
    ];
  };
  return sendLive(parts, request, response, {
    heading: say('zones.list'),
    filter: {
      action: '/zones',
      text: { name: 'q', label: say('account.domain'), value: q },
      selects: [],
      filtered: q !== '',
    },
    blocks: knownBlocks(parts, known, namesOf(parts), draw),
  });
}

/** Whose zone it is; undefined: the server's own. Throws NotFound when the person may not know of it. */
async function ownerIn(parts: PortalParts, request: Request, zone: string): Promise<string | undefined> {
  const actor = actorIn(request);
  const { rows } = await accountsNow(parts, actor);
  const main = rows.find((row) => row.domain === zone);
  if (main !== undefined) return main.user;
  const known = await parts.remembered.ask({ call: whm('getdomainowner', { domain: zone }), shape: owned }, 2500);
  const user = known.value?.user;
  if (actor.scope !== 'all') {
    // In the same words, whether it is foreign or nobody's.
    const ownerOf = await ownersFor(parts, actor);
    const isTheirs = sees(actor, { kind: 'account', account: user ?? '' }, ownerOf);
    if (!isTheirs) throw new NotFound(parts.say('zones.none'));
  }
  return user === '' || user === 'nobody' || user === 'root' ? undefined : user;
}

function recordsField(parts: PortalParts): FormField {
  return {
    name: 'records',
    label: parts.say('zones.records'),
    help: parts.say('zones.records.help'),
    input: 'textarea',
    required: true,
  };
}

async function sendZone(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const zone = zoneIn(parts, request);
  const user = await ownerIn(parts, request, zone);
  const question = { call: lookAtZone(zone), shape: z.unknown(), ...(user === undefined ? {} : { account: user }) };
  const [known, saves] = await Promise.all([
    parts.remembered.ask(question, error === undefined ? waitFor(request) : editMs),
    parts.auth.desk.zoneSaves(zone),
  ]);
  const field = recordsField(parts);
  const readable = known.value === undefined ? undefined : readZone([{ ok: true, data: known.value }], 0, zone);
  const draw = (): readonly Block[] => {
    if (readable === undefined || !readable.ok) return [{ kind: 'text', text: readable?.reason ?? '', tone: 'note' }];
    const text = bodyOf(request)['records'] ?? editable(readable.value.records).map(textOf).join('\n');
    return [
      {
        kind: 'form',
        action: `/zones/${encodeURIComponent(zone)}`,
        fields: fieldsFor(parts, [field], { records: text }, issuesOf(error)),
        button: say('zones.preview'),
        wide: true,
      },
    ];
  };
  const sheet: Sheet = {
    heading: zone,
    machine: true,
    trail: { label: say('zones.list'), href: '/zones' },
    ...(error === undefined ? {} : { problem: problemOf(error, [field]) }),
    blocks: [
      {
        kind: 'facts',
        rows: [
          user === undefined
            ? { label: say('account.user'), text: say('zones.server') }
            : { label: say('account.user'), text: user, machine: true, href: `/accounts/${encodeURIComponent(user)}` },
          ...(readableDomain(zone) === '' ? [] : [{ label: say('zones.readable'), text: readableDomain(zone) }]),
        ],
      },
      ...knownBlocks(parts, known, namesOf(parts), draw),
      { kind: 'heading', text: say('zones.saves') },
      {
        kind: 'table',
        columns: [say('zones.save.when'), say('zones.save.who'), say('zones.save.back')],
        empty: say('zones.saves.empty'),
        rows: saves.map((save) => [
          { time: ago(new Date(Number(save.at)).toISOString(), readerOf(parts)) },
          { text: save.author },
          { text: say('zones.save.compare'), href: `/zones/${encodeURIComponent(zone)}/saves/${save.id}` },
        ]),
      },
    ],
  };
  if (error !== undefined) return sendSheet(parts, request, response, sheet, error);
  return sendLive(parts, request, response, sheet);
}

/** The zone as it stands now, newly read. Throws Unreachable when no master tells. */
async function zoneNow(parts: PortalParts, zone: string, user: string | undefined): Promise<Zone> {
  const { outcome } = await parts.reads.call(lookAtZone(zone), user);
  if (outcome.kind === 'refused') throw new Invalid(outcome.reason);
  if (outcome.kind !== 'done') throw new Unreachable(parts.say('zones.unread', { reason: outcome.reason }));
  const read = readZone([{ ok: true, data: outcome.data }], 0, zone);
  if (!read.ok) throw new Invalid(read.reason);
  return read.value;
}

function parsed(parts: PortalParts, text: string, zone: string): readonly ZoneRecord[] {
  const { records, unread } = parseZone(text, zone);
  const issues = unread.map((line) => ({ path: 'records', message: parts.say('zones.line', { line }) }));
  if (issues.length > 0) throw new Invalid(parts.say('form.again'), issues);
  return records;
}

/** First the difference; with `confirm` the operation. What stood there is kept, so that it can be put back. */
async function saved(parts: PortalParts, request: Request, response: Response): Promise<string | undefined> {
  const zone = zoneIn(parts, request);
  const body = bodyOf(request);
  const text = body['records'] ?? '';
  const wanted = parsed(parts, text, zone);
  const user = await ownerIn(parts, request, zone);
  const actor = actorIn(request);
  const action = parts.catalogue.actionOf('dns.edit-zone');
  if (action === undefined) throw new NotFound(parts.say('zones.none'));
  const subject = user === undefined ? ({ kind: 'server' } as const) : ({ kind: 'account', account: user } as const);
  const reason = whyNot(actor, action, subject, await ownersFor(parts, actor));
  if (reason !== undefined) throw new NotAllowed(reason);
  const now = editable((await zoneNow(parts, zone, user)).records);
  const change = changeOf(now, wanted);
  if (change.add.length + change.remove.length + change.edit.length === 0) throw new Invalid(parts.say('zones.same'));
  const isSure = body['confirm'] === '1' && (!isBig(change) || body['typed']?.trim() === zone);
  if (!isSure) {
    await sendDifference(parts, request, response, zone, text);
    return undefined;
  }
  const params = {
    zone,
    ...(user === undefined ? {} : { account: user }),
    add: change.add,
    edit: change.edit,
    remove: change.remove,
  };
  await parts.auth.desk.zoneSave(zone, actor.name, now.map(textOf).join('\n'));
  const view = await parts.operations.accept({
    action: action.id,
    params,
    actor,
    door: 'portal',
    ...(await graceOf(parts, actor)),
  });
  await parts.auth.audit({ actor, event: 'operation.accept', subject: view.id, detail: `${action.id} ${zone}` });
  return `/operations/${view.id}`;
}

async function sendDifference(
  parts: PortalParts,
  request: Request,
  response: Response,
  zone: string,
  text: string,
): Promise<void> {
  const { say } = parts;
  const user = await ownerIn(parts, request, zone);
  const now = editable((await zoneNow(parts, zone, user)).records);
  const change = changeOf(now, parsed(parts, text, zone));
  const big = isBig(change);
  const asked = bodyOf(request)['confirm'] === '1';
  const typed: FormField = { name: 'typed', label: say('zones.typed', { zone }), input: 'text', required: true };
  const issues = big && asked ? [{ path: 'typed', message: say('zones.typed.wrong') }] : [];
  const lines = differenceOf(change, parts.say);
  const labels = { change: say('zones.change'), before: say('zones.before'), after: say('zones.after') };
  return sendSheet(parts, request, response, {
    heading: say('zones.difference', { zone }),
    trail: { label: zone, href: `/zones/${encodeURIComponent(zone)}` },
    blocks:
      lines.length === 0
        ? [{ kind: 'text', text: say('zones.same'), tone: 'note' }]
        : [
            { kind: 'difference', lines, labels, folded: say('zones.folded', { count: change.same }) },
            ...(big ? [{ kind: 'text', text: say('zones.big'), tone: 'danger' } as const] : []),
            {
              kind: 'form',
              action: `/zones/${encodeURIComponent(zone)}`,
              fields: big ? fieldsFor(parts, [typed], bodyOf(request), issues) : [],
              hidden: { records: text, confirm: '1' },
              button: say('zones.save', { count: lines.length }),
            },
          ],
  });
}
