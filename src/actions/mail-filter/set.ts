import { z } from 'zod';
import { type ArgValue, uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { apply, define, exclusive, settled } from '../define.ts';
import * as f from '../fields.ts';
import {
  type Filter,
  filterDoes,
  filterFields,
  filterMatches,
  filterParts,
  filterSubject,
  lookAtFilters,
  readFilter,
  whoseFilter,
} from './seen.ts';

/** Below the account's mail and nowhere else. */
const mailFolder = /^\$home\/mail\/(?!.*\.\.)[\w/. @+-]{1,200}$/;

const rule = z.strictObject({
  part: z.enum(filterParts),
  match: z.enum(filterMatches),
  value: f.line(200).min(1, 'is missing'),
});

const deed = z
  .strictObject({ does: z.enum(filterDoes), to: f.line(320).optional() })
  .refine((a) => a.does === 'finish' || (a.to ?? '') !== '', { path: ['to'], message: 'is missing' })
  .refine((a) => a.does !== 'save' || a.to === '/dev/null' || mailFolder.test(a.to ?? ''), {
    path: ['to'],
    message: 'must be a folder of the mailbox',
  })
  .refine((a) => a.does !== 'deliver' || f.email().safeParse(a.to).success, {
    path: ['to'],
    message: 'must be an address such as name@example.com',
  });

const fields = z.strictObject({
  ...filterFields,
  join: z.enum(['or', 'and']).default('or').meta({ label: 'Rules hold' }),
  rules: z.array(rule).min(1).max(10).meta({ label: 'Rules', input: 'hidden' }),
  actions: z.array(deed).min(1).max(5).meta({ label: 'Then', input: 'hidden' }),
});

type Params = z.output<typeof fields>;

/** A mailbox's filter saves into that mailbox: its user must not write into another's. */
function staysInside(p: Params): boolean {
  if (p.address === undefined) return true;
  const { local, domain } = f.halves(p.address);
  const own = `$home/mail/${domain}/${local}/`;
  return p.actions.every((a) => a.does !== 'save' || a.to === '/dev/null' || a.to?.startsWith(own) === true);
}

const params = fields.refine(staysInside, { path: ['actions', 0, 'to'], message: 'must be a folder of the mailbox' });

function isSame(p: Params, found: Filter): boolean {
  return (
    found.rules.length === p.rules.length &&
    found.actions.length === p.actions.length &&
    p.rules.every((one, at) => {
      const other = found.rules[at];
      return other?.part === one.part && other.match === one.match && other.val === one.value;
    }) &&
    p.rules.every((_, at) => at === p.rules.length - 1 || (found.rules[at]?.opt ?? 'or') === p.join) &&
    p.actions.every((one, at) => {
      const other = found.actions[at];
      return other?.action === one.does && (other.dest ?? '') === (one.to ?? '');
    })
  );
}

function argsOf(p: Params): Readonly<Record<string, ArgValue>> {
  const rules = p.rules.map((one, at) => ({
    [`part${at + 1}`]: one.part,
    [`match${at + 1}`]: one.match,
    [`val${at + 1}`]: one.value,
    [`opt${at + 1}`]: p.join,
  }));
  const deeds = p.actions.map((one, at) => ({
    [`action${at + 1}`]: one.does,
    ...(one.to === undefined ? {} : { [`dest${at + 1}`]: one.to }),
  }));
  return Object.assign({ account: whoseFilter(p), filtername: p.name }, ...rules, ...deeds);
}

/** Email::store_filter, which also replaces the one of that name. */
export const setMailFilter = define({
  id: 'mail-filter.set',
  title: 'Set mail filter',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params,
  again: 'safe',
  reversible: true,
  subject: filterSubject,
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtFilters(p)],
  read: readFilter,
  plan: (p, seen) =>
    when(seen, (found) =>
      found !== undefined && isSame(p, found) ? settled : apply(uapi(p.account, 'Email::store_filter', argsOf(p))),
    ),
});
