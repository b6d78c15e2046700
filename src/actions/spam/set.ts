import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable } from '../answers.ts';
import { define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { applyAll } from '../plans.ts';

const score = () => f.whole(1, 20);
const senders = () =>
  z.array(f.line(254).regex(/^[\w.*?@+-]+$/, 'must be an address or a pattern such as *@example.com')).max(100);

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  enabled: f.flag().meta({ label: 'Look for spam', input: 'checkbox' }),
  box: f.flag().meta({ label: 'Put spam into a folder of its own', input: 'checkbox' }),
  requiredScore: score().meta({ label: 'Spam from this score on', input: 'number' }),
  deleteScore: score().optional().meta({ label: 'Delete from this score on', input: 'number' }),
  allow: senders().default([]).meta({ label: 'Never spam', input: 'list' }),
  block: senders().default([]).meta({ label: 'Always spam', input: 'list' }),
});

type Params = z.output<typeof params>;

const bit = z.union([z.literal(0), z.literal(1), z.literal('0'), z.literal('1'), z.null()]).transform(Number);
const number = z.union([z.number(), z.string().transform(Number), z.null()]).optional();
const settings = z.object({
  spam_enabled: bit,
  spam_box_enabled: bit,
  spam_auto_delete: bit,
  spam_auto_delete_score: number,
});
const preferences = z.object({
  required_score: z.array(z.string()).optional(),
  whitelist_from: z.array(z.string()).optional(),
  blacklist_from: z.array(z.string()).optional(),
});

interface Seen {
  readonly settings: Readable<z.output<typeof settings>>;
  readonly preferences: Readable<z.output<typeof preferences>>;
}

function readSpam(_p: Params, answers: readonly Answer[]): Seen {
  return { settings: readable(answers, 0, settings), preferences: readable(answers, 1, preferences) };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().every((one, at) => one === [...b].sort()[at]);
}

/** One preference, all its values replaced. */
function preference(p: Params, name: string, values: readonly string[], found: readonly string[]): readonly WhmCall[] {
  if (isSame(values, found)) return [];
  const numbered = Object.fromEntries(values.map((value, at) => [at === 0 ? 'value' : `value-${at}`, value]));
  return [uapi(p.account, 'SpamAssassin::update_user_preference', { preference: name, ...numbered })];
}

function switches(p: Params, found: z.output<typeof settings>): readonly WhmCall[] {
  const call = (fn: string) => uapi(p.account, fn);
  const deletesAt = found.spam_auto_delete === 1 ? Number(found.spam_auto_delete_score) : undefined;
  return [
    ...(found.spam_enabled === Number(p.enabled)
      ? []
      : [call(p.enabled ? 'Email::enable_spam_assassin' : 'Email::disable_spam_assassin')]),
    ...(found.spam_box_enabled === Number(p.box)
      ? []
      : [call(p.box ? 'Email::enable_spam_box' : 'Email::disable_spam_box')]),
    ...(deletesAt === p.deleteScore
      ? []
      : [
          p.deleteScore === undefined
            ? call('Email::disable_spam_autodelete')
            : uapi(p.account, 'Email::add_spam_filter', { required_score: p.deleteScore }),
        ]),
  ];
}

/** Everything that cPanel's page of spam filters sets, in one operation. */
export const setSpam = define({
  id: 'spam.set',
  title: 'Set spam filter',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  proof: 'look',
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [uapi(p.account, 'Email::get_spam_settings'), uapi(p.account, 'SpamAssassin::get_user_preferences')],
  read: readSpam,
  plan(p, seen) {
    if (!seen.settings.ok) return refused(seen.settings.reason);
    if (!seen.preferences.ok) return refused(seen.preferences.reason);
    const own = seen.preferences.value;
    return applyAll([
      ...switches(p, seen.settings.value),
      ...preference(p, 'required_score', [String(p.requiredScore)], own.required_score ?? []),
      ...preference(p, 'whitelist_from', p.allow, own.whitelist_from ?? []),
      ...preference(p, 'blacklist_from', p.block, own.blacklist_from ?? []),
    ]);
  },
});
