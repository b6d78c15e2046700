import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Kind, noRepair } from '../model.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

const rows = z.array(z.object({ domain: z.string(), defaultaddress: z.string() }));
const ask = (account: string) => uapi(account, 'Email::list_default_address');

/** What becomes of mail to addresses that do not exist. */
export const defaultAddressKind: Kind = {
  id: 'default-address',
  title: 'Default addresses',
  scope: 'account',
  rank: 62,
  rounds: [(account) => [ask(account)]],
  read(account, answers) {
    const read = told(answers, ask(account), rows);
    if ('reason' in read) return unread(read.reason);
    // The alias file holds the value in quotes; some versions answer with them.
    return seen(
      read.value.map((r) => [r.domain.toLowerCase(), { 'goes to': r.defaultaddress.replace(/^"|"$/g, '').trim() }]),
    );
  },
  touched: (action, p) => (action === 'default-address.set' ? text(p['domain']).toLowerCase() : undefined),
  repair(input) {
    const { account, name: domain, from, to } = input;
    const target = from.value?.['goes to'];
    if (target === undefined || to.value === undefined)
      return noRepair('The domain itself is missing on one master: repair that first.');
    const fail = /^:fail:\s*(.*)$/.exec(target);
    const params =
      fail !== null
        ? { mode: 'refuse', message: fail[1] }
        : target === ':blackhole:'
          ? { mode: 'discard' }
          : target.includes('@')
            ? { mode: 'forward', to: target }
            : undefined;
    if (params === undefined) return noRepair(`“${target}” is set in cPanel.`);
    return oneStep(
      input,
      'default-address.set',
      { account, domain, ...params },
      `Send mail for unknown addresses of ${domain} to ${target}`,
    );
  },
};
