import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Kind, noRepair, repairs } from '../model.ts';
import { hashCall, hashOf } from './mail-hash.ts';
import { oneStep, quota, seen, text, told, unread } from './reading.ts';

const bit = z.union([z.number(), z.string(), z.null()]).optional();
const rows = z.array(
  z.object({
    email: z.string(),
    diskquota: z.union([z.number(), z.string()]).nullish(),
    suspended_login: bit,
    suspended_incoming: bit,
  }),
);
const ask = (account: string) => uapi(account, 'Email::list_pops_with_disk');

function yes(value: unknown): string {
  return Number(value) === 1 ? 'yes' : 'no';
}

/** Mailboxes with their quota and whether sign-in or delivery is suspended. Passwords are carried as hashes, never shown. */
export const mailboxKind: Kind = {
  id: 'mailbox',
  title: 'Mailboxes',
  scope: 'account',
  rank: 50,
  findable: true,
  rounds: [(account) => [ask(account)]],
  read(account, answers) {
    const read = told(answers, ask(account), rows);
    if ('reason' in read) return unread(read.reason);
    return seen(
      read.value.map((pop) => [
        pop.email.toLowerCase(),
        {
          'quota (MB)': String(quota(text(pop.diskquota))),
          'sign-in suspended': yes(pop.suspended_login),
          'delivery suspended': yes(pop.suspended_incoming),
        },
      ]),
    );
  },
  touched: (action, p) => (action.startsWith('mailbox.') ? text(p['address']).toLowerCase() : undefined),
  fetch: ({ account, name, from, to }) =>
    from.value !== undefined && to.value === undefined ? [hashCall(account ?? '', name)] : [],
  repair(input) {
    const { account, name, from, to } = input;
    if (from.value === undefined)
      return noRepair(
        'A mailbox is not removed by a repair: its mail may be the only copy. Delete it by hand if it is not wanted.',
      );
    const size = quota(from.value['quota (MB)']);
    if (to.value === undefined) {
      const hash = hashOf(input.fetched[0], name);
      if (hash === undefined)
        return noRepair(
          'Its password cannot be read, so it cannot be made with the same one. Set a new password on the master that has it, then repair.',
        );
      return oneStep(
        input,
        'mailbox.add',
        { account, address: name, quotaMb: size, passwordHash: hash },
        `Add the mailbox ${name} with the same password`,
      );
    }
    const steps = [];
    if (from.value['quota (MB)'] !== to.value['quota (MB)'])
      steps.push({
        action: 'mailbox.quota',
        params: { account, address: name, quotaMb: size },
        only: [to.master],
        removes: false,
        sentence: `Set its quota to ${size} MB`,
      });
    return steps.length > 0
      ? repairs(...steps)
      : noRepair('Whether a mailbox is suspended is set in cPanel on that master.');
  },
};
