import { z } from 'zod';
import { Invalid } from '../../../../errors.ts';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { shownDomains } from '../../account-facts.ts';
import { type FormField, formBlock, postButton } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { addressAt, addressFields, addressIn, atLocal, part } from './parts.ts';

const path = '/my/mail/autoresponders';
const Responders = z.array(z.object({ email: z.string(), subject: z.string().nullish() }));
const Responder = z.object({
  from: z.string().nullish(),
  subject: z.string().nullish(),
  body: z.string().nullish(),
  interval: z.union([z.number(), z.string(), z.null()]).optional(),
});

/** Answers that go out by themselves. */
export const autorespondersPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'responders.title',
  order: 30,
  area: 'mail',
  feature: 'autoresponders',
  routes: (to) => {
    to.show(path, sheet);
    to.act(path, (visit) => add(visit, addressIn(visit)), sheet);
    to.show(`${path}/:address`, (visit) => one(visit, addressAt(visit), path));
    to.act(
      `${path}/:address`,
      (visit) => setResponder(visit, addressAt(visit), path),
      (visit) => one(visit, addressAt(visit), path),
    );
    to.act(
      `${path}/:address/delete`,
      (visit) => visit.submit('autoresponder.delete', { account: visit.account, address: addressAt(visit) }, path),
      sheet,
    );
  },
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const domains = await shownDomains(visit);
  const lists = await Promise.all(
    domains.map((domain) => visit.ask(uapi(visit.account, 'Email::list_auto_responders', { domain }), Responders)),
  );
  const blocks = lists.flatMap((known, at) => [
    ...(lists.length > 1 ? [{ kind: 'heading', text: domains[at] ?? '' } as const] : []),
    ...knownBlocks(visit, known, (rows) => [table(visit, rows)]),
  ]);
  const fields = [...(await addressFields(visit, say('boxes.local'))), ...responderFields(visit)];
  const form = formBlock(visit, { action: path, fields, button: say('responders.add') });
  return {
    heading: say('responders.title'),
    blocks: [
      ...blocks,
      ...(form.length === 0 ? [] : [{ kind: 'heading', text: say('responders.add') } as const]),
      ...form,
    ],
  };
}

function table(visit: Visit, rows: z.output<typeof Responders>): Block {
  const { say } = visit;
  return {
    kind: 'table',
    columns: [say('boxes.address'), say('responders.subject'), ''],
    empty: say('responders.empty'),
    small: true,
    rows: rows.map((row) => [
      { text: row.email, machine: true, href: `${path}/${part(row.email)}` },
      { text: row.subject ?? '' },
      { buttons: postButton(visit, say('delete'), `${path}/${part(row.email)}/delete`) },
    ]),
  };
}

/** The fields of an answer, without whose it is. */
export function responderFields(visit: Visit): readonly FormField[] {
  const { say } = visit;
  return [
    { name: 'from', label: say('responders.from'), help: say('responders.from.help'), input: 'text', required: true },
    { name: 'subject', label: say('responders.subject'), input: 'text', required: true },
    { name: 'body', label: say('responders.body'), input: 'textarea', required: true },
    {
      name: 'everyHours',
      label: say('responders.every'),
      help: say('responders.every.help'),
      input: 'number',
      required: true,
      default: '24',
    },
    {
      name: 'startDay',
      label: say('responders.start'),
      help: say('responders.start.help'),
      input: 'date',
      required: false,
    },
    {
      name: 'stopDay',
      label: say('responders.stop'),
      help: say('responders.stop.help'),
      input: 'date',
      required: false,
    },
  ];
}

/** One address's answer, with what it says now. `back`: where the list is. */
export async function one(visit: Visit, address: string, back: string): Promise<Sheet> {
  const { say, account } = visit;
  const known = await visit.ask(uapi(account, 'Email::get_auto_responder', { email: address }), Responder);
  const { value } = known;
  const values = { from: value?.from, subject: value?.subject, body: value?.body, everyHours: value?.interval ?? 24 };
  const action = visit.request.path;
  return {
    heading: address,
    machine: true,
    trail: { label: say('responders.title'), href: back },
    blocks: [
      // Some versions refuse to tell of an answer that there is not; the empty form says the same.
      ...(known.problem === '' ? knownBlocks(visit, known, () => []) : []),
      ...(known.value === undefined && known.problem === '' && visit.error === undefined
        ? []
        : formBlock(visit, { action, fields: responderFields(visit), values, button: say('responders.save') })),
    ],
  };
}

async function add(visit: Visit, address: string): Promise<string> {
  try {
    return await setResponder(visit, address, path);
  } catch (error) {
    if (error instanceof Invalid) throw new Invalid(error.message, atLocal(error.issues));
    throw error;
  }
}

/** '2026-05-06' → seconds since 1970 at the day's begin or end, UTC; 0 where nothing was typed. */
export function secondsOf(day: string | undefined, end: boolean): number | string {
  if (day === undefined || day === '') return 0;
  const ms = Date.parse(`${day}T${end ? '23:59:59' : '00:00:00'}Z`);
  return Number.isNaN(ms) ? day : Math.floor(ms / 1000);
}

/** Hands the form to the action. Days are from midnight to midnight UTC. */
export async function setResponder(visit: Visit, address: string, next: string): Promise<string> {
  const { body, account } = visit;
  const params = {
    account,
    address,
    from: body['from'] ?? '',
    subject: body['subject'] ?? '',
    body: body['body'] ?? '',
    everyHours: body['everyHours'] ?? '24',
    start: secondsOf(body['startDay'], false),
    stop: secondsOf(body['stopDay'], true),
  };
  try {
    return await visit.submit('autoresponder.set', params, next);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const named = { start: 'startDay', stop: 'stopDay' } as const;
    const rename = (path: string) => (path === 'start' || path === 'stop' ? named[path] : path);
    throw new Invalid(
      error.message,
      error.issues.map((issue) => ({ ...issue, path: rename(issue.path) })),
    );
  }
}
