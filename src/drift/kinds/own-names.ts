import { addressesOf, pointersAt, strangersIn, wantedAt } from '../../actions/own-names/install.ts';
import { ownNamesOf } from '../../actions/own-names/names.ts';
import { lookAtZone, readZone } from '../../actions/zone.ts';
import { type Kind, noRepair, repairs, type Value } from '../model.ts';
import { askDomains, domainsData, zonesOf } from './domains-of.ts';
import { seen, text, told, unread } from './reading.ts';

/** www1 and www2 of every domain: virtual hosts on all masters, and records that say on each of them the same. */
export const ownNamesKind: Kind = {
  id: 'own-names',
  title: 'Names of one server',
  scope: 'account',
  rank: 47,
  wrong: (value) => value['complete'] === 'no',
  wrongly: 'the names that stay on one server are missing or point elsewhere',
  rounds: [(account) => [askDomains(account)], (account, answers) => zonesOf(account, answers).map(lookAtZone)],
  read(account, answers, { masters, withoutOwnNames }) {
    if (ownNamesOf(masters, '').length === 0 || withoutOwnNames?.has(account) === true) return seen([]);
    const read = told(answers, askDomains(account), domainsData);
    if ('reason' in read) return unread(read.reason);
    const hosts = new Set(read.value.sub_domains.map(({ domain }) => domain));
    const things: [string, Value][] = [];
    for (const domain of zonesOf(account, answers)) {
      const answer = answers(lookAtZone(domain));
      if (answer.ok !== true) return unread(answer.reason);
      const zone = readZone([answer], 0, domain);
      if (!zone.ok) return unread(zone.reason);
      const names = ownNamesOf(masters, domain);
      // Somebody uses such a name for a purpose of their own: then the domain goes without.
      if (strangersIn(zone.value, names, masters) !== undefined) continue;
      const addresses = addressesOf(domain, zone.value, undefined, masters);
      const states = names.map((own) => {
        const there = pointersAt(zone.value, own.name).map((r) => `${r.type} ${r.data[0] ?? ''}`);
        const wanted = wantedAt(own, addresses, masters);
        const isGood =
          hosts.has(own.name) && there.length === wanted.length && wanted.every((one) => there.includes(one));
        return { label: own.label, shown: there.sort().join(', ') || 'none', isGood };
      });
      const complete = states.every(({ isGood }) => isGood) ? 'yes' : 'no';
      things.push([domain, { ...Object.fromEntries(states.map(({ label, shown }) => [label, shown])), complete }]);
    }
    return seen(things);
  },
  touched: (action, p) => (action === 'own-names.install' ? text(p['domain']) : undefined),
  repair({ account, name: domain, from, masters }) {
    if (from.value === undefined) return noRepair('The master that is to be followed does not have the domain.');
    return repairs({
      action: 'own-names.install',
      params: { account, domain },
      only: masters.list.map(({ id }) => id),
      removes: false,
      sentence: `Make the names of ${domain} that stay on one server`,
    });
  },
};
