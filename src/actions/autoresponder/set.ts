import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, readable } from '../answers.ts';
import { apply, define, exclusive, settled } from '../define.ts';
import * as f from '../fields.ts';
import { cpanelUser, joined, wordedAs } from '../raw.ts';

const params = z
  .strictObject({
    account: f.account().meta({ label: 'Account' }),
    address: f.mailbox().meta({ label: 'Address', input: 'email' }),
    from: f.line(200).meta({ label: 'From', help: 'The name that the answer is signed with.' }),
    subject: f.line(250).meta({ label: 'Subject' }),
    body: f.text(50_000).meta({ label: 'Text', input: 'textarea' }),
    html: f.flag().default(false).meta({ label: 'Text is HTML' }),
    everyHours: f.whole(0, 8760).default(24).meta({ label: 'Hours between answers to one sender', input: 'number' }),
    start: f.whole(0, 4_102_444_800).default(0).meta({ label: 'From (Unix time)', help: '0: at once' }),
    stop: f.whole(0, 4_102_444_800).default(0).meta({ label: 'Until (Unix time)', help: '0: without end' }),
  })
  .refine((p) => p.stop === 0 || p.stop > p.start, { path: ['stop'], message: 'must be later than the start' });

type Params = z.output<typeof params>;

const time = z.union([numeric, z.literal('').transform(() => 0), z.null().transform(() => 0)]).optional();
const responder = z.object({
  from: z.string().nullish(),
  subject: z.string().nullish(),
  body: z.string().nullish(),
  is_html: z.union([numeric, z.literal('').transform(() => 0), z.null().transform(() => 0)]).optional(),
  interval: time,
  start: time,
  stop: time,
});

/** undefined: it could not be read, which is what some versions answer when there is none. */
function readResponder(answers: readonly Answer[]): z.output<typeof responder> | undefined {
  const answer = readable(answers, 0, responder);
  return answer.ok ? answer.value : undefined;
}

function isSet(p: Params, seen: z.output<typeof responder>): boolean {
  return (
    seen.subject === p.subject &&
    seen.from === p.from &&
    (seen.body ?? '').trimEnd() === p.body.trimEnd() &&
    (seen.is_html ?? 0) === Number(p.html) &&
    seen.interval === p.everyHours &&
    (seen.start ?? 0) === p.start &&
    (seen.stop ?? 0) === p.stop
  );
}

const names = {
  ...cpanelUser,
  email: 'local',
  domain: 'domain',
  from: 'from',
  subject: 'subject',
  body: 'body',
  is_html: 'html',
  interval: 'everyHours',
  start: 'start',
  stop: 'stop',
} as const;

/** Email::add_auto_responder, which also replaces the one that is there. */
export const setAutoresponder = define({
  id: 'autoresponder.set',
  title: 'Set autoresponder',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params,
  again: 'safe',
  reversible: true,
  covers: {
    'Email::add_auto_responder': (raw) =>
      joined(
        wordedAs(raw, { names, implied: { charset: ['utf-8', 'UTF-8', ''], start: [''], stop: [''] } }),
        'address',
      ),
  },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [uapi(p.account, 'Email::get_auto_responder', { email: p.address })],
  read: (_p, answers) => readResponder(answers),
  plan(p, seen) {
    if (seen !== undefined && isSet(p, seen)) return settled;
    const { local, domain } = f.halves(p.address);
    return apply(
      uapi(p.account, 'Email::add_auto_responder', {
        email: local,
        domain,
        from: p.from,
        subject: p.subject,
        body: p.body,
        is_html: p.html,
        interval: p.everyHours,
        start: p.start,
        stop: p.stop,
        charset: 'utf-8',
      }),
    );
  },
});
