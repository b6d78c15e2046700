import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Answers, Kind, Value } from '../model.ts';
import { askDomains, mailDomainsOf } from './domains-of.ts';
import { oneStep, seen, sofar, text, told, unread } from './reading.ts';

const list = z.array(z.object({ email: z.string() }));
const number = z.union([z.number(), z.string(), z.null()]).optional();
const responder = z.object({
  from: z.string().nullish(),
  subject: z.string().nullish(),
  body: z.string().nullish(),
  is_html: number,
  interval: number,
  start: number,
  stop: number,
});

const askList = (account: string, domain: string) => uapi(account, 'Email::list_auto_responders', { domain });
const askOne = (account: string, email: string) => uapi(account, 'Email::get_auto_responder', { email });

function addresses(account: string, answers: Answers): readonly string[] {
  return mailDomainsOf(account, answers).flatMap((d) =>
    sofar(answers, askList(account, d), list, []).map((r) => r.email.toLowerCase()),
  );
}

function shownOf(r: z.output<typeof responder>): Value {
  const count = (value: string | number | null | undefined) => String(Number(value ?? 0));
  return {
    from: r.from ?? '',
    subject: r.subject ?? '',
    text: (r.body ?? '').trimEnd(),
    html: count(r.is_html) === '1' ? 'yes' : 'no',
    'every hours': count(r.interval),
    start: count(r.start),
    stop: count(r.stop),
  };
}

/** Automatic answers with their text and times. */
export const autoresponderKind: Kind = {
  id: 'autoresponder',
  title: 'Autoresponders',
  scope: 'account',
  rank: 61,
  rounds: [
    (account) => [askDomains(account)],
    (account, answers) => mailDomainsOf(account, answers).map((d) => askList(account, d)),
    (account, answers) => addresses(account, answers).map((a) => askOne(account, a)),
  ],
  read(account, answers) {
    for (const domain of mailDomainsOf(account, answers)) {
      const read = told(answers, askList(account, domain), list);
      if ('reason' in read) return unread(read.reason);
    }
    const things: [string, Value][] = [];
    for (const address of addresses(account, answers)) {
      const read = told(answers, askOne(account, address), responder);
      if ('reason' in read) return unread(read.reason);
      things.push([address, shownOf(read.value)]);
    }
    return seen(things);
  },
  touched: (action, p) => (action.startsWith('autoresponder.') ? text(p['address']).toLowerCase() : undefined),
  repair(input) {
    const { account, name, from } = input;
    if (from.value === undefined)
      return oneStep(
        input,
        'autoresponder.delete',
        { account, address: name },
        `Delete the autoresponder of ${name}`,
        true,
      );
    const v = from.value;
    const params = {
      account,
      address: name,
      from: v['from'],
      subject: v['subject'],
      body: v['text'],
      html: v['html'] === 'yes',
      everyHours: Number(v['every hours']),
      start: Number(v['start']),
      stop: Number(v['stop']),
    };
    return oneStep(input, 'autoresponder.set', params, `Set the autoresponder of ${name}`);
  },
};
