import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Kind, noRepair } from '../model.ts';
import { askDomains, mailDomainsOf } from './domains-of.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

const rows = z.array(z.object({ dest: z.string(), forward: z.string() }));
const ask = (account: string, domain: string) => uapi(account, 'Email::list_forwarders', { domain });
const arrow = ' → ';

/** Forwarders, one thing for each target. */
export const forwarderKind: Kind = {
  id: 'forwarder',
  title: 'Forwarders',
  scope: 'account',
  rank: 60,
  findable: true,
  rounds: [
    (account) => [askDomains(account)],
    (account, answers) => mailDomainsOf(account, answers).map((d) => ask(account, d)),
  ],
  read(account, answers) {
    const things: [string, Record<string, string>][] = [];
    for (const domain of mailDomainsOf(account, answers)) {
      const read = told(answers, ask(account, domain), rows);
      if ('reason' in read) return unread(read.reason);
      for (const r of read.value) things.push([`${r.dest.toLowerCase()}${arrow}${r.forward}`, { to: r.forward }]);
    }
    return seen(things);
  },
  touched: (action, p) =>
    action.startsWith('forwarder.') ? `${text(p['address']).toLowerCase()}${arrow}${text(p['to'])}` : undefined,
  repair(input) {
    const [address = '', to = ''] = input.name.split(arrow);
    if (!to.includes('@'))
      return noRepair('Only forwarders to addresses are repaired: pipes and special targets are set in cPanel.');
    const params = { account: input.account, address, to };
    if (input.from.value === undefined)
      return oneStep(input, 'forwarder.delete', params, `Delete the forwarder ${input.name}`, true);
    return oneStep(input, 'forwarder.add', params, `Add the forwarder ${input.name}`);
  },
};
