import { spfOf } from '../../actions/mail-auth.ts';
import { carries } from '../../actions/spf.ts';
import { lookAtZone, readZone } from '../../actions/zone.ts';
import { type Kind, noRepair, repairs, type Value } from '../model.ts';
import { askDomains, zonesOf } from './domains-of.ts';
import { oneStep, seen, text, unread } from './reading.ts';

/** SPF records: the same on all masters, and naming every address that any of them sends from. */
export const spfKind: Kind = {
  id: 'spf',
  title: 'SPF records',
  scope: 'account',
  rank: 46,
  wrong: (value) => value['names every master'] === 'no',
  wrongly: 'the SPF record does not name every master’s address',
  rounds: [(account) => [askDomains(account)], (account, answers) => zonesOf(account, answers).map(lookAtZone)],
  read(account, answers, { masters }) {
    const things: [string, Value][] = [];
    for (const domain of zonesOf(account, answers)) {
      const answer = answers(lookAtZone(domain));
      if (answer.ok !== true) return unread(answer.reason);
      const zone = readZone([answer], 0, domain);
      if (!zone.ok) return unread(zone.reason);
      const record = spfOf(zone.value, domain);
      if (record === undefined) continue;
      things.push([domain, { record, 'names every master': carries(record, masters.sendingAddresses) ? 'yes' : 'no' }]);
    }
    return seen(things);
  },
  touched: (action, p) => (action === 'spf.install' || action === 'account.create' ? text(p['domain']) : undefined),
  repair(input) {
    const { account, name: domain, from } = input;
    if (from.value === undefined)
      return noRepair('An SPF record is not taken away by a repair: mail would lose its proof. Remove it in the zone.');
    // A record that lacks an address is wrong on the master that is followed too.
    if (from.value['names every master'] === 'no')
      return repairs({
        action: 'spf.install',
        params: { account, domain, record: from.value['record'] },
        only: input.masters.list.map((m) => m.id),
        removes: false,
        sentence: `Put every master’s address into the SPF record of ${domain}`,
      });
    return oneStep(
      input,
      'spf.install',
      { account, domain, record: from.value['record'] },
      `Publish the SPF record of ${domain} with every master’s address`,
    );
  },
};
